package identity

import "net/netip"

var errNetwork = InvalidField("network", "network_invalid",
	"That is neither an address nor a network. It looks like 192.0.2.7, 10.0.0.0/24 or 2001:db8::/32.")

// ParseNetwork accepts an address, which is a network of one, or a network
// whose bits beyond the prefix do not matter. Neither may have a zone, and an
// IPv4 network is not written as one of IPv6.
func ParseNetwork(s string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(s); err == nil && a.Zone() == "" {
		a = a.Unmap()
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	p, err := netip.ParsePrefix(s)
	if err != nil || p.Addr().Is4In6() {
		return netip.Prefix{}, errNetwork
	}
	return p.Masked(), nil
}
