package identity

import (
	"errors"
	"time"
)

// A Kind says what sort of refusal an error is. The list is closed: every
// dialect maps each kind to its own status and envelope.
type Kind int

// The kinds of error. New ones are added at the end.
const (
	Internal               Kind = iota // a defect or a fault of ours; the default
	Invalid                            // the request is malformed or breaks a rule
	Unauthenticated                    // we do not know who is asking
	PermissionDenied                   // we know who is asking; they may not
	NotFound                           // no such thing, or not one of theirs
	Conflict                           // it clashes with something that exists
	Throttled                          // too many failures; see Error.RetryAfter
	FactorRequired                     // a second factor is missing or wrong
	CaptchaRequired                    // a captcha is missing or wrong
	PasswordChangeRequired             // nothing works before the password is changed
	Unavailable                        // busy, or storage is failing; trying again may help
)

// Kinds lists every kind, for tables that must be complete.
func Kinds() []Kind {
	return []Kind{
		Internal, Invalid, Unauthenticated, PermissionDenied, NotFound, Conflict, Throttled,
		FactorRequired, CaptchaRequired, PasswordChangeRequired, Unavailable,
	}
}

// An Error is a refusal that can be shown: Code and Message are safe for
// anybody to see, Err is for the log only.
type Error struct {
	Kind       Kind
	Code       string        // stable word for programs, such as "totp_required"
	Message    string        // one plain sentence: what happened, what to do next
	Field      string        // the request field at fault, if there is one
	RetryAfter time.Duration // with Throttled and Unavailable: when to try again; 0 if unknown
	Err        error         // private cause
}

func (e *Error) Error() string {
	if e.Err != nil {
		return e.Code + ": " + e.Message + ": " + e.Err.Error()
	}
	return e.Code + ": " + e.Message
}

func (e *Error) Unwrap() error { return e.Err }

// Is reports whether target is an Error with the same code, so that
// errors.Is matches by code and never by text.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

// Because returns a copy of e with a private cause.
func (e *Error) Because(cause error) *Error {
	c := *e
	c.Err = cause
	return &c
}

// NewError returns an error of a kind with a stable code and a safe message.
func NewError(kind Kind, code, message string) *Error {
	return &Error{Kind: kind, Code: code, Message: message}
}

// InvalidField returns an Invalid error about one field of a request.
func InvalidField(field, code, message string) *Error {
	return &Error{Kind: Invalid, Code: code, Message: message, Field: field}
}

// KindOf returns the kind of the first Error in err's chain, or Internal.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Internal
}

// AsError returns the first Error in err's chain. Any other error becomes an
// Internal one whose message tells nothing and whose cause is err.
func AsError(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return NewError(Internal, "internal", "Something went wrong on the server. Its log has the details.").Because(err)
}
