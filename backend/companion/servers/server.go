package servers

import (
	"net/netip"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"latchkey/backend/companion/remote"
	"latchkey/backend/identity"
)

// An ID names a server in the list: 32 lower-case hexadecimal digits.
type ID string

// A Server is one of the person's servers, as it is kept.
type Server struct {
	ID   ID
	Name string
	Base remote.Base
	SFTP SFTP
	// SFTPChosen says that the person gave that address. Otherwise its port is
	// the one that the server tells, or the usual one.
	SFTPChosen bool
	Own        bool // the one on this computer, reached in this process

	Kind    remote.Kind // as last seen; empty: never seen
	Version string

	Username     string // who signed in last, for the next time
	CodeExpected bool   // that account has a second factor, so the code is asked for at once
	ClientID     string // what this device is called there
	Pin          remote.Fingerprint

	LockedUntil time.Time // no sign-in is sent before
	Last        State     // how it stood when that last changed
	LastAt      time.Time

	Drift remote.Drift // how its clock compared when that was last kept
}

// SFTP is where a server's files are reached.
type SFTP struct {
	Host string
	Port int
}

// sftpPort is AList's and Latchkey's.
const sftpPort = 5222

// Plain reports whether what is sent to the server can be read on the way.
func (s Server) Plain() bool {
	return !s.Own && !s.Base.Secure() && !loopback(s.Base.Host())
}

func loopback(host string) bool {
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback() || host == "localhost" || strings.HasSuffix(host, ".localhost")
}

// maxName bounds the name of a server, in characters.
const maxName = 100

// The refusals about the list and what stands in it.
var (
	errName = identity.InvalidField("name", "server_name_invalid",
		"A server's name has 1 to 100 characters, without any that do not show.")
	ErrNameTaken = &identity.Error{Kind: identity.Conflict, Code: "server_name_taken", Field: "name",
		Message: "Another server in the list has that name. Choose another name."}
	errSFTP = identity.InvalidField("sftp", "sftp_address_invalid",
		"An SFTP address is a host and a port from 1 to 65535, such as nas.local and 5222.")
	errUnknown = identity.NewError(identity.NotFound, "server_unknown",
		"There is no such server in the list. It may have been removed.")
	errTooMany = identity.NewError(identity.Invalid, "servers_too_many",
		"The list is full: it holds 200 servers. Remove one first.")
)

// maxServers bounds the list.
const maxServers = 200

// ParseName accepts 1 to 100 characters, and takes the space around them off.
func ParseName(text string) (string, error) {
	name := strings.TrimSpace(text)
	if name == "" || !utf8.ValidString(name) || utf8.RuneCountInString(name) > maxName || strings.ContainsFunc(name, hidden) {
		return "", errName
	}
	return name, nil
}

func hidden(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Zl, unicode.Zp, unicode.Co) || unicode.Is(unicode.Cf, r) && r != '\u200c' && r != '\u200d'
}

// parseSFTP accepts the host of an address and a port.
func parseSFTP(s SFTP) (SFTP, error) {
	host := s.Host
	if strings.Contains(host, ":") {
		host = "[" + strings.ReplaceAll(host, "%", "%25") + "]"
	}
	b, err := remote.ParseBase("https://" + host)
	if err != nil || b.Host() == "" || b.Port() != 443 || strings.Contains(host, "/") || s.Port < 1 || s.Port > 65535 {
		return SFTP{}, errSFTP
	}
	return SFTP{Host: b.Host(), Port: s.Port}, nil
}

// sameName compares as people do.
func sameName(a, b string) bool { return strings.EqualFold(a, b) }
