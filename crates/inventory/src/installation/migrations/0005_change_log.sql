-- The change log: who changed what. Its triggers are made from the descriptions of the tables at start.
CREATE TABLE ironwood_transaction (
    id {{id}},
    "time" {{text}} NOT NULL,
    "kind" {{text}} NOT NULL,
    "task" {{text}},
    "user" BIGINT,
    "username" {{text}},
    "sign_in" {{text}},
    "address" {{text}},
    "request" {{text}},
    "method" {{text}},
    "path" {{text}}
);
CREATE INDEX ironwood_transaction_time ON ironwood_transaction ("time");
CREATE INDEX ironwood_transaction_user ON ironwood_transaction ("user");
CREATE TABLE ironwood_change (
    id {{id}},
    "transaction" BIGINT NOT NULL,
    "table" {{text}} NOT NULL,
    "key" BIGINT NOT NULL,
    "action" {{text}} NOT NULL,
    "changes" {{text}} NOT NULL
);
CREATE INDEX ironwood_change_transaction ON ironwood_change ("transaction");
CREATE INDEX ironwood_change_table_key ON ironwood_change ("table", "key");
CREATE TABLE ironwood_log_state (
    id {{id}},
    "open" BIGINT DEFAULT 0 NOT NULL,
    "transaction" BIGINT DEFAULT 0 NOT NULL,
    "triggers" {{text}} DEFAULT '' NOT NULL,
    CONSTRAINT "open" CHECK ("open" >= 0),
    CONSTRAINT "transaction" CHECK ("transaction" >= 0)
);
INSERT INTO ironwood_log_state (id, open, "transaction", triggers) VALUES (1, 0, 0, '');
