package sshkeys

import (
	"cmp"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
)

// Successor returns the kind of key to put in the place of one: the same, or
// Ed25519 for what is too weak to be made again. Returns ErrUnsupported for a key
// that stays in a security token, because its successor has to be made there.
func (p Public) Successor() (Kind, error) {
	switch p.Algorithm {
	case "ED25519-SK", "ECDSA-SK":
		return "", ErrUnsupported
	case "ECDSA":
		return ParseKind(fmt.Sprintf("ecdsa-%d", p.Bits))
	case "RSA":
		switch {
		case p.Bits >= 4096:
			return RSA4096, nil
		case p.Bits >= goodRSA:
			return RSA3072, nil
		}
	}
	return Ed25519, nil
}

// counted is a name with a number at its end, as DefaultName makes them.
var counted = regexp.MustCompile(`^(.+)_\d+$`)

// NextName returns a free name for a key of a kind that comes after another
// one: id_nas_2 after id_nas. One whose name would tell the wrong kind gets the
// name of a new key.
func (k KeyFile) NextName(next Kind) string {
	folder := filepath.Dir(k.Path)
	format := k.Format.Written()
	base := k.Name
	for _, f := range Formats() {
		base = strings.TrimSuffix(base, cmp.Or(f.ending(), "\x00"))
	}
	for _, other := range append(Kinds(), Ed25519SK) {
		if other.algorithm() != next.algorithm() && strings.Contains(base, other.algorithm()) {
			return defaultName(folder, next, format)
		}
	}
	if m := counted.FindStringSubmatch(base); m != nil {
		base = m[1]
	}
	if !goodName(base) {
		return defaultName(folder, next, format)
	}
	return nextFree(folder, base, format.ending())
}

// nextFree puts a number to a name, so that no half of a key has it.
func nextFree(folder, base, ending string) string {
	for n := 2; ; n++ {
		if name := fmt.Sprintf("%s_%d%s", base, n, ending); !taken(filepath.Join(folder, name)) {
			return name
		}
	}
}

// Written is the format in which a key like that is written anew: its own, or
// OpenSSH's for what is only read.
func (f Format) Written() Format {
	if f == PKCS8 || f == PPK {
		return f
	}
	return OpenSSH
}

// IsDefault reports whether ssh offers a key of that name to every server.
func (k KeyFile) IsDefault() bool {
	folder, err := Folder()
	if err != nil || filepath.Dir(k.Path) != folder {
		return false
	}
	switch k.Name {
	case "id_rsa", "id_ecdsa", "id_ecdsa_sk", "id_ed25519", "id_ed25519_sk", "id_xmss", "id_dsa":
		return true
	}
	return false
}
