package sftpserver

import (
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"

	"latchkey/backend/internal/env"
)

func openKeys(t *testing.T, dir string, first bool) (*HostKeys, string, error) {
	t.Helper()
	log := &logBook{}
	h, err := OpenHostKeys(dir, env.System(), first, slog.New(slog.NewTextHandler(log, nil)))
	return h, log.String(), err
}

func TestHostKeysAreMadeOnce(t *testing.T) {
	dir := t.TempDir()
	h, said, err := openKeys(t, dir, true)
	if err != nil || said != "" {
		t.Fatalf("%v, log: %s", err, said)
	}
	before := h.Fingerprints()
	if len(before) != 1 || h.all()[0].PublicKey().Type() != ssh.KeyAlgoED25519 {
		t.Errorf("at first there is %v", before)
	}
	if err := errors.Join(h.makeRSA(), h.makeRSA()); err != nil {
		t.Fatal(err)
	}
	both := h.Fingerprints()
	if len(both) != 2 || both[0] != before[0] {
		t.Errorf("with RSA there is %v, before %v", both, before)
	}
	again, said, err := openKeys(t, dir, false)
	if err != nil || said != "" || !slices.Equal(again.Fingerprints(), both) {
		t.Errorf("opened again: %v, want %v, %v, log: %s", again.Fingerprints(), both, err, said)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 2 {
		t.Errorf("the folder has %v, %v", entries, err)
	}
	for _, e := range entries {
		if fi, err := e.Info(); err != nil || fi.Mode() != 0o600 {
			t.Errorf("%s has mode %v, %v", e.Name(), fi.Mode(), err)
		}
	}
}

// ssh-keygen reads the files and agrees on the fingerprints.
func TestHostKeysAreOpenSSH(t *testing.T) {
	dir := hostKeyFolder(t)
	h, _, err := openKeys(t, dir, false)
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range []string{ed25519File, rsaFile} {
		said, err := exec.Command("ssh-keygen", "-l", "-f", filepath.Join(dir, name)).CombinedOutput()
		if err != nil || !strings.Contains(string(said), h.Fingerprints()[i]) {
			t.Errorf("%s: ssh-keygen says %q, %v, we say %s", name, said, err, h.Fingerprints()[i])
		}
	}
}

func TestMissingHostKeyIsToldOf(t *testing.T) {
	dir := hostKeyFolder(t)
	if err := os.Remove(filepath.Join(dir, ed25519File)); err != nil {
		t.Fatal(err)
	}
	h, said, err := openKeys(t, dir, false)
	if err != nil || len(h.Fingerprints()) != 2 || !strings.Contains(said, "host has changed") {
		t.Errorf("%v, %v, log: %s", h, err, said)
	}
}

func TestExamineHostKeys(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	dir := hostKeyFolder(t)
	if err := ExamineHostKeys(dir, log); err != nil {
		t.Errorf("both keys: %v", err)
	}
	if err := os.Remove(filepath.Join(dir, rsaFile)); err != nil {
		t.Fatal(err)
	}
	if err := ExamineHostKeys(dir, log); err != nil {
		t.Errorf("without the RSA key: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, rsaFile), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := ExamineHostKeys(dir, log); err == nil {
		t.Error("an empty RSA key passes")
	}
	empty := t.TempDir()
	if err := ExamineHostKeys(empty, log); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no keys: %v", err)
	}
	if left, _ := os.ReadDir(empty); len(left) != 0 {
		t.Errorf("it made %v", left)
	}
}

// A file that is no key is never replaced: it may be half of the only copy.
func TestDamagedHostKey(t *testing.T) {
	good := hostKeys()
	for what, content := range map[string][]byte{
		"nothing": nil, "garbage": []byte("garbage"), "half a key": good[ed25519File][:200],
		"a public key": []byte("ssh-ed25519 AAAA"), "a key of the other kind": nil, "too much": make([]byte, maxKeyFile+1),
	} {
		for _, name := range []string{ed25519File, rsaFile} {
			dir := hostKeyFolder(t)
			path := filepath.Join(dir, name)
			if what == "a key of the other kind" {
				content = good[map[string]string{ed25519File: rsaFile, rsaFile: ed25519File}[name]]
			}
			if err := os.WriteFile(path, content, 0o600); err != nil {
				t.Fatal(err)
			}
			_, _, err := openKeys(t, dir, true)
			if err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "delete it") {
				t.Errorf("%s in %s: %v", what, name, err)
			}
			if after, err := os.ReadFile(path); err != nil || string(after) != string(content) {
				t.Errorf("%s in %s: the file was changed, %v", what, name, err)
			}
		}
	}
}

func TestHostKeyIsNoFile(t *testing.T) {
	dir := t.TempDir()
	if err := os.Symlink("/etc/ssh/ssh_host_ed25519_key", filepath.Join(dir, ed25519File)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := openKeys(t, dir, true); err == nil {
		t.Error("a link was taken for a key")
	}
}

func TestLooseHostKeyIsTightened(t *testing.T) {
	dir := hostKeyFolder(t)
	path := filepath.Join(dir, ed25519File)
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	_, said, err := openKeys(t, dir, false)
	if err != nil || !strings.Contains(said, "could be read by others") {
		t.Errorf("%v, log: %s", err, said)
	}
	if fi, err := os.Stat(path); err != nil || fi.Mode() != 0o600 {
		t.Errorf("the mode is %v, %v", fi.Mode(), err)
	}
}

func TestHostKeyFolderIsMissing(t *testing.T) {
	_, _, err := openKeys(t, filepath.Join(t.TempDir(), "none"), true)
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}
