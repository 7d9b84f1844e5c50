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

	"latchkey/backend/identity"
	"latchkey/backend/internal/disk"
)

var (
	errUnreadable = identity.NewError(identity.Unavailable, "settings_unreadable",
		"The settings file cannot be read, so it was left as it is.")
	errRefused = identity.NewError(identity.Invalid, "settings_refused",
		"The settings cannot be as they would be then, so nothing was changed.")
)

// Edit changes settings in the file that Load reads for a data folder, by name
// and in the words of Load; "" takes a setting out. All else in the file stays
// as it is, comments too. Nothing is changed if the outcome is no valid whole
// (settings_refused) or the file cannot be read as it is (settings_unreadable,
// which names the line). The folder is made if it is missing. Callers take
// turns.
func Edit(data string, changes map[string]string) error {
	top, env := flagLayer(map[string]string{dataSetting: data}), envLayer()
	file := settingsFile(top, env)
	old, err := os.ReadFile(file.path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return disk.Explain(err)
	}
	if _, err := file.parse(old); err != nil {
		return saying(errUnreadable, err)
	}
	fresh, err := edited(string(old), changes)
	if err != nil {
		return saying(errRefused, err)
	}
	l, err := file.parse([]byte(fresh))
	_, wrong := merge(l, env, top)
	if err := errors.Join(err, wrong); err != nil {
		return saying(errRefused, err)
	}
	if fresh == string(old) {
		return nil
	}
	return disk.Explain(replace(file.path, fresh))
}

// replace writes the file: where it really is, if a link leads there.
func replace(path, text string) error {
	path = resolved(path)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return disk.Replace(path, 0o600, []byte(text))
}

// edited returns the text of a file with changes.
func edited(text string, changes map[string]string) (string, error) {
	all := statements(text)
	for _, name := range slices.Sorted(maps.Keys(changes)) {
		i := slices.Index(names(), name)
		if i < 0 {
			return "", fmt.Errorf("%s: there is no such setting", name)
		}
		value, err := settings()[i].toTOML(changes[name])
		if err != nil {
			return "", err
		}
		all = all.with(name, value)
	}
	return all.String(), nil
}

// saying puts what is wrong behind the sentence that says what came of it.
func saying(e *identity.Error, problem error) *identity.Error {
	c := e.Because(problem)
	c.Message += fmt.Sprintf(" %s.", strings.ReplaceAll(problem.Error(), "\n", "; "))
	return c
}
