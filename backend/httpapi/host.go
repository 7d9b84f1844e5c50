package httpapi

import (
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
)

// hostAllowed reports whether a request calls the server by a name that is
// its own: a configured one, a name of the loopback with the port that the
// connection came in on, or the very address that it came in on. The last
// needs no list, as no name that an attacker could point here looks like it.
//
// Only the canonical spelling counts: not 127.1, 0x7f.1 or ::ffff:127.0.0.1,
// and never 0.0.0.0, which browsers let a foreign page connect to.
func (g *guard) hostAllowed(r *http.Request, c caller) bool {
	name, port, ok := splitHost(r.Host, c.secure)
	if !ok {
		return false
	}
	local := localAddr(r)
	if port == local.Port() {
		switch name {
		case "localhost", "127.0.0.1", "::1", local.Addr().String():
			return true
		}
	}
	return g.hosts[name] || g.hosts[net.JoinHostPort(name, strconv.Itoa(int(port)))]
}

// splitHost splits the value of a Host header into a lower-case name, without
// the brackets of an IPv6 address, and a port, by default that of the scheme.
func splitHost(host string, secure bool) (name string, port uint16, ok bool) {
	name, digits := host, ""
	if i := strings.LastIndexByte(host, ':'); i > strings.LastIndexByte(host, ']') {
		name, digits = host[:i], host[i+1:]
		if port, ok = parsePort(digits); !ok {
			return "", 0, false
		}
	} else if port = 80; secure {
		port = 443
	}
	inner, v6 := strings.CutPrefix(strings.ToLower(name), "[")
	if v6 {
		inner, v6 = strings.CutSuffix(inner, "]")
	}
	return inner, port, inner != "" && strings.Contains(inner, ":") == v6 && !strings.ContainsAny(inner, "[]")
}

// parsePort accepts 1 to 65535 without sign or leading zeros.
func parsePort(s string) (uint16, bool) {
	n, err := strconv.ParseUint(s, 10, 16)
	return uint16(n), err == nil && s[0] != '0'
}

// localAddr returns the address that the connection of a request came in on,
// or the zero value if it came over none.
func localAddr(r *http.Request) netip.AddrPort {
	tcp, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	if !ok {
		return netip.AddrPort{}
	}
	ap := tcp.AddrPort()
	return netip.AddrPortFrom(plain(ap.Addr()), ap.Port())
}

// plain returns an IPv4 address that came as IPv6 (::ffff:192.0.2.1) as IPv4,
// and any address without the zone, which names an interface of this machine.
func plain(a netip.Addr) netip.Addr { return a.Unmap().WithZone("") }
