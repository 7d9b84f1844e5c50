package remote

import (
	"strings"
	"unicode"
)

// What a server's texts are cut to, in characters.
const (
	maxName    = 100
	maxMessage = 300
)

// clean makes a server's text safe to show: one line of at most most
// characters, without control, bidirectional and other invisible ones. Markup
// stays; whoever shows the text shows it as text.
func clean(s string, most int) string {
	var b strings.Builder
	n, space := 0, false
	for _, r := range s {
		switch {
		case unicode.IsSpace(r):
			space = b.Len() > 0
			continue
		case hidden(r):
			continue
		}
		if n++; space {
			n++
		}
		if n > most {
			b.WriteRune('…')
			break
		}
		if space {
			b.WriteByte(' ')
			space = false
		}
		b.WriteRune(r)
	}
	return b.String()
}

// hidden reports whether a character does not show or changes how others do.
// The two joiners stay: Persian and composed emoji need them.
func hidden(r rune) bool {
	const zwnj, zwj = '\u200c', '\u200d'
	return r != zwnj && r != zwj && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Zl, unicode.Zp)
}
