package sshkey

import (
	"crypto/rsa"
	"encoding/base64"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"

	"latchkey/backend/identity"
)

const (
	minRSABits = 2048
	maxRSABits = 8192
)

// Parse reads a public key as it stands in a .pub or authorized_keys file:
// options, which become its rules, its type, base64, and perhaps a comment,
// which is returned. Blank lines and comment lines beside it do not count. It
// fills in Type, AuthorizedKey, Fingerprint and Rules. zone is that of times
// without one. All refusals are Invalid, each with a code of its own, and of the
// text an error holds the name of an option or a host that is not supported
// and no more.
func Parse(text string, zone *time.Location) (k identity.SSHKey, comment string, err error) {
	line, err := oneLine(text)
	if err != nil {
		return k, "", err
	}
	rules, line, err := cutOptions(line, zone)
	if err != nil {
		return k, "", err
	}
	word, rest := cutField(line)
	if err := checkType(word, rest); err != nil {
		return k, "", err
	}
	encoded, comment := cutField(rest)
	pub, err := decode(word, encoded)
	if err != nil {
		return k, "", err
	}
	k.Rules = rules
	k.Type = pub.Type()
	k.AuthorizedKey = strings.TrimSpace(string(ssh.MarshalAuthorizedKey(pub)))
	k.Fingerprint = identity.Fingerprint(ssh.FingerprintSHA256(pub))
	return k, comment, nil
}

// cutOptions takes off what stands before a key.
func cutOptions(line string, zone *time.Location) (identity.KeyRules, string, error) {
	word, rest := cutField(line)
	if accepted(word) || looksLikeType(word) || !containsType(rest) {
		return identity.KeyRules{}, line, nil // none, or no key at all
	}
	list, rest, _ := cutUnquoted(line, " \t")
	rules, err := readOptions(list, zone)
	return rules, strings.TrimLeft(rest, " \t"), err
}

// cutField splits a line at its first run of space.
func cutField(line string) (field, rest string) {
	i := strings.IndexAny(line, " \t")
	if i < 0 {
		return line, ""
	}
	return line[:i], strings.Trim(line[i:], " \t")
}

// checkType refuses a line for its first word.
func checkType(word, rest string) error {
	switch {
	case accepted(word):
		return nil
	case word == ssh.InsecureKeyAlgoDSA: //nolint:staticcheck // named in order to be refused
		return errDSA
	case strings.Contains(word, "-cert-v01@"):
		return errCertificate
	case containsType(rest):
		return errOptions
	case looksLikeType(word):
		return errKind
	}
	return errGarbage
}

func accepted(word string) bool {
	switch word {
	case ssh.KeyAlgoED25519, ssh.KeyAlgoSKED25519, ssh.KeyAlgoRSA,
		ssh.KeyAlgoECDSA256, ssh.KeyAlgoECDSA384, ssh.KeyAlgoECDSA521, ssh.KeyAlgoSKECDSA256:
		return true
	}
	return false
}

// containsType reports whether a key follows something: options in
// authorized_keys, a host in known_hosts.
func containsType(rest string) bool {
	for word := range strings.FieldsSeq(rest) {
		if accepted(word) || looksLikeType(word) {
			return true
		}
	}
	return false
}

func looksLikeType(word string) bool {
	for _, prefix := range []string{"ssh-", "ecdsa-", "sk-", "rsa-sha2-", "webauthn-"} {
		if strings.HasPrefix(word, prefix) {
			return true
		}
	}
	return false
}

// decode reads the key itself and refuses one that is weak or is not of the
// type that stands before it.
func decode(word, encoded string) (ssh.PublicKey, error) {
	blob, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return nil, errGarbage
	}
	pub, err := ssh.ParsePublicKey(blob)
	if err != nil {
		return nil, explain(word, blob)
	}
	if _, ok := pub.(*ssh.Certificate); ok {
		return nil, errCertificate
	}
	if pub.Type() != word {
		return nil, errMismatch
	}
	return pub, checkRSA(pub)
}

// explain says why a blob is no key. The library refuses the very longest RSA
// keys before we see them.
func explain(word string, blob []byte) error {
	if word == ssh.KeyAlgoRSA && len(blob) > maxRSABits/8*2 {
		return errRSALong
	}
	return errGarbage
}

func checkRSA(pub ssh.PublicKey) error {
	if pub.Type() != ssh.KeyAlgoRSA {
		return nil
	}
	holder, ok := pub.(ssh.CryptoPublicKey)
	if !ok {
		return errKind
	}
	key, ok := holder.CryptoPublicKey().(*rsa.PublicKey)
	switch {
	case !ok:
		return errKind
	case key.N.BitLen() < minRSABits:
		return errRSAShort
	case key.N.BitLen() > maxRSABits:
		return errRSALong
	}
	return nil
}
