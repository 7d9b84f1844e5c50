-- The passwords of folders. A path is below the files folder, as it is on the
-- disk. Times as in 0001.

CREATE TABLE folder_passwords (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    path          TEXT    NOT NULL UNIQUE,
    password_hash TEXT    NOT NULL,
    subfolders    BOOLEAN NOT NULL,
    created_at    BIGINT  NOT NULL,
    updated_at    BIGINT  NOT NULL
);
