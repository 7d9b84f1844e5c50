package xswitch

import (
	"net/http"

	"latchkey/backend/httpapi"
	"latchkey/backend/identity"
)

// statuses maps each kind of error to the HTTP status, which code repeats.
var statuses = map[identity.Kind]int{
	identity.Internal:               http.StatusInternalServerError,
	identity.Invalid:                http.StatusBadRequest,
	identity.Unauthenticated:        http.StatusUnauthorized,
	identity.PermissionDenied:       http.StatusForbidden,
	identity.NotFound:               http.StatusNotFound,
	identity.Conflict:               http.StatusConflict,
	identity.Throttled:              http.StatusTooManyRequests,
	identity.FactorRequired:         http.StatusForbidden,
	identity.CaptchaRequired:        http.StatusForbidden,
	identity.PasswordChangeRequired: http.StatusForbidden,
	identity.Unavailable:            http.StatusServiceUnavailable,
}

// A saying is the document's own status and text for an error of ours.
type saying struct {
	status int
	text   string
}

// sayings is keyed by identity.Error.Code.
var sayings = map[string]saying{
	"credentials_wrong": {http.StatusForbidden, "Wrong username or password"},
	"internal":          {http.StatusInternalServerError, "Internal Error"},
}

// nameHeader carries the stable code of an error, as in every dialect: the
// document tells most refusals by a status alone.
const nameHeader = "Latchkey-Error"

// writeError answers with an error. A status of 0 is ours to choose; any other
// was decided below the dialect.
func writeError(w http.ResponseWriter, _ *http.Request, e *identity.Error, status int) {
	w.Header().Set(nameHeader, e.Code)
	s, ok := sayings[e.Code]
	if !ok {
		s = saying{statuses[e.Kind], e.Message}
	}
	if status == 0 {
		status = s.status
	}
	_ = httpapi.WriteJSON(w, status, refused{Code: status, Text: s.text}) // it can be encoded
}
