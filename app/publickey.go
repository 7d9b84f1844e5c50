package app

import (
	"context"
	"strings"

	"latchkey/backend/companion/sshkeys"
	"latchkey/backend/identity"
)

// A PublicKey is the public half of a key, to be looked at before it is
// uploaded.
type PublicKey struct {
	Algorithm   string `json:"algorithm"`
	Bits        int    `json:"bits"`
	Fingerprint string `json:"fingerprint"`
	Art         string `json:"art"`
	Comment     string `json:"comment"`
	Line        string `json:"line"`
	Weak        bool   `json:"weak"` // servers may refuse it, and it should not be used
}

// leastRSA is the smallest RSA key that is not weak, in bits: NIST SP 800-57 lets
// smaller ones go after 2030, and keys stay in use for long.
const leastRSA = 3072

var (
	errKeyPrivate = identity.InvalidField("key", "ssh_key_private",
		"That is a private key, which must stay with you; nothing of it was kept or sent. Choose the public key: the file that ends in .pub.")
	errKeyEmpty = identity.InvalidField("key", "ssh_key_empty",
		"Paste the public key: the one line of a file that ends in .pub.")
	errKeyLong = identity.InvalidField("key", "ssh_key_too_long",
		"That is too long for a public key. Paste the one line of a file that ends in .pub.")
	errKeySeveral = identity.InvalidField("key", "ssh_key_several",
		"That is more than one line. Add one key at a time.")
	errKeyOther = identity.InvalidField("key", "ssh_key_rfc4716",
		"That public key is in another format. Turn it into one line with ssh-keygen -i -f FILE, and paste that.")
	errKeyInvalid = identity.InvalidField("key", "ssh_key_invalid",
		"That is not a public key. It is one line that begins with a type such as ssh-ed25519; copy it again, whole.")
)

// PickKey lets the person choose a key file, and shows only .pub files at first
// unless it is to show every file. It returns nil if they cancelled, or have chosen a
// private key, which counts as dropped then.
func (k *Keys) PickKey(every bool) (*PublicKey, error) {
	return ask(k.d, byPerson, func(context.Context) (*PublicKey, error) {
		w := k.d.words()
		asking := dialog{Title: w.ChooseKey, Folder: keyFolder()}
		if !every {
			asking.Filter, asking.Pattern = w.PublicKeys, "*.pub"
		}
		path, err := k.d.desktop.OpenFile(asking)
		if err != nil || path == "" {
			return nil, err
		}
		if foreign, err := k.d.offer(path); foreign != nil || err != nil {
			if err == nil {
				k.d.desktop.Emit(eventDropped, Dropped{Foreign: foreign})
			}
			return nil, err
		}
		p, err := readKeyFile(path)
		if err != nil {
			return nil, err
		}
		return &p, nil
	})
}

// ReadPublic reads a public key that the person has pasted. Nothing of a private
// one goes any further.
func (k *Keys) ReadPublic(text string) (PublicKey, error) {
	return ask(k.d, atOnce, func(context.Context) (PublicKey, error) { return readPublic(text) })
}

func readPublic(text string) (PublicKey, error) {
	if err := checkPasted(text); err != nil {
		return PublicKey{}, err
	}
	p, err := sshkeys.ParsePublic([]byte(text))
	if err != nil {
		return PublicKey{}, errKeyInvalid.Because(err)
	}
	return PublicKey{
		Algorithm: p.Algorithm, Bits: p.Bits, Fingerprint: string(p.Fingerprint), Art: p.Art(), Comment: p.Comment, Line: p.Line,
		Weak: p.Algorithm == "DSA" || p.Algorithm == "RSA" && p.Bits < leastRSA,
	}, nil
}

// checkPasted refuses what is something else than one public key, and says what.
func checkPasted(text string) error {
	switch {
	case strings.TrimSpace(text) == "":
		return errKeyEmpty
	case strings.Contains(text, "PRIVATE KEY") || strings.Contains(text, "PuTTY-User-Key-File"):
		return errKeyPrivate
	case strings.Contains(text, "SSH2 PUBLIC KEY"):
		return errKeyOther
	case len(text) > maxKeyText:
		return errKeyLong
	}
	keys := 0
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			keys++
		}
	}
	if keys > 1 {
		return errKeySeveral
	}
	return nil
}
