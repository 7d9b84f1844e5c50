package httpapi

import (
	"encoding/hex"
	"log/slog"
	"net/http"
	"net/netip"
	"strconv"
	"sync/atomic"

	"latchkey/backend/internal/env"
	"latchkey/backend/internal/reqctx"
)

// GuardConfig says whom a guard lets in.
type GuardConfig struct {
	// Hosts are the names, besides those of the loopback and the address that
	// a connection came in on, by which clients may call the server: in lower
	// case, as "nas.example" for any port (the form for a name that a reverse
	// proxy serves) or "nas.example:8443" for that one.
	Hosts []string

	// Origins are those whose pages may call the API besides the server's
	// own, in the form of the Origin header: "https://app.example".
	Origins []string

	// Proxies are the addresses of reverse proxies whose X-Forwarded-For and
	// X-Forwarded-Proto are believed.
	Proxies []netip.Prefix

	Env env.Env
	Log *slog.Logger
}

// A Guarded handler serves requests and can tell a refusal that was made
// before it was asked. A Router is one.
type Guarded interface {
	http.Handler
	Refuse(w http.ResponseWriter, r *http.Request, err error)
}

// NewGuard returns a handler that stands before next on every listener. It
// refuses what a web page could make a browser send (a foreign Host, which is
// how DNS rebinding looks, or a foreign Origin) before anything else sees the
// request, sets the security headers and writes the access log.
func NewGuard(c GuardConfig, next Guarded) http.Handler {
	return &guard{
		next:    next,
		hosts:   setOf(c.Hosts),
		origins: setOf(c.Origins),
		proxies: c.Proxies,
		env:     c.Env,
		log:     c.Log,
		headers: securityHeaders(),
		boot:    hex.EncodeToString(c.Env.Bytes(4)) + "-",
	}
}

type guard struct {
	next    Guarded
	hosts   map[string]bool
	origins map[string]bool
	proxies proxies
	env     env.Env
	log     *slog.Logger
	headers http.Header
	boot    string // begins each request id, so that two runs share none
	count   atomic.Uint64
}

func (g *guard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := g.env.Now()
	id := g.nextID()
	rec := &response{ResponseWriter: w, id: [1]string{id}}
	r = r.WithContext(reqctx.WithID(r.Context(), id))
	c := g.proxies.resolve(r)
	r.URL.Scheme = c.scheme()
	g.setHeaders(rec, r)
	defer g.logAccess(rec, r, start)
	if err := g.check(rec, r, c); err != nil {
		g.next.Refuse(rec, r, err)
		return
	}
	if isPreflight(r) {
		answerPreflight(rec, r)
		return
	}
	g.next.ServeHTTP(rec, r)
}

func (g *guard) nextID() string {
	var room [32]byte
	return string(strconv.AppendUint(append(room[:0], g.boot...), g.count.Add(1), 10))
}

func (g *guard) check(w http.ResponseWriter, r *http.Request, c caller) error {
	if !g.hostAllowed(r, c) {
		return errHost
	}
	return g.checkOrigin(w.Header(), r, c)
}

// setHeaders sets what every answer has. The values are shared between
// answers; Set and Del replace them, and Add copies as they have no room left.
func (g *guard) setHeaders(rec *response, r *http.Request) {
	h := rec.Header()
	for k, v := range g.headers {
		h[k] = v
	}
	h["X-Request-Id"] = rec.id[:]
	if len(r.TransferEncoding) > 0 {
		// A proxy may have gone by a Content-Length that net/http no longer shows,
		// so what follows is never taken for a request (RFC 9112, section 6.1).
		h.Set("Connection", "close")
	}
}

func securityHeaders() http.Header {
	return http.Header{
		"Cache-Control":           {"no-store"},
		"Content-Security-Policy": {"default-src 'none'; frame-ancestors 'none'"},
		"Referrer-Policy":         {"no-referrer"},
		"X-Content-Type-Options":  {"nosniff"},
	}
}

func setOf(list []string) map[string]bool {
	set := make(map[string]bool, len(list))
	for _, s := range list {
		set[s] = true
	}
	return set
}
