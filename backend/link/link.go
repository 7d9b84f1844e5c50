// Package link makes and checks the text that lets somebody open one file
// without signing in, such as a player that is handed an address. The dialects
// put it into addresses of files.
//
// A link is for one person's one path and ends by itself. It is no token: it
// opens nothing else, and says nothing of who made it but their number. What
// the person may see is asked again when it is used, so it is good only as long
// as they may, and a new password ends all of theirs.
package link

import (
	"context"
	"crypto/hmac"
	"encoding/base64"
	"encoding/binary"
	"strconv"
	"strings"
	"time"

	"latchkey/backend/identity"
	"latchkey/backend/internal/env"
)

// label keeps what is signed here apart from all else that the master key signs.
const label = "download link"

// maxText bounds what is looked at, in bytes.
const maxText = 128

// The refusals.
var (
	ErrMissing = identity.NewError(identity.Unauthenticated, "link_missing", "That address needs its signature. Get it again from the list of files.")
	ErrForm    = identity.NewError(identity.Unauthenticated, "link_malformed", "The signature of that address is not whole. Copy the address again.")
	ErrInvalid = identity.NewError(identity.Unauthenticated, "link_invalid", "The signature of that address does not fit it. Get it again from the list of files.")
	ErrExpired = identity.NewError(identity.Unauthenticated, "link_expired", "That address was good for a while only. Get a new one from the list of files.")
)

// A Signer is what a link is signed with: it returns the same for the same
// data, and nobody else can.
type Signer interface {
	MAC(label string, data []byte) [32]byte
}

// People finds users. Any error counts as nobody.
type People interface {
	Principal(ctx context.Context, id identity.UserID) (identity.Principal, error)
}

// A Service makes and checks links.
type Service struct {
	signer Signer
	people People
	env    env.Env
	life   time.Duration
}

// New returns a service whose links are good for so long.
func New(signer Signer, people People, e env.Env, life time.Duration) *Service {
	return &Service{signer, people, e, life}
}

// A Text opens one path for a while, for whoever has it.
type Text string

// A Path is what a link opens, and a word that whoever signs has put to it: what
// else must be so still when it is used. The word has letters, digits, - and _.
type Path struct {
	Path string
	Seal string
}

// Sign returns the text that opens a path for somebody's sake: a signature,
// the user's number, the seal if there is one, and the second in which it ends.
func (s *Service) Sign(u identity.User, path Path) Text {
	b := body{id: u.ID, seal: path.Seal, ends: s.env.Now().Add(s.life).Unix()}
	return Text(s.mac(u, b, path.Path) + "." + b.String())
}

// Check returns whose text it is that opens a path now, and the seal that it was
// signed with. The caller checks what they may do there, and whether the seal is
// still that of the path. Errors: ErrMissing, ErrForm, ErrInvalid, ErrExpired.
func (s *Service) Check(ctx context.Context, text Text, path string) (who identity.Principal, seal string, err error) {
	if text == "" {
		return who, "", ErrMissing
	}
	mac, b, ok := parse(string(text))
	if !ok {
		return who, "", ErrForm
	}
	who, err = s.people.Principal(ctx, b.id)
	if err != nil || !hmac.Equal([]byte(mac), []byte(s.mac(who.User, b, path))) {
		return identity.Principal{}, "", ErrInvalid
	}
	if s.env.Now().Unix() >= b.ends {
		return identity.Principal{}, "", ErrExpired
	}
	return who, b.seal, nil
}

// A body is what a text says beside its signature.
type body struct {
	id   identity.UserID
	seal string
	ends int64 // Unix seconds
}

func (b body) String() string {
	id := strconv.FormatInt(int64(b.id), 10)
	if b.seal != "" {
		id += "." + b.seal
	}
	return id + ":" + strconv.FormatInt(b.ends, 10)
}

// parse takes a text apart, which has one form only.
func parse(text string) (mac string, b body, ok bool) {
	if len(text) > maxText {
		return "", body{}, false
	}
	mac, rest, _ := strings.Cut(text, ".")
	signed, end, _ := strings.Cut(rest, ":")
	user, seal, _ := strings.Cut(signed, ".")
	n, errID := strconv.ParseInt(user, 10, 64)
	ends, errEnd := strconv.ParseInt(end, 10, 64)
	b = body{identity.UserID(n), seal, ends}
	return mac, b, errID == nil && errEnd == nil && n > 0 && ends > 0 && b.String() == rest
}

// mac signs numbers of fixed length, one of which is the length of the seal,
// then the seal and the path, so that no two texts are of the same bytes.
func (s *Service) mac(u identity.User, b body, path string) string {
	data := make([]byte, 0, 32+len(b.seal)+len(path))
	for _, n := range []int64{int64(u.ID), b.ends, u.PasswordChangedAt.UnixMicro(), int64(len(b.seal))} {
		data = binary.BigEndian.AppendUint64(data, uint64(n))
	}
	sum := s.signer.MAC(label, append(append(data, b.seal...), path...))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
