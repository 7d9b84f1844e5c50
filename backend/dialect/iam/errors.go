package iam

import (
	"net/http"

	"latchkey/backend/httpapi"
	"latchkey/backend/identity"
)

// envelope is every answer. Code is the HTTP status.
type envelope struct {
	Success bool   `json:"success"`
	Code    int    `json:"code"`
	Message string `json:"message"`
	Data    any    `json:"data"` // an object; null in a refusal
}

// statuses maps each kind of error to an HTTP status. That a code is missing
// is 401, as every sign-in that fails is in the document.
var statuses = map[identity.Kind]int{
	identity.Internal:               http.StatusInternalServerError,
	identity.Invalid:                http.StatusBadRequest,
	identity.Unauthenticated:        http.StatusUnauthorized,
	identity.PermissionDenied:       http.StatusForbidden,
	identity.NotFound:               http.StatusNotFound,
	identity.Conflict:               http.StatusConflict,
	identity.Throttled:              http.StatusTooManyRequests,
	identity.FactorRequired:         http.StatusUnauthorized,
	identity.CaptchaRequired:        http.StatusForbidden,
	identity.PasswordChangeRequired: http.StatusForbidden,
	identity.Unavailable:            http.StatusServiceUnavailable,
}

// nameHeader carries the stable code of an error: one status has several
// meanings, and other words may come with a new version.
const nameHeader = "Latchkey-Error"

// writeError answers with an error, in the core's words.
func writeError(w http.ResponseWriter, _ *http.Request, e *identity.Error, status int) {
	if status == 0 {
		status = statuses[e.Kind]
	}
	w.Header().Set(nameHeader, e.Code)
	if status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", "Bearer") // RFC 9110, section 11.6.1
	}
	_ = httpapi.WriteJSON(w, status, envelope{Code: status, Message: e.Message}) // it can be encoded
}

// succeed answers with the document's words and data.
func succeed(w http.ResponseWriter, message string, data any) error {
	return httpapi.WriteJSON(w, http.StatusOK, envelope{Success: true, Code: http.StatusOK, Message: message, Data: data})
}

// done answers where there is nothing to tell but that it was done.
func done(w http.ResponseWriter, message string) error { return succeed(w, message, struct{}{}) }

// found is what every list and everything looked at is answered with.
const found = "查询成功"
