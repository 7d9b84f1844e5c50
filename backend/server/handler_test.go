package server_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"latchkey/backend/companion/remote"
	"latchkey/backend/config"
	"latchkey/backend/identity"
	"latchkey/backend/internal/env"
	"latchkey/backend/internal/secret"
	"latchkey/backend/server"
)

const publicKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f ann@desk"

// inProcess opens the services beside whatever serves the data folder, and
// returns a transport to their handler.
func inProcess(t *testing.T, cfg config.Config) http.RoundTripper {
	t.Helper()
	core, err := server.OpenCore(t.Context(), cfg, options())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := core.Close(); err != nil {
			t.Error(err)
		}
	})
	return remote.InProcess(core.Handler())
}

// signIn signs the administrator in; trip is nil for the network.
func signIn(t *testing.T, address string, trip http.RoundTripper) *remote.Account {
	t.Helper()
	base, err := remote.ParseBase(address)
	if err != nil {
		t.Fatal(err)
	}
	c := remote.New(remote.Options{Base: base, ClientID: "desk", UserAgent: "Latchkey test", Transport: trip, Env: env.System()})
	t.Cleanup(c.Close)
	g, err := c.SignIn(t.Context(), remote.Credentials{Username: "admin", Password: secret.New(adminPassword)})
	if err != nil {
		t.Fatal(err)
	}
	a, err := c.Account(g)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// becomes waits until something that another program changed is so here.
func becomes(t *testing.T, what string, so func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for !so() {
		select {
		case <-ctx.Done():
			t.Errorf("%s: never seen", what)
			return
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func devices(t *testing.T, a *remote.Account) []remote.Device {
	t.Helper()
	list, err := a.Devices(t.Context())
	if err != nil {
		t.Error(err)
	}
	return list
}

// The window reaches the server of this folder in its own process while
// another program serves it: each sees what the other did.
func TestHandlerBesideARunningServer(t *testing.T) {
	cfg := settings(t, t.TempDir())
	s, _ := start(t, cfg)
	there := signIn(t, s.Addresses().HTTP, nil)
	here := signIn(t, "http://localhost:5244", inProcess(t, cfg))
	ctx := t.Context()

	if err := here.AddSSHKey(ctx, remote.NewSSHKey{Title: "desk", Line: publicKey}); err != nil {
		t.Fatal(err)
	}
	keys, err := there.SSHKeys(ctx)
	if err != nil || len(keys) != 1 || keys[0].Title != "desk" {
		t.Fatalf("keys there = %+v, %v", keys, err)
	}
	if err := there.DeleteSSHKey(ctx, keys[0].ID); err != nil {
		t.Fatal(err)
	}
	becomes(t, "the key's end", func() bool { k, err := here.SSHKeys(ctx); return err == nil && len(k) == 0 })

	// The same client id is the same device, wherever it signs in.
	if list := devices(t, there); len(list) != 1 {
		t.Errorf("devices = %+v; want one", list)
	}
	if err := here.SignOut(ctx); err != nil {
		t.Fatal(err)
	}
	becomes(t, "the device's end", func() bool { _, err := there.Me(ctx); return remote.SignedOut(err) })
}

func TestEndedThereIsEndedHere(t *testing.T) {
	cfg := settings(t, t.TempDir())
	s, _ := start(t, cfg)
	here := signIn(t, "http://localhost", inProcess(t, cfg))
	list := devices(t, here)
	if len(list) != 1 {
		t.Fatalf("devices = %+v; want one", list)
	}
	if err := s.Core().Sessions.End(t.Context(), identity.AdminID, list[0].ID, identity.Origin{}); err != nil {
		t.Fatal(err)
	}
	becomes(t, "the device's end", func() bool { _, err := here.Me(t.Context()); return remote.SignedOut(err) })
}

// Without a server that runs the folder still answers, and what was done is
// there when one starts.
func TestHandlerWithoutAServer(t *testing.T) {
	cfg := settings(t, t.TempDir())
	if _, err := server.OpenCore(t.Context(), cfg, options()); identity.AsError(err).Code != "no_data" {
		t.Fatalf("OpenCore of nothing = %v; want no_data", err)
	}
	_, stop := start(t, cfg)
	stop()
	here := signIn(t, "http://localhost", inProcess(t, cfg))
	s, _ := start(t, cfg)
	there := signIn(t, s.Addresses().HTTP, nil)
	if a, b := devices(t, here), devices(t, there); len(a) != 1 || len(b) != 1 || a[0].ID != b[0].ID {
		t.Errorf("devices here %+v, there %+v; want the same one", a, b)
	}
}

// It tells of the SFTP server what its settings say, as that is another's.
func TestHandlerTellsOfSFTP(t *testing.T) {
	cfg := settings(t, t.TempDir())
	s, _ := start(t, cfg)
	keys := s.Addresses().HostKeys
	for setting, want := range map[string]remote.SFTP{
		"127.0.0.1:2022": {Port: 2022, HostKeys: []identity.Fingerprint{identity.Fingerprint(keys[0])}},
		"127.0.0.1:0":    {},
		"off":            {Off: true},
	} {
		cfg.SFTP = setting
		base, err := remote.ParseBase("http://localhost")
		if err != nil {
			t.Fatal(err)
		}
		c := remote.New(remote.Options{Base: base, Transport: inProcess(t, cfg), Env: env.System()})
		got, err := c.Detect(t.Context())
		got.SFTP.HostKeys = got.SFTP.HostKeys[:min(len(got.SFTP.HostKeys), 1)] // the RSA key comes when it is made
		if diff := cmp.Diff(want, got.SFTP, cmpopts.EquateEmpty()); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", setting, err, diff)
		}
	}
}

// The guard stands before this way in too.
func TestHandlerIsGuarded(t *testing.T) {
	cfg := settings(t, t.TempDir())
	start(t, cfg)
	trip := inProcess(t, cfg)
	for host, want := range map[string]int{"localhost:5244": http.StatusOK, "evil.example": http.StatusForbidden} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+host+"/ping", nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := trip.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("as %s: %d, want %d", host, resp.StatusCode, want)
		}
	}
}

// When a device was last active is not lost with the services that saw it.
func TestCloseWritesActivity(t *testing.T) {
	cfg := settings(t, t.TempDir())
	_, stop := start(t, cfg)
	stop()
	now := time.Now().Truncate(time.Second)
	opts := options()
	opts.Env.Now = func() time.Time { return now }
	open := func() *server.Core {
		t.Helper()
		core, err := server.OpenCore(t.Context(), cfg, opts)
		if err != nil {
			t.Fatal(err)
		}
		return core
	}
	core := open()
	a := signIn(t, "http://localhost", remote.InProcess(core.Handler()))
	now = now.Add(time.Hour)
	list := devices(t, a)
	if err := core.Close(); err != nil || len(list) != 1 {
		t.Fatalf("devices %+v, %v", list, err)
	}
	core = open()
	defer core.Close()
	found, err := core.Sessions.Find(t.Context(), list[0].ID)
	if err != nil || !found.LastActive.Equal(now) {
		t.Errorf("last active %v, %v; want %v", found.LastActive, err, now)
	}
}
