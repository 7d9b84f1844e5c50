package remote

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"latchkey/backend/identity"
)

// A RefusalError is what a server said in refusing, the private cause of the error
// that it became.
type RefusalError struct {
	Status     int    // of HTTP
	Code       int    // in the answer, or Status where that has none
	Name       string // by which Latchkey calls it; empty from others
	Said       string // safe to show, in the server's language; may be empty
	RetryAfter time.Duration
}

func (r *RefusalError) Error() string {
	return fmt.Sprintf("HTTP %d, code %s: %s", r.Status, strings.TrimSpace(strconv.Itoa(r.Code)+" "+r.Name), r.Said)
}

// SignedOut reports whether a server refused the token of an account: whoever
// holds it must sign in again, and sending it again is of no use.
func SignedOut(err error) bool {
	_, said := errors.AsType[*RefusalError](err)
	return said && identity.KindOf(err) == identity.Unauthenticated && !errors.Is(err, errCredentials)
}

// The refusals that any request may meet.
var (
	errTokenRefused = identity.NewError(identity.Unauthenticated, "token_refused",
		"The server no longer accepts this device's sign-in. Sign in again.")
	errTokenExpired = identity.NewError(identity.Unauthenticated, "token_expired",
		"The sign-in has run out. Sign in again.")
	errSessionEnded = identity.NewError(identity.Unauthenticated, "session_ended",
		"This device was signed out from elsewhere. Sign in again.")
	errPasswordChanged = identity.NewError(identity.Unauthenticated, "password_changed",
		"The password was changed. Sign in again with the new one.")
	errUserDisabled = identity.NewError(identity.Unauthenticated, "user_disabled",
		"This account is disabled. Ask the server's administrator.")
	errUserGone = identity.NewError(identity.Unauthenticated, "user_gone",
		"This account is gone or was renamed. Sign in again, or ask the server's administrator.")
	errTokenIgnored = identity.NewError(identity.Unauthenticated, "token_ignored",
		"The server takes this device for a guest. Sign in again; if that does not help, something on the way removes the sign-in.")
	errDenied = identity.NewError(identity.PermissionDenied, "permission_denied",
		"Your account may not do that. An administrator of the server can give it the right.")
	errChangePassword = identity.NewError(identity.PasswordChangeRequired, "password_change_required",
		"Change your password first; nothing else works until then.")
	errThrottled = identity.NewError(identity.Throttled, "too_many_attempts",
		"Too many failed sign-ins from here. Wait before you try again.")
	errBusy = identity.NewError(identity.Unavailable, "server_busy",
		"The server is busy. Try again in a moment.")
	errStarting = &identity.Error{Kind: identity.Unavailable, Code: "server_starting", RetryAfter: 5 * time.Second,
		Message: "The server is still starting. Try again in a moment."}
	errFailed = identity.NewError(identity.Unavailable, "server_failed",
		"The server failed at that. Try again; if it happens again, look at the server's log.")
	errDevices = identity.NewError(identity.PermissionDenied, "too_many_devices",
		"This account is signed in on as many devices as the server allows. Sign out another device first.")
)

// meaning translates what servers say where their numbers do not tell enough.
// The words are AList's and OpenList's, and those of a Latchkey that gave no
// names yet.
func meaning(said string) *identity.Error {
	switch said {
	case "username or password is incorrect", "Invalid username or password":
		return errCredentials
	case "Invalid 2FA code", "That code is not right. Check the clock of the phone, and send the next code.":
		return errCodeWrong
	case "token is invalidated":
		return errTokenRefused
	case "token is expired":
		return errTokenExpired
	case "session inactive":
		return errSessionEnded
	case "Password has been changed, login please":
		return errPasswordChanged
	case "Current user is disabled, replace please":
		return errUserDisabled
	case "Guest user is disabled, login please", "user invalid", "You are a guest":
		return errTokenIgnored
	case "too many active devices":
		return errDevices
	case "You are not an admin":
		return errDenied
	case "Loading storage, please wait":
		return errStarting
	case "Change your password first; nothing else works until then.":
		return errChangePassword
	case "Send your current password with this change, or sign in again first.":
		return errProofNeeded
	case "failed find session: record not found":
		return errNoDevice
	case "failed to get public key":
		return ErrNoKey
	case "key with the same title already exists":
		return errTitleTaken
	case "You have added that key already.":
		return errKeyKnown
	case "provided key invalid":
		return errKeyRefused
	case "That set-up has run out or was replaced. Start again with a new QR code.":
		return errNotStarted
	case "Two-factor sign-in is not on.":
		return errFactorOff
	case "That user name is taken. Choose another.":
		return errNameTaken
	}
	if e := fileMeaning(said); e != nil {
		return e
	}
	switch {
	case strings.HasPrefix(said, "failed find user: "):
		return errUserGone
	case strings.Contains(said, "UNIQUE constraint failed: x_users.username"):
		return errNameTaken
	}
	return nil
}

// known returns what the refusal means, if its name or words tell.
func (r *RefusalError) known() *identity.Error { return cmp.Or(r.byName(), meaning(r.Said)) }

// explain makes the refusal an error.
func (r *RefusalError) explain() *identity.Error {
	e := cmp.Or(r.known(), r.byCode()).Because(r)
	e.RetryAfter = max(e.RetryAfter, r.RetryAfter)
	if errors.Is(e, errThrottled) && e.RetryAfter == 0 {
		e.RetryAfter = alistLock
	}
	return e
}

// alistLock is how long AList and OpenList lock sign-ins, which they do not say.
const alistLock = 5 * time.Minute

func (r *RefusalError) byCode() *identity.Error {
	switch r.Code {
	case http.StatusUnauthorized:
		return errTokenRefused
	case http.StatusPaymentRequired:
		return errCodeWrong
	case http.StatusForbidden:
		return r.inItsWords(identity.PermissionDenied)
	case http.StatusNotFound:
		return r.inItsWords(identity.NotFound)
	case http.StatusConflict:
		return r.inItsWords(identity.Conflict)
	case http.StatusTooManyRequests:
		return errThrottled
	case http.StatusServiceUnavailable:
		return errBusy
	}
	if r.Code >= 400 && r.Code < 500 {
		return r.inItsWords(identity.Invalid)
	}
	return errFailed
}

// inItsWords is a refusal that has no words of ours.
func (r *RefusalError) inItsWords(k identity.Kind) *identity.Error {
	if r.Said == "" {
		return identity.NewError(k, "server_refused", "The server refused that without saying why. Its log may.")
	}
	return identity.NewError(k, "server_refused", "The server refused that: "+r.Said)
}

// because returns e with the cause of err, for an operation that knows better
// what a refusal means.
func because(e *identity.Error, err error) *identity.Error {
	c := e.Because(err)
	if known, ok := errors.AsType[*identity.Error](err); ok {
		c.Err, c.RetryAfter = known.Err, known.RetryAfter
	}
	return c
}
