package remote

import (
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"latchkey/backend/identity"
)

// A Base is the address of a server, in one spelling: lower case, no port that
// the scheme implies, no slash at the end. Two of them are equal by == if they
// are the same address. The zero Base is none.
type Base struct {
	secure bool
	host   string // without brackets
	port   uint16
	path   string // decoded; "" or "/prefix"
}

const (
	maxBase = 1024 // bytes
	maxHost = 253  // bytes of a name
	maxZone = 32
)

var errBase = identity.InvalidField("address", "address_invalid",
	"That is not the address of a server. It looks like https://nas.example or http://192.168.1.20:5244.")

// ParseBase accepts an absolute http or https address with an optional port
// and path, at most 1,024 bytes long. User, query and fragment are refused.
// [Base.String] writes what it accepts.
func ParseBase(s string) (Base, error) {
	if len(s) > maxBase {
		return Base{}, errBase
	}
	u, err := url.Parse(s)
	if err != nil {
		return Base{}, errBase // url's error repeats the text, which may hold a password
	}
	if u.User != nil || u.RawQuery != "" || u.ForceQuery || strings.Contains(s, "#") {
		return Base{}, errBase
	}
	b := Base{secure: u.Scheme == "https"}
	var ok [3]bool
	b.host, ok[0] = parseHost(u.Hostname())
	b.port, ok[1] = parsePort(u, b.secure)
	b.path, ok[2] = parsePath(u)
	if !b.secure && u.Scheme != "http" || ok != [3]bool{true, true, true} {
		return Base{}, errBase
	}
	return b, nil
}

// String writes the address as a URL, with a name in its own script.
func (b Base) String() string {
	u := b.url("", nil)
	return u.Scheme + "://" + strings.ReplaceAll(u.Host, "%", "%25") + u.EscapedPath()
}

// IsZero reports whether there is no address.
func (b Base) IsZero() bool { return b == Base{} }

// Secure reports whether the address is for TLS.
func (b Base) Secure() bool { return b.secure }

// Host returns the name or IP address, without brackets.
func (b Base) Host() string { return b.host }

// Port returns the port, also where the address leaves it to the scheme.
func (b Base) Port() int { return int(b.port) }

// SameOrigin reports whether two addresses are of one scheme, host and port.
func (b Base) SameOrigin(other Base) bool {
	b.path, other.path = "", ""
	return b == other
}

// url returns the address of something on the server.
func (b Base) url(path string, query url.Values) *url.URL {
	u := &url.URL{Scheme: "http", Host: b.host, Path: b.path + path, RawQuery: query.Encode()}
	if b.secure {
		u.Scheme = "https"
	}
	switch {
	case b.port != impliedPort(b.secure):
		u.Host = net.JoinHostPort(b.host, strconv.Itoa(int(b.port)))
	case strings.Contains(b.host, ":"):
		u.Host = "[" + b.host + "]"
	}
	return u
}

func impliedPort(secure bool) uint16 {
	if secure {
		return 443
	}
	return 80
}

// parseHost accepts an IP address or a name, and returns it in lower case.
func parseHost(s string) (string, bool) {
	if strings.ContainsRune(s, ':') {
		a, err := netip.ParseAddr(s)
		return a.String(), err == nil && strings.Trim(a.Zone(), zoneCharacters) == "" && len(a.Zone()) <= maxZone
	}
	s = strings.TrimSuffix(strings.ToLower(s), ".")
	if strings.Trim(s, "0123456789.") == "" {
		a, err := netip.ParseAddr(s)
		return a.String(), err == nil
	}
	if len(s) > maxHost || !utf8.ValidString(s) {
		return "", false
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || strings.Trim(label, "-") != label || strings.ContainsFunc(label, notInName) {
			return "", false
		}
	}
	return s, true
}

const zoneCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"

// notInName reports whether no name of a host has the character. The letters
// of every script may occur; net/http writes them in ASCII.
func notInName(r rune) bool {
	return !unicode.In(r, unicode.L, unicode.Mn, unicode.Mc, unicode.Nd) && r != '-' && r != '_'
}

func parsePort(u *url.URL, secure bool) (uint16, bool) {
	digits := u.Port()
	if digits == "" {
		return impliedPort(secure), !strings.HasSuffix(u.Host, ":")
	}
	n, err := strconv.ParseUint(digits, 10, 16)
	return uint16(n), err == nil && n > 0
}

// parsePath accepts a path of plain segments, without the slashes at its end.
func parsePath(u *url.URL) (string, bool) {
	path := strings.TrimRight(u.Path, "/")
	if path == "" {
		return "", u.Opaque == ""
	}
	if path[0] != '/' || !utf8.ValidString(path) || strings.Contains(strings.ToLower(u.RawPath), "%2f") ||
		strings.ContainsFunc(path, func(r rune) bool { return hidden(r) || unicode.IsSpace(r) || r == '\\' }) {
		return "", false
	}
	for segment := range strings.SplitSeq(path[1:], "/") {
		if segment == "" || segment == "." || segment == ".." {
			return "", false
		}
	}
	return path, true
}

// private reports whether an address is of this machine or of a network that
// strangers are not on: the loopback, the private and link-local ranges, and
// 100.64.0.0/10, which private overlay networks such as Tailscale use.
func private(a netip.Addr) bool {
	a = a.Unmap()
	return a.IsLoopback() || a.IsPrivate() || a.IsLinkLocalUnicast() || overlay(a)
}

func overlay(a netip.Addr) bool {
	return a.Is4() && a.As4()[0] == 100 && a.As4()[1]&0xc0 == 64
}
