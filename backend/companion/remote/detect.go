package remote

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"latchkey/backend/identity"
)

// A Kind is what sort of server answers. Its text is the product's name.
type Kind string

// The kinds of server.
const (
	Latchkey Kind = "Latchkey"
	AList    Kind = "AList"
	OpenList Kind = "OpenList"
	Other    Kind = "other" // speaks the API and does not say what it is
)

// A Server is what a server tells anybody about itself.
type Server struct {
	Kind    Kind
	Version string // such as "3.62.0"; empty if it cannot be told
	Title   string
	SFTP    SFTP
}

// SFTP is what a server says of its SFTP server; only Latchkey says anything.
// It is as true as the connection is safe: over plain HTTP somebody on the way
// may have said it.
type SFTP struct {
	Off      bool
	Port     int // 0: it does not say
	HostKeys []identity.Fingerprint
}

// Capabilities say what a server can do, so that a window can leave out what
// it cannot. A version that cannot be told is given credit.
type Capabilities struct {
	Devices       bool // lists signed-in devices and ends them
	SSHKeys       bool
	KeyRules      bool // can limit what an SSH key opens
	FactorOff     bool // people can turn their own second factor off
	RecoveryCodes bool
	DevKeys       bool
	Trash         bool // keeps for a while what is removed
	Storage       bool // tells how much room files take
	Proof         bool // asks for the current password or code where a change needs it
	FixedLock     bool // a try while sign-ins are locked does not make the lock longer
}

// Capabilities returns what the server can do, judged by kind and version.
func (s Server) Capabilities() Capabilities {
	ours := s.Kind == Latchkey
	return Capabilities{
		Devices:  ours || s.Kind != OpenList && s.atLeast(3, 52),
		SSHKeys:  ours || s.atLeast(3, 42),
		KeyRules: ours, FactorOff: ours, RecoveryCodes: ours, DevKeys: ours, Trash: ours, Storage: ours, Proof: ours, FixedLock: ours,
	}
}

// atLeast compares the first two numbers of the version.
func (s Server) atLeast(major, minor int) bool {
	x, y, ok := s.numbers()
	return !ok || x > major || x == major && y >= minor
}

// numbers returns the first two numbers of the version, or zeros.
func (s Server) numbers() (major, minor int, ok bool) {
	first, rest, _ := strings.Cut(s.Version, ".")
	second, _, _ := strings.Cut(rest, ".")
	x, errX := strconv.ParseUint(first, 10, 16)
	y, errY := strconv.ParseUint(second, 10, 16)
	if errX != nil || errY != nil {
		return 0, 0, false
	}
	return int(x), int(y), true
}

var errNotAList = identity.NewError(identity.Unavailable, "server_not_alist",
	"Something answers at that address, but it is no Latchkey, AList or OpenList server. Check the address and the port; AList's is usually 5244.")

// Detect asks a server what it is. Returns server_not_alist if something else
// answers, and server_starting while AList is loading its storages.
func (c *Client) Detect(ctx context.Context) (Server, error) {
	pong, err := c.send(ctx, request{method: http.MethodGet, path: pathPing})
	if err != nil {
		return Server{}, err
	}
	if pong.status != http.StatusOK || !bytes.Equal(bytes.TrimSpace(pong.body), []byte("pong")) {
		return Server{}, c.notPong(pong)
	}
	var settings map[string]any
	err = c.call(ctx, request{method: http.MethodGet, path: pathSettings}, &settings)
	if err != nil {
		return Server{}, notAList(err)
	}
	s := serverOf(settings)
	c.server.Store(&s)
	return s, nil
}

// known returns what Detect found, now or before.
func (c *Client) known(ctx context.Context) (Server, error) {
	if s := c.server.Load(); s != nil {
		return *s, nil
	}
	return c.Detect(ctx)
}

// notPong tells a redirect, a proxy and the like from another program. A
// server of ours that refuses says so in an envelope.
func (c *Client) notPong(got reply) error {
	_, err := decode(got, c.opts.Base.url(pathPing, nil), c.opts.Env.Now())
	if err == nil || errors.Is(err, errGarbled) {
		err = errNotAList
	}
	return notAList(err)
}

// notAList is for the routes that every such server has.
func notAList(err error) error {
	if errors.Is(err, errUnsupported) {
		return because(errNotAList, err)
	}
	return err
}

// serverOf reads the public settings.
func serverOf(settings map[string]any) Server {
	text := func(key string) string {
		s, _ := settings[key].(string)
		return clean(s, maxName)
	}
	s := Server{Kind: Other, Title: text("site_title"), Version: number(text("version"))}
	switch major, _, _ := s.numbers(); {
	case settings["latchkey_version"] != nil:
		s.Kind, s.Version = Latchkey, number(text("latchkey_version"))
		s.SFTP = sftpOf(settings)
	case major >= 4: // AList has not come so far, and OpenList began there
		s.Kind = OpenList
	case major > 0:
		s.Kind = AList
	}
	return s
}

// maxHostKeys bounds how many host keys are looked at: OpenSSH has four kinds.
const maxHostKeys = 8

// sftpOf reads what Latchkey says of its SFTP server. What is not of the form
// it has not said.
func sftpOf(settings map[string]any) SFTP {
	said, _ := settings["latchkey_sftp_port"].(string)
	if said == "off" {
		return SFTP{Off: true}
	}
	port, err := strconv.ParseUint(said, 10, 16)
	if err != nil || port == 0 {
		return SFTP{}
	}
	s := SFTP{Port: int(port)}
	keys, _ := settings["latchkey_sftp_host_keys"].(string)
	for key := range strings.SplitSeq(keys, ",") {
		if isFingerprint(key) && len(s.HostKeys) < maxHostKeys {
			s.HostKeys = append(s.HostKeys, identity.Fingerprint(key))
		}
	}
	return s
}

// isFingerprint recognises the SHA256 fingerprint of an SSH key, as OpenSSH
// prints it.
func isFingerprint(s string) bool {
	hash, ok := strings.CutPrefix(s, "SHA256:")
	sum, err := base64.RawStdEncoding.Strict().DecodeString(hash)
	return ok && err == nil && len(sum) == sha256.Size
}

// number takes the version from texts such as "v4.1.0 (Commit: 0a1b2c3) - …".
func number(s string) string {
	first, _, _ := strings.Cut(s, " ")
	first = strings.TrimPrefix(first, "v")
	return clean(first, 20)
}
