package app

import (
	"errors"
	"os"
	"strings"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
)

const runKey = `Software\Microsoft\Windows\CurrentVersion\Run`

// A starterValue is a value of the registry's Run key.
type starterValue struct{ command string }

func newStarter(settings map[string]string) (starter, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	words := []string{windows.EscapeArg(program)}
	for _, arg := range startArgs(settings) {
		words = append(words, windows.EscapeArg(arg))
	}
	return starterValue{strings.Join(words, " ")}, nil
}

func (v starterValue) on() (bool, error) {
	k, err := registry.OpenKey(registry.CURRENT_USER, runKey, registry.QUERY_VALUE)
	if errors.Is(err, registry.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer func() { _ = k.Close() }() // it was only read
	_, _, err = k.GetStringValue("Latchkey")
	if errors.Is(err, registry.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

func (v starterValue) set(on bool) error {
	k, _, err := registry.CreateKey(registry.CURRENT_USER, runKey, registry.SET_VALUE)
	if err != nil {
		return err
	}
	if on {
		err = k.SetStringValue("Latchkey", v.command)
	} else if err = k.DeleteValue("Latchkey"); errors.Is(err, registry.ErrNotExist) {
		err = nil
	}
	return errors.Join(err, k.Close())
}
