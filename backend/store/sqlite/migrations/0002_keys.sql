-- Times, durations and addresses as in 0001. Hashes are blobs. Lists of
-- permissions and of networks are words with a space between.

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

ALTER TABLE roles ADD COLUMN grants     TEXT   NOT NULL DEFAULT '';
ALTER TABLE roles ADD COLUMN updated_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE roles ADD COLUMN users      BIGINT NOT NULL DEFAULT 0; -- how many have it; kept by triggers
UPDATE roles SET updated_at = created_at;

ALTER TABLE user_roles ADD COLUMN added_at BIGINT NOT NULL DEFAULT 0;
UPDATE user_roles SET added_at = (SELECT created_at FROM users WHERE id = user_id);
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

CREATE TRIGGER api_keys_added AFTER INSERT ON api_keys BEGIN
    UPDATE users SET api_keys = api_keys + (NEW.kind = 'api'), dev_keys = dev_keys + (NEW.kind = 'dev')
    WHERE id = NEW.user_id;
END;
CREATE TRIGGER api_keys_removed AFTER DELETE ON api_keys BEGIN
    UPDATE users SET api_keys = api_keys - (OLD.kind = 'api'), dev_keys = dev_keys - (OLD.kind = 'dev')
    WHERE id = OLD.user_id;
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
