package tlscert

import (
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
)

// Names are what other machines may call this one by.
type Names struct {
	Hosts []string // in lower case
	Addrs []netip.Addr
}

// Machine returns the machine's names: the one it has been given, its first
// part if it has several, and that in the .local domain of multicast DNS
// (RFC 6762); and the addresses of its interfaces, apart from loopback and
// link-local ones. What cannot be found out is left out.
func Machine() Names {
	var n Names
	if host, err := os.Hostname(); err == nil {
		n.Hosts = hostNames(host)
	}
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return n
	}
	for _, a := range addrs {
		if p, err := netip.ParsePrefix(a.String()); err == nil && p.Addr().IsGlobalUnicast() {
			n.Addrs = append(n.Addrs, p.Addr())
		}
	}
	return n
}

func hostNames(host string) []string {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	short, _, _ := strings.Cut(host, ".")
	if short == "" || short == "localhost" || strings.Trim(host, "abcdefghijklmnopqrstuvwxyz0123456789-.") != "" {
		return nil
	}
	names := []string{short, short + ".local", host}
	slices.Sort(names)
	return slices.Compact(names)
}
