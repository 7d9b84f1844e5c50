package sftpserver

import (
	"errors"
	"io/fs"
	"log/slog"
)

// ExamineHostKeys reads the host keys in a folder as OpenHostKeys does, but
// makes none. Returns fs.ErrNotExist if there is no Ed25519 key.
func ExamineHostKeys(dir string, log *slog.Logger) error {
	h := &HostKeys{dir: dir, log: log}
	if _, err := h.read(ed25519File); err != nil {
		return err
	}
	if _, err := h.read(rsaFile); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
