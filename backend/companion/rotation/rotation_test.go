package rotation_test

import (
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"latchkey/backend/companion/remote"
	"latchkey/backend/companion/rotation"
	"latchkey/backend/companion/sshkeys"
	"latchkey/backend/companion/sshkeys/connect"
	"latchkey/backend/companion/sshkeys/hosts"
	"latchkey/backend/companion/sshkeys/sshagent"
	"latchkey/backend/companion/sshkeys/sshconfig"
	"latchkey/backend/companion/sshkeys/sshdtest"
	"latchkey/backend/identity"
	"latchkey/backend/internal/env"
	"latchkey/backend/internal/secret"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func want(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) || (err == nil) != (want == nil) {
		t.Errorf("%s: got %v, want %v", what, err, want)
	}
}

// A world is a person with a key that opens a real sshd, which they trust.
type world struct {
	workshop *sshkeys.Workshop
	ssh      string // the folder of their keys
	keys     string // the file of keys on the server
	place    rotation.Place
	notes    rotation.Notes
	old      sshkeys.KeyFile
	socket   string
}

var passphrase = secret.New("river boat lantern")

func newWorld(t *testing.T, kind sshkeys.Kind) *world {
	t.Helper()
	home, there := t.TempDir(), t.TempDir()
	t.Setenv("HOME", home)
	w := &world{
		workshop: sshkeys.NewWorkshop(env.System()), ssh: filepath.Join(home, ".ssh"),
		keys: filepath.Join(there, ".ssh", "authorized_keys"), notes: rotation.Notes(filepath.Join(t.TempDir(), "rotations")),
	}
	at := sshdtest.Start(t, there, w.keys, "")
	w.place.Target = connect.Target{Host: "127.0.0.1", Port: at.Port, User: at.User}
	w.trust(t)
	var err error
	w.old, err = w.workshop.Make(t.Context(), sshkeys.Request{Kind: kind, Folder: w.ssh, Name: "id_nas", Comment: "ann@desk"})
	must(t, err)
	must(t, os.MkdirAll(filepath.Dir(w.keys), 0o700))
	must(t, os.WriteFile(w.keys, []byte("# mine\nfrom=\"127.0.0.1\" "+w.old.Line+"\n"+w.old.Line+"\n"), 0o600))
	return w
}

func (w *world) trust(t *testing.T) {
	t.Helper()
	files, book, err := hosts.Open()
	must(t, err)
	shown, err := connect.HostKey(t.Context(), w.place.Target, book)
	want(t, "an unseen host", err, hosts.ErrUnknown)
	must(t, files.Trust(w.place.Target.Address(), shown, false))
}

func (w *world) withAgent(t *testing.T) {
	t.Helper()
	w.socket = filepath.Join(t.TempDir(), "s")
	cmd := exec.CommandContext(t.Context(), "ssh-agent", "-D", "-a", w.socket)
	must(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	for range 3000 {
		if conn, err := net.Dial("unix", w.socket); err == nil {
			must(t, conn.Close())
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("the agent does not listen")
}

func (w *world) inAgent(t *testing.T) (out []identity.Fingerprint) {
	t.Helper()
	agent, err := sshagent.Dial(t.Context(), w.socket)
	must(t, err)
	defer agent.Close()
	keys, err := agent.List(t.Context())
	must(t, err)
	for _, k := range keys {
		out = append(out, k.Fingerprint)
	}
	return out
}

// begin is what a new process does.
func (w *world) begin(t *testing.T, change func(*rotation.Order)) *rotation.Rotation {
	t.Helper()
	o := rotation.Order{Key: w.old.Path, Place: w.place, Folder: sshconfig.Folder(w.ssh), Socket: w.socket}
	if change != nil {
		change(&o)
	}
	r, err := rotation.Begin(w.workshop, w.notes, o)
	must(t, err)
	return r
}

func agreed(context.Context, rotation.Step, rotation.State) error { return nil }

func (w *world) opens(t *testing.T, k sshkeys.KeyFile, passphrase secret.Text) error {
	t.Helper()
	private, err := sshkeys.Open(k.Path, passphrase)
	must(t, err)
	_, book, err := hosts.Open()
	must(t, err)
	_, err = connect.Test(t.Context(), w.place.Target, book, connect.With(private), false)
	return err
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	must(t, err)
	return string(b)
}

// Everything, with the real sshd and the real agent. Each step is taken by a
// process of its own, as if the one before had been killed.
func TestEachStepByAnotherProcess(t *testing.T) {
	w := newWorld(t, sshkeys.ECDSA256)
	w.withAgent(t)
	agent, err := sshagent.Dial(t.Context(), w.socket)
	must(t, err)
	private, err := sshkeys.Open(w.old.Path, secret.Text{})
	must(t, err)
	must(t, agent.Add(t.Context(), sshagent.Addition{Key: private}))
	must(t, agent.Close())
	entry, err := sshconfig.Set(sshconfig.Folder(w.ssh), sshconfig.Entry{
		Alias: "nas", HostName: w.place.Target.Host, Port: w.place.Target.Port, User: w.place.Target.User, Identity: w.old.Path,
	})
	must(t, err)
	must(t, entry.Write())

	m := rotation.Means{New: passphrase}
	for _, step := range rotation.Steps()[:6] {
		r := w.begin(t, nil)
		s, err := r.Look(t.Context())
		must(t, err)
		m.Seen = s.Change.Diff()
		if step == rotation.Entry && (!strings.Contains(m.Seen, "-     IdentityFile \""+w.old.Path+"\"") || strings.Count(m.Seen, "\n+ ") != 1) {
			t.Errorf("the change is\n%s", m.Seen)
		}
		if err := w.opens(t, w.old, secret.Text{}); err != nil {
			t.Errorf("before %s the old key: %v", step, err)
		}
		must(t, r.Do(t.Context(), step, m))
	}
	r := w.begin(t, nil)
	fresh := r.New()
	if fresh.Name != "id_nas_2" || fresh.Algorithm != "ECDSA" || fresh.Comment != "ann@desk" || !fresh.Encrypted {
		t.Errorf("the new key is %+v", fresh)
	}
	// It may do what the old one may, which is gone however often it stood there.
	if got, want := read(t, w.keys), "# mine\nfrom=\"127.0.0.1\" "+fresh.Line+"\n"; got != want {
		t.Errorf("the server has\n%s\nwant\n%s", got, want)
	}
	if got := read(t, filepath.Join(w.ssh, "config")); !strings.Contains(got, fresh.Path) || strings.Contains(got, "id_nas\"") {
		t.Errorf("the config is\n%s", got)
	}
	if failed, err := r.Run(t.Context(), m, agreed); err != nil {
		t.Fatal(failed, err)
	}
	s, err := r.Look(t.Context())
	must(t, err)
	if !s.Done() || s.Aside != w.old.Path+".old" || read(t, s.Aside+".pub") != w.old.Line+"\n" {
		t.Errorf("in the end %+v", s)
	}
	if in := w.inAgent(t); len(in) != 1 || in[0] != fresh.Fingerprint {
		t.Errorf("the agent has %v", in)
	}
	must(t, w.opens(t, fresh, passphrase))
	if left, err := os.ReadDir(string(w.notes)); err != nil || len(left) != 0 {
		t.Errorf("notes are left: %v, %v", left, err)
	}
}

// A server that looks for keys elsewhere never lets the new one in.
func TestNewKeyIsNotLetIn(t *testing.T) {
	w := newWorld(t, "")
	elsewhere := t.TempDir()
	at := sshdtest.Start(t, elsewhere, w.keys, "")
	w.place.Target.Port = at.Port
	w.trust(t)
	for range 2 { // again is no worse
		failed, err := w.begin(t, nil).Run(t.Context(), rotation.Means{}, agreed)
		want(t, "Run", err, connect.ErrRefused)
		if failed != rotation.Test {
			t.Errorf("stopped at %q", failed)
		}
		want(t, "Remove", w.begin(t, nil).Do(t.Context(), rotation.Remove, rotation.Means{}), connect.ErrRefused)
		want(t, "Aside", w.begin(t, nil).Do(t.Context(), rotation.Aside, rotation.Means{Anyway: true}), rotation.ErrInUse)
	}
	must(t, w.opens(t, w.old, secret.Text{}))
	if found, err := filepath.Glob(w.ssh + "/id_nas*"); err != nil || len(found) != 4 {
		t.Errorf("the folder has %v, %v; want both keys once", found, err)
	}
}

// The connection drops while the old key is taken away. It stays good, and the
// same again ends it.
func TestConnectionDrops(t *testing.T) {
	w := newWorld(t, "")
	through := newCable(t, w.place.Target.Address())
	direct := w.place.Target
	w.place.Target.Port = through.port
	w.trust(t)
	r := w.begin(t, nil)
	for _, step := range rotation.Steps()[:3] {
		must(t, r.Do(t.Context(), step, rotation.Means{}))
	}
	// Its own test comes first; the connection after that one is cut.
	through.cut.Store(through.taken.Load() + 2)
	if err := r.Do(t.Context(), rotation.Remove, rotation.Means{}); err == nil {
		t.Fatal("the connection was cut, and nobody noticed")
	}
	s, err := r.Look(t.Context())
	must(t, err)
	if s.Next() != rotation.Remove {
		t.Errorf("next is %q", s.Next())
	}
	through.cut.Store(0)
	reached := w.place.Target
	w.place.Target = direct
	must(t, w.opens(t, w.old, secret.Text{}))
	w.place.Target = reached
	if failed, err := w.begin(t, nil).Run(t.Context(), rotation.Means{}, agreed); err != nil {
		t.Error(failed, err)
	}
	if got := read(t, w.keys); strings.Contains(got, w.old.Line) {
		t.Errorf("the server has\n%s", got)
	}
}

// A cable passes connections on, and cuts one of them as soon as it speaks.
type cable struct {
	port       int
	taken, cut atomic.Int64
}

func newCable(t *testing.T, to string) *cable {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	c := &cable{port: l.Addr().(*net.TCPAddr).Port}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", to)
			if err != nil || c.taken.Add(1) == c.cut.Load() {
				_ = near.Close()
				if err == nil {
					_ = far.Close()
				}
				continue
			}
			go pipe(near, far)
			go pipe(far, near)
		}
	}()
	t.Cleanup(func() {
		_ = l.Close()
		<-done
	})
	return c
}

func pipe(from, to net.Conn) {
	b := make([]byte, 32<<10)
	for {
		n, err := from.Read(b)
		if n > 0 {
			_, _ = to.Write(b[:n])
		}
		if err != nil {
			_ = from.Close()
			_ = to.Close()
			return
		}
	}
}

// A list is a server's list of keys, as far as a test needs it: it keeps the
// file of keys that sshd reads.
type list struct {
	file   string
	titles map[identity.Fingerprint]string
	fail   func(call string) error
}

func (l *list) SSHKeys(context.Context) (out []remote.SSHKey, err error) {
	text, err := os.ReadFile(l.file)
	for i, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		if p, err := sshkeys.ParsePublic([]byte(line)); err == nil {
			out = append(out, remote.SSHKey{ID: identity.SSHKeyID(i), Title: l.titles[p.Fingerprint], Fingerprint: p.Fingerprint})
		}
	}
	return out, errors.Join(err, l.fail("list"))
}

func (l *list) AddSSHKey(_ context.Context, k remote.NewSSHKey) error {
	if err := l.fail("add"); err != nil {
		return err
	}
	p, err := sshkeys.ParsePublic([]byte(k.Line))
	if err != nil {
		return err
	}
	l.titles[p.Fingerprint] = k.Title
	text, err := os.ReadFile(l.file)
	return errors.Join(err, os.WriteFile(l.file, []byte(string(text)+k.Line+"\n"), 0o600))
}

func (l *list) DeleteSSHKey(_ context.Context, id identity.SSHKeyID) error {
	if err := l.fail("delete"); err != nil {
		return err
	}
	text, err := os.ReadFile(l.file)
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	lines[id] = "#"
	return errors.Join(err, os.WriteFile(l.file, []byte(strings.Join(lines, "\n")+"\n"), 0o600))
}

// What a server's list can do wrong, at each of its calls.
func TestServerRefuses(t *testing.T) {
	w := newWorld(t, "")
	refusal := identity.NewError(identity.Unavailable, "server_unreachable", "x")
	var failing string
	w.place.Keys = &list{w.keys, map[identity.Fingerprint]string{w.old.Fingerprint: "desk 2"}, func(call string) error {
		if call == failing {
			return refusal
		}
		return nil
	}}
	for _, tc := range []struct {
		call string
		at   rotation.Step
	}{{"list", rotation.Make}, {"add", rotation.Upload}, {"delete", rotation.Remove}} {
		failing = tc.call
		failed, err := w.begin(t, nil).Run(t.Context(), rotation.Means{}, agreed)
		want(t, tc.call, err, refusal)
		if failed != tc.at {
			t.Errorf("%s: stopped at %q, want %q", tc.call, failed, tc.at)
		}
		must(t, w.opens(t, w.old, secret.Text{}))
	}
	failing = ""
	used := rotation.Use{Kind: rotation.OnServer, Name: "vps"}
	r := w.begin(t, func(o *rotation.Order) {
		o.Elsewhere = func(context.Context) []rotation.Use { return []rotation.Use{used} }
	})
	if failed, err := r.Run(t.Context(), rotation.Means{}, agreed); err != nil {
		t.Fatal(failed, err)
	}
	// The same key stood there twice, and is gone. The file stays: another server takes it.
	s, err := r.Look(t.Context())
	must(t, err)
	if !s.Done() || s.Steps[rotation.Aside] != rotation.Kept || len(s.Uses) != 1 || s.Uses[0] != used || s.Title != "desk 3" {
		t.Errorf("got %+v", s)
	}
	want(t, "the old key", w.opens(t, w.old, secret.Text{}), connect.ErrRefused)
	want(t, "Aside", r.Do(t.Context(), rotation.Aside, rotation.Means{}), rotation.ErrInUse)
	must(t, r.Do(t.Context(), rotation.Aside, rotation.Means{Anyway: true}))
	if _, err := os.Stat(w.old.Path); err == nil {
		t.Error("the old file is still there")
	}
}

// A server that says that it has taken the new key, and lists it, and has not.
func TestServerThatLies(t *testing.T) {
	w := newWorld(t, "")
	w.place.Keys = liar{&list{w.keys, map[identity.Fingerprint]string{}, func(string) error { return nil }}}
	failed, err := w.begin(t, nil).Run(t.Context(), rotation.Means{}, agreed)
	want(t, "Run", err, connect.ErrRefused)
	if failed != rotation.Test || !strings.Contains(read(t, w.keys), w.old.Line) {
		t.Errorf("stopped at %q; the server has\n%s", failed, read(t, w.keys))
	}
}

type liar struct{ *list }

func (liar) AddSSHKey(context.Context, remote.NewSSHKey) error { return nil }

func TestNewKey(t *testing.T) {
	w := newWorld(t, sshkeys.RSA3072)
	named := func(name string) func(*rotation.Order) { return func(o *rotation.Order) { o.Name = name } }
	must(t, os.WriteFile(filepath.Join(w.ssh, "id_nas_2.pub"), nil, 0o600))
	want(t, "a name that is taken", w.begin(t, named("id_nas")).Do(t.Context(), rotation.Make, rotation.Means{}), sshkeys.ErrExists)
	want(t, "Upload before", w.begin(t, nil).Do(t.Context(), rotation.Upload, rotation.Means{}), sshkeys.ErrNoPrivate)
	_, err := rotation.Begin(w.workshop, w.notes, rotation.Order{Key: filepath.Join(w.ssh, "none")})
	want(t, "no key", err, sshkeys.ErrNoFile)

	better := func(o *rotation.Order) { o.Kind = sshkeys.Ed25519 }
	r := w.begin(t, better)
	must(t, r.Do(t.Context(), rotation.Make, rotation.Means{}))
	if k := r.New(); k.Name != "id_nas_3" || k.Algorithm != "ED25519" {
		t.Errorf("made %+v; want the next free name", k)
	}
	// One that was killed before it noted which key it had made finds it again;
	// what somebody else has put there is not taken for it.
	note := filepath.Join(string(w.notes), "")
	files, err := os.ReadDir(note)
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	path := filepath.Join(note, files[0].Name())
	must(t, os.WriteFile(path, []byte(`{"new":"`+r.New().Path+`"}`), 0o600))
	if got := w.begin(t, nil).New(); got.Fingerprint != r.New().Fingerprint || got.Fingerprint == "" {
		t.Errorf("found %+v", got)
	}
	other, err := w.workshop.Make(t.Context(), sshkeys.Request{Folder: w.ssh, Name: "other", Comment: "bob"})
	must(t, err)
	for _, said := range []string{
		`{"new":"` + other.Path + `"}`, `{"new":"` + other.Path + `","fingerprint":"SHA256:x"}`,
		`{"new":"` + w.old.Path + `"}`, "{", strings.Repeat(" ", 70_000), `{"new":"/dev/zero"}`,
	} {
		must(t, os.WriteFile(path, []byte(said), 0o600))
		if got := w.begin(t, nil).New(); got.HasPrivate {
			t.Errorf("%.60s: took %s for the new key", said, got.Path)
		}
	}
}

// The file that is to take over holds the old key, and beside it lies the public
// half of another, whose private half is gone.
func TestFileThatHoldsAnotherKey(t *testing.T) {
	w := newWorld(t, sshkeys.Ed25519)
	fresh := filepath.Join(w.ssh, "id_new.pem")
	third, err := w.workshop.Make(t.Context(), sshkeys.Request{Kind: sshkeys.Ed25519, Folder: w.ssh, Name: "id_new", Comment: "x"})
	must(t, err)
	_, err = w.workshop.Convert(sshkeys.Conversion{From: w.old.Path, To: fresh, Format: sshkeys.PKCS8, New: passphrase})
	must(t, err)
	must(t, os.Remove(third.Path))
	if err := os.Remove(fresh + ".pub"); !errors.Is(err, os.ErrNotExist) {
		must(t, err)
	}
	r := w.begin(t, func(o *rotation.Order) { o.New = fresh })
	step, err := r.Run(t.Context(), rotation.Means{New: passphrase}, agreed)
	want(t, "a file that holds another key", err, sshkeys.ErrMismatch)
	if step != rotation.Test || !strings.Contains(read(t, w.keys), strings.Fields(w.old.Line)[1]) {
		t.Errorf("it stopped at %q and left\n%s", step, read(t, w.keys))
	}
}

// Two files hold the old key. What was noted when a rotation of one broke off is
// not for the other.
func TestCopyOfTheOldKey(t *testing.T) {
	w := newWorld(t, sshkeys.Ed25519)
	other := filepath.Join(t.TempDir(), "id_copy")
	for _, half := range []string{"", ".pub"} {
		must(t, os.WriteFile(other+half, []byte(read(t, w.old.Path+half)), 0o600))
	}
	must(t, w.begin(t, nil).Do(t.Context(), rotation.Make, rotation.Means{}))
	notes, err := filepath.Glob(filepath.Join(string(w.notes), "*.json"))
	must(t, err)
	text := strings.Replace(read(t, notes[0]), `"aside":""`, `"aside":"`+w.old.Path+`.old"`, 1)
	must(t, os.WriteFile(notes[0], []byte(text), 0o600))
	step, err := w.begin(t, func(o *rotation.Order) { o.Key = other }).Run(t.Context(), rotation.Means{}, agreed)
	if err != nil {
		t.Fatal(step, err)
	}
	for path, there := range map[string]bool{w.old.Path: true, w.old.Path + ".old": false, other: false, other + ".old": true} {
		if _, err := os.Stat(path); (err == nil) != there {
			t.Errorf("%s: %v", filepath.Base(path), err)
		}
	}
}
