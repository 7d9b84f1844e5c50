package vault

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"latchkey/backend/identity"
	"latchkey/backend/internal/env"
	"latchkey/backend/internal/secret"
)

// child names, in the environment, the part that a child process of a test
// plays, and childFile the vault that it plays with.
const (
	child     = "VAULT_TEST_CHILD"
	childFile = "VAULT_TEST_FILE"
)

func TestMain(m *testing.M) {
	if part := os.Getenv(child); part != "" {
		play(part, os.Getenv(childFile))
	}
	// The library keeps one connection to the session bus for good.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/godbus/dbus/v5.(*Conn).inWorker"),
		goleak.IgnoreAnyFunction("github.com/godbus/dbus/v5.newConn.func1"))
}

const (
	passphrase = "four words of mine"
	canary     = "canary-51c7e0"
)

// cheap are costs that take no time.
func cheap() Costs { return Costs{MemoryKiB: 64, Passes: 1, Lanes: 1} }

// A ring is a keyring in memory, with faults.
type ring struct {
	mu      sync.Mutex
	entries map[string]secret.Text
	fault   func(method string) error // asked before each call
	drop    bool                      // says that it keeps what it does not
	calls   int
}

func newRing() *ring { return &ring{entries: map[string]secret.Text{}} }

func (r *ring) enter(method string) error {
	r.mu.Lock()
	r.calls++
	fault := r.fault
	r.mu.Unlock()
	if fault == nil {
		return nil
	}
	return fault(method)
}

func (r *ring) failWith(fault func(method string) error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fault = fault
}

func (r *ring) Get(entry string) (secret.Text, error) {
	if err := r.enter("Get"); err != nil {
		return secret.Text{}, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	value, ok := r.entries[entry]
	if !ok {
		return secret.Text{}, ErrKeyringMissing
	}
	return value, nil
}

func (r *ring) Set(entry string, value secret.Text) error {
	if err := r.enter("Set"); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.drop {
		r.entries[entry] = value
	}
	return nil
}

func (r *ring) Delete(entry string) error {
	if err := r.enter("Delete"); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, ok := r.entries[entry]; !ok {
		return ErrKeyringMissing
	}
	delete(r.entries, entry)
	return nil
}

// names returns the entries' names.
func (r *ring) names() (names []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for name := range r.entries {
		names = append(names, name)
	}
	return names
}

// A bench is a vault under test, in a folder of its own.
type bench struct {
	t    testing.TB
	file string
	ring *ring
	*Vault
	recovery secret.Text
}

// newBench returns a vault that is not made yet.
func newBench(t testing.TB) *bench {
	t.Helper()
	b := &bench{t: t, file: filepath.Join(t.TempDir(), "data", "vault.db"), ring: newRing()}
	b.Vault = b.another()
	return b
}

// another opens the file once more, as another program would.
func (b *bench) another() *Vault {
	b.t.Helper()
	v, err := Open(b.file, Options{Env: env.System(), Keyring: b.ring, Costs: cheap()})
	b.must(err)
	return v
}

// made returns a vault that a passphrase protects, unlocked.
func made(t testing.TB) *bench {
	t.Helper()
	b := newBench(t)
	b.create(WithPassphrase(secret.New(passphrase)))
	return b
}

// keyed returns a vault that the keyring protects, unlocked.
func keyed(t testing.TB) *bench {
	t.Helper()
	b := newBench(t)
	b.create(WithKeyring(Briefly))
	return b
}

func (b *bench) create(k Key) {
	b.t.Helper()
	var err error
	b.recovery, err = b.Create(b.ctx(), k)
	b.must(err)
}

func (b *bench) ctx() context.Context { return b.t.Context() }

func (b *bench) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

// want checks what an error is, if it is one.
func (b *bench) want(err, want error) {
	b.t.Helper()
	if !errors.Is(err, want) {
		b.t.Errorf("got %v, want %v", err, want)
	}
	if _, ok := errors.AsType[*identity.Error](err); err != nil && !ok {
		b.t.Errorf("%v cannot be shown", err)
	}
}

func (b *bench) put(v *Vault, name, content string) {
	b.t.Helper()
	b.must(v.Update(b.ctx(), func(tx *Tx) error { return tx.Put("tokens", name, []byte(content)) }))
}

// wantRecord checks a record; "" says that there is none.
func (b *bench) wantRecord(v *Vault, name, want string) {
	b.t.Helper()
	got, err := v.Get(b.ctx(), "tokens", name)
	if want == "" {
		b.want(err, ErrNoRecord)
		return
	}
	if err != nil || string(got) != want {
		b.t.Errorf("%s is %q, %v; want %q", name, got, err, want)
	}
}

func (b *bench) wantState(v *Vault, want State) Status {
	b.t.Helper()
	s, err := v.Status(b.ctx())
	b.must(err)
	if s.State != want {
		b.t.Errorf("the state is %v, want %v", s, want)
	}
	return s
}

func (b *bench) read(name string) []byte {
	b.t.Helper()
	content, err := os.ReadFile(name)
	b.must(err)
	return content
}

func (b *bench) write(content []byte) {
	b.t.Helper()
	b.must(os.WriteFile(b.file, content, fileMode))
}

// wantFile checks that the file is as it was.
func (b *bench) wantFile(before []byte) {
	b.t.Helper()
	if !bytes.Equal(b.read(b.file), before) {
		b.t.Error("the file has changed")
	}
}

// folder returns the names in the data folder, but that of the lock.
func (b *bench) folder() string {
	b.t.Helper()
	entries, err := os.ReadDir(filepath.Dir(b.file))
	if errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	b.must(err)
	var names []string
	for _, e := range entries {
		if e.Name() != "vault.db.lock" {
			names = append(names, e.Name())
		}
	}
	return strings.Join(names, " ")
}

// within fails the test if what it starts hangs.
func within(t testing.TB, what func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		what()
	}()
	select {
	case <-done:
	case <-time.After(30 * time.Second):
		t.Fatal("it hangs")
	}
}
