-- Sizes are bytes. Times as in 0001.

ALTER TABLE users ADD COLUMN storage_limit BIGINT NOT NULL DEFAULT 0; -- 0: none

CREATE TABLE tasks (
    id         TEXT   NOT NULL PRIMARY KEY,
    user_id    BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name       TEXT   NOT NULL,
    state      TEXT   NOT NULL,
    total      BIGINT NOT NULL,
    error      TEXT   NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at   BIGINT NOT NULL -- 0: under way
);
CREATE INDEX tasks_user ON tasks (user_id, started_at);
CREATE INDEX tasks_open ON tasks (ended_at) WHERE ended_at = 0;
