package app

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"unicode"

	"latchkey/backend/companion/vault"
	"latchkey/backend/config"
	"latchkey/backend/throttle"
)

// What may be seen of a person's secrets by somebody with the files, the log,
// the diagnostics or the page's events: nothing.
func TestSecretsStayWhereTheyBelong(t *testing.T) {
	data := newDataFolder(t)
	d := openTestDesk(t, data)
	var log lockedBuffer
	d.desk.log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	d.own.book = newLogbook(d.desk.log.Handler())
	v, account, signIn := &Vault{d.desk}, &Account{d.desk}, &SignIn{d.desk}
	const phrase, wrong = "canary phrase of some words", "canary-wrong-password"
	recovery, err := v.Create(Protection{Method: "passphrase", Passphrase: phrase})
	if err != nil {
		t.Fatal(err)
	}
	d.start(t)
	s, err := (&Own{d.desk}).Create(NewOwn{Username: testUser, Password: testPassword})
	if err != nil {
		t.Fatal(err)
	}
	_, err = signIn.SignIn(Credentials{ID: s.ID, Username: testUser, Password: wrong, Code: "canary-code"})
	checkProblem(t, "a wrong password", err, "credentials_wrong")
	setup, err := account.StartFactor(s.ID)
	if err != nil {
		t.Fatal(err)
	}
	enabled, err := account.EnableFactor(Enable{ID: s.ID, Secret: setup.Secret, Keep: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Lock(); err != nil {
		t.Fatal(err)
	}
	_, err = v.Unlock(Protection{Method: "passphrase", Passphrase: wrong})
	checkProblem(t, "a wrong passphrase", err, "vault_passphrase_wrong")
	diagnostics, err := (&Settings{d.desk}).Diagnostics()
	if err != nil {
		t.Fatal(err)
	}
	d.close()

	places := map[string]string{"the log": log.String(), "the diagnostics": diagnostics}
	d.screen.mu.Lock()
	for i, e := range d.screen.events {
		text, err := json.Marshal(e.data)
		if err != nil {
			t.Fatal(err)
		}
		places[fmt.Sprintf("event %d, %s", i, e.event)] = string(text)
	}
	d.screen.mu.Unlock()
	for name, text := range filesOf(t, data) {
		places[name] = text
	}
	secrets := append([]string{phrase, wrong, testPassword, recovery, strings.ReplaceAll(recovery, "-", ""), setup.Secret, "canary-code", "eyJ"}, enabled.RecoveryCodes...)
	for place, text := range places {
		for _, s := range secrets {
			if strings.Contains(text, s) {
				t.Errorf("%s holds %q", place, s)
			}
		}
	}
	for _, private := range []string{testUser, "127.0.0.1", data, "localhost"} {
		if strings.Contains(diagnostics, private) {
			t.Errorf("the diagnostics name %q", private)
		}
	}
}

// filesOf reads a folder, and complains of what others could read.
func filesOf(t *testing.T, folder string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(folder, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has the mode %v", path, info.Mode())
		}
		if !info.Mode().IsRegular() {
			return nil
		}
		text, err := os.ReadFile(path)
		out[path] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

type lockedBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// A locked vault gives no token to anybody, and none is left from before.
func TestLockedMeansNoToken(t *testing.T) {
	d := newTestDesk(t)
	d.makeVault(t)
	d.start(t)
	evil := &hostile{token: "canary-token"}
	s := evil.add(t, d)
	if _, err := (&SignIn{d.desk}).SignIn(Credentials{ID: s.ID, Username: "ann", Password: "secret"}); err != nil {
		t.Fatal(err)
	}
	if _, err := (&Devices{d.desk}).List(s.ID); err != nil {
		t.Fatal(err)
	}
	if err := (&Vault{d.desk}).Lock(); err != nil {
		t.Fatal(err)
	}
	before := evil.carried("canary-token")
	evil.token = "another-token"
	_, devices := (&Devices{d.desk}).List(s.ID)
	_, keys := (&Keys{d: d.desk}).List(s.ID)
	_, factor := (&Account{d.desk}).StartFactor(s.ID)
	_, signIn := (&SignIn{d.desk}).SignIn(Credentials{ID: s.ID, Username: "ann", Password: "secret"})
	for what, err := range map[string]error{
		"devices": devices, "keys": keys, "second factor": factor,
		"signing out": (&SignIn{d.desk}).SignOut(s.ID), "signing in": signIn, "forgetting": (&Servers{d.desk}).Forget(s.ID),
	} {
		checkProblem(t, what, err, vault.ErrLocked.Code)
	}
	// Signing in gets a token that nobody keeps.
	if after := evil.carried("canary-token"); before == 0 || after != before {
		t.Errorf("the token went out %d times, and %d times more from a locked vault", before, after-before)
	}
}

// A hostile server answers everything with what would do harm if it were taken
// for anything but text.
type hostile struct {
	token string
	name  string // in the header for errors

	mu     sync.Mutex
	tokens []string // that requests carried
}

const venom = "<img src=x onerror=alert(1)>\u202egnp.exe\u2066\x1b[31m\r\n\t\u0000{@html x}javascript:alert(1)\U000e0041"

func (h *hostile) carried(token string) (n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, t := range h.tokens {
		if t == token {
			n++
		}
	}
	return n
}

func (h *hostile) add(t *testing.T, d *testDesk) Server {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	s, err := (&Servers{d.desk}).Add(NewServer{Name: "evil", Address: srv.URL})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (h *hostile) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	h.tokens = append(h.tokens, r.Header.Get("Authorization"))
	h.mu.Unlock()
	if r.URL.Path == "/ping" {
		_, _ = io.WriteString(w, "pong")
		return
	}
	long := strings.Repeat(venom, 2000)
	answers := map[string]any{
		"/api/public/settings":   map[string]string{"version": "v3.62.0" + venom, "site_title": long},
		"/api/auth/login/hash":   map[string]string{"token": h.token},
		"/api/auth/login":        map[string]string{"token": h.token},
		"/api/me":                map[string]any{"id": 7, "username": long, "base_path": long, "role": []int{2}, "role_names": []string{long}, "permission": -1},
		"/api/me/sessions":       []map[string]any{{"session_id": "../../x", "ua": long, "ip": long, "last_active": 1 << 62}, {"session_id": "a", "ua": venom}, {"session_id": "a"}},
		"/api/me/sshkey/list":    map[string]any{"content": []map[string]any{{"id": 1, "title": long, "fingerprint": long, "type": long, "added_time": venom}}},
		"/api/auth/2fa/generate": map[string]string{"secret": long},
		"/api/auth/logout":       nil,
	}
	data, ok := answers[r.URL.Path]
	if h.name != "" && r.URL.Path != "/api/public/settings" {
		ok = false
		w.Header().Set("Latchkey-Error", h.name)
	}
	code, message := 200, "success"
	if !ok {
		code, message = 400, long
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"code": code, "message": message, "data": data})
}

// What a server says reaches the page as short plain text.
func TestTextsOfAHostileServer(t *testing.T) {
	d := newTestDesk(t)
	d.makeVault(t)
	d.start(t)
	s := (&hostile{token: "t"}).add(t, d)
	found, err := (&Servers{d.desk}).Find(s.Address)
	if err != nil {
		t.Fatal(err)
	}
	in, err := (&SignIn{d.desk}).SignIn(Credentials{ID: s.ID, Username: "ann", Password: "secret"})
	if err != nil {
		t.Fatal(err)
	}
	devices, err := (&Devices{d.desk}).List(s.ID)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := (&Keys{d: d.desk}).List(s.ID)
	if err != nil {
		t.Fatal(err)
	}
	_, setUp := (&Account{d.desk}).StartFactor(s.ID)
	upload := (&Account{d.desk}).DisableFactor(Proof{ID: s.ID})
	_, password := (&Account{d.desk}).ChangePassword(PasswordChange{ID: s.ID, Current: "secret", Next: "some other words"})
	diagnostics, err := (&Settings{d.desk}).Diagnostics()
	if err != nil {
		t.Fatal(err)
	}
	checkPlain(t, "found", found)
	checkPlain(t, "signed in", in)
	checkPlain(t, "devices", devices)
	checkPlain(t, "keys", keys)
	checkPlain(t, "errors", []*Problem{asProblem(setUp), asProblem(upload), asProblem(password)})
	checkPlain(t, "diagnostics", strings.ReplaceAll(diagnostics, "\n", " "))
}

// checkPlain complains of characters that do not show or change how others do,
// and of texts that would fill the screen.
func checkPlain(t *testing.T, what string, v any) {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var read any
	if err := json.Unmarshal(text, &read); err != nil {
		t.Fatal(err)
	}
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case string:
			if len(v) > 2000 {
				t.Errorf("%s: a text of %d bytes", what, len(v))
			}
			if i := strings.IndexFunc(v, func(r rune) bool { return r != '\n' && unicode.In(r, unicode.Cc, unicode.Cf) }); i >= 0 {
				t.Errorf("%s: %q", what, v[i:min(len(v), i+40)])
			}
		case []any:
			for _, e := range v {
				walk(e)
			}
		case map[string]any:
			for _, e := range v {
				walk(e)
			}
		}
	}
	walk(read)
}

// A server chooses among the refusals of servers. It cannot make the page take
// what it says for an error of this program.
func TestAServerCannotForgeProblems(t *testing.T) {
	d := newTestDesk(t)
	d.makeVault(t)
	d.start(t)
	evil := &hostile{token: "t"}
	s := evil.add(t, d)
	if _, err := (&SignIn{d.desk}).SignIn(Credentials{ID: s.ID, Username: "ann", Password: "secret"}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"vault_locked", "vault_damaged", "app_failed", "certificate_changed", "settings_invalid", "not_signed_in", "../x", "a\tb"} {
		evil.name = name
		_, err := (&Devices{d.desk}).List(s.ID)
		checkProblem(t, name, err, "server_refused")
	}
}

// Guesses in the window climb the same ladder as those from outside, and who is
// signed in stays so.
func TestTheWindowIsNoSecondDoor(t *testing.T) {
	d := newTestDesk(t)
	s := d.withOwn(t)
	signIn := &SignIn{d.desk}
	for range throttle.PairLimit {
		_, err := signIn.SignIn(Credentials{ID: s.ID, Username: testUser, Password: "wrong"})
		checkProblem(t, "a guess", err, "credentials_wrong")
	}
	_, err := signIn.SignIn(Credentials{ID: s.ID, Username: testUser, Password: testPassword})
	checkProblem(t, "the right one after too many", err, "too_many_attempts")
	if list, err := (&Devices{d.desk}).List(s.ID); err != nil || len(list.Devices) != 1 {
		t.Errorf("who is signed in: %+v, %v", list, err)
	}
}

// What the page may name is names: no path and no address gets through.
func TestThePageNamesNoPlaces(t *testing.T) {
	ssh := atHome(t)
	d := newTestDesk(t)
	s := d.withOwn(t)
	for _, to := range []string{"", "https://evil.example", "file:///etc/passwd", "javascript:alert(1)", "../source", "ALIST"} {
		checkProblem(t, "OpenLink "+to, (&Shell{d.desk}).OpenLink(to), "link_unknown")
	}
	if len(d.screen.browsed) != 0 {
		t.Errorf("opened %q", d.screen.browsed)
	}
	for _, name := range []string{"../x", "/tmp/x", "a/b", `a\b`, "..", ".", "-oProxyCommand=x", "authorized_keys", "config", "x.pub", "x\ny", "x\x00", "~x", "con:"} {
		made, err := (&Keys{d: d.desk}).Make(NewKey{Kind: "ed25519", Name: name})
		if err == nil {
			t.Errorf("made %s", made.Path)
		}
	}
	if there, err := os.ReadDir(ssh); err == nil && len(there) != 0 {
		t.Errorf("%s holds %v", ssh, there)
	}
	for _, host := range []string{"-oProxyCommand=x", "a b", "a/b", "a;b", "$(x)", "a\nb", "", "user@host"} {
		_, err := (&Servers{d.desk}).SetSFTP(SFTPChange{ID: s.ID, Host: host, Port: 22})
		checkProblem(t, "SetSFTP "+host, err, "sftp_address_invalid")
	}
	for _, id := range []string{"", "../x", "..", s.ID + "x", strings.ToUpper(s.ID)} {
		checkProblem(t, "Select "+id, (&Servers{d.desk}).Select(id), "server_unknown")
	}
}

// A file's name or path cannot become more than a path in the settings.
func TestFolderIsNoStatement(t *testing.T) {
	d := newTestDesk(t)
	d.makeVault(t)
	d.start(t)
	for _, folder := range []string{"files", "../x", "~/x", ".", filepath.Join(t.TempDir(), "a") + "\"\nlan = true\nhttp = \"0.0.0.0:0"} {
		_, _ = (&Own{d.desk}).Create(NewOwn{Username: testUser, Password: testPassword, Folder: folder})
		cfg, err := config.Load(map[string]string{"data": d.data})
		if err != nil || cfg.LAN || config.BeyondLoopback(cfg.HTTP) {
			t.Errorf("%q: LAN %v at %s, %v", folder, cfg.LAN, cfg.HTTP, err)
		}
	}
}

// Nothing of what is dropped reaches the page but a public key.
func TestDroppedHarm(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there are no pipes and devices in folders on Windows")
	}
	d := newTestDesk(t)
	dir := t.TempDir()
	private := filepath.Join(dir, "id.pub")
	write := func(path, text string) string {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	write(private, "-----BEGIN OPENSSH PRIVATE KEY-----\ncanary\n")
	link, pipe := filepath.Join(dir, "link.pub"), filepath.Join(dir, "pipe.pub")
	if err := os.Symlink(private, link); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), "mkfifo", pipe).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, paths := range [][]string{
		nil, {private}, {link}, {pipe}, {dir}, {"/dev/zero"}, {"/dev/stdin"}, {""}, {"\x00"}, {private, link},
		{write(filepath.Join(dir, "big.pub"), strings.Repeat("canary ", 20<<10))}, {write(filepath.Join(dir, "x.pub"), "ssh-ed25519 canary <b>")},
	} {
		d.dropped(paths)
		got, ok := d.screen.last(eventDropped).(Dropped)
		text, err := json.Marshal(got)
		if !ok || err != nil || got.Problem == nil || got.Text != "" || bytes.Contains(text, []byte("canary")) || bytes.Contains(text, []byte(dir)) {
			t.Errorf("%q: %s, %v", paths, text, err)
		}
	}
}

// Whatever a name is, the shell takes the line for the words that are meant.
func TestCommandIsWordsOnly(t *testing.T) {
	for _, name := range []string{"$(touch x)", "`x`", "'; x; '", "a\nb", "-oProxyCommand=x", "a@b", `\`, "“; x; ”", "‘; x; ’"} {
		c := Connection{Host: "nas.local", Port: 5222, Username: name}
		out, err := exec.CommandContext(t.Context(), "sh", "-c", strings.Replace(c.command("/home/ann/"+name, "linux"), "sftp", `printf '%s\0'`, 1)).Output()
		words := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
		if err != nil || len(words) != 9 && len(words) != 7 || words[len(words)-1] != "nas.local" && words[len(words)-1] != name+"@nas.local" {
			t.Errorf("%q: %q, %v", name, words, err)
		}
		// PowerShell ends a text in double quotes at any double quote, and one
		// in single quotes at any single one that is alone.
		line := c.command("", "windows")
		if strings.ContainsAny(name, "“”‘’") && strings.Contains(line, `"`) {
			t.Errorf("%q for Windows: %s", name, line)
		}
	}
}

// However copies cross, a secret that is on the clipboard has its time.
func TestCopiesThatCross(t *testing.T) {
	d := newTestDesk(t)
	shell := &Shell{d.desk}
	for range 200 {
		var both sync.WaitGroup
		for _, c := range []Copy{{Text: "secret", Secret: true}, {Text: "text"}} {
			both.Go(func() { _, _ = shell.CopyText(c) })
		}
		both.Wait()
		if err := shell.ClearCopied(); err != nil {
			t.Fatal(err)
		}
		if left, _ := d.screen.Clipboard(); left == "secret" {
			t.Fatal("a secret stayed on the clipboard for good")
		}
	}
}

// Two windows on one data folder, as where there is no session bus: neither
// harms the other, and both see one list.
func TestTwoWindowsOnOneFolder(t *testing.T) {
	a := newTestDesk(t)
	s := a.withOwn(t)
	b := openTestDesk(t, a.data)
	b.desk.keyring, b.keyring = a.keyring, a.keyring
	b.begin()
	<-b.opened
	until(t, "the second one sees who serves", func() bool { return b.ownStatus().State == string(ownElsewhere) })
	checkProblem(t, "settings of the other's server", func() error { _, err := (&Own{b.desk}).Configure(OwnSettings{LAN: true, HTTPPort: 1}); return err }(), "own_server_elsewhere")
	if _, err := (&Own{b.desk}).Stop(); err != nil || a.ownStatus().State != string(ownRunning) {
		t.Errorf("stopped from beside: %s, %v", a.ownStatus().State, err)
	}
	if list, err := (&Servers{b.desk}).List(); err != nil || len(list) != 1 || list[0].ID != s.ID {
		t.Errorf("the list beside is %+v, %v", list, err)
	}
	b.close()
	if a.ownStatus().State != string(ownRunning) {
		t.Errorf("the first one is %s", a.ownStatus().State)
	}
}
