-- Counters of changes to users, rights and settings. Their triggers are made from the descriptions at start.
CREATE TABLE ironwood_version (
    id {{id}},
    "counter" BIGINT NOT NULL,
    "slot" BIGINT NOT NULL,
    "number" BIGINT DEFAULT 0 NOT NULL,
    CONSTRAINT "counter" CHECK ("counter" >= 0),
    CONSTRAINT "slot" CHECK ("slot" >= 0),
    UNIQUE ("counter", "slot")
);
