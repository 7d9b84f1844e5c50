package remote

import (
	"cmp"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"syscall"
	"time"

	"latchkey/backend/identity"
)

// Bounds on a connection.
const (
	maxHeaders = 64 << 10 // bytes
	maxConns   = 8
	// keepIdle is shorter than servers wait, so that no request is sent on a
	// connection that the server is just closing.
	keepIdle = 4 * time.Second
)

var errPlainPublic = identity.NewError(identity.Invalid, "plain_http_public",
	"That server is not on a private network, and http:// would let everybody on the way read what you send. Use https://.")

// tcp is the transport to a server over the network.
func (o Options) tcp() http.RoundTripper {
	conf := o.tlsConfig()
	if o.Pin != "" {
		// Instead of names and issuers the one accepted certificate counts.
		conf.InsecureSkipVerify = true
		conf.VerifyConnection = func(cs tls.ConnectionState) error {
			shown := describe(cs.PeerCertificates[0], OtherwiseBad)
			if shown.Fingerprint != o.Pin {
				return &CertificateError{Accepted: o.Pin, Shown: shown}
			}
			return nil
		}
	}
	return o.dial(conf)
}

func (o Options) tlsConfig() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: o.Roots, Time: o.Env.Now, NextProtos: []string{"http/1.1"}}
}

// dial makes a transport that uses no proxy and unpacks nothing: what is packed
// is no JSON and is refused as that.
func (o Options) dial(conf *tls.Config) *http.Transport {
	dialer := &net.Dialer{Timeout: o.timeout() / 2}
	if !o.Base.Secure() {
		dialer.Control = privateOnly
	}
	var http1 http.Protocols
	http1.SetHTTP1(true)
	return &http.Transport{
		DialContext:            dialer.DialContext,
		TLSClientConfig:        conf,
		TLSHandshakeTimeout:    o.timeout(),
		Protocols:              &http1,
		DisableCompression:     true,
		MaxResponseHeaderBytes: maxHeaders,
		MaxConnsPerHost:        maxConns,
		MaxIdleConnsPerHost:    2,
		IdleConnTimeout:        keepIdle,
	}
}

func (o Options) timeout() time.Duration { return cmp.Or(o.Timeout, DefaultTimeout) }

// privateOnly refuses a connection to a public address. It is asked after the
// name has been looked up, so a name cannot lead elsewhere.
func privateOnly(_, address string, _ syscall.RawConn) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil || !private(ap.Addr()) {
		return errPlainPublic
	}
	return nil
}

// The ways of not getting an answer.
var (
	errCancelled = identity.NewError(identity.Unavailable, "call_cancelled",
		"That was cancelled before the server had answered.")
	errSlow = identity.NewError(identity.Unavailable, "server_slow",
		"The server did not answer in time. Try again; if it happens again, look whether it is busy or the network is slow.")
	errUnreachable = identity.NewError(identity.Unavailable, "server_unreachable",
		"The server cannot be reached. Check that it is running, that the address is right, and that this computer is on its network.")
	errUnknownName = identity.NewError(identity.Unavailable, "server_name_unknown",
		"No computer of that name was found. Check the address, or use the number of the server such as 192.168.1.20.")
	errLost = identity.NewError(identity.Unavailable, "server_connection_lost",
		"The connection broke off before the server had answered. Look whether it took effect before you try again.")
	errSpeaksHTTP = identity.NewError(identity.Unavailable, "server_speaks_http",
		"The server does not speak TLS at that address. Try it with http:// if the server is on your own network, or another port.")
	errTLS = identity.NewError(identity.Unavailable, "server_tls_failed",
		"No secure connection to the server could be agreed on. Update the server, or look at its certificate.")
	errGarbled = identity.NewError(identity.Unavailable, "server_garbled",
		"The server answered with something that cannot be read. Check the address; if it is right, look at the server's log.")
	errTooMuch = identity.NewError(identity.Unavailable, "server_too_much",
		"The server answered with more than it should, so the answer was thrown away. Check the address; if it is right, look at the server's log.")
)

// unanswered says why a request got no answer.
func unanswered(err error) *identity.Error {
	if e, ok := errors.AsType[*identity.Error](err); ok {
		return e // of privateOnly
	}
	if e, ok := errors.AsType[*CertificateError](err); ok {
		return errChanged.Because(e)
	}
	if e, ok := errors.AsType[*tls.CertificateVerificationError](err); ok && len(e.UnverifiedCertificates) > 0 {
		return errUntrusted.Because(&CertificateError{Shown: describe(e.UnverifiedCertificates[0], doubtOf(e.Err))})
	}
	return notReached(err).Because(err)
}

func notReached(err error) *identity.Error {
	if e, ok := errors.AsType[*net.DNSError](err); ok && e.IsNotFound {
		return errUnknownName
	}
	if e, ok := errors.AsType[*net.OpError](err); ok && e.Op == "dial" {
		return errUnreachable
	}
	if e, ok := errors.AsType[net.Error](err); ok && e.Timeout() {
		return errSlow
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return errSpeaksHTTP
	}
	return brokenOff(err)
}

// brokenOff says what went wrong on a connection that was made. For some of it
// net/http and crypto/tls have no type of error but their words.
func brokenOff(err error) *identity.Error {
	text := err.Error()
	if e, ok := errors.AsType[*net.OpError](err); ok && e.Op != "remote error" {
		return errLost
	}
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), strings.Contains(text, "server closed idle connection"):
		return errLost
	case strings.Contains(text, "tls: "):
		return errTLS
	case strings.Contains(text, "headers exceeded"):
		return errTooMuch
	}
	return errGarbled
}
