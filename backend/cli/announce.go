package cli

import (
	"fmt"
	"net"
	"net/netip"
	"strings"

	"latchkey/backend/config"
	"latchkey/backend/httpapi/tlscert"
	"latchkey/backend/server"
)

// announce says what clients should see, and then that the server is ready.
// Its listeners are open by now, so that who reads the line can connect.
func (a *app) announce(at server.Addresses, cfg config.Config) error {
	if at.Certificate != "" {
		a.say("TLS certificate  %s", at.Certificate)
	}
	for i, key := range at.HostKeys {
		a.say("SSH host key     %s (%s)", key, hostKeyType(i))
	}
	a.announceNetwork(at, cfg)
	_, err := fmt.Fprintf(a.out, "ready http=%s sftp=%s\n", at.HTTP, at.SFTP)
	return err
}

// hostKeyType is the type of a host key by its place: the Ed25519 key, which
// there always is, comes first.
func hostKeyType(i int) string {
	if i == 0 {
		return "ED25519"
	}
	return "RSA"
}

// announceNetwork says what other machines reach, and what they do not although
// somebody said that they may.
func (a *app) announceNetwork(at server.Addresses, cfg config.Config) {
	machine := tlscert.Machine()
	if !cfg.LAN {
		machine.Hosts = nil // HTTP answers to its names with --lan only
	}
	plain := strings.HasPrefix(at.HTTP, "http://")
	if config.BeyondLoopback(cfg.HTTP) {
		scheme, address, _ := strings.Cut(at.HTTP, "://")
		a.say("On the network   %s", strings.Join(elsewhere(scheme+"://", cfg.HTTP, address, machine), "  "))
		if plain {
			a.say("HTTP is without TLS: others on the network can read passwords and tokens on the way.")
		}
	} else if cfg.LAN && at.HTTP != config.Off {
		a.say("HTTP stays on this machine, because http is %s.", cfg.HTTP)
	}
	if config.BeyondLoopback(cfg.SFTP) {
		a.say("On the network   %s", strings.Join(elsewhere("sftp://", cfg.SFTP, at.SFTP, machine), "  "))
	} else if cfg.LAN && at.SFTP != config.Off {
		a.say("SFTP stays on this machine, because sftp is %s.", cfg.SFTP)
	}
}

// elsewhere returns the addresses at which other machines find a listener: the
// one that it was given, or every one of the machine. The port is that of the
// address that it has.
func elsewhere(scheme, given, has string, machine tlscert.Names) []string {
	_, port, err := net.SplitHostPort(has)
	host, _, givenErr := net.SplitHostPort(given)
	if err != nil || givenErr != nil {
		return nil // neither is one that a listener opens on
	}
	if ip, err := netip.ParseAddr(host); err == nil && !ip.IsUnspecified() {
		return []string{scheme + net.JoinHostPort(host, port)}
	}
	var out []string
	for _, name := range machine.Hosts {
		out = append(out, scheme+net.JoinHostPort(name, port))
	}
	for _, addr := range machine.Addrs {
		out = append(out, scheme+net.JoinHostPort(addr.String(), port))
	}
	return out
}
