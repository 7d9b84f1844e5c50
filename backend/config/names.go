package config

import (
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// isAddr reports whether a listener can be given this address: an IP address,
// localhost or nothing, and a port. Other names could mean any machine.
func isAddr(addr string) bool {
	host, port, err := net.SplitHostPort(addr)
	return err == nil && isPort(port) && (host == "" || host == "localhost" || isIP(host))
}

// BeyondLoopback reports whether a listener at this address can be reached
// from other machines.
func BeyondLoopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil || host == "localhost" {
		return false
	}
	ip, err := netip.ParseAddr(host)
	return host == "" || err == nil && !ip.Unmap().IsLoopback()
}

// fixedPort reports whether an address has a port other than 0.
func fixedPort(addr string) bool {
	_, port, err := net.SplitHostPort(addr)
	return err == nil && port != "0"
}

// isPort accepts 0 to 65535 without sign or leading zeros.
func isPort(port string) bool {
	n, err := strconv.ParseUint(port, 10, 16)
	return err == nil && strconv.FormatUint(n, 10) == port
}

// isHost accepts what a Host header may hold: a name or a canonical IP
// address, with a port or without. The unspecified address is none: browsers
// let foreign pages connect to it.
func isHost(text string) bool {
	if isName(text) || isCanonicalIP(text) {
		return true
	}
	host, port, err := net.SplitHostPort(text)
	return err == nil && port != "0" && isPort(port) && net.JoinHostPort(host, port) == text &&
		(isName(host) || isCanonicalIP(host))
}

func isIP(text string) bool {
	_, err := netip.ParseAddr(text)
	return err == nil
}

func isCanonicalIP(text string) bool {
	ip, err := netip.ParseAddr(text)
	return err == nil && ip.String() == text && !ip.Is4In6() && !ip.IsUnspecified()
}

// isName accepts a DNS name (RFC 1123) in lower case that browsers do not
// take for a number: 127.1 and 0x7f000001 are addresses to them.
func isName(text string) bool {
	labels := strings.Split(text, ".")
	for _, l := range labels {
		if l == "" || len(l) > 63 || strings.Trim(l, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return false
		}
	}
	last := labels[len(labels)-1]
	return len(text) <= 253 && strings.Trim(last, "0123456789") != "" && !strings.HasPrefix(last, "0x")
}

// isOrigin accepts an origin as browsers write it (RFC 6454, section 6.2).
func isOrigin(text string) bool {
	u, err := url.Parse(text)
	if err != nil || !isHost(u.Host) || u.Scheme+"://"+u.Host != text {
		return false
	}
	switch u.Scheme {
	case "http":
		return u.Port() != "80"
	case "https":
		return u.Port() != "443"
	}
	return false
}

func isTitle(text string) bool {
	n := utf8.RuneCountInString(text)
	return n >= 1 && n <= maxTitle && !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) })
}
