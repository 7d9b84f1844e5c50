package app

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"latchkey/backend/companion/servers"
	"latchkey/backend/server"
)

func (d *testDesk) ownScreen() *Own         { return &Own{d.desk} }
func (d *testDesk) serversScreen() *Servers { return &Servers{d.desk} }

// wantOwn checks how the own server stands, and with which problem.
func (d *testDesk) wantOwn(t *testing.T, state ownState, problem string) OwnStatus {
	t.Helper()
	st, err := d.ownScreen().Status()
	if err != nil {
		t.Fatal(err)
	}
	code := ""
	if st.Problem != nil {
		code = st.Problem.Code
	}
	if st.State != string(state) || code != problem {
		t.Errorf("own server: %s %q; want %s %q", st.State, code, state, problem)
	}
	return st
}

// take listens on a free port of the loopback until the test ends.
func take(t *testing.T) (port int) {
	t.Helper()
	var lc net.ListenConfig
	ln, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ln.Close() })
	return portOf(ln.Addr().String())
}

// free returns a port of the loopback that nobody listens on.
func free(t *testing.T) int {
	t.Helper()
	var lc net.ListenConfig
	ln, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ln.Close() }()
	return portOf(ln.Addr().String())
}

func TestTheFirstStartOfTheOwnServer(t *testing.T) {
	d := newTestDesk(t)
	d.makeVault(t)
	d.start(t)
	d.wantOwn(t, ownAbsent, "")

	folder := filepath.Join(t.TempDir(), "our files")
	s, err := d.ownScreen().Create(NewOwn{Username: "Ann", Password: testPassword, Folder: folder})
	if err != nil {
		t.Fatal(err)
	}
	if !s.Own || s.State != "signed_in" || s.Me == nil || s.Me.Username != "ann" || s.Me.MustChangePassword || s.Name != "This computer" {
		t.Errorf("Create: %+v, %+v", s, s.Me)
	}
	st := d.wantOwn(t, ownRunning, "")
	if st.Folder != folder || st.Settings.HTTPPort == 0 || len(st.HostKeys) == 0 || len(st.Addresses) != 0 {
		t.Errorf("Status: %+v", st)
	}
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		t.Errorf("folder for files: %v", err)
	}
	if b, err := (&Shell{d.desk}).Boot(); err != nil || b.Current != s.ID || b.FirstRun {
		t.Errorf("Boot: current %q, first run %v, %v", b.Current, b.FirstRun, err)
	}
	_, err = d.ownScreen().Create(NewOwn{Username: "bob", Password: testPassword})
	checkProblem(t, "a second first start", err, "already_begun")
}

func TestARefusedFirstStartLeavesNothing(t *testing.T) {
	for name, tc := range map[string]struct {
		change      func(t *testing.T, d *testDesk, n *NewOwn)
		code, field string
	}{
		"name":     {func(_ *testing.T, _ *testDesk, n *NewOwn) { n.Username = "" }, "username_empty", "username"},
		"password": {func(_ *testing.T, _ *testDesk, n *NewOwn) { n.Password = "short" }, "password_too_short", "password"},
		"relative": {func(_ *testing.T, _ *testDesk, n *NewOwn) { n.Folder = "files" }, "files_folder_relative", "folder"},
		"keys":     {func(_ *testing.T, d *testDesk, n *NewOwn) { n.Folder = d.data }, "settings_refused", "folder"},
		"no folder": {func(t *testing.T, _ *testDesk, n *NewOwn) {
			n.Folder = filepath.Join(t.TempDir(), "file")
			if err := os.WriteFile(n.Folder, nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}, "files_folder_failing", "folder"},
		"port": {func(t *testing.T, d *testDesk, _ *NewOwn) {
			writeSettings(t, d.data, "http = \"127.0.0.1:"+strconv.Itoa(take(t))+"\"\nsftp = \"127.0.0.1:0\"\n")
		}, "port_taken", "http"},
		"locked": {func(_ *testing.T, d *testDesk, _ *NewOwn) { d.companion.Vault.Lock() }, "vault_locked", ""},
	} {
		t.Run(name, func(t *testing.T) {
			d := newTestDesk(t)
			d.makeVault(t)
			d.start(t)
			n := NewOwn{Username: testUser, Password: testPassword, LAN: true}
			tc.change(t, d, &n)
			before, err := os.ReadFile(filepath.Join(d.data, "latchkey.toml"))
			if err != nil {
				t.Fatal(err)
			}
			_, err = d.ownScreen().Create(n)
			checkProblem(t, "Create", err, tc.code)
			if p := asProblem(err); p != nil && p.Field != tc.field {
				t.Errorf("field %q; want %q", p.Field, tc.field)
			}
			d.wantOwn(t, ownAbsent, "")
			if begun, err := server.Begun(d.data); begun || err != nil {
				t.Errorf("Begun: %v, %v", begun, err)
			}
			if list, err := d.serversScreen().List(); len(list) != 0 || err != nil {
				t.Errorf("List: %v, %v", list, err)
			}
			if after, err := os.ReadFile(filepath.Join(d.data, "latchkey.toml")); err != nil || string(after) != string(before) {
				t.Errorf("settings: %q, %v; want %q", after, err, before)
			}
		})
	}
}

// AList's usual port is ours too, so on a machine that runs AList it is taken.
func TestTheFirstStartFindsFreePorts(t *testing.T) {
	d := newTestDesk(t)
	writeSettings(t, d.data, "")
	for _, port := range []string{"5244", "5222"} {
		var lc net.ListenConfig
		if ln, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:"+port); err == nil { // or it is taken already
			defer func() { _ = ln.Close() }()
		}
	}
	d.withOwn(t)
	st := d.wantOwn(t, ownRunning, "")
	if st.Settings.HTTPPort <= 5244 || st.Settings.SFTPPort <= 5222 {
		t.Errorf("settings: %+v", st.Settings)
	}
}

func TestTheOwnServerStartsWithTheWindow(t *testing.T) {
	data := newDataFolder(t)
	first := openTestDesk(t, data)
	created := first.withOwn(t)
	first.close()

	again := openTestDesk(t, data)
	again.keyring.entries = first.keyring.entries
	again.start(t)
	again.wantOwn(t, ownRunning, "")
	until(t, "still signed in", func() bool {
		list, err := again.servers(t.Context())
		return err == nil && len(list) == 1 && list[0].ID == created.ID && list[0].State == "signed_in"
	})
}

// Whatever was cut off after the first start: the server is on the list at the
// next one, to be signed in to.
func TestAServerBegunElsewhereIsPutOnTheList(t *testing.T) {
	data := newDataFolder(t)
	_, stop := startServer(t, data)
	stop()
	d := openTestDesk(t, data)
	d.makeVault(t)
	d.start(t)
	b, err := (&Shell{d.desk}).Boot()
	if err != nil || b.FirstRun || len(b.Servers) != 1 || !b.Servers[0].Own {
		t.Errorf("Boot: %+v, %v", b, err)
	}
	checkProblem(t, "forget it", d.serversScreen().Forget(b.Servers[0].ID), "server_own_stays")
}

func TestStopAndStart(t *testing.T) {
	d := newTestDesk(t)
	s := d.withOwn(t)
	if st, err := d.ownScreen().Stop(); err != nil || st.State != string(ownStopped) {
		t.Errorf("Stop: %+v, %v", st, err)
	}
	until(t, "its entry is offline", func() bool {
		list, err := d.servers(t.Context())
		return err == nil && list[0].State == "offline" && list[0].Problem.Code == "server_stopped"
	})
	if running, err := server.Running(d.data); running || err != nil {
		t.Errorf("Running: %v, %v", running, err)
	}
	if st, err := d.ownScreen().Start(); err != nil || st.State != string(ownRunning) {
		t.Errorf("Start: %+v, %v", st, err)
	}
	until(t, "its entry is signed in", func() bool {
		list, err := d.servers(t.Context())
		return err == nil && list[0].ID == s.ID && list[0].State == "signed_in"
	})
	if lines, err := d.ownScreen().Log(); err != nil || lines == nil {
		t.Errorf("Log: %v, %v", lines, err)
	}
}

func TestAFailedStartSaysWhy(t *testing.T) {
	data := newDataFolder(t)
	_, stop := startServer(t, data)
	stop()
	for name, tc := range map[string]struct {
		settings func(t *testing.T) string
		code     string
		field    string
	}{
		"port": {func(t *testing.T) string {
			return "http = \"127.0.0.1:" + strconv.Itoa(take(t)) + "\"\nsftp = \"off\"\n"
		}, "port_taken", "http"},
		"sftp": {func(t *testing.T) string {
			return "http = \"off\"\nsftp = \"127.0.0.1:" + strconv.Itoa(take(t)) + "\"\n"
		}, "port_taken", "sftp"},
		"settings": {func(*testing.T) string { return "lan = maybe\n" }, "settings_invalid", ""},
	} {
		t.Run(name, func(t *testing.T) {
			writeSettings(t, data, tc.settings(t))
			d := openTestDesk(t, data)
			d.start(t)
			if st := d.wantOwn(t, ownFailed, tc.code); st.Problem.Field != tc.field {
				t.Errorf("field %q; want %q", st.Problem.Field, tc.field)
			}
			// What is wrong with the own server keeps nobody from the rest.
			if b, err := (&Shell{d.desk}).Boot(); err != nil || b.Problem != nil {
				t.Errorf("Boot: %+v, %v", b.Problem, err)
			}
			writeSettings(t, data, "http = \"127.0.0.1:0\"\nsftp = \"off\"\n")
			if st, err := d.ownScreen().Start(); err != nil || st.State != string(ownRunning) {
				t.Errorf("Start after mending: %+v, %v", st, err)
			}
		})
	}
}

func TestAReadOnlyDataFolder(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("the owner of the machine may write anywhere")
	}
	data := newDataFolder(t)
	_, stop := startServer(t, data)
	stop()
	if err := os.Chmod(data, 0o500); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(data, 0o700) })
	d := openTestDesk(t, data)
	d.start(t)
	d.wantOwn(t, ownFailed, "data_folder_failing")
}

func TestConfigure(t *testing.T) {
	d := newTestDesk(t)
	s := d.withOwn(t)
	was := d.wantOwn(t, ownRunning, "").Settings
	to := OwnSettings{LAN: true, HTTPPort: was.HTTPPort, SFTPPort: free(t)}
	st, err := d.ownScreen().Configure(to)
	if err != nil || st.Settings != to || !strings.HasPrefix(st.HTTP, "https://") || st.Certificate == "" {
		t.Fatalf("Configure: %+v, %v", st, err)
	}
	for _, a := range st.Addresses {
		if !strings.HasPrefix(a, "https://") || !strings.HasSuffix(a, ":"+strconv.Itoa(to.HTTPPort)) {
			t.Errorf("address %q", a)
		}
	}
	back, err := d.ownScreen().Configure(OwnSettings{HTTPPort: was.HTTPPort})
	if err != nil || back.SFTP != "off" || back.Certificate != "" || len(back.Addresses) != 0 {
		t.Errorf("back to this computer: %+v, %v", back, err)
	}
	if now, err := d.serversScreen().Check(s.ID); err != nil || now.State != "signed_in" {
		t.Errorf("after restarts: %+v, %v", now, err)
	}
}

func TestSettingsThatDoNotWorkAreTakenBack(t *testing.T) {
	d := newTestDesk(t)
	d.withOwn(t)
	was := d.wantOwn(t, ownRunning, "").Settings
	file, err := os.ReadFile(filepath.Join(d.data, "latchkey.toml"))
	if err != nil {
		t.Fatal(err)
	}
	taken := take(t)
	for name, tc := range map[string]struct {
		to          OwnSettings
		code, field string
	}{
		"taken":     {OwnSettings{HTTPPort: taken, SFTPPort: was.SFTPPort}, "port_taken", "http"},
		"no port":   {OwnSettings{HTTPPort: 70000, SFTPPort: 1}, "port_invalid", "httpPort"},
		"negative":  {OwnSettings{HTTPPort: 1, SFTPPort: -1}, "port_invalid", "sftpPort"},
		"same":      {OwnSettings{HTTPPort: 4000, SFTPPort: 4000}, "ports_same", "sftpPort"},
		"all off":   {OwnSettings{}, "ports_off", "httpPort"},
		"sftp port": {OwnSettings{HTTPPort: was.HTTPPort, SFTPPort: taken}, "port_taken", "sftp"},
	} {
		_, err := d.ownScreen().Configure(tc.to)
		checkProblem(t, name, err, tc.code)
		if p := asProblem(err); p != nil && p.Field != tc.field {
			t.Errorf("%s: field %q; want %q", name, p.Field, tc.field)
		}
		d.wantOwn(t, ownRunning, "")
		if now, err := os.ReadFile(filepath.Join(d.data, "latchkey.toml")); err != nil || string(now) != string(file) {
			t.Errorf("%s: settings %q, %v; want %q", name, now, err, file)
		}
	}
}

func TestAPortThatWasTakenCanBeChanged(t *testing.T) {
	data := newDataFolder(t)
	_, stop := startServer(t, data)
	stop()
	writeSettings(t, data, "http = \"127.0.0.1:"+strconv.Itoa(take(t))+"\"\nsftp = \"off\"\n")
	d := openTestDesk(t, data)
	d.start(t)
	d.wantOwn(t, ownFailed, "port_taken")
	if _, err := d.ownScreen().Configure(OwnSettings{HTTPPort: free(t)}); err != nil {
		t.Fatal(err)
	}
	d.wantOwn(t, ownRunning, "")
}

func TestPinnedSettingsStay(t *testing.T) {
	t.Setenv("LATCHKEY_LAN", "false")
	d := newTestDesk(t, "sftp", "off")
	d.withOwn(t)
	st := d.wantOwn(t, ownRunning, "")
	if st.Pinned != (Pinned{LAN: "LATCHKEY_LAN", SFTP: "--sftp"}) {
		t.Errorf("pinned: %+v", st.Pinned)
	}
	for field, to := range map[string]OwnSettings{
		"lan":      {LAN: true, HTTPPort: st.Settings.HTTPPort},
		"sftpPort": {HTTPPort: st.Settings.HTTPPort, SFTPPort: 4022},
	} {
		_, err := d.ownScreen().Configure(to)
		checkProblem(t, field, err, "setting_pinned")
		if p := asProblem(err); p != nil && p.Field != field {
			t.Errorf("field %q; want %q", p.Field, field)
		}
	}
	if _, err := d.ownScreen().Configure(OwnSettings{HTTPPort: free(t)}); err != nil {
		t.Errorf("another setting: %v", err)
	}
}

func TestServedByAnotherProgram(t *testing.T) {
	data := newDataFolder(t)
	_, stop := startServer(t, data)
	defer func() { stop() }()
	d := openTestDesk(t, data)
	d.makeVault(t)
	d.start(t)
	d.wantOwn(t, ownElsewhere, "")
	list, err := d.serversScreen().List()
	if err != nil || len(list) != 1 {
		t.Fatalf("List: %+v, %v", list, err)
	}
	d.signIn(t, servers.ID(list[0].ID))
	_, err = d.ownScreen().Configure(OwnSettings{HTTPPort: 4000})
	checkProblem(t, "Configure", err, "own_server_elsewhere")
	if st, err := d.ownScreen().Stop(); err != nil || st.State != string(ownElsewhere) {
		t.Errorf("Stop of another program's server: %+v, %v", st, err)
	}

	stop()
	d.own.follow(t.Context())
	d.wantOwn(t, ownStopped, "")
	_, stop = startServer(t, data)
	d.own.follow(t.Context())
	d.wantOwn(t, ownElsewhere, "")
	stop()
	d.own.follow(t.Context())
	if st, err := d.ownScreen().Start(); err != nil || st.State != string(ownRunning) {
		t.Errorf("Start here: %+v, %v", st, err)
	}
	d.own.follow(t.Context())
	d.wantOwn(t, ownRunning, "")
}

// The window may close at any moment, whatever is under way.
func TestClosingAtAnyMoment(t *testing.T) {
	data := newDataFolder(t)
	made := openTestDesk(t, data)
	made.withOwn(t)
	made.close()
	for n := range 12 {
		d := openTestDesk(t, data)
		d.keyring.entries = made.keyring.entries
		d.begin()
		var calls sync.WaitGroup
		for range 2 {
			calls.Go(func() { _, _ = d.ownScreen().Stop() })
			calls.Go(func() { _, _ = d.ownScreen().Start() })
			calls.Go(func() { _, _ = d.serversScreen().List() })
			calls.Go(func() { _, _ = d.ownScreen().Configure(OwnSettings{HTTPPort: 0, SFTPPort: 0}) })
		}
		switch n % 3 {
		case 0:
			calls.Wait()
		case 1:
			<-d.opened
		}
		d.close()
		calls.Wait()
		if running, err := server.Running(data); running || err != nil {
			t.Fatalf("after closing: running %v, %v", running, err)
		}
		if err := d.own.start(context.Background()); err == nil {
			t.Fatal("a server was started after the window closed")
		}
	}
}

func TestTheFolderDialogSpeaksThePersonsLanguage(t *testing.T) {
	d := newTestDesk(t)
	d.screen.answer = "/somewhere"
	got, err := d.ownScreen().ChooseFolder()
	if err != nil || got != "/somewhere" || d.screen.dialogs[0].Title == "" {
		t.Errorf("ChooseFolder: %q, %v, %+v", got, err, d.screen.dialogs)
	}
}

// Whoever sits at the computer gets in again at once.
func TestUnlock(t *testing.T) {
	d := newTestDesk(t)
	s := d.withOwn(t)
	screen := &SignIn{d.desk}
	wrong := Credentials{ID: s.ID, Username: testUser, Password: "not that one"}
	for range 5 {
		_, err := screen.SignIn(wrong)
		checkProblem(t, "wrong password", err, "credentials_wrong")
	}
	right := Credentials{ID: s.ID, Username: testUser, Password: testPassword}
	_, err := screen.SignIn(right)
	checkProblem(t, "locked", err, "too_many_attempts")
	if err := d.ownScreen().Unlock(" ANN "); err != nil {
		t.Fatal(err)
	}
	if _, err := screen.SignIn(right); err != nil {
		t.Errorf("after unlocking: %v", err)
	}
	checkProblem(t, "no name", d.ownScreen().Unlock(""), "username_empty")
	if _, err := d.ownScreen().Stop(); err != nil {
		t.Fatal(err)
	}
	checkProblem(t, "stopped", d.ownScreen().Unlock(testUser), "server_stopped")
}
