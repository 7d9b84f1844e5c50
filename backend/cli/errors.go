package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"latchkey/backend/companion/sshkeys/connect"
	"latchkey/backend/identity"
)

// The exit codes.
const (
	exitDone = iota
	exitFailed
	exitUsage
	exitRefused
	exitUnreachable
)

var (
	errOutput = identity.NewError(identity.Unavailable, "output_failed",
		"The result could not be written. Check that the disk is not full, and run the command again.")
	errUnconfirmed = identity.NewError(identity.Unavailable, "unconfirmed", "Nothing was changed, because the answer was not yes.")
	errInterrupted = identity.NewError(identity.Unavailable, "interrupted", "Interrupted before it was done.")
)

// A usageError says what is wrong with the command line, in one sentence.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

func usagef(format string, args ...any) error { return &usageError{fmt.Sprintf(format, args...)} }

// A settingsError says what is wrong with the settings, in one line each.
type settingsError struct{ err error }

func (e *settingsError) Error() string { return e.err.Error() }
func (e *settingsError) Unwrap() error { return e.err }

// report tells the person about an error, and returns the exit code.
func (a *app) report(err error) int {
	if err == nil {
		return exitDone
	}
	text, code := explain(err)
	if text == unexplained && a.debug {
		text = "That failed for a reason that only a developer can read. Report the cause that follows."
	}
	for line := range strings.Lines(text) {
		a.say("latchkey: %s", strings.TrimSuffix(line, "\n"))
	}
	if a.debug {
		a.say("cause: %s", strings.ReplaceAll(err.Error(), "\n", "; "))
	}
	return code
}

// unexplained is what can be said about an error that was not foreseen.
const unexplained = "That failed for a reason that only a developer can read. Run it again with --debug, and report what it says."

// explain returns the sentence for a person and the exit code.
func explain(err error) (text string, code int) {
	if usage, ok := errors.AsType[*usageError](err); ok {
		return usage.text, exitUsage
	}
	if settings, ok := errors.AsType[*settingsError](err); ok {
		return settings.Error(), exitUsage
	}
	if known, ok := errors.AsType[*identity.Error](err); ok {
		if unreachable(known.Code) {
			return known.Message, exitUnreachable
		}
		return known.Message, exitCode(known.Kind)
	}
	if errors.Is(err, context.Canceled) {
		return errInterrupted.Message, exitFailed
	}
	return unexplained, exitFailed
}

func exitCode(k identity.Kind) int {
	switch k {
	case identity.Invalid:
		return exitUsage
	case identity.Unauthenticated, identity.PermissionDenied, identity.Throttled, identity.FactorRequired,
		identity.CaptchaRequired, identity.PasswordChangeRequired:
		return exitRefused
	case identity.Internal, identity.NotFound, identity.Conflict, identity.Unavailable:
	}
	return exitFailed
}

// unreachable reports whether an error says that no server could be spoken to
// at an address: nothing answers there, or not in time, or not by TLS that can
// be trusted, or something other than a server.
func unreachable(code string) bool {
	switch code {
	case "server_unreachable", "server_name_unknown", "server_slow", "server_connection_lost", "server_behind_gone", "server_starting",
		"server_tls_failed", "server_speaks_http", "server_wants_https", "certificate_untrusted", "certificate_changed",
		errNotAccepted.Code, errOtherCertificate.Code, "server_not_alist", "server_guarded", "server_moved", "server_garbled", "server_too_much",
		connect.ErrName.Code, connect.ErrPort.Code, connect.ErrUnreachable.Code, connect.ErrNotSSH.Code, connect.ErrHangs.Code,
		connect.ErrClosed.Code, connect.ErrOldAlgorithms.Code, connect.ErrHandshake.Code, connect.ErrLost.Code:
		return true
	}
	return false
}

// errorJSON is what a command with --json prints in the place of a result.
type errorJSON struct {
	Error struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	} `json:"error"`
	SoFar any `json:"so_far,omitempty"` // what was done, in the shape of the result
}

// reportJSON tells a program about an error. One whose message is not for
// people to act on has the code of the exit.
func (a *app) reportJSON(err error) error {
	var out errorJSON
	out.Error.Message, _ = explain(err)
	out.Error.Code = errorCode(err)
	out.SoFar = a.sofar
	return a.printJSON(out)
}

// errorCode returns the stable word for an error.
func errorCode(err error) string {
	if _, ok := errors.AsType[*usageError](err); ok {
		return "usage"
	}
	if _, ok := errors.AsType[*settingsError](err); ok {
		return "settings"
	}
	if known, ok := errors.AsType[*identity.Error](err); ok {
		return known.Code
	}
	if errors.Is(err, context.Canceled) {
		return errInterrupted.Code
	}
	return "internal"
}

// A sticky writer remembers that writing failed, so that a command whose
// result was lost does not end as if it were done; and whether there was any.
type sticky struct {
	w      io.Writer
	wrote  bool
	failed error
}

func (s *sticky) Write(p []byte) (int, error) {
	s.wrote = true
	n, err := s.w.Write(p)
	if err != nil {
		s.failed = err
	}
	return n, err
}
