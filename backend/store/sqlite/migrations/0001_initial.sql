-- Times are microseconds since 1970-01-01 UTC, 0 for none. Durations are
-- microseconds. Addresses are text, '' for none. A session is open while
-- ended_at = 0, and live while it is open and has not expired.

CREATE TABLE roles (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    name        TEXT    NOT NULL UNIQUE,
    description TEXT    NOT NULL,
    is_default  BOOLEAN NOT NULL,
    created_at  BIGINT  NOT NULL
);
CREATE UNIQUE INDEX roles_default ON roles (is_default) WHERE is_default;

CREATE TABLE role_scopes (
    role_id    BIGINT NOT NULL REFERENCES roles (id) ON DELETE CASCADE,
    position   BIGINT NOT NULL,
    path       TEXT   NOT NULL,
    permission BIGINT NOT NULL,
    PRIMARY KEY (role_id, position)
);

CREATE TABLE users (
    id                   INTEGER PRIMARY KEY AUTOINCREMENT,
    username             TEXT    NOT NULL UNIQUE,
    password_hash        TEXT    NOT NULL,
    must_change_password BOOLEAN NOT NULL,
    disabled             BOOLEAN NOT NULL,
    base_path            TEXT    NOT NULL,
    sso_id               TEXT    NOT NULL,
    created_at           BIGINT  NOT NULL,
    password_changed_at  BIGINT  NOT NULL,
    ssh_keys             BIGINT  NOT NULL DEFAULT 0 -- how many; kept by triggers
);

CREATE TABLE user_roles (
    user_id  BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    position BIGINT NOT NULL,
    role_id  BIGINT NOT NULL REFERENCES roles (id),
    PRIMARY KEY (user_id, position)
);
CREATE INDEX user_roles_role ON user_roles (role_id);

CREATE TABLE sessions (
    id          TEXT    NOT NULL PRIMARY KEY,
    user_id     BIGINT  NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    device      TEXT    NOT NULL,
    client_id   BOOLEAN NOT NULL,
    user_agent  TEXT    NOT NULL,
    address     TEXT    NOT NULL,
    created_at  BIGINT  NOT NULL,
    last_active BIGINT  NOT NULL,
    expires_at  BIGINT  NOT NULL,
    ended_at    BIGINT  NOT NULL,
    end_reason  TEXT    NOT NULL
);
CREATE UNIQUE INDEX sessions_device ON sessions (user_id, device) WHERE ended_at = 0;
CREATE INDEX sessions_user ON sessions (user_id, ended_at);
CREATE INDEX sessions_activity ON sessions (last_active, id, expires_at) WHERE ended_at = 0;
CREATE INDEX sessions_expiry ON sessions (expires_at) WHERE ended_at = 0;
CREATE INDEX sessions_end ON sessions (ended_at) WHERE ended_at > 0;

CREATE TABLE access_tokens (
    id         TEXT   NOT NULL PRIMARY KEY,
    session_id TEXT   NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    user_id    BIGINT NOT NULL, -- that of the session
    factors    TEXT   NOT NULL, -- words with a space between
    issued_at  BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX access_tokens_session ON access_tokens (session_id, expires_at);
CREATE INDEX access_tokens_expiry ON access_tokens (expires_at);

CREATE TABLE totps (
    user_id        INTEGER PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    sealed_secret  BLOB    NOT NULL,
    last_used_step BIGINT  NOT NULL,
    enabled_at     BIGINT  NOT NULL
);

CREATE TABLE pending_totps (
    user_id       INTEGER PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    sealed_secret BLOB    NOT NULL,
    created_at    BIGINT  NOT NULL
);

CREATE TABLE recovery_codes (
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    hash    BLOB   NOT NULL,
    PRIMARY KEY (user_id, hash)
);

CREATE TABLE ssh_keys (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id        BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    title          TEXT   NOT NULL,
    type           TEXT   NOT NULL,
    authorized_key TEXT   NOT NULL,
    fingerprint    TEXT   NOT NULL,
    added_at       BIGINT NOT NULL,
    last_used_at   BIGINT NOT NULL,
    UNIQUE (user_id, fingerprint),
    UNIQUE (user_id, title)
);
CREATE INDEX ssh_keys_user ON ssh_keys (user_id, id);

-- Counters exist for names that nobody has, so they refer to no user.
CREATE TABLE throttles (
    id           INTEGER PRIMARY KEY,
    scope        TEXT    NOT NULL,
    account      TEXT    NOT NULL,
    address      TEXT    NOT NULL,
    failures     BIGINT  NOT NULL,
    reserved     BIGINT  NOT NULL,
    locked_until BIGINT  NOT NULL,
    locked_for   BIGINT  NOT NULL,
    needs_unlock BOOLEAN NOT NULL,
    updated_at   BIGINT  NOT NULL,
    UNIQUE (scope, account, address)
);
CREATE INDEX throttles_account ON throttles (account);
CREATE INDEX throttles_updated ON throttles (updated_at, id);
CREATE INDEX throttles_reserved ON throttles (reserved) WHERE reserved > 0;

-- Events outlive the users that they name.
CREATE TABLE audit_events (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    at      BIGINT NOT NULL,
    actor   BIGINT NOT NULL,
    action  TEXT   NOT NULL,
    target  TEXT   NOT NULL,
    door    TEXT   NOT NULL,
    address TEXT   NOT NULL,
    outcome TEXT   NOT NULL,
    reason  TEXT   NOT NULL
);
CREATE INDEX audit_events_at ON audit_events (at);

CREATE TABLE settings (
    name  TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL
);

-- One row: grows with every change that Store.Version tells of.
CREATE TABLE revision (
    number BIGINT NOT NULL
);
INSERT INTO revision (number) VALUES (1);

-- One row: lengths of the long lists, so that nobody counts rows to show a
-- page. live_sessions is how many sessions were live at counted_at.
CREATE TABLE totals (
    users         BIGINT NOT NULL,
    live_sessions BIGINT NOT NULL,
    counted_at    BIGINT NOT NULL
);
INSERT INTO totals (users, live_sessions, counted_at) VALUES (0, 0, 0);

CREATE TRIGGER users_added AFTER INSERT ON users BEGIN
    UPDATE totals SET users = users + 1;
END;
CREATE TRIGGER users_removed AFTER DELETE ON users BEGIN
    UPDATE totals SET users = users - 1;
END;

CREATE TRIGGER ssh_keys_added AFTER INSERT ON ssh_keys BEGIN
    UPDATE users SET ssh_keys = ssh_keys + 1 WHERE id = NEW.user_id;
END;
CREATE TRIGGER ssh_keys_removed AFTER DELETE ON ssh_keys BEGIN
    UPDATE users SET ssh_keys = ssh_keys - 1 WHERE id = OLD.user_id;
END;

CREATE TRIGGER sessions_added AFTER INSERT ON sessions BEGIN
    UPDATE totals SET live_sessions = live_sessions + 1
    WHERE NEW.ended_at = 0 AND NEW.expires_at > counted_at;
END;
CREATE TRIGGER sessions_removed AFTER DELETE ON sessions BEGIN
    UPDATE totals SET live_sessions = live_sessions - 1
    WHERE OLD.ended_at = 0 AND OLD.expires_at > counted_at;
END;
CREATE TRIGGER sessions_changed AFTER UPDATE OF ended_at, expires_at ON sessions BEGIN
    UPDATE totals SET live_sessions = live_sessions
        + (NEW.ended_at = 0 AND NEW.expires_at > counted_at)
        - (OLD.ended_at = 0 AND OLD.expires_at > counted_at);
END;
