package config

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2"
)

// A form is the type that a setting has in a file. A text that does not fit it
// is written as it is, for the rules to refuse.
type form func(text string) any

func asText(text string) any { return text }

func asTruth(text string) any {
	if b, err := strconv.ParseBool(text); err == nil {
		return b
	}
	return text
}

func asNumber(text string) any {
	if n, err := strconv.Atoi(text); err == nil {
		return n
	}
	return text
}

func asList(text string) any { return items(text) }

// toTOML writes the value of a setting, and nothing for none.
func (s setting) toTOML(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	if !utf8.ValidString(text) {
		return "", fmt.Errorf("%s: must be text", s.name)
	}
	line, err := toml.Marshal(map[string]any{s.name: s.form(text)})
	if err != nil {
		return "", fmt.Errorf("%s: %w", s.name, err)
	}
	_, value, _ := strings.Cut(string(line), "=")
	return strings.TrimSpace(value), nil
}
