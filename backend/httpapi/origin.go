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

// FromOwnPage reports whether a request can only come from a page of this very
// server, or from the person. Credentials that a browser adds by itself count
// in no other: a cookie goes to every port of its host, and to SameSite all of
// them are one site. A request that could change something must say where it
// comes from; of others a program says nothing, nor does an old browser.
func FromOwnPage(r *http.Request) bool {
	origins, sites := r.Header["Origin"], r.Header["Sec-Fetch-Site"]
	if len(origins) > 1 || len(sites) > 1 || len(origins) == 1 && !isOwn(origins[0], r.Host, IsSecure(r)) {
		return false
	}
	switch {
	case len(sites) == 0:
		return len(origins) == 1 || isSafe(r.Method)
	case isSafe(r.Method):
		return sites[0] == "same-origin" || sites[0] == "none"
	}
	return sites[0] == "same-origin"
}

// isOwn reports whether an origin is the one that the request itself was sent to.
func isOwn(origin, host string, secure bool) bool {
	own, ok := strings.CutPrefix(origin, caller{secure}.scheme()+"://")
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
