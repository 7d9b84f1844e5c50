package servers_test

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"latchkey/backend/companion/remote"
	"latchkey/backend/companion/servers"
	"latchkey/backend/internal/env"
)

func TestListIsKept(t *testing.T) {
	d := newDesk(t)
	nas := d.add(" NAS ", "http://192.168.1.20:5244")
	work, err := d.Add(t.Context(), servers.NewServer{
		Name: "Work", Base: base(t, "https://nas.example/alist"), SFTP: servers.SFTP{Host: "SFTP.example", Port: 2022},
		Pin: remote.Fingerprint(strings.Repeat("0A:", 31) + "0A"), Username: "ann",
		Seen: remote.Server{Kind: remote.AList, Version: "3.62.0"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if nas.Name != "NAS" || nas.SFTP != (servers.SFTP{Host: "192.168.1.20", Port: 5222}) || !nas.Plain() || nas.ClientID == work.ClientID || len(nas.ClientID) != 32 {
		t.Errorf("%+v", nas)
	}
	if work.SFTP.Host != "sftp.example" || work.Plain() {
		t.Errorf("%+v", work)
	}
	d.open()
	list, err := d.List(t.Context())
	if diff := cmp.Diff([]servers.Server{nas, work}, list, cmpopts.EquateComparable(remote.Base{})); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
	if info, err := os.Stat(d.path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if info, err := os.Stat(filepath.Dir(d.path)); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("mode of the folder %v, %v", info.Mode(), err)
	}
}

func TestNamesAreDifferent(t *testing.T) {
	d := newDesk(t)
	nas := d.add("NAS", "http://192.168.1.20:5244")
	other := d.add("Other", "http://192.168.1.20:5244") // the same server as somebody else
	_, err := d.Add(t.Context(), servers.NewServer{Name: "nas", Base: nas.Base})
	wants(t, err, "server_name_taken")
	_, err = d.Rename(t.Context(), other.ID, "Nas")
	wants(t, err, "server_name_taken")
	_, err = d.Rename(t.Context(), other.ID, "\u202e")
	wants(t, err, "server_name_invalid")
	if s, err := d.Rename(t.Context(), nas.ID, " nas "); err != nil || s.Name != "nas" || d.server(nas.ID).Name != "nas" {
		t.Errorf("%+v, %v", s, err)
	}
	_, err = d.Add(t.Context(), servers.NewServer{Name: "x"})
	wants(t, err, "address_missing")
	for range 2 {
		own, err := d.AddOwn(t.Context(), "This computer")
		if err != nil || !own.Own || own.Plain() {
			t.Errorf("%+v, %v", own, err)
		}
	}
	if list, err := d.List(t.Context()); err != nil || len(list) != 3 {
		t.Errorf("%d servers, %v", len(list), err)
	}
}

func TestUnknownServer(t *testing.T) {
	d := newDesk(t)
	ctx := t.Context()
	const id = servers.ID("00000000000000000000000000000000")
	_, err := d.Server(ctx, id)
	wants(t, err, "server_unknown")
	_, err = d.Rename(ctx, id, "x")
	wants(t, err, "server_unknown")
	_, err = d.SignIn(ctx, id, admin())
	wants(t, err, "server_unknown")
	_, err = d.Check(ctx, id)
	wants(t, err, "server_unknown")
	_, err = d.Status(ctx, id)
	wants(t, err, "server_unknown")
	_, err = d.Inspect(ctx, id)
	wants(t, err, "server_unknown")
	_, err = d.Move(ctx, id, base(t, "http://nas"))
	wants(t, err, "server_unknown")
	wants(t, d.SignOut(ctx, id), "server_unknown")
	wants(t, d.Remove(ctx, id), "server_unknown")
}

func TestSFTPAddress(t *testing.T) {
	d := newDesk(t)
	nas := d.add("NAS", "http://192.168.1.20:5244")
	for _, bad := range []servers.SFTP{{"", 1}, {"nas", 0}, {"nas", 65536}, {"nas:22", 1}, {"a/b", 1}, {"u@nas", 1}, {"na s", 1}, {"nas?", 1}} {
		_, err := d.SetSFTP(t.Context(), nas.ID, bad)
		wants(t, err, "sftp_address_invalid")
	}
	for _, good := range []servers.SFTP{{"nas", 22}, {"fe80::1%eth0", 22}, {"::1", 22}} {
		if s, err := d.SetSFTP(t.Context(), nas.ID, good); err != nil || s.SFTP != good || d.server(nas.ID).SFTP != good {
			t.Errorf("%+v, %v", s, err)
		}
	}
}

// A server may tell its port; what the person said counts more.
func TestSFTPPortAsTold(t *testing.T) {
	d, m := newDesk(t), newMachine(t, map[string]string{"sftp": "127.0.0.1:0"})
	_, text, _ := net.SplitHostPort(m.Addresses().SFTP)
	port, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	check := func(what string, s servers.Server, want int) {
		t.Helper()
		d.stands(s.ID, servers.SignedOut, "")
		if got := d.server(s.ID).SFTP; got != (servers.SFTP{Host: "127.0.0.1", Port: want}) {
			t.Errorf("%s: %+v, want port %d", what, got, want)
		}
	}
	told := d.add("NAS", m.Addresses().HTTP)
	check("told", told, port)
	if _, err := d.SetSFTP(t.Context(), told.ID, servers.SFTP{Host: "127.0.0.1", Port: 22}); err != nil {
		t.Fatal(err)
	}
	check("set", told, 22)
	d.open()
	check("set, after a new start", told, 22)
	chosen, err := d.Add(t.Context(), servers.NewServer{Name: "Chosen", Base: told.Base, SFTP: servers.SFTP{Host: "127.0.0.1", Port: 5222}})
	if err != nil {
		t.Fatal(err)
	}
	check("chosen when it was added", chosen, 5222)
	seen, err := d.Add(t.Context(), servers.NewServer{Name: "Seen", Base: told.Base, Seen: remote.Server{SFTP: remote.SFTP{Port: 2022}}})
	if err != nil || seen.SFTP.Port != 2022 {
		t.Errorf("as found: %+v, %v", seen, err)
	}
}

func TestFullList(t *testing.T) {
	d := newDesk(t)
	for i := range 200 {
		d.add(fmt.Sprint("nas ", i), "http://nas")
	}
	_, err := d.Add(t.Context(), servers.NewServer{Name: "one more", Base: base(t, "http://nas")})
	wants(t, err, "servers_too_many")
}

// TestTwoProgramsShareTheList: neither loses what the other adds.
func TestTwoProgramsShareTheList(t *testing.T) {
	d := newDesk(t)
	var wg sync.WaitGroup
	for p := range 2 {
		other := servers.New(d.conf)
		defer other.Close()
		wg.Go(func() {
			for i := range 20 {
				_, err := other.Add(t.Context(), servers.NewServer{Name: fmt.Sprint(p, " ", i), Base: base(t, "http://nas")})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if list, err := d.List(t.Context()); err != nil || len(list) != 40 {
		t.Errorf("%d servers, %v", len(list), err)
	}
}

func TestDamagedList(t *testing.T) {
	good := `{"version":1,"servers":[{"id":"00000000000000000000000000000001","name":"n","address":"http://nas","sftp_host":"nas","sftp_port":1,"client_id":"00000000000000000000000000000002"}]}`
	for name, tc := range map[string]struct{ text, code string }{
		"empty":            {"", "servers_damaged"},
		"cut":              {good[:40], "servers_damaged"},
		"garbage":          {"\x00\x01", "servers_damaged"},
		"null":             {"null", "servers_damaged"},
		"no version":       {`{"servers":[]}`, "servers_damaged"},
		"newer":            {`{"version":2,"servers":{"a":"b"}}`, "servers_newer"},
		"bad address":      {strings.Replace(good, "http://nas", "ftp://nas", 1), "servers_damaged"},
		"bad name":         {strings.Replace(good, `"n"`, `""`, 1), "servers_damaged"},
		"bad id":           {strings.Replace(good, "00000000000000000000000000000001", "../x", 1), "servers_damaged"},
		"bad client id":    {strings.Replace(good, "00000000000000000000000000000002", "a\\nb", 1), "servers_damaged"},
		"bad certificate":  {strings.Replace(good, `"client_id"`, `"certificate":"x","client_id"`, 1), "servers_damaged"},
		"bad port":         {strings.Replace(good, `"sftp_port":1`, `"sftp_port":0`, 1), "servers_damaged"},
		"the same twice":   {strings.Replace(good, "]}", ","+good[strings.Index(good, "[")+1:], 1), "servers_damaged"},
		"too large a file": {good + strings.Repeat(" ", 1<<20), "servers_damaged"},
	} {
		d := newDesk(t)
		if err := os.MkdirAll(filepath.Dir(d.path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(d.path, []byte(tc.text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := d.List(t.Context())
		wants(t, err, tc.code)
		_, err = d.Add(t.Context(), servers.NewServer{Name: "x", Base: base(t, "http://nas")})
		wants(t, err, tc.code)
		if left, err := os.ReadFile(d.path); err != nil || string(left) != tc.text {
			t.Errorf("%s: the file was changed", name)
		}
	}
}

func TestSetAside(t *testing.T) {
	d := newDesk(t)
	d.add("NAS", "http://nas")
	e := env.System()
	e.Now = func() time.Time { return time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC) }
	f := servers.NewFile(d.path, e)
	for _, want := range []string{".damaged-20261120-120000", ".damaged-20261120-120000-2"} {
		if err := os.WriteFile(d.path, []byte("damaged"), 0o600); err != nil {
			t.Fatal(err)
		}
		aside, err := f.SetAside(t.Context())
		if err != nil || aside != d.path+want {
			t.Errorf("%s, %v", aside, err)
		}
		if text, err := os.ReadFile(aside); err != nil || string(text) != "damaged" {
			t.Errorf("%q, %v", text, err)
		}
	}
	if _, err := f.SetAside(t.Context()); err == nil {
		t.Error("nothing was set aside without an error")
	}
	if list, err := d.List(t.Context()); err != nil || list != nil {
		t.Errorf("%v, %v", list, err)
	}
	d.add("NAS", "http://nas")
}

func TestListThatCannotBeWritten(t *testing.T) {
	d := newDesk(t)
	if err := os.WriteFile(filepath.Dir(filepath.Dir(d.path))+"/file", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	d.conf.Store = servers.NewFile(filepath.Dir(filepath.Dir(d.path))+"/file/servers.json", env.System())
	d.open()
	_, err := d.Add(t.Context(), servers.NewServer{Name: "x", Base: base(t, "http://nas")})
	wants(t, err, "disk_not_a_folder")
}

// TestMoving: the token and the certificate go along only where the
// certificate proves that it is the same server.
func TestMoving(t *testing.T) {
	pin := remote.Fingerprint(strings.Repeat("0A:", 31) + "0A")
	for _, tc := range []struct {
		from, to string
		pin      remote.Fingerprint
		keeps    bool
	}{
		{"https://nas:1", "https://nas:1/alist", "", true},
		{"https://nas:1", "https://10.0.0.7:2", pin, true},
		{"https://nas:1", "https://10.0.0.7:2", "", false},
		{"https://nas:1", "http://nas:1", pin, false},
		{"http://nas:1", "https://nas:1", "", false},
		{"http://nas:1", "http://nas:2", "", false},
	} {
		d := newDesk(t)
		s, err := d.Add(t.Context(), servers.NewServer{Name: "x", Base: base(t, tc.from), Pin: tc.pin})
		if err != nil {
			t.Fatal(err)
		}
		d.vault.records["server/"+string(s.ID)] = []byte(`{"token":"x"}`)
		moved, err := d.Move(t.Context(), s.ID, base(t, tc.to))
		if err != nil || moved.Base != base(t, tc.to) || moved.SFTP.Host != moved.Base.Host() || moved.ClientID != s.ClientID {
			t.Errorf("%+v, %v", moved, err)
		}
		if kept := d.vault.size() == 1; kept != tc.keeps || (moved.Pin == tc.pin) != (tc.keeps || tc.pin == "") {
			t.Errorf("%s to %s: token kept %v, certificate %q", tc.from, tc.to, kept, moved.Pin)
		}
	}
}

func TestMovingNeedsTheVault(t *testing.T) {
	d := newDesk(t)
	s := d.add("x", "http://nas:1")
	d.vault.lock(errLocked)
	_, err := d.Move(t.Context(), s.ID, base(t, "http://evil:1"))
	wants(t, err, "vault_locked")
	wants(t, d.Remove(t.Context(), s.ID), "vault_locked")
	if got := d.server(s.ID).Base; got != s.Base {
		t.Errorf("moved to %s with the token", got)
	}
	own, err := d.AddOwn(t.Context(), "own")
	if err != nil {
		t.Fatal(err)
	}
	_, err = d.Move(t.Context(), own.ID, base(t, "http://evil:1"))
	wants(t, err, "server_is_own")
}

func TestBusyList(t *testing.T) {
	d := newDesk(t)
	d.add("x", "http://nas")
	held := make(chan struct{})
	done := make(chan error)
	go func() {
		done <- d.conf.Store.Update(t.Context(), func([]byte) ([]byte, error) { held <- struct{}{}; <-held; return nil, errors.New("no") })
	}()
	<-held
	ctx, cancel := contextThatEnds(t)
	defer cancel()
	_, err := d.Rename(ctx, d.first().ID, "y")
	wants(t, err, "servers_busy")
	held <- struct{}{}
	if err := <-done; err == nil || err.Error() != "no" {
		t.Errorf("the error of a change: %v", err)
	}
}
