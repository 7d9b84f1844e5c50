package app

import (
	"context"
	"path/filepath"
	"strings"

	"latchkey/backend/companion"
	"latchkey/backend/companion/sshkeys"
)

// A ForeignKey is a private key file of another program, or from another
// folder, that can be brought in. Where it is stays here.
type ForeignKey struct {
	Number      int    `json:"number"` // for NewForeign
	File        string `json:"file"`   // its name
	Format      string `json:"format"` // of package sshkeys, or "pem"
	Algorithm   string `json:"algorithm"`
	Bits        int    `json:"bits"`
	Fingerprint string `json:"fingerprint"` // empty: only its passphrase tells
	Encrypted   bool   `json:"encrypted"`
	Name        string `json:"name"` // one that is free in the folder of keys
	Folder      string `json:"folder"`
}

// A NewForeign says how to bring in a key.
type NewForeign struct {
	Number     int    `json:"number"`
	Name       string `json:"name"`
	Passphrase string `json:"passphrase"` // of the file; empty: it has none
	New        string `json:"new"`        // of the new file; empty: none
}

// An offered file is the one that a person has dropped or chosen last.
type offered struct {
	number int
	path   string
}

// offer tells about a private key that can be brought in; nil if a file is none,
// or lies in its place already. The error says why one cannot be used.
func (d *desk) offer(path string) (*ForeignKey, error) {
	if strings.HasSuffix(path, ".pub") {
		return nil, nil
	}
	k, err := sshkeys.Find(path)
	if !k.HasPrivate {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	folder, err := sshkeys.Folder()
	if err != nil || k.Format == sshkeys.OpenSSH && filepath.Dir(path) == folder {
		return nil, err
	}
	d.mu.Lock()
	d.offered = offered{d.offered.number + 1, path}
	number := d.offered.number
	d.mu.Unlock()
	return &ForeignKey{
		Number: number, File: k.Name, Format: string(k.Format), Algorithm: k.Algorithm, Bits: k.Bits, Fingerprint: string(k.Fingerprint),
		Encrypted: k.Encrypted, Name: k.NameIn(folder), Folder: folder,
	}, nil
}

// BringIn writes a key that was dropped or chosen into the folder of keys, in
// OpenSSH's format. The file that it comes from stays as it is.
func (k *Keys) BringIn(n NewForeign) (LocalKey, error) {
	return ask(k.d, byNet, func(context.Context) (LocalKey, error) {
		k.d.mu.Lock()
		from := k.d.offered
		k.d.mu.Unlock()
		if from.number != n.Number || from.path == "" {
			return LocalKey{}, errDropped
		}
		folder, err := sshkeys.Folder()
		if err != nil {
			return LocalKey{}, err
		}
		made, err := k.d.companion.Workshop.Bring(sshkeys.Foreign{
			From: from.path, Passphrase: companion.NewSecret(n.Passphrase), Folder: folder, Name: n.Name, New: companion.NewSecret(n.New),
		})
		if err != nil {
			return LocalKey{}, err
		}
		return toLocalKey(made), nil
	})
}

// A KeyCopy says in which format to save a copy of a key.
type KeyCopy struct {
	Key        string `json:"key"` // its path
	Format     string `json:"format"`
	Passphrase string `json:"passphrase"` // of the key; empty: it has none
	New        string `json:"new"`        // of the copy; empty: none
}

// SaveCopy writes a copy of a key where the person says, and returns its path,
// or "" if they cancelled. Nothing is written over, and the copy has been read
// back.
func (k *Keys) SaveCopy(c KeyCopy) (string, error) {
	return ask(k.d, byPerson, func(context.Context) (string, error) {
		to := sshkeys.Conversion{
			From: c.Key, Format: sshkeys.Format(c.Format), Passphrase: companion.NewSecret(c.Passphrase), New: companion.NewSecret(c.New),
		}
		if err := to.Check(); err != nil {
			return "", err // before anybody is asked where it goes
		}
		path, err := k.d.desktop.SaveFile(dialog{Title: k.d.words().SaveCopy, Folder: keyFolder(), Name: filepath.Base(to.Target())})
		if err != nil || path == "" {
			return "", err
		}
		to.To = path
		return k.d.companion.Workshop.Convert(to)
	})
}
