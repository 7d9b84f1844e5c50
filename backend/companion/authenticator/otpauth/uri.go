package otpauth

import (
	"encoding/json"
	"net/url"
	"strconv"
	"strings"

	"latchkey/backend/identity"
)

// The schemes of the texts that hold keys.
const (
	scheme          = "otpauth://"
	migrationScheme = "otpauth-migration://"
	steamScheme     = "steam://" // as Bitwarden writes a Steam key
)

// maxURI bounds a URI, in bytes. A QR code holds at most 4,296 characters.
const maxURI = 16 << 10

// The refusals of a URI.
var (
	ErrNotURI  = identity.InvalidField("uri", "otp_uri_invalid", "That is not the setup of a sign-in code: it begins with otpauth://. Copy the whole of it again.")
	ErrURILong = identity.InvalidField("uri", "otp_uri_long",
		"That is too long to be the setup of a sign-in code. Check that nothing else was copied with it.")
	ErrEscape = identity.InvalidField("uri", "otp_uri_escape",
		"That setup was damaged on its way: it has a percent sign with no two digits of a hexadecimal number behind it. Copy it again.")
	ErrTwice = identity.InvalidField("uri", "otp_uri_twice",
		"That setup says the same thing twice, and differently. Ask the service for a new one.")
	ErrTrashed = identity.NewError(identity.Invalid, "otp_trashed",
		"That code is in the trash of the app that it comes from. Restore it there if you still need it.")
)

// ParseURI reads otpauth://TYPE/ISSUER:ACCOUNT?secret=..., the key URI format
// that Google Authenticator began, of at most 16 KiB. As apps differ in writing
// it, some things need not be as the format says: "#" stands for itself, an
// issuer may have colons in it, a secret spaces, lower case and any padding, and
// what is missing is what is usual. Unknown parameters are ignored. The names
// are as they were written; see Entry.Tidy.
func ParseURI(text string) (Entry, error) {
	e, err := parseURI(text)
	if err != nil {
		return Entry{}, err
	}
	return e, nil
}

// parseURI returns the names also of an entry that cannot be used, if it got
// as far as them.
func parseURI(text string) (Entry, error) {
	text = strings.TrimSpace(text)
	if len(text) > maxURI {
		return Entry{}, ErrURILong
	}
	if bare, ok := cutScheme(text, steamScheme); ok {
		return steamEntry(bare)
	}
	rest, ok := cutScheme(text, scheme)
	if !ok {
		return Entry{}, ErrNotURI
	}
	before, query, _ := strings.Cut(rest, "?")
	kind, path, _ := strings.Cut(before, "/")
	label, err := url.PathUnescape(path)
	if err != nil {
		return Entry{}, ErrEscape
	}
	p, err := parseQuery(query)
	if err != nil {
		return Entry{}, err
	}
	return p.entry(kind, label)
}

// cutScheme takes a scheme off a text. Case makes no difference (RFC 3986,
// section 3.1).
func cutScheme(text, scheme string) (rest string, ok bool) {
	if len(text) < len(scheme) || !strings.EqualFold(text[:len(scheme)], scheme) {
		return "", false
	}
	return text[len(scheme):], true
}

func steamEntry(bare string) (Entry, error) {
	k, err := Fields{Kind: string(Steam), Secret: strings.Trim(bare, "/")}.Key()
	return Entry{Issuer: "Steam", Key: k}, err
}

// parameters are what stands behind the question mark, by name in lower case.
type parameters map[string]string

// spacedIssuer is the issuer with its plus signs read as spaces, beside the one
// that has them as they are: apps differ, and no issuer tells which it is.
const spacedIssuer = "issuer, spaced"

func parseQuery(query string) (parameters, error) {
	p := parameters{}
	for pair := range strings.SplitSeq(query, "&") {
		name, raw, _ := strings.Cut(pair, "=")
		name = strings.TrimPrefix(strings.ToLower(strings.TrimSpace(name)), "amp;") // copied out of HTML
		value, err := url.PathUnescape(raw)
		if err != nil {
			return nil, ErrEscape
		}
		if old, there := p[name]; there && old != value {
			return nil, ErrTwice
		}
		p[name] = value
		if name == "issuer" {
			p[spacedIssuer], _ = url.PathUnescape(unplus(raw)) // no escape has a plus sign in it
		}
	}
	return p, nil
}

func (p parameters) entry(kind, label string) (Entry, error) {
	// Steam keys are also written as TOTP with a sign, by KeePassXC and others.
	if strings.EqualFold(p["encoder"], "steam") || strings.EqualFold(p["algorithm"], "steam") {
		kind = string(Steam)
	}
	if kind == "" {
		return Entry{}, ErrKind // in other places nothing said is TOTP, but here something must be
	}
	var e Entry
	e.Issuer, e.Account = splitLabel(label, p["issuer"], p[spacedIssuer])
	var err error
	e.Key, err = Fields{
		Kind: kind, Secret: strings.ReplaceAll(p["secret"], "+", " "),
		Algorithm: p["algorithm"], Digits: p["digits"], Period: p["period"], Counter: p["counter"],
	}.Key()
	if err != nil {
		return e, err
	}
	return p.display(e)
}

// splitLabel takes a label apart, which is "issuer:account" or an account. An
// issuer that was given beside it counts more, of several ways to read that the
// one that the label has too, or else the last.
func splitLabel(label string, issuers ...string) (issuer, account string) {
	label = strings.TrimSpace(label)
	for _, issuer = range issuers {
		if rest, ok := strings.CutPrefix(label, issuer+":"); ok && issuer != "" {
			return issuer, strings.TrimSpace(rest)
		}
	}
	before, after, two := strings.Cut(label, ":")
	if !two {
		return issuer, label
	}
	if issuer == "" {
		issuer = strings.TrimSpace(before)
	}
	return issuer, strings.TrimSpace(after)
}

// unplus reads a plus sign as forms write a space, unless it is the end of a
// name, as in Disney+.
func unplus(issuer string) string {
	bare := strings.TrimRight(issuer, "+")
	return strings.ReplaceAll(bare, "+", " ") + issuer[len(bare):]
}

type wireDisplay struct {
	Pinned  bool     `json:"pinned"`
	Trashed bool     `json:"trashed"`
	Tags    []string `json:"tags"`
	Note    string   `json:"note"`
}

// display reads what Ente adds about an entry. What cannot be read of it is no
// reason to lose the key.
func (p parameters) display(e Entry) (Entry, error) {
	var d wireDisplay
	if json.Unmarshal([]byte(p["codedisplay"]), &d) != nil {
		return e, nil
	}
	if d.Trashed {
		return e, ErrTrashed
	}
	e.Pinned, e.Tags, e.Note = d.Pinned, d.Tags, d.Note
	return e, nil
}

// URI writes the entry as ParseURI and other authenticators read it, from a QR
// code for example. Tags, note and pin are left out: no format has them.
func (e Entry) URI() string {
	label := escapeLabel(e.Account)
	switch {
	case e.Issuer != "":
		label = escapeLabel(e.Issuer) + ":" + label
	case strings.Contains(e.Account, ":"):
		label = ":" + label // or what is before the colon would be taken for the issuer
	}
	q := "secret=" + e.Key.Secret.Base32()
	if e.Issuer != "" {
		q += "&issuer=" + escape(e.Issuer)
	}
	q += "&algorithm=" + string(e.Key.Algorithm) + "&digits=" + strconv.Itoa(e.Key.Digits)
	if e.Key.Kind == HOTP {
		q += "&counter=" + strconv.FormatUint(e.Key.Counter, 10)
	} else {
		q += "&period=" + strconv.Itoa(e.Key.Period)
	}
	return scheme + string(e.Key.Kind) + "/" + label + "?" + q
}

// escape writes a space as %20, because many apps show a plus sign as one.
func escape(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "+", "%20") }

func escapeLabel(text string) string {
	return strings.ReplaceAll(escape(text), "%40", "@") // as everybody writes an address
}
