package remote

import (
	"crypto/x509"
	"net/http"
	"sync/atomic"
	"time"

	"latchkey/backend/internal/env"
)

// DefaultTimeout bounds a request with its whole answer.
const DefaultTimeout = 10 * time.Second

// Options say how to reach a server.
type Options struct {
	Base Base

	// ClientID names this device to the server, the same at each sign-in, so
	// that it stays one device there. Servers use it as text of a header.
	ClientID string

	UserAgent string // what the server's list of devices shows

	Pin   Fingerprint    // the only certificate that is accepted; empty: those that Roots vouch for
	Roots *x509.CertPool // nil: the system's

	// Transport replaces TCP and TLS, for a server in this process. It is not
	// closed with the client.
	Transport http.RoundTripper

	Timeout time.Duration // of one request with its answer; 0: DefaultTimeout

	Env env.Env
}

// A Client asks a server what anybody may ask, and signs people in. Its
// methods may be called from many goroutines. It never repeats a request.
type Client struct {
	opts   Options
	trip   http.RoundTripper
	idle   func() // closes idle connections
	drift  atomic.Pointer[time.Duration]
	server atomic.Pointer[Server] // as last detected
}

// New returns a client. It reaches for nothing yet.
func New(o Options) *Client {
	c := &Client{opts: o, trip: o.Transport, idle: func() {}}
	if c.trip == nil {
		c.trip = o.tcp()
	}
	if t, ok := c.trip.(*http.Transport); ok {
		c.idle = t.CloseIdleConnections
	}
	return c
}

// Close closes idle connections. Requests under way end by themselves.
func (c *Client) Close() { c.idle() }

// Base returns the server's address.
func (c *Client) Base() Base { return c.opts.Base }

// Drift returns by how much the server's clock was ahead of this machine's at
// the last answer, to about a second, and false before the first one that told
// the time. One-time codes fail where it is more than half a minute.
func (c *Client) Drift() (time.Duration, bool) {
	d := c.drift.Load()
	if d == nil {
		return 0, false
	}
	return *d, true
}

// noteDrift compares the time in an answer with the middle of the request.
func (c *Client) noteDrift(h http.Header, sent, received time.Time) {
	at, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return
	}
	middle := sent.Add(received.Sub(sent) / 2)
	d := at.Add(time.Second / 2).Sub(middle).Round(time.Second) // the header leaves out fractions
	c.drift.Store(&d)
}
