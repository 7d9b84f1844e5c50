package sshkey

import (
	"strconv"
	"strings"
	"time"

	"latchkey/backend/identity"
)

var (
	errOptionTwice = refusal("ssh_key_option_twice", "One of the options stands before the key twice. Leave one of the two out.")
	errExpiryTime  = refusal("ssh_key_expiry_invalid",
		"Write expiry-time as a date, such as 20301231, or with a time, such as 203012312359, and a Z behind it for UTC.")
)

// options are those that stand before a key in an authorized_keys file
// (sshd(8)), as far as they mean something here: expiry-time and from.
// restrict and what takes away a part of it are taken too, because nothing
// that they forbid is ever allowed here. Any other is refused by its name: who
// wrote it counts on it.
type options struct {
	rules identity.KeyRules
	zone  *time.Location
	seen  map[string]bool
}

// readOptions reads a list of options. zone is for times that name none.
func readOptions(text string, zone *time.Location) (identity.KeyRules, error) {
	o := options{zone: zone, seen: map[string]bool{}}
	for rest := text; ; {
		option, after, more := cutUnquoted(rest, ",")
		if err := o.read(option); err != nil {
			return identity.KeyRules{}, err
		}
		if !more {
			return o.rules, nil
		}
		rest = after
	}
}

func (o *options) read(option string) error {
	name, quoted, valued := strings.Cut(option, "=")
	name = strings.ToLower(name)
	if name == "" || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		return errOptions
	}
	if o.seen[name] {
		return errOptionTwice
	}
	o.seen[name] = true
	switch {
	case valued && (name == "expiry-time" || name == "from"):
		value, err := unquote(quoted)
		if err != nil {
			return err
		}
		return o.set(name, value)
	case !valued && isRestriction(name):
		return nil
	}
	return refusal("ssh_key_option_unknown", "The option "+strconv.Quote(name[:min(len(name), 40)])+
		" is not supported. Leave it out, or use another way to limit the key.")
}

func (o *options) set(name, value string) (err error) {
	if name == "from" {
		o.rules.From, err = identity.ParseAddressPatterns(value)
		return err
	}
	o.rules.ExpiresAt, err = parseExpiry(value, o.zone)
	return err
}

func isRestriction(name string) bool {
	switch name {
	case "restrict", "no-pty", "no-port-forwarding", "no-agent-forwarding", "no-x11-forwarding", "no-user-rc":
		return true
	}
	return false
}

// parseExpiry reads the three forms of expiry-time, in zone unless they end in
// Z.
func parseExpiry(s string, zone *time.Location) (time.Time, error) {
	if bare, utc := strings.CutSuffix(s, "Z"); utc {
		s, zone = bare, time.UTC
	}
	for _, form := range []string{"20060102", "200601021504", "20060102150405"} {
		if t, err := time.ParseInLocation(form, s, zone); err == nil && len(s) == len(form) {
			return t, nil
		}
	}
	return time.Time{}, errExpiryTime
}

// cutUnquoted splits a text at the first of some characters that is not
// between quotation marks.
func cutUnquoted(s, at string) (before, after string, found bool) {
	quoted := false
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s) && s[i+1] == '"':
			i++
		case s[i] == '"':
			quoted = !quoted
		case !quoted && strings.IndexByte(at, s[i]) >= 0:
			return s[:i], s[i+1:], true
		}
	}
	return s, "", false
}

// unquote takes a value out of its quotation marks.
func unquote(s string) (string, error) {
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return "", errOptions
	}
	value := strings.ReplaceAll(s[1:len(s)-1], `\"`, "\x00")
	if strings.Contains(value, `"`) {
		return "", errOptions
	}
	return strings.ReplaceAll(value, "\x00", `"`), nil
}
