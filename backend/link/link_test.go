package link_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"strings"
	"testing"
	"time"

	"latchkey/backend/identity"
	"latchkey/backend/internal/env"
	"latchkey/backend/link"
)

type key string

func (k key) MAC(label string, data []byte) [32]byte {
	h := hmac.New(sha256.New, []byte(k))
	h.Write([]byte(label))
	h.Write(data)
	return [32]byte(h.Sum(nil))
}

type people map[identity.UserID]identity.User

func (p people) Principal(_ context.Context, id identity.UserID) (identity.Principal, error) {
	u, ok := p[id]
	if !ok {
		return identity.Principal{}, errors.New("nobody")
	}
	return identity.Principal{User: u}, nil
}

func TestLinks(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	e := env.Env{Now: func() time.Time { return now }}
	known := people{7: {ID: 7, PasswordChangedAt: now}, 8: {ID: 8, PasswordChangedAt: now}}
	s := link.New(key("a"), known, e, time.Hour)
	text := s.Sign(known[7], link.Path{Path: "/ann/f"})
	mac, _, _ := strings.Cut(string(text), ".")
	check := func(what string, s *link.Service, text link.Text, path string, want error) {
		t.Helper()
		who, _, err := s.Check(t.Context(), text, path)
		if !errors.Is(err, want) || want == nil && (err != nil || who.User.ID != 7) {
			t.Errorf("%s: %v, %v; want %v", what, who.User.ID, err, want)
		}
	}
	check("as it is", s, text, "/ann/f", nil)
	check("another path", s, text, "/ann/g", link.ErrInvalid)
	check("a folder above", s, text, "/ann", link.ErrInvalid)
	check("another key", link.New(key("b"), known, e, time.Hour), text, "/ann/f", link.ErrInvalid)
	check("another person", s, link.Text(mac)+".8:1800003600", "/ann/f", link.ErrInvalid)
	check("a later end", s, link.Text(mac)+".7:1800003601", "/ann/f", link.ErrInvalid)
	check("nobody", s, link.Text(mac)+".9:1800003600", "/ann/f", link.ErrInvalid)
	sealed := s.Sign(known[7], link.Path{Path: "/ann/f", Seal: "a_1"})
	check("sealed", s, sealed, "/ann/f", nil)
	if _, seal, err := s.Check(t.Context(), sealed, "/ann/f"); seal != "a_1" || err != nil {
		t.Errorf("sealed with %q, %v", seal, err)
	}
	check("another seal", s, link.Text(strings.Replace(string(sealed), ".a_1:", ".a_2:", 1)), "/ann/f", link.ErrInvalid)
	check("no seal", s, link.Text(strings.Replace(string(sealed), ".a_1:", ":", 1)), "/ann/f", link.ErrInvalid)
	check("a seal that was none", s, link.Text(strings.Replace(string(text), ":", ".a_1:", 1)), "/ann/f", link.ErrInvalid)
	check("no text", s, "", "/ann/f", link.ErrMissing)
	for _, odd := range []string{"x", ":", ".:", mac, mac + ".7", mac + ".7:", mac + ".07:1800003600", mac + ".7:+1800003600", mac + ".-7:1800003600",
		mac + ".7:1800003600 ", mac + ".7.:1800003600", strings.Repeat("x", 200) + ".7:1800003600"} {
		check(odd, s, link.Text(odd), "/ann/f", link.ErrForm)
	}
	now = now.Add(time.Hour - time.Second)
	check("in the last second", s, text, "/ann/f", nil)
	now = now.Add(time.Second)
	check("afterwards", s, text, "/ann/f", link.ErrExpired)
	now = now.Add(-time.Minute)
	known[7] = identity.User{ID: 7, PasswordChangedAt: now}
	check("after a new password", s, text, "/ann/f", link.ErrInvalid)
}

// Whatever is sent, nothing but what was signed opens.
func FuzzCheck(f *testing.F) {
	now := time.Unix(1_800_000_000, 0)
	known := people{7: {ID: 7}}
	s := link.New(key("a"), known, env.Env{Now: func() time.Time { return now }}, time.Hour)
	good := s.Sign(known[7], link.Path{Path: "/f", Seal: "x"})
	f.Add(string(good), "/f")
	f.Add("a.7:1", "/f")
	f.Fuzz(func(t *testing.T, text, path string) {
		if _, _, err := s.Check(t.Context(), link.Text(text), path); (err == nil) != (text == string(good) && path == "/f") {
			t.Errorf("%q for %q: %v", text, path, err)
		}
	})
}
