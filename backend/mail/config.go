package mail

import (
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/netip"
	"strconv"

	"latchkey/backend/identity"
	"latchkey/backend/internal/secret"
)

// A Security says how the way to the server is protected.
type Security string

// The ways to the server.
const (
	StartTLS Security = "starttls" // TLS after a greeting (RFC 3207), usually at port 587
	TLS      Security = "tls"      // TLS from the first byte (RFC 8314, section 3), usually at port 465
	Plain    Security = "none"     // no TLS: with a user name only to this machine
)

// A Config names the server that mail goes out through.
type Config struct {
	Address  string      // host:port
	User     string      // empty: the server asks for nobody
	Password secret.Text // of that user
	From     string      // a mailbox (RFC 5322, section 3.4): nas@example.com or Name <nas@example.com>
	Security Security
}

// A route is a Config that was checked.
type route struct {
	Config
	host    string
	port    int
	mailbox *mail.Address
}

func (c Config) route() (route, error) {
	host, port, err := net.SplitHostPort(c.Address)
	if err != nil || host == "" {
		return route{}, fmt.Errorf("mail server: %q is not host:port", c.Address)
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 {
		return route{}, fmt.Errorf("mail server: %q is not a port", port)
	}
	mailbox, err := mail.ParseAddress(c.From)
	if err != nil || !plainASCII(mailbox.Address) || len(mailbox.Address) > identity.MaxEmail {
		return route{}, fmt.Errorf("mail server: %q is not a mailbox", c.From)
	}
	switch c.Security {
	case StartTLS, TLS:
	case Plain:
		if c.User != "" && !onThisMachine(host) {
			return route{}, errors.New("mail server: a password would go over the network in plain text")
		}
	default:
		return route{}, fmt.Errorf("mail server: security %q is none of starttls, tls and none", c.Security)
	}
	return route{c, host, int(n), mailbox}, nil
}

func onThisMachine(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.Unmap().IsLoopback()
}

// plainASCII reports whether a text has printable ASCII only. Other addresses
// need a server that speaks RFC 6531, and people's have none.
func plainASCII(text string) bool {
	for _, r := range text {
		if r < ' ' || r > '~' {
			return false
		}
	}
	return true
}
