package server_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"latchkey/backend/credential/password"
	"latchkey/backend/identity"
	"latchkey/backend/internal/secret"
	"latchkey/backend/login"
	"latchkey/backend/server"
	"latchkey/backend/session"
)

func TestChosenAdministrator(t *testing.T) {
	cfg := settings(t, filepath.Join(t.TempDir(), "latchkey"))
	cfg.AdminPassword = secret.New("not this one, the chosen")
	opts := options()
	opts.Admin = &server.Admin{Username: " Änne ", Password: secret.New("long enough for Änne")}
	opts.AdminPassword = func(secret.Text) error { return errors.New("none was made up") }
	s, stop := startWith(t, cfg, opts)
	admin, err := s.Core().Accounts.User(t.Context(), identity.AdminID)
	if err != nil || admin.Username != "änne" || admin.MustChangePassword || !admin.IsAdmin() {
		t.Errorf("the administrator is %+v, %v", admin, err)
	}
	_, err = s.Core().Login.SignIn(t.Context(), login.Attempt{
		Username: "ÄNNE", Password: password.DigestOf("long enough for Änne"), Door: "test",
	}, session.Client{}, session.Terms{Audiences: []identity.Audience{"test"}})
	if err != nil {
		t.Errorf("SignIn = %v", err)
	}
	stop()
	if _, err := server.New(t.Context(), cfg, opts); !errors.Is(err, server.ErrBegun) {
		t.Errorf("a second first start = %v; want %v", err, server.ErrBegun)
	}
	start(t, cfg)
}

// What cannot be is said of the field that it stands in, and nothing is made.
func TestRefusedAdministrators(t *testing.T) {
	const good = "long enough for ann"
	for _, tc := range []struct{ username, password, field, code string }{
		{"", good, "username", "username_empty"},
		{" \t", good, "username", "username_empty"},
		{"a b", good, "username", "username_character"},
		{"\u202eann", good, "username", "username_character"},
		{"Guest", good, "username", "username_taken"},
		{"ann", "", "password", "password_too_short"},
		{"ann", "1234567", "password", "password_too_short"},
		{"ann", "password123", "password", "password_common"},
		{"annabella", "Annabella", "password", "password_is_username"},
	} {
		cfg := settings(t, filepath.Join(t.TempDir(), "latchkey"))
		opts := options()
		opts.Admin = &server.Admin{Username: tc.username, Password: secret.New(tc.password)}
		_, err := server.New(t.Context(), cfg, opts)
		if e := identity.AsError(err); e.Field != tc.field || e.Code != tc.code {
			t.Errorf("%q, %q: %v of field %q; want %s of %s", tc.username, tc.password, err, e.Field, tc.code, tc.field)
		}
		if _, err := os.Lstat(cfg.Data); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%q: something was made: %v", tc.username, err)
		}
	}
}

func TestBegun(t *testing.T) {
	check := func(what, data string, want bool) {
		t.Helper()
		if got, err := server.Begun(data); got != want || err != nil {
			t.Errorf("%s: %v, %v; want %v", what, got, err, want)
		}
	}
	missing := filepath.Join(t.TempDir(), "latchkey")
	check("a missing folder", missing, false)
	if _, err := os.Lstat(missing); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder was made: %v", err)
	}
	data := t.TempDir()
	write := func(name string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(data, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("latchkey.toml")
	write("vault.db")
	check("settings and a vault", data, false)
	_, stop := start(t, settings(t, data))
	check("a server that runs", data, true)
	stop()
	check("a server that ran", data, true)
	if err := os.Remove(filepath.Join(data, "latchkey.db")); err != nil {
		t.Fatal(err)
	}
	check("a server without its database", data, true)
	write("first-start")
	check("a first start that was cut short", data, false)
	if _, err := server.Begun(filepath.Join(data, "latchkey.toml")); identity.AsError(err).Code != "data_folder_failing" {
		t.Errorf("a file = %v; want data_folder_failing", err)
	}
}
