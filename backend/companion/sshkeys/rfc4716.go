package sshkeys

import (
	"encoding/base64"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/ssh"
)

// The public key file format of RFC 4716.
const (
	rfc4716Begin = "---- BEGIN SSH2 PUBLIC KEY ----"
	rfc4716End   = "---- END SSH2 PUBLIC KEY ----"
	rfc4716Width = 72 // bytes in a line, without its end
	maxHeader    = 1024
)

// parseRFC4716 reads the first key in a file. Headers other than the comment do
// not count. Returns ErrNotAKey.
func parseRFC4716(content []byte) (Public, error) {
	_, body, begun := strings.Cut(oneLineEnd(content), rfc4716Begin+"\n")
	body, _, ended := strings.Cut(body, rfc4716End)
	if !begun || !ended {
		return Public{}, ErrNotAKey
	}
	body = strings.ReplaceAll(body, "\\\n", "") // a header goes on in the next line
	var encoded strings.Builder
	comment := ""
	for line := range strings.Lines(body) {
		line = strings.TrimSpace(line)
		name, value, header := strings.Cut(line, ":")
		switch {
		case header && encoded.Len() > 0, header && len(value) > maxHeader:
			return Public{}, ErrNotAKey
		case header && strings.EqualFold(name, "Comment"):
			comment = unquote(strings.TrimSpace(value))
		case !header:
			encoded.WriteString(line)
		}
	}
	blob, err := base64.StdEncoding.DecodeString(encoded.String())
	if err != nil {
		return Public{}, ErrNotAKey.Because(err)
	}
	key, err := ssh.ParsePublicKey(blob)
	if err != nil {
		return Public{}, ErrNotAKey.Because(err)
	}
	return publicOf(key, visible(comment))
}

func unquote(s string) string {
	if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' {
		return s[1 : len(s)-1]
	}
	return s
}

// RFC4716 writes the key as RFC 4716 has it, the comment in quotes.
func (p Public) RFC4716() string {
	var b strings.Builder
	b.WriteString(rfc4716Begin + "\n")
	if p.Comment != "" {
		b.WriteString(fold(`Comment: "` + p.Comment + `"`))
	}
	b.WriteString(wrap(base64.StdEncoding.EncodeToString(p.key.Marshal()), rfc4716Width-2))
	return b.String() + rfc4716End + "\n"
}

// fold breaks a long header behind backslashes, and never within a character.
func fold(header string) string {
	var b strings.Builder
	for len(header) > rfc4716Width {
		n := rfc4716Width - 1
		for !utf8.RuneStart(header[n]) {
			n--
		}
		b.WriteString(header[:n] + "\\\n")
		header = header[n:]
	}
	return b.String() + header + "\n"
}
