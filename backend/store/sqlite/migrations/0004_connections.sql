-- A session is also a connection over SFTP that is open. Times as in 0001.

ALTER TABLE sessions ADD COLUMN kind    TEXT NOT NULL DEFAULT ''; -- '': a device
ALTER TABLE sessions ADD COLUMN ssh_key TEXT NOT NULL DEFAULT ''; -- title of the key that opened a connection
CREATE INDEX sessions_connections ON sessions (created_at) WHERE kind <> '';
