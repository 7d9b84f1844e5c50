package sshkeys

import (
	"bytes"
	"crypto/dsa" //nolint:staticcheck // old keys are listed, so that people see that they have them
	"crypto/ecdsa"
	"crypto/rsa"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/crypto/ssh"

	"latchkey/backend/identity"
)

// A Public is the public half of a key.
type Public struct {
	Type        string // such as "ssh-ed25519"
	Algorithm   string // as ssh-keygen -l names it, such as "ED25519"
	Bits        int
	Fingerprint identity.Fingerprint
	MD5         string // the fingerprint that old programs show: "MD5:" and 16 pairs of digits
	Comment     string
	Line        string // "type base64 comment", to upload or paste

	key ssh.PublicKey
}

// ParsePublic reads the first key in a .pub file, be it lines or as RFC 4716
// has it. Options before it do not count. Returns ErrNotAKey.
func ParsePublic(text []byte) (Public, error) {
	if len(text) > maxKeyFile {
		return Public{}, ErrNotAKey
	}
	if bytes.HasPrefix(bytes.TrimSpace(text), []byte(rfc4716Begin)) {
		return parseRFC4716(text)
	}
	for line := range bytes.Lines(text) {
		line = bytes.TrimSpace(line)
		if len(line) == 0 || line[0] == '#' {
			continue
		}
		key, comment, _, _, err := ssh.ParseAuthorizedKey(line)
		if err != nil {
			return Public{}, ErrNotAKey.Because(err)
		}
		return publicOf(key, visible(comment))
	}
	return Public{}, ErrNotAKey
}

// publicOf tells about a key. A certificate is none.
func publicOf(key ssh.PublicKey, comment string) (Public, error) {
	algorithm, bits := measure(key)
	if algorithm == "" {
		return Public{}, ErrNotAKey
	}
	line := strings.TrimSuffix(string(ssh.MarshalAuthorizedKey(key)), "\n")
	if comment != "" {
		line += " " + comment
	}
	return Public{
		Type: key.Type(), Algorithm: algorithm, Bits: bits, Comment: comment, Line: line, key: key,
		Fingerprint: identity.Fingerprint(ssh.FingerprintSHA256(key)),
		MD5:         "MD5:" + ssh.FingerprintLegacyMD5(key),
	}, nil
}

// measure names a key's algorithm and its size as OpenSSH does.
func measure(key ssh.PublicKey) (algorithm string, bits int) {
	switch key.Type() {
	case ssh.KeyAlgoED25519:
		return "ED25519", 256
	case ssh.KeyAlgoSKED25519:
		return "ED25519-SK", 256
	case ssh.KeyAlgoSKECDSA256:
		return "ECDSA-SK", 256
	}
	holder, ok := key.(ssh.CryptoPublicKey)
	if !ok {
		return "", 0
	}
	switch k := holder.CryptoPublicKey().(type) {
	case *ecdsa.PublicKey:
		return "ECDSA", k.Curve.Params().BitSize
	case *rsa.PublicKey:
		return "RSA", k.N.BitLen()
	case *dsa.PublicKey:
		return "DSA", k.P.BitLen()
	}
	return "", 0
}

// visible leaves out of a foreign comment what does not show, or shows
// elsewhere than it stands.
func visible(comment string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if hides(r) || r == utf8.RuneError {
			return -1
		}
		return r
	}, comment))
}

// hides reports whether a character does not show or changes the direction of
// others. The joiners that emoji and some scripts need are let through.
func hides(r rune) bool {
	const joiner, nonJoiner = '\u200d', '\u200c'
	return !unicode.IsGraphic(r) && r != joiner && r != nonJoiner
}
