-- Answers to requests that were sent with an Idempotency-Key.
CREATE TABLE ironwood_idempotency (
    id {{id}},
    "user" BIGINT NOT NULL REFERENCES auth_user (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    "key" {{text}} NOT NULL,
    "request" {{text}} NOT NULL,
    "status" BIGINT,
    "body" {{text}},
    "created" {{text}} NOT NULL,
    CONSTRAINT "status" CHECK ("status" >= 0),
    UNIQUE ("user", "key")
);
CREATE INDEX ironwood_idempotency_created ON ironwood_idempotency ("created");
