package config

import (
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// A statement is a line of a settings file, or several where a value goes on.
type statement struct {
	text string // with the end of its line
	name string // of the setting; empty for a comment or an empty line
}

// A body is a whole file.
type body []statement

// statements takes a flat file apart that is valid as a whole.
func statements(text string) body {
	var all body
	open := ""
	for line := range strings.Lines(text) {
		open += line
		var values map[string]any
		if err := toml.Unmarshal([]byte(open), &values); err != nil {
			continue // it goes on in the next line
		}
		s := statement{text: open}
		for s.name = range values { // there is one at most
		}
		all, open = append(all, s), ""
	}
	return all
}

func (b body) String() string {
	var out strings.Builder
	for _, s := range b {
		out.WriteString(s.text)
	}
	return out.String()
}

// with returns the file with another value for a setting, in TOML; "" is for
// none.
func (b body) with(name, value string) body {
	for i, s := range b {
		if s.name == name {
			b[i] = s.with(value)
			return b
		}
	}
	if value == "" {
		return b
	}
	return append(b.ended(), statement{name + " = " + value + b.newline(), name})
}

// with returns the statement with another value. Without one the comment
// behind it is left.
func (s statement) with(value string) statement {
	from, to := s.value()
	if value != "" {
		return statement{s.text[:from] + value + s.text[to:], s.name}
	}
	rest := strings.TrimLeft(s.text[to:], " \t")
	if strings.TrimSpace(rest) == "" {
		return statement{}
	}
	return statement{text: rest}
}

// value returns where the value of a statement begins and ends. The name holds
// no equals sign, so the first one stands between the two.
func (s statement) value() (from, to int) {
	from = strings.IndexByte(s.text, '=') + 1
	from += len(s.text[from:]) - len(strings.TrimLeft(s.text[from:], " \t"))
	for to = from; to < len(s.text); to++ {
		// A number sign ends the value if what stands before it is whole.
		if s.text[to] == '#' && toml.Unmarshal([]byte(s.text[:to]), &map[string]any{}) == nil {
			break
		}
	}
	return from, from + len(strings.TrimRight(s.text[from:to], " \t\r\n"))
}

// ended returns the file with an end to its last line.
func (b body) ended() body {
	if last := len(b) - 1; last >= 0 && b[last].text != "" && !strings.HasSuffix(b[last].text, "\n") {
		b[last].text += b.newline()
	}
	return b
}

// newline returns how lines end in the file.
func (b body) newline() string {
	if len(b) > 0 && strings.HasSuffix(b[0].text, "\r\n") {
		return "\r\n"
	}
	return "\n"
}
