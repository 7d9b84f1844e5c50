package alist

import (
	"cmp"
	"fmt"
	"math"
	"net/http"
	"time"

	"latchkey/backend/httpapi"
	"latchkey/backend/identity"
)

// envelope is every answer. HTTP says 200 and code says how it went.
type envelope struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
	Data    any    `json:"data"`
}

// codes maps each kind of error to the code in the envelope.
var codes = map[identity.Kind]int{
	identity.Internal:               http.StatusInternalServerError,
	identity.Invalid:                http.StatusBadRequest,
	identity.Unauthenticated:        http.StatusUnauthorized,
	identity.PermissionDenied:       http.StatusForbidden,
	identity.NotFound:               http.StatusNotFound,
	identity.Conflict:               http.StatusConflict,
	identity.Throttled:              http.StatusTooManyRequests,
	identity.FactorRequired:         http.StatusPaymentRequired,
	identity.CaptchaRequired:        http.StatusForbidden,
	identity.PasswordChangeRequired: http.StatusForbidden,
	identity.Unavailable:            http.StatusServiceUnavailable,
}

// A saying is AList's own code and words for an error of ours, where clients
// may know them.
type saying struct {
	code    int // 0: that of the kind
	message string
}

// sayings is keyed by identity.Error.Code.
var sayings = map[string]saying{
	"credentials_wrong":      {http.StatusBadRequest, "username or password is incorrect"},
	"code_needed":            {0, "Invalid 2FA code"},
	"code_wrong":             {0, "Invalid 2FA code"},
	"too_many_attempts":      {0, "Too many unsuccessful sign-in attempts have been made using an incorrect username or password, Try again later."},
	"token_invalid":          {0, "token is invalidated"},
	"token_expired":          {0, "token is expired"},
	"session_ended":          {0, "session inactive"},
	"password_changed":       {0, "Password has been changed, login please"},
	"user_disabled":          {0, "Current user is disabled, replace please"},
	"user_gone":              {0, "failed find user: record not found"},
	"guest_disabled":         {0, "Guest user is disabled, login please"},
	"permission_denied":      {0, "You are not an admin"},
	"sign_in_required":       {0, "user invalid"},
	"session_not_found":      {http.StatusBadRequest, "failed find session: record not found"},
	"session_id_invalid":     {http.StatusBadRequest, "failed find session: record not found"},
	"ssh_key_title_taken":    {0, "key with the same title already exists"},
	"ssh_key_not_found":      {0, "failed to get public key"},
	"guest_has_no_totp":      {0, "Guest user can not generate 2FA code"},
	"guest_has_no_profile":   {0, "Guest user can not update profile"},
	"user_built_in":          {0, "cannot delete admin or guest"},
	"role_admin":             {0, "cannot modify admin role"},
	"file_not_found":         {0, "object not found"},
	"file_exists":            {http.StatusForbidden, "file exists"},
	"not_allowed":            {0, "permission denied"},
	"folder_password_needed": {0, "password is incorrect or you have no permission"},
	"folder_password_wrong":  {0, "password is incorrect or you have no permission"},
	"link_missing":           {0, "expire missing"},
	"link_malformed":         {0, "expire invalid"},
	"link_invalid":           {0, "sign invalid"},
	"link_expired":           {0, "sign expired"},
}

// translate finds the code and words for an error. AList's words never tell
// how long to wait, so that is put after them.
func translate(e *identity.Error) (int, string) {
	s, ok := sayings[e.Code]
	if !ok {
		return codes[e.Kind], e.Message
	}
	if e.RetryAfter > 0 {
		s.message += fmt.Sprintf(" Wait %.0f seconds.", math.Ceil(e.RetryAfter.Seconds()))
	}
	return cmp.Or(s.code, codes[e.Kind]), s.message
}

// nameHeader carries the stable code of an error: AList's numbers and words
// have several meanings each, and other words may come with a new version.
const nameHeader = "Latchkey-Error"

// writeError answers with an error. A status of 0 is ours to choose: HTTP says
// 200 and the envelope tells. Any other was decided below the dialect, and the
// envelope repeats it.
func writeError(w http.ResponseWriter, _ *http.Request, e *identity.Error, status int) {
	w.Header().Set(nameHeader, e.Code)
	code, message := translate(e)
	if status == 0 {
		status = http.StatusOK
	} else {
		code = status
	}
	_ = httpapi.WriteJSON(w, status, envelope{Code: code, Message: message}) // it can be encoded
}

// succeed answers with data, which may be nil.
func succeed(w http.ResponseWriter, data any) error {
	return httpapi.WriteJSON(w, http.StatusOK, envelope{Code: http.StatusOK, Message: "success", Data: data})
}

// rfc3339 writes a time as AList does, in UTC.
func rfc3339(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
