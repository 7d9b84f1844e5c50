package config

import (
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"strconv"
	"strings"

	"latchkey/backend/identity"
	"latchkey/backend/internal/secret"
)

// A setting is one thing that the person can decide, read from text.
type setting struct {
	name string
	set  func(*Config, string) error
	form form
}

func settings() []setting {
	return []setting{
		{dataSetting, text(func(c *Config) *string { return &c.Data }), asText},
		{"files", text(func(c *Config) *string { return &c.Files }), asText},
		{"http", text(func(c *Config) *string { return &c.HTTP }), asText},
		{"sftp", text(func(c *Config) *string { return &c.SFTP }), asText},
		{"lan", truth(func(c *Config) *bool { return &c.LAN }), asTruth},
		{"insecure", truth(func(c *Config) *bool { return &c.Insecure }), asTruth},
		{"cert", text(func(c *Config) *string { return &c.Cert }), asText},
		{"key", text(func(c *Config) *string { return &c.Key }), asText},
		{"hosts", list(func(c *Config) *[]string { return &c.Hosts }), asList},
		{"allowed_origins", list(func(c *Config) *[]string { return &c.AllowedOrigins }), asList},
		{"trusted_proxies", setProxies, asList},
		{"log_level", setLogLevel, asText},
		{"log_format", text(func(c *Config) *string { return &c.LogFormat }), asText},
		{"password_min", number(func(c *Config) *int { return &c.PasswordMin }), asNumber},
		{"link_hours", number(func(c *Config) *int { return &c.LinkHours }), asNumber},
		{"site_title", text(func(c *Config) *string { return &c.SiteTitle }), asText},
		{"allow_registration", truth(func(c *Config) *bool { return &c.AllowRegistration }), asTruth},
		{"smtp", text(func(c *Config) *string { return &c.SMTP }), asText},
		{"smtp_user", text(func(c *Config) *string { return &c.SMTPUser }), asText},
		{"smtp_password", setSMTPPassword, asText},
		{"smtp_from", text(func(c *Config) *string { return &c.SMTPFrom }), asText},
		{"smtp_security", text(func(c *Config) *string { return &c.SMTPSecurity }), asText},
	}
}

func names() []string {
	var out []string
	for _, s := range settings() {
		out = append(out, s.name)
	}
	return out
}

func text(field func(*Config) *string) func(*Config, string) error {
	return func(c *Config, text string) error {
		*field(c) = text
		return nil
	}
}

func setSMTPPassword(c *Config, text string) error {
	c.SMTPPassword = secret.New(text)
	return nil
}

func truth(field func(*Config) *bool) func(*Config, string) error {
	return func(c *Config, text string) error {
		b, err := strconv.ParseBool(text)
		if err != nil {
			return fmt.Errorf("%q is neither true nor false", text)
		}
		*field(c) = b
		return nil
	}
}

func list(field func(*Config) *[]string) func(*Config, string) error {
	return func(c *Config, text string) error {
		*field(c) = items(strings.ToLower(text))
		return nil
	}
}

// items splits a list, without regard to space around its items.
func items(text string) []string {
	var out []string
	for item := range strings.SplitSeq(text, ",") {
		if item = strings.TrimSpace(item); item != "" {
			out = append(out, item)
		}
	}
	return out
}

func setProxies(c *Config, text string) error {
	var proxies []netip.Prefix
	for _, item := range items(text) {
		p, err := identity.ParseNetwork(item)
		if err != nil {
			return fmt.Errorf("%q is neither an address nor a network such as 10.0.0.0/24", item)
		}
		proxies = append(proxies, p)
	}
	c.TrustedProxies = proxies
	return nil
}

func setLogLevel(c *Config, text string) error {
	level, known := map[string]slog.Level{
		"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError,
	}[strings.ToLower(text)]
	if !known {
		return fmt.Errorf("%q is not one of debug, info, warn and error", text)
	}
	c.LogLevel = level
	return nil
}

func number(field func(*Config) *int) func(*Config, string) error {
	return func(c *Config, text string) error {
		n, err := strconv.Atoi(text)
		if err != nil {
			return errors.New("must be a whole number")
		}
		*field(c) = n
		return nil
	}
}
