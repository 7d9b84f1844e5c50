package identity

import (
	"net/netip"
	"path"
	"strconv"
	"strings"
	"time"
)

// KeyRules narrow what an SSH key opens. The zero KeyRules narrow nothing.
type KeyRules struct {
	ExpiresAt time.Time // zero: never
	From      AddressPatterns
	ReadOnly  bool
	Folder    string // below the owner's base path, as ParsePath writes it; empty: all of that
}

// Admits reports whether the key opens anything at a time and from an address.
func (r KeyRules) Admits(at time.Time, from netip.Addr) bool {
	return !r.Expired(at) && (r.From == "" || r.From.Match(from))
}

// Expired reports whether the key has expired by a time.
func (r KeyRules) Expired(at time.Time) bool { return !r.ExpiresAt.IsZero() && !at.Before(r.ExpiresAt) }

// AddressPatterns say which addresses a key is taken from, as after from= in
// an authorized_keys file (sshd(8), ssh_config(5)): addresses, networks, and
// addresses with the wildcards * and ?, with commas between. What is behind an
// exclamation mark is refused whatever else matches. The empty one is no list.
type AddressPatterns string

const (
	maxPatterns    = 64
	maxPatternText = 4 << 10 // bytes
)

var errPatterns = InvalidField("from", "ssh_key_from_invalid",
	"Write where the key is taken from as addresses with commas between, such as 192.168.1.0/24,!192.168.1.7,10.0.*.")

// ParseAddressPatterns reads a list of patterns that is not empty. A network
// must have no bits beyond its prefix. Names of hosts are refused: which
// address has a name is for the owner of the address to say.
func ParseAddressPatterns(s string) (AddressPatterns, error) {
	if len(s) > maxPatternText || strings.Count(s, ",") >= maxPatterns {
		return "", errPatterns
	}
	var out []string
	for text := range strings.SplitSeq(s, ",") {
		text = strings.ToLower(strings.TrimSpace(text))
		bare, not := strings.CutPrefix(text, "!")
		clean, ok := addressPattern(bare)
		switch {
		case !ok && isHostName(bare):
			return "", InvalidField("from", "ssh_key_from_host",
				"Names of hosts such as "+strconv.Quote(bare)+" are not supported. Write addresses or networks, such as 192.168.1.0/24.")
		case !ok:
			return "", errPatterns
		case not:
			clean = "!" + clean
		}
		out = append(out, clean)
	}
	return AddressPatterns(strings.Join(out, ",")), nil
}

// addressPattern returns one pattern in its shortest form.
func addressPattern(s string) (string, bool) {
	if a, err := netip.ParseAddr(s); err == nil && a.Zone() == "" {
		return a.Unmap().String(), true
	}
	if p, err := netip.ParsePrefix(s); err == nil && !p.Addr().Is4In6() && p == p.Masked() {
		return p.String(), true
	}
	const digits, wild, between = "0123456789abcdef", "*?", ".:"
	plain := len(s) <= 64 && strings.Trim(s, digits+wild+between) == "" && strings.ContainsAny(s, wild)
	return s, plain && (strings.ContainsAny(s, between) || strings.Trim(s, wild) == "")
}

func isHostName(s string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyz"
	return len(s) <= 253 && strings.Trim(s, letters+"0123456789.-_*?") == "" && strings.ContainsAny(s, letters)
}

// Match reports whether an address is in the list.
func (p AddressPatterns) Match(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	found := false
	for text := range strings.SplitSeq(string(p), ",") {
		bare, not := strings.CutPrefix(text, "!")
		if !matches(bare, a) {
			continue
		}
		if not {
			return false
		}
		found = true
	}
	return found
}

func matches(pattern string, a netip.Addr) bool {
	if p, err := netip.ParsePrefix(pattern); err == nil {
		return p.Contains(a)
	}
	ok, err := path.Match(pattern, a.String()) // an address has no slash, so * is any text
	return a.IsValid() && err == nil && ok
}
