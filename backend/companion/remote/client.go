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
	drift  atomic.Pointer[Drift]
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

// A Drift is how a server's clock compares with this machine's. One-time codes
// fail where it is more than half a minute.
type Drift struct {
	Ahead time.Duration // of this machine's clock, to about a second
	At    time.Time     // when that was seen, by this machine's clock; zero: never
}

// Drift returns how the clocks compared at the last answer that told the time.
func (c *Client) Drift() Drift {
	if d := c.drift.Load(); d != nil {
		return *d
	}
	return Drift{}
}

// longestTelling is how long an answer may take to tell the time: somewhere in
// it the server looked at its clock.
const longestTelling = 4 * time.Second

// noteDrift compares the time in an answer with the middle of the request.
func (c *Client) noteDrift(h http.Header, sent, received time.Time) {
	at, err := http.ParseTime(h.Get("Date"))
	took := received.Sub(sent)
	if err != nil || took > longestTelling {
		return
	}
	ahead := at.Add(time.Second / 2).Sub(sent.Add(took / 2)).Round(time.Second) // the header leaves out fractions
	c.drift.Store(&Drift{Ahead: ahead, At: received.Round(0)})
}
