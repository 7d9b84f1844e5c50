package httpapi

import (
	"net/http"
	"strings"

	"latchkey/backend/identity"
)

// A WireError is a refusal below the rules of any API: a malformed request, a
// wrong method, a foreign origin. It keeps its HTTP status in every dialect,
// also in one that otherwise answers 200.
type WireError struct {
	Status int    // 400 to 503
	Allow  string // with 405: the methods that the path has
	Close  bool   // what follows on the connection cannot be trusted to be a request
	Err    *identity.Error
}

func (e *WireError) Error() string { return e.Err.Error() }

func (e *WireError) Unwrap() error { return e.Err }

// MethodNotAllowed is the answer to a method that a path does not have. A
// dialect registers it for HEAD where its GET changes something.
func MethodNotAllowed(allow ...string) *WireError {
	return &WireError{
		Status: http.StatusMethodNotAllowed,
		Allow:  strings.Join(allow, ", "),
		Err: identity.NewError(identity.Invalid, "method_not_allowed",
			"This address does not answer to that method."),
	}
}

func wire(status int, kind identity.Kind, code, message string) *WireError {
	return &WireError{Status: status, Err: identity.NewError(kind, code, message)}
}

// closing returns a wire error after which the connection is closed, because
// the rest of the request was not read.
func closing(status int, code, message string) *WireError {
	e := wire(status, identity.Invalid, code, message)
	e.Close = true
	return e
}

// Refusals of the kit itself. They are never changed.
var (
	errNotFound = wire(http.StatusNotFound, identity.NotFound, "route_not_found",
		"There is nothing at this address.")
	errHost = wire(http.StatusForbidden, identity.PermissionDenied, "host_not_allowed",
		"This server does not answer to the name in the request; use its address, or add the name to the setting hosts.")
	errOrigin = wire(http.StatusForbidden, identity.PermissionDenied, "origin_not_allowed",
		"Pages of another site may not use this server; if this one should, add it to the setting allowed_origins.")

	errSignIn         = identity.NewError(identity.Unauthenticated, "sign_in_required", "Sign in first.")
	errPasswordChange = identity.NewError(identity.PasswordChangeRequired, "password_change_required",
		"Change your password first; nothing else works until then.")
	errPermission = identity.NewError(identity.PermissionDenied, "permission_denied",
		"Your account may not do this; an administrator can give it the right.")
	errKeyPermission = identity.NewError(identity.PermissionDenied, errPermission.Code,
		"This API key may not do this. It can do what it is made for and its owner may; some things take a sign-in.")
)
