package httpapi

import (
	"net"
	"net/netip"
)

// shares says how many connections may be open at once.
type shares struct {
	all     int // in all, and from a trusted proxy, behind which are many clients
	client  int // from one address, or one /64 of IPv6
	local   int // from one address of the loopback, where a proxy may be that nobody named
	proxies proxies
}

// of returns what the connections from an address are counted under, and how
// many of those there may be.
func (s *shares) of(a netip.Addr) (source netip.Prefix, most int) {
	source = netip.PrefixFrom(a, a.BitLen()) // the zero Prefix for what is no IP address
	switch {
	case s.proxies.trust(a):
		return source, s.all
	case a.IsLoopback():
		return source, s.local
	case a.Is6():
		source, _ = a.Prefix(64) // what one client has all addresses of
	}
	return source, s.client
}

func peerAddr(c net.Conn) netip.Addr {
	if tcp, ok := c.RemoteAddr().(*net.TCPAddr); ok {
		return plain(tcp.AddrPort().Addr())
	}
	return netip.Addr{}
}
