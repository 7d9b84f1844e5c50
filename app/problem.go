package app

import (
	"encoding/json"
	"errors"
	"math"
	"strings"

	"latchkey/backend/companion/remote"
	"latchkey/backend/companion/sshkeys/connect"
	"latchkey/backend/identity"
)

// A Problem is an error as the page sees it. The page chooses its sentence by
// the code; Message is for codes that it does not know.
type Problem struct {
	Code       string  `json:"code"`
	Message    string  `json:"message"`
	Field      string  `json:"field"`
	RetryAfter float64 `json:"retryAfter"` // seconds; 0 if unknown
	Details    string  `json:"details"`    // for who wants to report it; holds no secret
}

var (
	errPanic = identity.NewError(identity.Internal, "app_failed",
		"Latchkey made a mistake at that. Try again; if it happens again, copy the diagnostics from the settings and report it.")
	errSlow = identity.NewError(identity.Unavailable, "app_slow",
		"That took too long and was given up. Look at the state of things before you try again.")
	errFailed = identity.NewError(identity.Internal, "app_failed",
		"That did not work, for a reason that Latchkey does not know. The details may help.")
)

// asProblem turns an error into what the page may know of it. Messages are safe
// by contract. Causes stay here, but for what a server said, which remote has
// made safe to show.
func asProblem(err error) *Problem {
	if err == nil {
		return nil
	}
	e, known := errors.AsType[*identity.Error](err)
	if !known {
		e = errFailed.Because(err)
	}
	p := &Problem{Code: e.Code, Message: e.Message, Field: e.Field, RetryAfter: math.Ceil(e.RetryAfter.Seconds()), Details: e.Code}
	if said, ok := errors.AsType[*remote.RefusalError](err); ok {
		p.Details += "\n" + strings.TrimSpace(said.Error())
	}
	// Which line of the person's own file; what an SSH server gives as its reason.
	if strings.HasPrefix(e.Code, "settings_") || errors.Is(e, connect.ErrRefusedTold) || errors.Is(e, connect.ErrNoSFTP) || errors.Is(e, connect.ErrRefusedExpired) {
		p.Details += "\n" + e.Message
	}
	if moved, ok := errors.AsType[*remote.RedirectError](err); ok && !moved.To.IsZero() {
		p.Details += "\n" + moved.To.String()
	}
	return p
}

// problemOf is asProblem for the errors that companion returns as a state.
func problemOf(e *identity.Error) *Problem {
	if e == nil {
		return nil
	}
	return asProblem(e)
}

// format is what Wails rejects the page's promise with: the problem as JSON text,
// because the page gets it as the text of a JavaScript Error.
func format(err error) any {
	text, _ := json.Marshal(asProblem(err)) // it holds nothing that could fail
	return string(text)
}
