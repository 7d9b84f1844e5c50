-- Times, durations and addresses as in 0001. Hashes are blobs. Lists of
-- permissions and of networks are words with a space between. A search index
-- holds every three characters that follow each other in a text, so that any
-- part of it is found; what it is about stays in the table, and triggers keep
-- the two together.

ALTER TABLE users ADD COLUMN email               TEXT   NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN nickname            TEXT   NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN avatar_url          TEXT   NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN real_name           TEXT   NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN phone               TEXT   NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN department          TEXT   NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN position            TEXT   NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN password_expires_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN expires_at          BIGINT NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN allowed_from        TEXT   NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN updated_at          BIGINT NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN last_login_at       BIGINT NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN login_count         BIGINT NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN api_keys            BIGINT NOT NULL DEFAULT 0; -- how many of kind api; kept by triggers
ALTER TABLE users ADD COLUMN dev_keys            BIGINT NOT NULL DEFAULT 0; -- how many of kind dev; kept by triggers
UPDATE users SET updated_at = created_at;
CREATE UNIQUE INDEX users_email ON users (email) WHERE email <> '';
CREATE INDEX users_status ON users (disabled, id, expires_at);
CREATE INDEX users_expiry ON users (disabled, expires_at) WHERE expires_at > 0;

CREATE VIRTUAL TABLE users_search USING fts5 (
    username, email, content = 'users', content_rowid = 'id', tokenize = 'trigram case_sensitive 1'
);
INSERT INTO users_search (users_search) VALUES ('rebuild');

CREATE TRIGGER users_search_added AFTER INSERT ON users BEGIN
    INSERT INTO users_search (rowid, username, email) VALUES (NEW.id, NEW.username, NEW.email);
END;
CREATE TRIGGER users_search_removed AFTER DELETE ON users BEGIN
    INSERT INTO users_search (users_search, rowid, username, email)
    VALUES ('delete', OLD.id, OLD.username, OLD.email);
END;
CREATE TRIGGER users_search_changed AFTER UPDATE OF username, email ON users
WHEN OLD.username <> NEW.username OR OLD.email <> NEW.email BEGIN
    INSERT INTO users_search (users_search, rowid, username, email)
    VALUES ('delete', OLD.id, OLD.username, OLD.email);
    INSERT INTO users_search (rowid, username, email) VALUES (NEW.id, NEW.username, NEW.email);
END;

ALTER TABLE totals ADD COLUMN disabled_users BIGINT NOT NULL DEFAULT 0;
UPDATE totals SET disabled_users = (SELECT count(*) FROM users WHERE disabled);

CREATE TRIGGER users_disabled_added AFTER INSERT ON users WHEN NEW.disabled BEGIN
    UPDATE totals SET disabled_users = disabled_users + 1;
END;
CREATE TRIGGER users_disabled_removed AFTER DELETE ON users WHEN OLD.disabled BEGIN
    UPDATE totals SET disabled_users = disabled_users - 1;
END;
CREATE TRIGGER users_disabled_changed AFTER UPDATE OF disabled ON users WHEN OLD.disabled <> NEW.disabled BEGIN
    UPDATE totals SET disabled_users = disabled_users + NEW.disabled - OLD.disabled;
END;

-- What is or was locked.
CREATE INDEX throttles_locked ON throttles (scope, account, needs_unlock, locked_until)
WHERE needs_unlock OR locked_until > 0;

ALTER TABLE roles ADD COLUMN grants     TEXT   NOT NULL DEFAULT '';
ALTER TABLE roles ADD COLUMN updated_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE roles ADD COLUMN users      BIGINT NOT NULL DEFAULT 0; -- how many have it; kept by triggers
UPDATE roles SET updated_at = created_at;

-- A role that was given twice counts once.
DELETE FROM user_roles WHERE EXISTS (
    SELECT 1 FROM user_roles AS o
    WHERE o.user_id = user_roles.user_id AND o.role_id = user_roles.role_id AND o.position < user_roles.position
);
ALTER TABLE user_roles ADD COLUMN added_at BIGINT NOT NULL DEFAULT 0;
UPDATE user_roles SET added_at = (SELECT created_at FROM users WHERE id = user_id);
DROP INDEX user_roles_role;
CREATE UNIQUE INDEX user_roles_member ON user_roles (role_id, user_id);
UPDATE roles SET users = (SELECT count(*) FROM user_roles WHERE role_id = roles.id);

CREATE TRIGGER user_roles_added AFTER INSERT ON user_roles BEGIN
    UPDATE roles SET users = users + 1 WHERE id = NEW.role_id;
END;
CREATE TRIGGER user_roles_removed AFTER DELETE ON user_roles BEGIN
    UPDATE roles SET users = users - 1 WHERE id = OLD.role_id;
END;

ALTER TABLE access_tokens ADD COLUMN signed_in_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE access_tokens ADD COLUMN life         BIGINT NOT NULL DEFAULT 0;
ALTER TABLE access_tokens ADD COLUMN generation   BIGINT NOT NULL DEFAULT 0; -- 0: it cannot be renewed
UPDATE access_tokens SET signed_in_at = issued_at, life = expires_at - issued_at;

CREATE TABLE api_keys (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id      BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind         TEXT   NOT NULL,
    name         TEXT   NOT NULL,
    small_name   TEXT   NOT NULL, -- the name in small letters, to search in
    description  TEXT   NOT NULL,
    prefix       TEXT   NOT NULL,
    hash         BLOB   NOT NULL UNIQUE,
    permissions  TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    disabled_at  BIGINT NOT NULL,
    enabled_at   BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL,
    last_address TEXT   NOT NULL
);
CREATE INDEX api_keys_user ON api_keys (user_id, kind, id);
CREATE INDEX api_keys_kind ON api_keys (kind, id, disabled_at, expires_at);
CREATE INDEX api_keys_disabled ON api_keys (kind, id, disabled_at, expires_at) WHERE disabled_at > 0;
CREATE INDEX api_keys_expiry ON api_keys (kind, expires_at) WHERE expires_at > 0;

CREATE VIRTUAL TABLE api_keys_search USING fts5 (
    small_name, content = 'api_keys', content_rowid = 'id', tokenize = 'trigram case_sensitive 1'
);
CREATE TRIGGER api_keys_search_added AFTER INSERT ON api_keys BEGIN
    INSERT INTO api_keys_search (rowid, small_name) VALUES (NEW.id, NEW.small_name);
END;
CREATE TRIGGER api_keys_search_removed AFTER DELETE ON api_keys BEGIN
    INSERT INTO api_keys_search (api_keys_search, rowid, small_name) VALUES ('delete', OLD.id, OLD.small_name);
END;
CREATE TRIGGER api_keys_search_changed AFTER UPDATE OF small_name ON api_keys
WHEN OLD.small_name <> NEW.small_name BEGIN
    INSERT INTO api_keys_search (api_keys_search, rowid, small_name) VALUES ('delete', OLD.id, OLD.small_name);
    INSERT INTO api_keys_search (rowid, small_name) VALUES (NEW.id, NEW.small_name);
END;

ALTER TABLE totals ADD COLUMN api_keys BIGINT NOT NULL DEFAULT 0; -- of kind api
ALTER TABLE totals ADD COLUMN dev_keys BIGINT NOT NULL DEFAULT 0; -- of kind dev

CREATE TRIGGER api_keys_added AFTER INSERT ON api_keys BEGIN
    UPDATE users SET api_keys = api_keys + (NEW.kind = 'api'), dev_keys = dev_keys + (NEW.kind = 'dev')
    WHERE id = NEW.user_id;
    UPDATE totals SET api_keys = api_keys + (NEW.kind = 'api'), dev_keys = dev_keys + (NEW.kind = 'dev');
END;
CREATE TRIGGER api_keys_removed AFTER DELETE ON api_keys BEGIN
    UPDATE users SET api_keys = api_keys - (OLD.kind = 'api'), dev_keys = dev_keys - (OLD.kind = 'dev')
    WHERE id = OLD.user_id;
    UPDATE totals SET api_keys = api_keys - (OLD.kind = 'api'), dev_keys = dev_keys - (OLD.kind = 'dev');
END;

CREATE TABLE api_key_uses (
    key_id   BIGINT NOT NULL REFERENCES api_keys (id) ON DELETE CASCADE,
    day      BIGINT NOT NULL,
    endpoint TEXT   NOT NULL,
    requests BIGINT NOT NULL,
    errors   BIGINT NOT NULL,
    PRIMARY KEY (key_id, day, endpoint)
);
CREATE INDEX api_key_uses_day ON api_key_uses (day);

CREATE TABLE permissions (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    name        TEXT   NOT NULL UNIQUE,
    category    TEXT   NOT NULL,
    description TEXT   NOT NULL,
    created_at  BIGINT NOT NULL
);
-- The ids up to 50 are those of the built-in permissions.
INSERT INTO sqlite_sequence (name, seq) VALUES ('permissions', 50);
