package remote

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"latchkey/backend/identity"
)

// What an answer can be besides one of this API.
var (
	// errUnsupported is also what AList's web page means, which it shows with
	// HTTP 200 at every address that it does not know.
	errUnsupported = identity.NewError(identity.Unavailable, "server_lacks_this",
		"This server cannot do that. A newer version of it may.")
	errWantsTLS = identity.NewError(identity.Unavailable, "server_wants_https",
		"The server speaks only TLS at that address. Use https:// instead of http://.")
	errGuarded = identity.NewError(identity.Unavailable, "server_guarded",
		"Something in front of the server asks for a sign-in of its own, which Latchkey cannot give. Use an address that leads to the server directly.")
	errBehindGone = identity.NewError(identity.Unavailable, "server_behind_gone",
		"A proxy answers, but the server behind it does not. Check that the server is running.")
	errMoved = identity.NewError(identity.Unavailable, "server_moved",
		"The server sends callers on to another address, which is not followed. Change its address here if the new one is right.")
)

// A RedirectError is the private cause of the error server_moved.
type RedirectError struct {
	To     Base // the address to use instead; zero if it cannot be told
	Secure bool // it is the same server by https
}

func (e *RedirectError) Error() string { return "redirect to " + e.To.String() }

// envelope is every answer of the API. HTTP may say 200 whatever code says.
type envelope struct {
	Code    *int            `json:"code"`
	Message string          `json:"message"`
	Data    json.RawMessage `json:"data"`
}

// decode takes an answer apart and returns its data, which is null where there
// is none. Any refusal is an error with a [RefusalError] as its cause.
func decode(got reply, asked *url.URL, now time.Time) (json.RawMessage, error) {
	var e envelope
	if err := json.Unmarshal(got.body, &e); err != nil || e.Code == nil || moved(got.status) {
		return nil, notOurs(got, asked, now, err)
	}
	r := &RefusalError{Status: got.status, Code: *e.Code, Said: clean(e.Message, maxMessage)}
	switch {
	case got.status == http.StatusNotFound, got.status == http.StatusMethodNotAllowed:
		return nil, errUnsupported.Because(r)
	case success(r.Code) && success(got.status):
		if len(e.Data) == 0 {
			e.Data = json.RawMessage("null")
		}
		return e.Data, nil
	case success(r.Code):
		r.Code = got.status
	}
	r.Name, r.RetryAfter = errorName(got.header), retryAfter(got.header, now)
	return nil, r.explain()
}

// errorName reads the name that Latchkey gives to a refusal; empty if there is
// none, or none of its form.
func errorName(h http.Header) string {
	name := h.Get("Latchkey-Error")
	if len(name) > 64 || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" {
		return ""
	}
	return name
}

func success(code int) bool { return code >= 200 && code < 300 }

func moved(status int) bool { return status >= 300 && status < 400 }

// notOurs says what an answer is that is not of this API.
func notOurs(got reply, asked *url.URL, now time.Time, cause error) *identity.Error {
	cause = fmt.Errorf("HTTP %d, %s, %d bytes: %w", got.status, clean(got.header.Get("Content-Type"), maxName), len(got.body), orNoCode(cause))
	switch {
	case moved(got.status):
		return errMoved.Because(redirect(got.header, asked))
	case wantsTLS(got):
		return errWantsTLS.Because(cause)
	case got.status == http.StatusUnauthorized, got.status == http.StatusForbidden, got.status == http.StatusProxyAuthRequired:
		return errGuarded.Because(cause)
	case got.status == http.StatusNotFound, got.status == http.StatusMethodNotAllowed, success(got.status) && isPage(got):
		return errUnsupported.Because(cause)
	case got.status == http.StatusBadGateway, got.status == http.StatusGatewayTimeout:
		return errBehindGone.Because(cause)
	case got.status == http.StatusTooManyRequests, got.status >= 500:
		return (&RefusalError{Status: got.status, Code: got.status, RetryAfter: retryAfter(got.header, now)}).explain()
	}
	return errGarbled.Because(cause)
}

func orNoCode(err error) error {
	if err == nil {
		return errNoCode
	}
	return err
}

var errNoCode = errors.New("no code in the answer")

// wantsTLS recognises how Go, nginx and Apache answer plain HTTP at a port
// that is for TLS.
func wantsTLS(got reply) bool {
	return got.status == http.StatusBadRequest && len(got.body) < 4096 &&
		bytes.Contains(bytes.ToUpper(got.body), []byte("HTTPS"))
}

func isPage(got reply) bool {
	return strings.HasPrefix(got.header.Get("Content-Type"), "text/html") || bytes.HasPrefix(bytes.TrimSpace(got.body), []byte("<"))
}

// redirect reads where an answer sends the caller.
func redirect(h http.Header, asked *url.URL) *RedirectError {
	to, err := asked.Parse(h.Get("Location"))
	if err != nil || len(h.Get("Location")) > maxBase {
		return &RedirectError{}
	}
	route := strings.TrimPrefix(asked.Path, "/")
	to.Path, to.RawPath = strings.TrimSuffix(to.Path, "/"+route), ""
	to.User, to.RawQuery, to.Fragment = nil, "", ""
	b, err := ParseBase(to.String())
	if err != nil {
		return &RedirectError{}
	}
	return &RedirectError{To: b, Secure: b.Secure() && asked.Scheme == "http" && b.Host() == asked.Hostname()}
}

// maxRetryAfter is the longest wait that is believed.
const maxRetryAfter = 24 * time.Hour

// retryAfter reads the header of that name (RFC 9110, section 10.2.3); 0 if it
// is missing or makes no sense.
func retryAfter(h http.Header, now time.Time) time.Duration {
	text := h.Get("Retry-After")
	if n, err := strconv.ParseInt(text, 10, 32); err == nil {
		return min(max(time.Duration(n)*time.Second, 0), maxRetryAfter)
	}
	if at, err := http.ParseTime(text); err == nil {
		return min(max(at.Sub(now), 0), maxRetryAfter)
	}
	return 0
}
