package httpapi

import (
	"net/http"
	"strings"
)

// checkOrigin refuses what a page of another site makes a browser send, and
// lets the pages of listed origins read the answer. A request without an
// Origin is a program's, or a page's own simple GET, unless the browser says
// that it comes from elsewhere and it could change something.
//
// It is stricter than http.CrossOriginProtection, which compares the host
// only and lets every GET pass.
func (g *guard) checkOrigin(h http.Header, r *http.Request, c caller) error {
	origins := r.Header["Origin"]
	switch {
	case len(origins) == 0:
		if sameSite(r) || isSafe(r.Method) {
			return nil
		}
	case len(origins) > 1:
	case g.origins[origins[0]]:
		h["Access-Control-Allow-Origin"] = origins
		h["Access-Control-Expose-Headers"] = []string{"Retry-After, X-Request-Id"}
		h["Vary"] = []string{"Origin"}
		return nil
	case sameSite(r) && isOwn(origins[0], r.Host, c.secure) && !isPreflight(r):
		return nil
	}
	return errOrigin
}

// sameSite reports whether the browser says that a page of the server itself
// or the person sent the request. Programs and old browsers say nothing.
func sameSite(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
		return true
	}
	return false
}

// isOwn reports whether an origin is the one that the request itself was sent to.
func isOwn(origin, host string, secure bool) bool {
	scheme := "http://"
	if secure {
		scheme = "https://"
	}
	own, ok := strings.CutPrefix(origin, scheme)
	return ok && own == strings.ToLower(host)
}

func isSafe(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
}

// isPreflight reports whether a browser asks beforehand (Fetch standard, CORS protocol).
func isPreflight(r *http.Request) bool {
	return r.Method == http.MethodOptions && r.Header.Get("Origin") != "" &&
		r.Header.Get("Access-Control-Request-Method") != ""
}

// answerPreflight lets a listed origin send any method and header. It allows
// no credentials: tokens travel in headers that the page sets itself.
func answerPreflight(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE")
	if asked := r.Header.Get("Access-Control-Request-Headers"); asked != "" {
		h.Set("Access-Control-Allow-Headers", asked)
	}
	h.Set("Access-Control-Max-Age", "600")
	w.WriteHeader(http.StatusNoContent)
}
