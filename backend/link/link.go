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

// Sign returns the text that opens a path for somebody's sake: a signature,
// the user's number and the second in which it ends.
func (s *Service) Sign(u identity.User, path string) Text {
	ends := s.env.Now().Add(s.life).Unix()
	return Text(s.mac(u, path, ends) + "." + strconv.FormatInt(int64(u.ID), 10) + ":" + strconv.FormatInt(ends, 10))
}

// Check returns whose text it is that opens a path now. The caller checks what
// they may do there. Errors: ErrMissing, ErrForm, ErrInvalid, ErrExpired.
func (s *Service) Check(ctx context.Context, text Text, path string) (identity.Principal, error) {
	if text == "" {
		return identity.Principal{}, ErrMissing
	}
	mac, id, ends, ok := parse(string(text))
	if !ok {
		return identity.Principal{}, ErrForm
	}
	who, err := s.people.Principal(ctx, id)
	if err != nil || !hmac.Equal([]byte(mac), []byte(s.mac(who.User, path, ends))) {
		return identity.Principal{}, ErrInvalid
	}
	if s.env.Now().Unix() >= ends {
		return identity.Principal{}, ErrExpired
	}
	return who, nil
}

// parse takes a text apart. Numbers have one form only.
func parse(text string) (mac string, id identity.UserID, ends int64, ok bool) {
	if len(text) > maxText {
		return "", 0, 0, false
	}
	signed, end, ok := strings.Cut(text, ":")
	mac, user, ok2 := strings.Cut(signed, ".")
	n, errID := strconv.ParseInt(user, 10, 64)
	ends, errEnd := strconv.ParseInt(end, 10, 64)
	whole := ok && ok2 && errID == nil && errEnd == nil && n > 0 && ends > 0 &&
		strconv.FormatInt(n, 10) == user && strconv.FormatInt(ends, 10) == end
	return mac, identity.UserID(n), ends, whole
}

// mac signs numbers of fixed length and then the path, so that no two texts
// are of the same bytes.
func (s *Service) mac(u identity.User, path string, ends int64) string {
	data := make([]byte, 0, 24+len(path))
	for _, n := range []int64{int64(u.ID), ends, u.PasswordChangedAt.UnixMicro()} {
		data = binary.BigEndian.AppendUint64(data, uint64(n))
	}
	sum := s.signer.MAC(label, append(data, path...))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
