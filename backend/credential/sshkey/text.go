package sshkey

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxText is the longest text that is looked at, in bytes. The longest key
// that is accepted takes 1.5 KiB.
const maxText = 16 << 10

// oneLine finds the line that is to be a key, and refuses texts that hold
// something else.
func oneLine(text string) (string, error) {
	switch {
	case len(text) > maxText:
		return "", errTooLong
	case isPrivate(text):
		return "", errPrivate
	case isOtherFormat(text):
		return "", errRFC4716
	}
	lines := strings.FieldsFunc(strings.TrimPrefix(text, "\ufeff"), func(r rune) bool { return r == '\n' || r == '\r' })
	found := ""
	for _, line := range lines {
		line = strings.Trim(line, " \t")
		switch {
		case line == "" || line[0] == '#':
		case found != "":
			return "", errSeveral
		default:
			found = line
		}
	}
	switch {
	case found == "":
		return "", errEmpty
	case !utf8.ValidString(found) || strings.ContainsFunc(found, hidesUnlessTab):
		return "", errCharacters
	}
	return found, nil
}

// isPrivate recognises private keys of OpenSSH, OpenSSL, SSH.com and PuTTY,
// also when the line around the base64 of an OpenSSH one is missing.
func isPrivate(text string) bool {
	const openSSHMagic = "b3BlbnNzaC1rZXktdjE" // "openssh-key-v1" in base64
	return strings.Contains(text, "PRIVATE KEY") || strings.Contains(text, "PuTTY-User-Key-File-") ||
		strings.Contains(text, "Private-Lines:") || strings.Contains(text, openSSHMagic)
}

// isOtherFormat recognises public keys as RFC 4716 and OpenSSL write them.
func isOtherFormat(text string) bool {
	return strings.Contains(text, "BEGIN") && strings.Contains(text, "PUBLIC KEY-----") ||
		strings.Contains(text, "BEGIN SSH2 PUBLIC KEY")
}

// hides reports whether a character can hide or reorder others (Unicode
// categories Cc and Cf, line and paragraph separators), apart from the joiners
// that emoji and some scripts are written with.
func hides(r rune) bool {
	if r == '\u200c' || r == '\u200d' {
		return false
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
}

func hidesUnlessTab(r rune) bool { return r != '\t' && hides(r) }
