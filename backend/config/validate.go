package config

import (
	"errors"
	"fmt"
)

const (
	passwordFloor   = 6
	passwordCeiling = 64
	maxTitle        = 100
	maxLinkHours    = 365 * 24
)

// Validate reports every rule that the settings break, one line each. It looks
// at the disk for where folders really are.
func (c Config) Validate() error {
	var problems []error
	for _, rule := range []struct {
		broken bool
		text   string
	}{
		{!isListen(c.HTTP), notListen("http", c.HTTP)},
		{!isListen(c.SFTP), notListen("sftp", c.SFTP)},
		{c.HTTP == Off && c.SFTP == Off, "http and sftp are both off, so there is nothing to serve; turn one of them on"},
		{c.HTTP == c.SFTP && fixedPort(c.HTTP), "http and sftp have the same address; give one of them another port"},
		{c.exposes(c.HTTP), exposed("http", c.HTTP)},
		{c.exposes(c.SFTP), exposed("sftp", c.SFTP)},
		{(c.Cert == "") != (c.Key == ""), "cert and key belong together; name both files or neither"},
		{c.LogFormat != "text" && c.LogFormat != "json", fmt.Sprintf("log_format: %q is neither text nor json", c.LogFormat)},
		{c.PasswordMin < passwordFloor || c.PasswordMin > passwordCeiling,
			fmt.Sprintf("password_min: %d is not from %d to %d", c.PasswordMin, passwordFloor, passwordCeiling)},
		{c.LinkHours < 1 || c.LinkHours > maxLinkHours, fmt.Sprintf("link_hours: %d is not from 1 to %d", c.LinkHours, maxLinkHours)},
		{!isTitle(c.SiteTitle), fmt.Sprintf("site_title: must be 1 to %d characters in one line", maxTitle)},
	} {
		if rule.broken {
			problems = append(problems, errors.New(rule.text))
		}
	}
	problems = append(problems, c.validateMail()...)
	problems = append(problems, c.validateLists()...)
	return errors.Join(append(problems, c.validateFiles())...)
}

func (c Config) validateLists() []error {
	var problems []error
	for _, h := range c.Hosts {
		if !isHost(h) {
			problems = append(problems, fmt.Errorf("hosts: %q is not a name; write it as nas.example or nas.example:8443", h))
		}
	}
	for _, o := range c.AllowedOrigins {
		if !isOrigin(o) {
			problems = append(problems, fmt.Errorf("allowed_origins: %q is not an origin; write it as https://app.example, with a port only if it is not the usual one", o))
		}
	}
	for _, p := range c.TrustedProxies {
		if p.Bits() == 0 {
			problems = append(problems, fmt.Errorf("trusted_proxies: %s is everybody; name the proxies", p))
		}
	}
	return problems
}

// exposes reports whether an address opens the server to other machines
// without that having been allowed.
func (c Config) exposes(addr string) bool { return BeyondLoopback(addr) && !c.LAN && !c.Insecure }

func exposed(name, addr string) string {
	return fmt.Sprintf("%s: other machines can reach %s; allow that with lan, or listen on 127.0.0.1", name, addr)
}

func isListen(addr string) bool { return addr == Off || isAddr(addr) }

func notListen(name, addr string) string {
	return fmt.Sprintf("%s: %q is not an address; write it as 127.0.0.1:5244 or :5244, or %s", name, addr, Off)
}
