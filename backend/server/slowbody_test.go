package server_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"latchkey/backend/account"
	"latchkey/backend/apikey"
	"latchkey/backend/identity"
	"latchkey/backend/server"
	"latchkey/backend/session"
)

// A member is an administrator to whom something happens.
type member struct {
	core *server.Core
	id   identity.UserID
	in   session.SignedIn
	key  identity.APIKey
}

func (m member) change(t *testing.T, c account.UserChange) error {
	_, err := m.core.Accounts.UpdateUser(t.Context(), m.id, c, operator())
	return err
}

func operator() identity.Origin {
	return identity.Origin{Rights: identity.Everything(), Door: "test"}
}

// newMember makes an administrator, and returns them with the token of a
// sign-in and with an API key.
func newMember(t *testing.T, core *server.Core, name string) (m member, key string) {
	t.Helper()
	u, err := core.Accounts.CreateUser(t.Context(), account.NewUser{
		Username: name, Password: "quince and marmalade", Roles: []identity.RoleID{identity.RoleAdmin},
	}, operator())
	if err != nil {
		t.Fatal(err)
	}
	in, err := core.Sessions.Open(t.Context(), u.ID, nil, session.Client{ID: name},
		session.Terms{Audiences: []identity.Audience{"iam"}, Life: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	k, text, err := core.Keys.Create(t.Context(), in.Principal,
		apikey.NewKey{Kind: identity.KeyAPI, Name: "key", Permissions: []string{"admin"}}, operator())
	if err != nil {
		t.Fatal(err)
	}
	return member{core, u.ID, in, k}, text.Reveal()
}

// Rights that are taken away while a body is on its way are gone when it is
// here, however slowly it was sent.
func TestSlowBodyKeepsNoRights(t *testing.T) {
	s, _ := start(t, settings(t, t.TempDir()))
	yes, roles := true, []identity.RoleID{identity.RoleGeneral}
	for i, tc := range []struct {
		name   string
		byKey  bool
		change func(m member) error
		want   int
	}{
		{"nothing", false, func(member) error { return nil }, http.StatusOK},
		{"nothing, by a key", true, func(member) error { return nil }, http.StatusOK},
		{"disabled", false, func(m member) error { return m.change(t, account.UserChange{Disabled: &yes}) }, http.StatusUnauthorized},
		{"demoted", false, func(m member) error { return m.change(t, account.UserChange{Roles: &roles}) }, http.StatusForbidden},
		{"signed out", false, func(m member) error {
			return m.core.Sessions.SignOut(t.Context(), m.in.Principal, operator())
		}, http.StatusUnauthorized},
		{"evicted", false, func(m member) error {
			return m.core.Sessions.End(t.Context(), 0, m.in.Session.ID, operator())
		}, http.StatusUnauthorized},
		{"removed", false, func(m member) error { return m.core.Accounts.DeleteUser(t.Context(), m.id, operator()) }, http.StatusUnauthorized},
		{"disabled, by a key", true, func(m member) error { return m.change(t, account.UserChange{Disabled: &yes}) }, http.StatusUnauthorized},
		{"the key removed", true, func(m member) error { return m.core.Keys.Delete(t.Context(), m.key, operator()) }, http.StatusUnauthorized},
	} {
		m, key := newMember(t, s.Core(), fmt.Sprintf("member%d", i))
		credential := m.in.Token
		if tc.byKey {
			credential = key
		}
		status, text := sendSlowly(t, s, credential, fmt.Sprintf(`{"name":"role%d","permissions":[]}`, i), func() {
			if err := tc.change(m); err != nil {
				t.Fatalf("%s: %v", tc.name, err)
			}
		})
		if status != tc.want {
			t.Errorf("%s: %d %s, want %d", tc.name, status, text, tc.want)
		}
	}
}

// sendSlowly makes a role, with half of the body sent only after the server
// asked for it, and the rest after something happened in between.
func sendSlowly(t *testing.T, s *server.Server, credential, body string, between func()) (int, string) {
	t.Helper()
	host := strings.TrimPrefix(s.Addresses().HTTP, "http://")
	c, err := net.Dial("tcp", host)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	send := func(text string) {
		if _, err := io.WriteString(c, text); err != nil {
			t.Fatal(err)
		}
	}
	send("POST /iam/api/v1/auth/roles HTTP/1.1\r\nHost: " + host + "\r\nAuthorization: Bearer " + credential +
		"\r\nContent-Type: application/json\r\nExpect: 100-continue\r\n" + fmt.Sprintf("Content-Length: %d\r\n\r\n", len(body)))
	answers := bufio.NewReader(c)
	asked, err := http.ReadResponse(answers, nil)
	if err != nil || asked.StatusCode != http.StatusContinue {
		t.Fatalf("the body is not asked for: %+v, %v", asked, err)
	}
	_ = asked.Body.Close()
	send(body[:len(body)/2])
	between()
	send(body[len(body)/2:])
	got, err := http.ReadResponse(answers, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Body.Close()
	text, err := io.ReadAll(got.Body)
	if err != nil {
		t.Fatal(err)
	}
	return got.StatusCode, string(text)
}
