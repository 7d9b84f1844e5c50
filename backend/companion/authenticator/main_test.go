package authenticator_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"latchkey/backend/companion/authenticator"
	"latchkey/backend/companion/authenticator/otpauth"
	"latchkey/backend/companion/vault"
	"latchkey/backend/identity"
	"latchkey/backend/internal/env"
	"latchkey/backend/internal/secret"
)

const (
	child     = "AUTHENTICATOR_TEST_CHILD" // in the environment: the part that a child process plays
	childFile = "AUTHENTICATOR_TEST_FILE"  // and the vault that it plays with

	seed  = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
	other = "JBSWY3DPEHPK3PXP"
)

func TestMain(m *testing.M) {
	if part := os.Getenv(child); part != "" {
		play(os.Getenv(childFile))
	}
	goleak.VerifyTestMain(m)
}

// A fileRing is a keyring that outlives the process: one file per entry.
type fileRing string

func (r fileRing) name(entry string) string {
	return string(r) + ".ring." + strings.ReplaceAll(entry, " ", "-")
}

func (r fileRing) Get(entry string) (secret.Text, error) {
	b, err := os.ReadFile(r.name(entry))
	if errors.Is(err, os.ErrNotExist) {
		return secret.Text{}, vault.ErrKeyringMissing
	}
	return secret.New(string(b)), err
}

func (r fileRing) Set(entry string, value secret.Text) error {
	return os.WriteFile(r.name(entry), []byte(value.Reveal()), 0o600)
}

func (r fileRing) Delete(entry string) error { return os.Remove(r.name(entry)) }

// A clock is one that a test sets.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// A bench is a book under test, on a vault that is open.
type bench struct {
	t     testing.TB
	file  string
	clock *clock
	vault *vault.Vault
	*authenticator.Book
}

func newBench(t testing.TB) *bench {
	t.Helper()
	b := &bench{t: t, file: filepath.Join(t.TempDir(), "vault.db"), clock: &clock{at: time.Unix(1_800_000_010, 0)}}
	b.vault = openVault(t, b.file)
	if _, err := b.vault.Create(t.Context(), vault.WithKeyring(vault.Briefly)); err != nil {
		t.Fatal(err)
	}
	b.Book = authenticator.NewBook(b.vault, env.Env{Now: b.clock.now, Rand: env.System().Rand})
	return b
}

func openVault(t testing.TB, file string) *vault.Vault {
	t.Helper()
	v, err := vault.Open(file, vault.Options{Env: env.System(), Keyring: fileRing(file)})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// again opens the same vault as another program does.
func (b *bench) again() *authenticator.Book {
	b.t.Helper()
	v := openVault(b.t, b.file)
	b.must(v.Unlock(b.t.Context(), vault.WithKeyring(vault.Briefly)))
	return authenticator.NewBook(v, env.Env{Now: b.clock.now, Rand: env.System().Rand})
}

func (b *bench) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

// want checks what an error is, and that it can be shown.
func (b *bench) want(err error, want *identity.Error) {
	b.t.Helper()
	if _, ok := errors.AsType[*identity.Error](err); !errors.Is(err, want) || !ok {
		b.t.Errorf("got %v, want %v", err, want)
	}
}

// entry makes one from "Issuer:account" and fields.
func entry(t testing.TB, name string, f otpauth.Fields) otpauth.Entry {
	t.Helper()
	if f.Secret == "" {
		f.Secret = seed
	}
	k, err := f.Key()
	if err != nil {
		t.Fatal(err)
	}
	issuer, account, _ := strings.Cut(name, ":")
	return otpauth.Entry{Issuer: issuer, Account: account, Key: k}
}

// add stores one entry.
func (b *bench) add(name string, f otpauth.Fields) authenticator.Entry {
	b.t.Helper()
	added, err := b.Add(b.t.Context(), []authenticator.Item{{Entry: entry(b.t, name, f)}})
	b.must(err)
	return added[0]
}

// wantList checks the names that are listed, in their order.
func (b *bench) wantList(want string) {
	b.t.Helper()
	list, err := b.List(b.t.Context())
	b.must(err)
	if got := names(list); got != want {
		b.t.Errorf("listed: %q, want %q", got, want)
	}
}

func (b *bench) wantTrash(want string) {
	b.t.Helper()
	list, err := b.Trash(b.t.Context())
	b.must(err)
	if got := names(list); got != want {
		b.t.Errorf("in the trash: %q, want %q", got, want)
	}
}

func names(list []authenticator.Entry) string {
	var out []string
	for _, e := range list {
		out = append(out, e.Issuer)
	}
	return strings.Join(out, " ")
}
