-- The day on which a session was last used.
ALTER TABLE ironwood_session ADD COLUMN "last_seen" {{text}};
