package config

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/pelletier/go-toml/v2"
)

// A source is a settings file.
type source struct {
	path  string // empty: there is no place for one
	named bool   // it was asked for by name, so it must be there
}

// settingsFile returns the file that the other layers lead to.
func settingsFile(flags, env layer) source {
	if file, named := lookUp(configSetting, flags, env); named {
		return source{file, true}
	}
	dir, given := lookUp(dataSetting, flags, env)
	if !given {
		var err error
		if dir, err = DefaultFolder(); err != nil {
			return source{} // complete says so, unless it is not needed
		}
	}
	return source{path: filepath.Join(dir, defaultFile)}
}

// read reads the file. One that was not named may be missing.
func (s source) read() (layer, error) {
	if s.path == "" {
		return nil, nil
	}
	body, err := os.ReadFile(s.path)
	if (errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)) && !s.named {
		return nil, nil // whoever opens the data folder says what is wrong with it
	}
	if err != nil {
		return nil, fmt.Errorf("read settings: %w", err)
	}
	return s.parse(body)
}

// parse reads what is in the file, or is to be.
func (s source) parse(body []byte) (layer, error) {
	l, err := parseFile(s.path, body)
	if e, said := l[dataSetting]; said && !s.named {
		delete(l, dataSetting)
		err = errors.Join(err, fmt.Errorf("%s: a file in the data folder cannot name another one; use --data DIR", e.where))
	}
	return l, err
}

func lookUp(name string, layers ...layer) (string, bool) {
	for _, l := range layers {
		if e, said := l[name]; said {
			return e.text, true
		}
	}
	return "", false
}

// parseFile reads TOML. The layer holds what is right even if there is an error.
func parseFile(file string, body []byte) (layer, error) {
	var values map[string]any
	if err := toml.Unmarshal(body, &values); err != nil {
		return nil, syntaxError(file, err)
	}
	l := layer{}
	var problems []error
	for _, name := range slices.Sorted(maps.Keys(values)) {
		where := name + " in " + file + line(body, name)
		text, ok := plainText(values[name])
		switch {
		case name == strings.ToLower(adminPassword):
			problems = append(problems, fmt.Errorf("%s: a password does not belong in a file; use %s", where, envPrefix+adminPassword))
		case !slices.Contains(names(), name):
			problems = append(problems, fmt.Errorf("%s: there is no such setting", where))
		case !ok:
			problems = append(problems, fmt.Errorf("%s: must be text, a whole number, true, false or a list of texts", where))
		default:
			l[name] = entry{text, where}
		}
	}
	return l, errors.Join(problems...)
}

func syntaxError(file string, err error) error {
	if at, ok := errors.AsType[*toml.DecodeError](err); ok {
		row, column := at.Position()
		return fmt.Errorf("%s, line %d, column %d: not valid TOML: %w", file, row, column, err)
	}
	return fmt.Errorf("%s: not valid TOML: %w", file, err)
}

// plainText turns a TOML value into the text that the other layers would have.
func plainText(value any) (string, bool) {
	switch v := value.(type) {
	case string:
		return v, true
	case bool, int64:
		return fmt.Sprint(v), true
	case []any:
		var texts []string
		for _, item := range v {
			s, ok := item.(string)
			if !ok {
				return "", false
			}
			texts = append(texts, s)
		}
		return strings.Join(texts, ","), true
	}
	return "", false
}

// line returns ", line N" for the line that gives a name its value. TOML
// knows more ways to write a name than it looks for; then it returns "".
func line(body []byte, name string) string {
	n := 0
	for text := range strings.Lines(string(body)) {
		n++
		before, _, _ := strings.Cut(text, "=")
		if strings.Trim(before, " \t\r\n[]\"'") == name {
			return fmt.Sprintf(", line %d", n)
		}
	}
	return ""
}
