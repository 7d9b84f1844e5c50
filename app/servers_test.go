package app

import (
	"bytes"
	"context"
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"latchkey/backend/companion/remote"
	"latchkey/backend/companion/servers"
)

// secured runs a real server with TLS on a port until stop is called.
func secured(t *testing.T, data string, port int) (address string, stop func()) {
	t.Helper()
	at, stop := startServer(t, data, "lan", "true", "http", ":"+strconv.Itoa(port), "sftp", "off")
	return at.HTTP, stop
}

func TestAServerFromItsAddressToTheList(t *testing.T) {
	d := newTestDesk(t)
	d.makeVault(t)
	screen := d.serversScreen()
	port := free(t)
	address, stop := secured(t, newDataFolder(t), port)
	defer func() { stop() }()

	found, err := screen.Find("ann@127.0.0.1:" + strconv.Itoa(port))
	if err != nil {
		t.Fatal(err)
	}
	c := found.Certificate
	if found.Address != address || found.Kind != "Latchkey" || found.Username != "ann" || found.Plain || c == nil || c.Doubt != "unknown_issuer" {
		t.Errorf("Find: %+v, %+v", found, c)
	}
	s, err := screen.Add(NewServer{Address: found.Address, Name: found.Name, Fingerprint: c.Fingerprint, Username: found.Username})
	if err != nil || s.State != "signed_out" || s.Kind != "Latchkey" || s.Pin != c.Fingerprint || s.Username != "ann" {
		t.Fatalf("Add: %+v, %v", s, err)
	}
	_, err = screen.Add(NewServer{Address: found.Address, Name: found.Name})
	checkProblem(t, "the same name again", err, "server_name_taken")
	if err := screen.Select(s.ID); err != nil || d.companion.LastUsed() == "" {
		t.Errorf("Select: %v", err)
	}
	checkProblem(t, "select nothing", screen.Select("x"), "server_unknown")

	// Another server in its place: nothing goes there before somebody says so.
	stop()
	_, stop = secured(t, newDataFolder(t), port)
	changed, err := screen.Check(s.ID)
	if err != nil || changed.State != "certificate_changed" {
		t.Fatalf("Check: %+v, %v", changed, err)
	}
	shown, err := screen.Inspect(s.ID)
	if err != nil || shown.Fingerprint == s.Pin {
		t.Fatalf("Inspect: %+v, %v", shown, err)
	}
	_, err = screen.Accept(Acceptance{ID: s.ID, Shown: shown.Fingerprint})
	checkProblem(t, "accept in the place of another", err, "certificate_accepted")
	_, err = screen.Replace(Acceptance{ID: s.ID, Accepted: shown.Fingerprint, Shown: shown.Fingerprint})
	checkProblem(t, "replace what was not accepted", err, "certificate_not_accepted")
	replaced, err := screen.Replace(Acceptance{ID: s.ID, Accepted: s.Pin, Shown: shown.Fingerprint})
	if err != nil || replaced.State != "signed_out" || replaced.Pin != shown.Fingerprint {
		t.Errorf("Replace: %+v, %v", replaced, err)
	}
	stop()
	if gone, err := screen.Check(s.ID); err != nil || gone.State != "offline" || gone.Problem == nil || gone.Next == 0 || gone.Since == 0 {
		t.Errorf("Check of one that is gone: %+v, %v", gone, err)
	}
}

func TestACertificateThatNobodyAccepted(t *testing.T) {
	d := newTestDesk(t)
	d.makeVault(t)
	screen := d.serversScreen()
	address, stop := secured(t, newDataFolder(t), free(t))
	defer stop()
	s, err := screen.Add(NewServer{Address: address, Name: "nas"})
	if err != nil || s.State != "certificate_untrusted" {
		t.Fatalf("Add: %+v, %v", s, err)
	}
	shown, err := screen.Inspect(s.ID)
	if err != nil {
		t.Fatal(err)
	}
	if s, err = screen.Accept(Acceptance{ID: s.ID, Shown: shown.Fingerprint}); err != nil || s.State != "signed_out" {
		t.Errorf("Accept: %+v, %v", s, err)
	}
}

func TestEditAServer(t *testing.T) {
	d := newTestDesk(t)
	d.makeVault(t)
	d.start(t)
	screen := d.serversScreen()
	s := d.withRemote(t)

	_, err := screen.Rename(NameChange{ID: s.ID, Name: "  Bücher \u202e "})
	checkProblem(t, "a name that turns the line around", err, "server_name_invalid")
	if named, err := screen.Rename(NameChange{ID: s.ID, Name: " Bücher "}); err != nil || named.Name != "Bücher" {
		t.Errorf("Rename: %+v, %v", named, err)
	}
	_, err = screen.SetSFTP(SFTPChange{ID: s.ID, Host: "nas", Port: 0})
	checkProblem(t, "no port", err, "sftp_address_invalid")
	if set, err := screen.SetSFTP(SFTPChange{ID: s.ID, Host: "nas.local", Port: 22}); err != nil || set.SFTP != (SFTP{"nas.local", 22}) {
		t.Errorf("SetSFTP: %+v, %v", set, err)
	}
	until(t, "the page hears of it", func() bool {
		list, ok := d.screen.last(eventServers).([]Server)
		return ok && len(list) == 1 && list[0].SFTP.Host == "nas.local"
	})

	elsewhere, stop := secured(t, newDataFolder(t), free(t))
	defer stop()
	found, err := screen.Find(elsewhere)
	if err != nil {
		t.Fatal(err)
	}
	moved, err := screen.Move(AddressChange{ID: s.ID, Address: elsewhere, Fingerprint: found.Certificate.Fingerprint})
	if err != nil || moved.Address != elsewhere || moved.State != "signed_out" || moved.Pin != found.Certificate.Fingerprint {
		t.Errorf("Move: %+v, %v", moved, err)
	}
	_, err = screen.Move(AddressChange{ID: s.ID, Address: "nowhere at all"})
	checkProblem(t, "move to no address", err, "address_invalid")

	if err := screen.Forget(s.ID); err != nil {
		t.Errorf("Forget: %v", err)
	}
	checkProblem(t, "forget it twice", screen.Forget(s.ID), "server_unknown")
}

// To forget a server ends this device's session there.
func TestForgettingSignsOut(t *testing.T) {
	d := newTestDesk(t)
	d.makeVault(t)
	s := d.withRemote(t)
	other := newTestDesk(t)
	other.makeVault(t)
	seen, err := other.serversScreen().Add(NewServer{Address: s.Address, Name: "nas"})
	if err != nil {
		t.Fatal(err)
	}
	other.signIn(t, servers.ID(seen.ID))
	devices := func() (n int) {
		err := other.companion.Servers.Act(t.Context(), servers.ID(seen.ID), func(ctx context.Context, a *remote.Account) error {
			list, err := a.Devices(ctx)
			n = len(list)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := devices(); n != 2 {
		t.Fatalf("%d devices before; want 2", n)
	}
	if err := d.serversScreen().Forget(s.ID); err != nil {
		t.Error(err)
	}
	if n := devices(); n != 1 {
		t.Errorf("%d devices after; want 1", n)
	}
}

func TestWhatIsNoServer(t *testing.T) {
	d := newTestDesk(t)
	for name, tc := range map[string]struct {
		answer http.HandlerFunc
		code   string
	}{
		"HTML": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			_, _ = w.Write([]byte("<!doctype html><title>Router</title>"))
		}, "server_not_alist"},
		"garbage":  {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte{0, 0xff, '{', 7}) }, "server_not_alist"},
		"too much": {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(bytes.Repeat([]byte("a"), 10<<20)) }, "server_too_much"},
		"redirect": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://nas.example/", http.StatusFound)
		}, "server_moved"},
		"a proxy":   {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }, "server_behind_gone"},
		"a sign-in": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) }, "server_guarded"},
	} {
		t.Run(name, func(t *testing.T) {
			hostile := httptest.NewServer(tc.answer)
			defer hostile.Close()
			_, err := d.serversScreen().Find(hostile.URL)
			checkProblem(t, "Find", err, tc.code)
		})
	}
	for _, address := range []string{"", "   ", "ftp://nas", "http://", "nas:99999", strings.Repeat("n", 5000)} {
		_, err := d.serversScreen().Find(address)
		if p := asProblem(err); p == nil || p.Field != "address" {
			t.Errorf("Find(%.20q): %+v; want a problem of the address", address, p)
		}
	}
}

func TestRedirectsAreNamed(t *testing.T) {
	d := newTestDesk(t)
	hostile := httptest.NewServer(http.RedirectHandler("https://nas.example/alist/", http.StatusMovedPermanently))
	defer hostile.Close()
	_, err := d.serversScreen().Find(hostile.URL)
	if p := asProblem(err); p == nil || !strings.Contains(p.Details, "https://nas.example") {
		t.Errorf("Find: %+v; want the other address in its details", p)
	}
}

func TestAServerThatShowsAWrongCertificate(t *testing.T) {
	d := newTestDesk(t)
	d.makeVault(t)
	hostile := httptest.NewUnstartedServer(http.NotFoundHandler())
	hostile.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	hostile.StartTLS()
	defer hostile.Close()
	s, err := d.serversScreen().Add(NewServer{Address: hostile.URL, Name: "nas"})
	if err != nil || s.State != "certificate_untrusted" || s.Problem == nil {
		t.Errorf("Add: %+v, %v", s, err)
	}
	_, err = d.serversScreen().Add(NewServer{Address: hostile.URL, Name: "other", Fingerprint: "AB:CD"})
	checkProblem(t, "a fingerprint that is none", err, "fingerprint_invalid")
}

func TestADamagedListIsSetAside(t *testing.T) {
	data := newDataFolder(t)
	if err := os.WriteFile(filepath.Join(data, "servers.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	d := openTestDesk(t, data)
	d.makeVault(t)
	d.start(t)
	_, err := d.serversScreen().List()
	checkProblem(t, "List", err, "servers_damaged")
	if b, err := (&Shell{d.desk}).Boot(); err != nil || b.Problem == nil || b.Problem.Code != "servers_damaged" || b.FirstRun {
		t.Errorf("Boot: %+v, %v", b, err)
	}
	name, err := d.serversScreen().SetAside()
	if err != nil || name == "" {
		t.Errorf("SetAside: %q, %v", name, err)
	}
	if text, err := os.ReadFile(name); err != nil || string(text) != "{" {
		t.Errorf("the list set aside: %q, %v", text, err)
	}
	if list, err := d.serversScreen().List(); err != nil || len(list) != 0 {
		t.Errorf("List: %v, %v", list, err)
	}
}
