package app

import (
	"cmp"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"

	"latchkey/backend/config"
	"latchkey/backend/server"
)

// An OwnStatus is how the server on this computer stands, as the page sees it.
type OwnStatus struct {
	State       string      `json:"state"`
	Problem     *Problem    `json:"problem"`
	HTTP        string      `json:"http"` // such as "http://127.0.0.1:5244", or "off"; empty while it does not run here
	SFTP        string      `json:"sftp"`
	Certificate string      `json:"certificate"` // fingerprint; empty without TLS
	HostKeys    []string    `json:"hostKeys"`    // fingerprints
	Addresses   []string    `json:"addresses"`   // how other machines reach HTTP
	Settings    OwnSettings `json:"settings"`
	Pinned      Pinned      `json:"pinned"`
	Folder      string      `json:"folder"` // people's files
	Data        string      `json:"data"`
}

// ownStatus tells how the own server stands, with the settings as they are now.
func (d *desk) ownStatus() OwnStatus {
	state, at, problem := d.own.status()
	st := OwnStatus{
		State: string(state), Problem: asProblem(problem), HTTP: at.HTTP, SFTP: at.SFTP,
		Certificate: at.Certificate, HostKeys: append([]string{}, at.HostKeys...), Addresses: []string{}, Pinned: d.pinned(), Data: d.data,
	}
	cfg, err := d.settings(nil)
	st.Folder = cfg.FilesFolder()
	st.Settings = ownSettings(cfg, at)
	if err == nil && state == ownRunning {
		st.Addresses = reachable(at.HTTP, cfg.HTTP)
	}
	return st
}

func (o *own) status() (s ownState, at server.Addresses, problem error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.in == nil {
		return o.state, server.Addresses{}, o.problem
	}
	return o.state, o.in.at(), o.problem
}

// ownSettings tells the settings. Where any free port is asked for, it is the
// one that was found.
func ownSettings(cfg config.Config, at server.Addresses) OwnSettings {
	http := ""
	if u, err := url.Parse(at.HTTP); err == nil {
		http = u.Host
	}
	return OwnSettings{
		LAN: cfg.LAN, HTTPPort: cmp.Or(portOf(cfg.HTTP), portOf(http)), SFTPPort: cmp.Or(portOf(cfg.SFTP), portOf(at.SFTP)),
	}
}

// portOf returns the port of an address to listen on, and 0 where it is off.
func portOf(addr string) int {
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		return 0
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		return 0
	}
	return n
}

// reachable lists the addresses under which other machines may reach what is
// served at an address: the one that it listens on, or all of this machine's
// if it listens on every interface; IPv4 first, as that is what people type.
func reachable(served, listening string) []string {
	u, err := url.Parse(served)
	if err != nil || u.Host == "" || !config.BeyondLoopback(listening) {
		return []string{}
	}
	var all []netip.Addr
	if at, err := netip.ParseAddrPort(listening); err == nil && !at.Addr().IsUnspecified() {
		all = append(all, at.Addr())
	} else {
		all = machineAddrs()
	}
	out := []string{}
	for _, a := range all {
		out = append(out, u.Scheme+"://"+net.JoinHostPort(a.String(), u.Port()))
	}
	return out
}

func machineAddrs() []netip.Addr {
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return nil
	}
	var out []netip.Addr
	for _, a := range addrs {
		p, err := netip.ParsePrefix(a.String())
		if err == nil && !p.Addr().IsLoopback() && !p.Addr().IsLinkLocalUnicast() {
			out = append(out, p.Addr())
		}
	}
	slices.SortStableFunc(out, func(a, b netip.Addr) int { return cmp.Compare(a.BitLen(), b.BitLen()) })
	return out
}
