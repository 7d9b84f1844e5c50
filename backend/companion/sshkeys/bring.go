package sshkeys

import (
	"os"
	"path/filepath"
	"strings"

	"latchkey/backend/internal/disk"
	"latchkey/backend/internal/secret"
)

// A Foreign says which key file to bring in, such as one of PuTTY or OpenSSL.
type Foreign struct {
	From       string
	Passphrase secret.Text // of that file; none if it has none
	Folder     string      // made if need be
	Name       string      // of the private half there; none: a free one
	New        secret.Text // of the new file; none: it is not encrypted
}

// Bring writes both halves of a key into a folder in OpenSSH's format, as Make
// does, and leaves the file that it comes from alone. Errors: those of Open and
// of Make; with each of them neither half is there.
func (w *Workshop) Bring(f Foreign) (KeyFile, error) {
	private, err := OpenWithComment(f.From, f.Passphrase)
	if err != nil {
		return KeyFile{}, err
	}
	kind, err := private.kind()
	if err != nil {
		return KeyFile{}, err
	}
	r := Request{Kind: kind, Format: OpenSSH, Folder: f.Folder, Name: f.Name, Comment: private.comment, Passphrase: f.New}
	if len([]rune(r.Comment)) > maxComment {
		r.Comment = string([]rune(r.Comment)[:maxComment])
	}
	r.Comment = strings.TrimSpace(r.Comment)
	if err := r.check(); err != nil {
		return KeyFile{}, err
	}
	if err := os.MkdirAll(f.Folder, folderMode); err != nil {
		return KeyFile{}, disk.Explain(err)
	}
	content, public, err := w.pair(r, private.key)
	if err != nil {
		return KeyFile{}, err
	}
	defer clear(content)
	path, err := r.write(content, public)
	if err != nil {
		return KeyFile{}, err
	}
	return w.readBack(path, r.Passphrase, public)
}

// kind tells only what names of files tell: the algorithm.
func (p *Private) kind() (Kind, error) {
	public, err := publicOf(p.signer.PublicKey(), "")
	if err != nil {
		return "", err
	}
	switch public.Algorithm {
	case "RSA":
		return RSA3072, nil
	case "ECDSA":
		return ECDSA256, nil
	}
	return Ed25519, nil
}

// NameIn is a free name in a folder for a key that is brought in: its own,
// without what tells the format.
func (k KeyFile) NameIn(folder string) string {
	base := k.Name
	for _, ending := range []string{".ppk", ".pem", ".key"} {
		base = strings.TrimSuffix(base, ending)
	}
	base = strings.ReplaceAll(base, " ", "_")
	if !goodName(base) {
		return DefaultName(folder, Ed25519)
	}
	if !taken(filepath.Join(folder, base)) {
		return base
	}
	return nextFree(folder, base, "")
}
