package drive

import (
	"net/http"

	"latchkey/backend/httpapi"
	"latchkey/backend/identity"
)

// envelope is every answer. Code is 0, or the HTTP status and two digits that
// tell refusals of one status apart.
type envelope struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
	Data    any    `json:"data"`
}

// sharedEnvelope is the envelope on the routes that are shared with a dialect
// whose clients look for success.
type sharedEnvelope struct {
	Success bool `json:"success"`
	envelope
}

// perStatus is how many codes an HTTP status has.
const perStatus = 100

// codes maps each kind of error to its code.
var codes = map[identity.Kind]int{
	identity.Internal:               50000,
	identity.Invalid:                40000,
	identity.Unauthenticated:        40100,
	identity.FactorRequired:         40101,
	identity.PermissionDenied:       40300,
	identity.PasswordChangeRequired: 40301,
	identity.CaptchaRequired:        40302,
	identity.NotFound:               40400,
	identity.Conflict:               40900,
	identity.Throttled:              42900,
	identity.Unavailable:            50300,
}

// nameHeader carries the stable code of an error: a number has several
// meanings, and other words may come with a new version.
const nameHeader = "Latchkey-Error"

// writeError answers with an error, in the core's words. A status other than 0
// was decided below the dialect.
func (h *Handler) writeError(w http.ResponseWriter, r *http.Request, e *identity.Error, status int) {
	code := codes[e.Kind]
	if status == 0 {
		status = code / perStatus
	} else if status != code/perStatus {
		code = status * perStatus
	}
	w.Header().Set(nameHeader, e.Code)
	if status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", "Bearer") // RFC 9110, section 11.6.1
	}
	_ = h.write(w, r, status, envelope{Code: code, Message: e.Message}) // it can be encoded
}

// succeed answers with data, which may be nil.
func (h *Handler) succeed(w http.ResponseWriter, r *http.Request, data any) error {
	return h.write(w, r, http.StatusOK, envelope{Message: "success", Data: data})
}

func (h *Handler) write(w http.ResponseWriter, r *http.Request, status int, e envelope) error {
	if h.Beside != nil && isShared(r.Method+" "+r.URL.Path) {
		return httpapi.WriteJSON(w, status, sharedEnvelope{e.Code == 0, e})
	}
	return httpapi.WriteJSON(w, status, e)
}
