package sftpserver

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"

	"golang.org/x/crypto/ssh"

	"latchkey/backend/internal/disk"
	"latchkey/backend/internal/env"
)

const (
	ed25519File = "ssh_host_ed25519_key"
	rsaFile     = "ssh_host_rsa_key"
	rsaBits     = 3072 // as ssh-keygen; only clients without Ed25519 meet it
	maxKeyFile  = 64 << 10
)

// HostKeys are the keys by which clients know this server. Clients remember
// them, so a key that is there is never replaced.
type HostKeys struct {
	dir string
	env env.Env
	log *slog.Logger

	mu      sync.RWMutex
	signers []ssh.Signer // Ed25519 first
}

// OpenHostKeys reads the host keys from a folder, which must exist, and makes
// an Ed25519 key if there is none; unless it is the first start, that is worth
// a warning, because clients that knew the old one will refuse the new one. A
// file that others could read is closed to them. A file that holds no key is
// an error that names it, and is left alone.
//
// An RSA key that is missing is made by Server.Serve, in the background: it
// takes long, and is for old clients.
func OpenHostKeys(dir string, e env.Env, first bool, log *slog.Logger) (*HostKeys, error) {
	h := &HostKeys{dir: dir, env: e, log: log}
	key, err := h.read(ed25519File)
	if errors.Is(err, fs.ErrNotExist) {
		if !first {
			log.Warn("the SSH host key was missing and a new one is made; clients will say that the host has changed",
				slog.String("file", filepath.Join(dir, ed25519File)))
		}
		key, err = h.makeEd25519()
	}
	if err != nil {
		return nil, err
	}
	old, err := h.read(rsaFile)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	h.signers = append(h.signers, key)
	if old != nil {
		h.signers = append(h.signers, old)
	}
	return h, nil
}

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

// Fingerprints returns the SHA256 fingerprints of the keys there are, as
// OpenSSH prints them, Ed25519 first.
func (h *HostKeys) Fingerprints() []string {
	var out []string
	for _, s := range h.all() {
		out = append(out, ssh.FingerprintSHA256(s.PublicKey()))
	}
	return out
}

func (h *HostKeys) all() []ssh.Signer {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return slices.Clone(h.signers)
}

func (h *HostKeys) makeEd25519() (ssh.Signer, error) {
	_, key, err := ed25519.GenerateKey(h.env.Rand)
	if err != nil {
		return nil, fmt.Errorf("make host key: %w", err)
	}
	return h.keep(ed25519File, key)
}

// makeRSA makes the RSA key if there is none yet.
func (h *HostKeys) makeRSA() error {
	if len(h.all()) > 1 {
		return nil
	}
	key, err := rsa.GenerateKey(h.env.Rand, rsaBits)
	if err != nil {
		return fmt.Errorf("make host key: %w", err)
	}
	signer, err := h.keep(rsaFile, key)
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.signers = append(h.signers, signer)
	return nil
}

// keep writes a new key whole or not at all.
func (h *HostKeys) keep(name string, key crypto.Signer) (ssh.Signer, error) {
	block, err := ssh.MarshalPrivateKey(key, "")
	if err != nil {
		return nil, fmt.Errorf("encode host key: %w", err)
	}
	path := filepath.Join(h.dir, name)
	if err := disk.Replace(path, 0o600, pem.EncodeToMemory(block)); err != nil {
		return nil, fmt.Errorf("write host key %s: %w", path, err)
	}
	return signerOf(key)
}

// read returns the key in a file, or fs.ErrNotExist.
func (h *HostKeys) read(name string) (ssh.Signer, error) {
	path := filepath.Join(h.dir, name)
	if err := h.tighten(path); err != nil {
		return nil, err
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read host key: %w", err)
	}
	key, err := parseHostKey(name, text)
	if err != nil {
		return nil, fmt.Errorf("the SSH host key %s is damaged; restore it from a backup, or delete it to have a new one made: %w", path, err)
	}
	return key, nil
}

// tighten closes a file to everybody but its owner. Windows keeps no such mode.
func (h *HostKeys) tighten(path string) error {
	fi, err := os.Lstat(path)
	switch {
	case err != nil:
		return fmt.Errorf("read host key: %w", err)
	case !fi.Mode().IsRegular() || fi.Size() > maxKeyFile:
		return fmt.Errorf("the SSH host key %s is not a key file; delete it to have a new one made", path)
	case fi.Mode().Perm()&0o077 == 0 || runtime.GOOS == "windows":
		return nil
	}
	h.log.Warn("an SSH host key could be read by others and is closed to them now", slog.String("file", path))
	if err := os.Chmod(path, 0o600); err != nil {
		return fmt.Errorf("close host key to others: %w", err)
	}
	return nil
}

// parseHostKey reads the key that belongs into a file.
func parseHostKey(name string, text []byte) (ssh.Signer, error) {
	raw, err := ssh.ParseRawPrivateKey(text)
	if err != nil {
		return nil, err
	}
	switch key := raw.(type) {
	case *ed25519.PrivateKey:
		if name == ed25519File {
			return signerOf(key)
		}
	case *rsa.PrivateKey:
		if name == rsaFile && key.N.BitLen() >= 2048 {
			return signerOf(key)
		}
	}
	return nil, fmt.Errorf("it holds a %T that does not belong there", raw)
}

func signerOf(key crypto.Signer) (ssh.Signer, error) {
	signer, err := ssh.NewSignerFromSigner(key)
	if err != nil {
		return nil, fmt.Errorf("use host key: %w", err)
	}
	if with, ok := signer.(ssh.AlgorithmSigner); ok && signer.PublicKey().Type() == ssh.KeyAlgoRSA {
		return ssh.NewSignerWithAlgorithms(with, hostSignatures())
	}
	return signer, nil
}
