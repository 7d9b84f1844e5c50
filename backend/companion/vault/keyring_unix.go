//go:build unix && !darwin

package vault

import (
	"errors"
	"net"
	"os/exec"
	"strings"

	"github.com/godbus/dbus/v5"

	"latchkey/backend/identity"
)

// busMeaning says what an error of the Secret Service means. Some have no type
// of their own and are known by their text.
func busMeaning(err error) *identity.Error {
	if answer, ok := errors.AsType[dbus.Error](err); ok {
		return answerMeaning(answer.Name)
	}
	if answer, ok := errors.AsType[*dbus.Error](err); ok {
		return answerMeaning(answer.Name)
	}
	call, onNet := errors.AsType[*net.OpError](err)
	_, noLaunch := errors.AsType[*exec.Error](err)
	_, badLaunch := errors.AsType[*exec.ExitError](err)
	switch {
	case strings.HasPrefix(err.Error(), "failed to unlock correct collection"):
		return ErrKeyringLocked
	case onNet && call.Op == "dial", noLaunch, badLaunch, strings.Contains(err.Error(), "determine address of session bus"):
		return ErrKeyringAbsent
	}
	return ErrKeyringFailing
}

// answerMeaning says what the name of an error on the bus means.
func answerMeaning(name string) *identity.Error {
	switch {
	case name == "org.freedesktop.Secret.Error.IsLocked":
		return ErrKeyringLocked
	case name == "org.freedesktop.DBus.Error.ServiceUnknown",
		name == "org.freedesktop.DBus.Error.NameHasNoOwner",
		strings.HasPrefix(name, "org.freedesktop.DBus.Error.Spawn."):
		return ErrKeyringAbsent
	}
	return ErrKeyringFailing
}
