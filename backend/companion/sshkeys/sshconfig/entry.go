package sshconfig

import (
	"fmt"
	"strings"
	"unicode"
)

// An Entry is what a Host block says.
type Entry struct {
	Alias    string
	HostName string
	Port     int // zero: 22
	User     string
	Identity string // the path of a private key
}

// check refuses what would mean something else in a config. A percent sign is
// the beginning of a token there, and a dollar sign of a variable.
func (e Entry) check() error {
	switch {
	case !goodAlias(e.Alias):
		return ErrAlias
	case e.HostName == "" || len(e.HostName) > 255 || strings.ContainsFunc(e.HostName, func(r rune) bool {
		return !isWord(r) && !strings.ContainsRune(".-_:[]", r)
	}) || e.HostName[0] == '-':
		return ErrHostName
	case e.Port < 0 || e.Port > 65535:
		return ErrPort
	case len(e.User) > 255 || strings.HasPrefix(e.User, "-") || strings.ContainsFunc(e.User, func(r rune) bool { return odd(r) || r == ' ' }):
		return ErrUser
	case e.Identity == "" || len(e.Identity) > 4096 || strings.ContainsFunc(e.Identity, odd):
		return ErrIdentity
	}
	return nil
}

func goodAlias(s string) bool {
	for i, r := range s {
		if !isWord(r) && (i == 0 || !strings.ContainsRune(".-_", r)) {
			return false
		}
	}
	return s != "" && len(s) <= 100
}

// aliasOf makes a short name of what a person calls a server: "Ann's NAS" is
// ann-s-nas, and what has no letter of ASCII is latchkey.
func aliasOf(name string) string {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return !isWord(r) && r != '.' && r != '_' })
	alias := strings.Trim(strings.Join(words, "-"), "-._")
	if alias = strings.TrimRight(alias[:min(len(alias), 40)], "-._"); alias == "" {
		return "latchkey"
	}
	return alias
}

func isWord(r rune) bool {
	return r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r))
}

// odd reports whether a character cannot stand in a quoted argument.
func odd(r rune) bool {
	return !unicode.IsPrint(r) && r != ' ' || strings.ContainsRune("\"\\%$#`'", r) || r == unicode.ReplacementChar
}

const (
	beginMark = "# >>> latchkey "
	endMark   = "# <<< latchkey "
)

// block writes the entry with the file's line ends.
func (e Entry) block(end string) string {
	var b strings.Builder
	line := func(format string, args ...any) { b.WriteString(fmt.Sprintf(format, args...) + end) }
	line("%s%s", beginMark, e.Alias)
	line("Host %s", e.Alias)
	line("    HostName %s", e.HostName)
	if e.Port != 0 {
		line("    Port %d", e.Port)
	}
	if e.User != "" {
		line("    User %s", e.User)
	}
	line("    IdentityFile \"%s\"", e.Identity)
	line("    IdentitiesOnly yes")
	line("%s%s", endMark, e.Alias)
	return b.String()
}
