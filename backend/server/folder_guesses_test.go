package server_test

import (
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"latchkey/backend/folderpassword"
	"latchkey/backend/identity"
	"latchkey/backend/internal/secret"
)

// Guesses are counted, for each person and folder by themselves, and who knows
// the password is let in meanwhile where the server has just seen it.
func TestFolderPasswordGuesses(t *testing.T) {
	g := startGuarded(t)
	list := func(name, password string) fsAnswer {
		return g.as(name, "POST", "/api/fs/list", password, `{"path":"/`+map[string]string{"ann": "team/"}[name]+`secret"}`)
	}
	if a := list("ann", folderPass); a.Code != http.StatusOK {
		t.Fatalf("%+v", a)
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	count := map[string]int{}
	for i := range 20 {
		wg.Go(func() {
			a := list("bob", fmt.Sprintf("guess %d", i))
			mu.Lock()
			defer mu.Unlock()
			count[a.Name]++
		})
	}
	wg.Wait()
	if count["folder_password_wrong"] != 5 || count["folder_password_locked"] != 15 {
		t.Errorf("answers: %v", count)
	}
	if a := list("ann", folderPass); a.Code != http.StatusOK {
		t.Errorf("somebody else: %+v", a)
	}
	if a := list("bob", folderPass); a.Code != http.StatusTooManyRequests || a.Name != "folder_password_locked" {
		t.Errorf("the right one afterwards: %+v", a)
	}
	if a := list("ann", folderPass); a.Code != http.StatusOK {
		t.Errorf("somebody else: %+v", a)
	}
	if a := g.as("bob", "POST", "/api/fs/list", "", `{"path":"/"}`); a.Code != http.StatusOK {
		t.Errorf("elsewhere: %+v", a)
	}
	counters, err := g.Core().Throttle.List(t.Context(), identity.Page{})
	if err != nil {
		t.Fatal(err)
	}
	bob, err := g.Core().Accounts.UserByName(t.Context(), "bob")
	if err != nil {
		t.Fatal(err)
	}
	var account string
	for _, c := range counters {
		if c.Key.Scope == identity.ThrottleAccount {
			account = c.Key.Account
		}
		if c.Key.Scope != identity.ThrottleAddress && (c.Key.Account != account || !strings.HasSuffix(account, fmt.Sprintf(" by user %d", bob.ID))) {
			t.Errorf("a counter of %q", c.Key.Account)
		}
	}
	if _, err := g.Core().Throttle.Clear(t.Context(), account); err != nil {
		t.Fatal(err)
	}
	if a := list("bob", folderPass); a.Code != http.StatusOK {
		t.Errorf("after clearing: %+v", a)
	}
	until(t, "the guesses are on record", func() bool {
		events, err := g.Core().Audit.List(t.Context(), 0, 100)
		n := 0
		for _, e := range events {
			if e.Action == identity.AuditFolderRefused && e.Outcome == identity.AuditRefused && e.Target == "/team/secret" && e.Address == netip.MustParseAddr("127.0.0.1") {
				n++
			}
		}
		return err == nil && n == 5
	})
}

// bobGuesses has bob try passwords that are not that of the folder, as many as
// are let pass.
func (g guardedFS) bobGuesses() {
	g.t.Helper()
	for i := range 5 {
		if a := g.as("bob", "POST", "/api/fs/list", fmt.Sprintf("guess %d", i), `{"path":"/secret"}`); a.Name != "folder_password_wrong" {
			g.t.Fatalf("guess %d: %+v", i, a)
		}
	}
	if a := g.as("bob", "POST", "/api/fs/list", folderPass, `{"path":"/secret"}`); a.Name != "folder_password_locked" {
		g.t.Fatalf("the right one afterwards: %+v", a)
	}
}

// A new user name brings no new guesses.
func TestFolderGuessesOfARenamedUser(t *testing.T) {
	g := startGuarded(t)
	g.bobGuesses()
	if a := g.as("bob", "POST", "/api/me/update", "", `{"username":"bob2","old_password":"correct staple pony"}`); a.Code != http.StatusOK {
		t.Fatalf("%+v", a)
	}
	if _, err := g.Core().Accounts.UserByName(t.Context(), "bob2"); err != nil {
		t.Fatal(err)
	}
	if a := g.as("bob", "POST", "/api/fs/list", folderPass, `{"path":"/secret"}`); a.Name != "folder_password_locked" {
		t.Errorf("under a new name: %+v", a)
	}
}

// A request that shows several passwords guesses as often.
func TestFolderGuessesAtOnce(t *testing.T) {
	g := startGuarded(t)
	move := func(header, password, there string) fsAnswer {
		return g.as("bob", "POST", "/api/fs/move", header,
			fmt.Sprintf(`{"src_dir":"/secret","dst_dir":"/secret","names":["none"],"password":%q,"dst_password":%q}`, password, there))
	}
	if a := move("guess 1", "guess 2", "guess 3"); a.Name != "folder_password_wrong" {
		t.Errorf("three: %+v", a)
	}
	if a := move("guess 4", "guess 5", folderPass); a.Name != "folder_password_locked" {
		t.Errorf("the right one as the sixth: %+v", a)
	}
}

// Programs that go on with a password of before are no attack, however many
// requests they send, at once and in a row: it is one wrong password.
func TestOldFolderPasswordIsOneFailure(t *testing.T) {
	g := startGuarded(t)
	list := func(password string) fsAnswer {
		return g.as("bob", "POST", "/api/fs/list", password, `{"path":"/secret"}`)
	}
	if a := list(folderPass); a.Code != http.StatusOK {
		t.Fatalf("%+v", a)
	}
	now := secret.New("something else 8")
	if _, err := g.Core().Folders.Update(t.Context(), g.id, folderpassword.Change{Password: &now}, operator()); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 12 {
		wg.Go(func() {
			for range 3 {
				if a := list(folderPass); a.Name != "folder_password_wrong" {
					t.Errorf("the old one: %+v", a)
				}
			}
		})
	}
	wg.Wait()
	counters, err := g.Core().Throttle.List(t.Context(), identity.Page{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range counters {
		if c.Failures != 1 {
			t.Errorf("%+v: %d failures, want 1", c.Key, c.Failures)
		}
	}
	if a := list(now.Reveal()); a.Code != http.StatusOK {
		t.Errorf("the new one: %+v", a)
	}
	if a := list(folderPass); a.Name != "folder_password_wrong" {
		t.Errorf("the old one after the new one: %+v", a)
	}
	again := secret.New(folderPass)
	if _, err := g.Core().Folders.Update(t.Context(), g.id, folderpassword.Change{Password: &again}, operator()); err != nil {
		t.Fatal(err)
	}
	if a := list(folderPass); a.Code != http.StatusOK {
		t.Errorf("set once more: %+v", a)
	}
}

// A new password is no longer closed to who has guessed at the old one.
func TestNewFolderPasswordForgets(t *testing.T) {
	g := startGuarded(t)
	g.bobGuesses()
	other := secret.New("something else 8")
	if _, err := g.Core().Folders.Update(t.Context(), g.id, folderpassword.Change{Password: &other}, operator()); err != nil {
		t.Fatal(err)
	}
	if a := g.as("bob", "POST", "/api/fs/list", other.Reveal(), `{"path":"/secret"}`); a.Code != http.StatusOK {
		t.Errorf("%+v", a)
	}
}
