package httpapi

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// ClientAddr returns the address of the client behind a request, as the guard
// established it. It is the zero Addr for a request that came over no network.
func ClientAddr(r *http.Request) netip.Addr {
	ap, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return plain(ap.Addr())
}

// IsSecure reports whether a request came by HTTPS, to us or to a proxy that we
// trust, as the guard established it.
func IsSecure(r *http.Request) bool { return r.URL.Scheme == "https" }

// A caller is what is known of who sent a request before it is read.
type caller struct {
	secure bool // by HTTPS, to us or to a proxy that we trust
}

// proxies are the addresses whose word on forwarded requests is taken.
type proxies []netip.Prefix

// scheme is what the guard puts into the URL of a request, where net/http leaves
// what the client wrote, mostly nothing.
func (c caller) scheme() string {
	if c.secure {
		return "https"
	}
	return "http"
}

// resolve sets r.RemoteAddr to the client's address where a trusted proxy
// passed the request on. Only X-Forwarded-For and X-Forwarded-Proto are read;
// from anybody else they mean nothing.
func (p proxies) resolve(r *http.Request) caller {
	peer := ClientAddr(r)
	if !p.trust(peer) {
		return caller{secure: r.TLS != nil}
	}
	if client := p.client(peer, r.Header["X-Forwarded-For"]); client != peer {
		r.RemoteAddr = netip.AddrPortFrom(client, 0).String()
	}
	return caller{secure: r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https"}
}

// client returns the right-most address that is not a trusted proxy's: each
// proxy appends the address that it was called from, so what stands left of
// the first stranger is only what that stranger claims.
func (p proxies) client(peer netip.Addr, forwarded []string) netip.Addr {
	hops := strings.Split(strings.Join(forwarded, ","), ",")
	for _, hop := range slices.Backward(hops) {
		a, ok := parseHop(strings.TrimSpace(hop))
		if !ok {
			break
		}
		if peer = a; !p.trust(a) {
			break
		}
	}
	return peer
}

// parseHop accepts an address, as some proxies write it also with a port.
func parseHop(s string) (netip.Addr, bool) {
	if a, err := netip.ParseAddr(s); err == nil {
		return plain(a), true
	}
	ap, err := netip.ParseAddrPort(s)
	return plain(ap.Addr()), err == nil
}

func (p proxies) trust(a netip.Addr) bool {
	return slices.ContainsFunc(p, func(prefix netip.Prefix) bool { return prefix.Contains(a) })
}
