package app

import (
	"context"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"latchkey/backend/companion"
	"latchkey/backend/companion/remote"
	"latchkey/backend/companion/servers"
	"latchkey/backend/companion/sshkeys/askpass"
	"latchkey/backend/companion/vault"
	"latchkey/backend/config"
	"latchkey/backend/server"
)

func TestMain(m *testing.M) {
	if door, notice := config.Askpass(); door != "" { // ssh-keygen has started this program to ask
		if err := askpass.Ask(context.Background(), askpass.Address(door), os.Args[1], notice, os.Stdout); err != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

// Who signs in to the servers of tests. They are administrators.
const (
	testUser     = "ann"
	testPassword = "correct-horse-battery"
)

// A testDesk is a real desk on a data folder of its own, before begin. The
// window, the system around it and the keyring are stand-ins. The test's end
// closes it.
type testDesk struct {
	*desk
	screen  *fakeDesktop
	keyring *fakeKeyring
}

// newTestDesk opens a desk whose own server listens on free ports. Further
// settings are those of a command line.
func newTestDesk(t testing.TB, settings ...string) *testDesk {
	t.Helper()
	return openTestDesk(t, newDataFolder(t), settings...)
}

// newDataFolder makes a data folder whose server listens on free ports.
func newDataFolder(t testing.TB) string {
	t.Helper()
	data := filepath.Join(t.TempDir(), "data")
	if err := os.Mkdir(data, 0o700); err != nil {
		t.Fatal(err)
	}
	writeSettings(t, data, "http = \"127.0.0.1:0\"\nsftp = \"127.0.0.1:0\"\n")
	return data
}

func writeSettings(t testing.TB, data, toml string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(data, "latchkey.toml"), []byte(toml), 0o600); err != nil {
		t.Fatal(err)
	}
}

// openTestDesk opens a desk on a data folder, with the settings of a command
// line: name, value, name, value.
func openTestDesk(t testing.TB, data string, settings ...string) *testDesk {
	t.Helper()
	flags := map[string]string{"data": data}
	for pair := range slices.Chunk(settings, 2) {
		flags[pair[0]] = pair[1]
	}
	d := &testDesk{
		desk:    newDesk(Config{Settings: flags, Version: "1.2.3"}),
		screen:  &fakeDesktop{background: true},
		keyring: &fakeKeyring{entries: map[string]companion.Secret{}},
	}
	d.desk.log = slog.New(slog.NewTextHandler(io.Discard, nil))
	d.desk.keyring = d.keyring
	d.open(d.screen, 0)
	t.Cleanup(sync.OnceFunc(d.close))
	return d
}

// start begins the desk as the window does, and waits until it has settled.
func (d *testDesk) start(t testing.TB) {
	t.Helper()
	d.begin()
	<-d.opened
	until(t, "the own server has settled", func() bool {
		s := d.ownStatus().State
		return s != string(ownStarting) && s != string(ownStopped)
	})
}

// makeVault makes a vault in the keyring and leaves it open. It returns the
// recovery key.
func (d *testDesk) makeVault(t testing.TB) companion.Secret {
	t.Helper()
	recovery, err := d.companion.Vault.Create(t.Context(), vault.WithKeyring(vault.Briefly))
	if err != nil {
		t.Fatal(err)
	}
	d.vaultChanged()
	return recovery
}

// withOwn starts the desk with a vault and a real server of its own, with the
// test's user signed in there.
func (d *testDesk) withOwn(t testing.TB) Server {
	t.Helper()
	d.makeVault(t)
	d.start(t)
	s, err := (&Own{d.desk}).Create(NewOwn{Username: testUser, Password: testPassword})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// withRemote starts a real server apart from the desk, puts it on the list and
// signs the test's user in there.
func (d *testDesk) withRemote(t testing.TB) Server {
	t.Helper()
	base, err := remote.ParseBase(startRemote(t))
	if err != nil {
		t.Fatal(err)
	}
	s, err := d.companion.Servers.Add(t.Context(), servers.NewServer{Name: "nas", Base: base})
	if err != nil {
		t.Fatal(err)
	}
	d.signIn(t, s.ID)
	out, err := d.server(t.Context(), s.ID)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (d *testDesk) signIn(t testing.TB, id servers.ID) {
	t.Helper()
	_, err := d.companion.Servers.SignIn(t.Context(), id, remote.Credentials{Username: testUser, Password: companion.NewSecret(testPassword)})
	if err != nil {
		t.Fatal(err)
	}
}

// startRemote runs a real server on a data folder of its own until the test
// ends, and returns its address.
func startRemote(t testing.TB) string {
	t.Helper()
	address, stop := startServer(t, newDataFolder(t))
	t.Cleanup(stop)
	return address.HTTP
}

// startServer runs a real server on a data folder until stop is called.
func startServer(t testing.TB, data string, settings ...string) (at server.Addresses, stop func()) {
	t.Helper()
	flags := map[string]string{"data": data}
	for pair := range slices.Chunk(settings, 2) {
		flags[pair[0]] = pair[1]
	}
	cfg, err := config.Load(flags)
	if err != nil {
		t.Fatal(err)
	}
	o := server.Options{Env: companion.System(), Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Version: "1.2.3"}
	if begun, err := server.Begun(data); err == nil && !begun {
		o.Admin = &server.Admin{Username: testUser, Password: companion.NewSecret(testPassword)}
	}
	s, err := server.New(t.Context(), cfg, o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	return s.Addresses(), sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
}

// until waits for something that happens in another goroutine.
func until(t testing.TB, what string, happened func() bool) {
	t.Helper()
	for range 3000 {
		if happened() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("waited in vain: %s", what)
}

// checkProblem compares the code of an error, "" for none, with the wanted one.
func checkProblem(t testing.TB, what string, err error, want string) {
	t.Helper()
	got := ""
	if p := asProblem(err); p != nil {
		got = p.Code
	}
	if got != want {
		t.Errorf("%s: problem %q (%v); want %q", what, got, err, want)
	}
}

// An emitted is an event that the page got.
type emitted struct {
	event string
	data  any
}

// A fakeDesktop is the window and the system around it. What it answers with is
// set before, what it was told is read after.
type fakeDesktop struct {
	mu          sync.Mutex
	events      []emitted
	dialogs     []dialog
	answer      string // of the dialogs
	failing     error  // of the dialogs, the clipboard and Reveal
	clip        string
	secrets     int // how often a text was copied as one
	clipPicture []byte
	browsed     []string
	revealed    []string
	shown       int
	hidden      int
	quits       int
	width       int
	height      int
	maximised   bool
	background  bool
	words       words
	notes       []note
	away        func() // what the system calls when nobody is there
}

// last returns the data of the latest event of a name, or nil.
func (f *fakeDesktop) last(event string) any {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, e := range slices.Backward(f.events) {
		if e.event == event {
			return e.data
		}
	}
	return nil
}

func (f *fakeDesktop) Emit(event string, data any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.events = append(f.events, emitted{event, data})
}

func (f *fakeDesktop) count(n *int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	*n++
}

func (f *fakeDesktop) Show() { f.count(&f.shown) }
func (f *fakeDesktop) Hide() { f.count(&f.hidden) }
func (f *fakeDesktop) Quit() { f.count(&f.quits) }

func (f *fakeDesktop) dialog(d dialog) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.dialogs = append(f.dialogs, d)
	return f.answer, f.failing
}

func (f *fakeDesktop) OpenFile(d dialog) (string, error) { return f.dialog(d) }
func (f *fakeDesktop) OpenFiles(d dialog) ([]string, error) {
	answer, err := f.dialog(d)
	return strings.Fields(answer), err
}
func (f *fakeDesktop) OpenFolder(d dialog) (string, error) { return f.dialog(d) }
func (f *fakeDesktop) SaveFile(d dialog) (string, error)   { return f.dialog(d) }

func (f *fakeDesktop) Browse(address string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.browsed = append(f.browsed, address)
}

func (f *fakeDesktop) Reveal(folder string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.revealed = append(f.revealed, folder)
	return f.failing
}

func (f *fakeDesktop) Clipboard() (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.clip, f.failing
}

func (f *fakeDesktop) SetClipboard(text string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.failing == nil {
		f.clip = text
	}
	return f.failing
}

func (f *fakeDesktop) SetSecret(text string) error {
	f.mu.Lock()
	f.secrets++
	f.mu.Unlock()
	return f.SetClipboard(text)
}

func (f *fakeDesktop) ClipboardPicture() ([]byte, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.clipPicture, f.failing
}

func (f *fakeDesktop) Size() (width, height int, maximised bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.width, f.height, f.maximised
}

func (f *fakeDesktop) Notify(n note) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.notes = append(f.notes, n)
}

func (f *fakeDesktop) Attend(_ context.Context, away func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.away = away
}

func (f *fakeDesktop) Reword(w words) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.words = w
}

func (f *fakeDesktop) Background() bool { return f.background }

// A fakeKeyring is a keyring in memory. It can fail, and it can hang until it is
// let go.
type fakeKeyring struct {
	mu      sync.Mutex
	entries map[string]companion.Secret
	failing error
	hanging chan struct{} // closed: goes on; nil: does not hang
}

func (k *fakeKeyring) use(act func()) error {
	k.mu.Lock()
	hanging := k.hanging
	k.mu.Unlock()
	if hanging != nil {
		<-hanging
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.failing == nil {
		act()
	}
	return k.failing
}

func (k *fakeKeyring) Get(entry string) (value companion.Secret, err error) {
	there := false
	err = k.use(func() { value, there = k.entries[entry] })
	if err == nil && !there {
		err = vault.ErrKeyringMissing
	}
	return value, err
}

func (k *fakeKeyring) Set(entry string, value companion.Secret) error {
	return k.use(func() { k.entries[entry] = value })
}

func (k *fakeKeyring) Delete(entry string) error {
	return k.use(func() { delete(k.entries, entry) })
}
