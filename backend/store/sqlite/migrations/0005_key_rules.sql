-- What a key is narrowed to. Times as in 0001.

ALTER TABLE ssh_keys ADD COLUMN expires_at   BIGINT  NOT NULL DEFAULT 0;
ALTER TABLE ssh_keys ADD COLUMN allowed_from TEXT    NOT NULL DEFAULT ''; -- patterns with commas between; '': anywhere
ALTER TABLE ssh_keys ADD COLUMN read_only    BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE ssh_keys ADD COLUMN folder       TEXT    NOT NULL DEFAULT ''; -- below the owner's base path; '': all of it
