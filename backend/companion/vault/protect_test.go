package vault

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"latchkey/backend/internal/secret"
)

// wantOpens checks which keys open the vault, and which of them the copy of
// the version before.
func (b *bench) wantOpens(want map[string]error, keys map[string]Key) {
	b.t.Helper()
	for name, k := range keys {
		b.want(b.another().Unlock(b.ctx(), k), want[name])
		copied := b.another()
		copied.place = newPlace(filepath.Join(b.t.TempDir(), "copy.db"))
		b.must(os.WriteFile(copied.place.file(), b.read(b.place.previous()), fileMode))
		b.want(copied.Unlock(b.ctx(), k), want[name])
	}
}

func TestMove(t *testing.T) {
	pass, ring := WithPassphrase(secret.New(passphrase)), WithKeyring(Briefly)
	for _, tc := range []struct {
		name     string
		from, to Key
		entries  int
	}{
		{"keyring to passphrase", ring, pass, 0},
		{"passphrase to keyring", pass, ring, 1},
		{"keyring to keyring", ring, ring, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := newBench(t)
			b.create(tc.from)
			b.put(b.Vault, "nas", "one")
			before := b.ring.names()
			b.must(b.Move(b.ctx(), tc.to))
			b.wantRecord(b.Vault, "nas", "one")
			s := b.wantState(b.Vault, Unlocked)
			if s.Protection != tc.to.method || s.Revision != 3 {
				t.Errorf("status %+v", s)
			}
			after := b.ring.names()
			if len(after) != tc.entries || len(before) > 0 && len(after) > 0 && before[0] == after[0] {
				t.Errorf("the keyring holds %v, and held %v", after, before)
			}
			want := map[string]error{}
			if tc.from.method != tc.to.method {
				want["from"] = ErrOtherProtection
			}
			b.wantOpens(want, map[string]Key{"from": tc.from, "to": tc.to, "recovery": WithRecovery(b.recovery)})
			b.put(b.Vault, "nas", "two")
			b.wantRecord(b.Vault, "nas", "two")
		})
	}
}

func TestMoveRefuses(t *testing.T) {
	b := made(t)
	b.put(b.Vault, "nas", "one")
	before := b.read(b.file)
	b.want(b.Move(b.ctx(), WithPassphrase(secret.New("another passphrase"))), ErrSameProtection)
	b.want(b.Move(b.ctx(), WithRecovery(b.recovery)), ErrNoProtection)
	b.want(b.Move(b.ctx(), Key{}), ErrNoProtection)
	b.ring.failWith(func(string) error { return ErrKeyringLocked })
	b.want(b.Move(b.ctx(), WithKeyring(Briefly)), ErrKeyringLocked)
	b.Lock()
	b.want(b.Move(b.ctx(), WithKeyring(Briefly)), ErrLocked)
	b.wantFile(before)

	k := keyed(t)
	before = k.read(k.file)
	k.want(k.Move(k.ctx(), WithPassphrase(secret.New("short"))), ErrPassphraseShort)
	k.wantFile(before)
	k.must(k.another().Unlock(k.ctx(), WithKeyring(Briefly)))
}

func TestChangePassphrase(t *testing.T) {
	const next = "five other words of mine"
	for name, current := range map[string]func(b *bench) Key{
		"by the old one":       func(*bench) Key { return WithPassphrase(secret.New(passphrase)) },
		"by the recovery key":  func(b *bench) Key { return WithRecovery(b.recovery) },
		"while it is locked":   func(b *bench) Key { b.Lock(); return WithPassphrase(secret.New(passphrase)) },
		"forgotten and locked": func(b *bench) Key { b.Lock(); return WithRecovery(b.recovery) },
	} {
		t.Run(name, func(t *testing.T) {
			b := made(t)
			b.put(b.Vault, "nas", "one")
			elsewhere := b.another()
			b.must(elsewhere.Unlock(b.ctx(), WithPassphrase(secret.New(passphrase))))
			k := current(b)
			state := b.wantStateNow()
			b.must(b.ChangePassphrase(b.ctx(), k, secret.New(next)))
			b.wantState(b.Vault, state)
			b.wantOpens(map[string]error{"old": ErrPassphraseWrong}, map[string]Key{
				"old": WithPassphrase(secret.New(passphrase)), "new": WithPassphrase(secret.New(next)), "recovery": WithRecovery(b.recovery),
			})
			_, err := elsewhere.Get(b.ctx(), "tokens", "nas")
			b.want(err, ErrChanged)
			b.want(b.wantState(elsewhere, Locked).Problem, ErrChanged)
			b.must(elsewhere.Unlock(b.ctx(), WithPassphrase(secret.New(next))))
			b.wantRecord(elsewhere, "nas", "one")
		})
	}
}

func (b *bench) wantStateNow() State {
	b.t.Helper()
	s, err := b.Status(b.ctx())
	b.must(err)
	return s.State
}

func TestChangePassphraseRefuses(t *testing.T) {
	b := made(t)
	before := b.read(b.file)
	old := WithPassphrase(secret.New(passphrase))
	b.want(b.ChangePassphrase(b.ctx(), WithPassphrase(secret.New("not this one")), secret.New("another one")), ErrPassphraseWrong)
	b.want(b.ChangePassphrase(b.ctx(), old, secret.New("short")), ErrPassphraseShort)
	b.want(b.ChangePassphrase(b.ctx(), old, secret.New("")), ErrPassphraseEmpty)
	b.want(b.ChangePassphrase(b.ctx(), WithKeyring(Briefly), secret.New("another one")), ErrOtherProtection)
	b.wantFile(before)
	k := keyed(t)
	for _, current := range []Key{WithKeyring(Briefly), WithRecovery(k.recovery)} {
		k.want(k.ChangePassphrase(k.ctx(), current, secret.New("another one")), ErrOtherProtection)
	}
}

func TestNewRecoveryKey(t *testing.T) {
	for name, b := range map[string]*bench{"passphrase": made(t), "keyring": keyed(t)} {
		t.Run(name, func(t *testing.T) {
			b.t = t
			b.put(b.Vault, "nas", "one")
			old := b.recovery
			fresh, err := b.NewRecoveryKey(t.Context())
			b.must(err)
			protection := WithKeyring(Briefly)
			if name == "passphrase" {
				protection = WithPassphrase(secret.New(passphrase))
			}
			b.wantOpens(map[string]error{"old": ErrRecoveryWrong},
				map[string]Key{"old": WithRecovery(old), "new": WithRecovery(fresh), "protection": protection})
			b.wantRecord(b.Vault, "nas", "one")
			b.Lock()
			_, err = b.NewRecoveryKey(t.Context())
			b.want(err, ErrLocked)
		})
	}
}

// The master key is another one after each change, and not after a mere write.
func TestMasterKeyChanges(t *testing.T) {
	b := made(t)
	last := b.opened.master
	step := func(name string, changes bool, do func() error) {
		t.Helper()
		b.must(do())
		if (b.opened.master != last) != changes {
			t.Errorf("%s: the master key changes: %v", name, !changes)
		}
		last = b.opened.master
	}
	step("a write", false, func() error {
		return b.Update(b.ctx(), func(tx *Tx) error { return tx.Put("a", "b", nil) })
	})
	step("a passphrase", true, func() error {
		return b.ChangePassphrase(b.ctx(), WithPassphrase(secret.New(passphrase)), secret.New("another passphrase"))
	})
	step("a recovery key", true, func() error { _, err := b.NewRecoveryKey(b.ctx()); return err })
	step("a move", true, func() error { return b.Move(b.ctx(), WithKeyring(Briefly)) })
	b.wantState(b.Vault, Unlocked)
}

func TestRepair(t *testing.T) {
	t.Run("damaged", func(t *testing.T) {
		b := made(t)
		b.put(b.Vault, "nas", "one")
		b.put(b.Vault, "nas", "two")
		_, err := b.RestorePrevious(b.ctx())
		b.want(err, ErrWhole)
		damaged := b.read(b.file)[:200]
		b.write(damaged)
		paths, err := b.RestorePrevious(b.ctx())
		b.must(err)
		if len(paths) != 1 || string(b.read(paths[0])) != string(damaged) {
			t.Errorf("the damaged file is at %v", paths)
		}
		b.wantState(b.Vault, Locked)
		b.must(b.Unlock(b.ctx(), WithPassphrase(secret.New(passphrase))))
		b.wantRecord(b.Vault, "nas", "one")
		b.put(b.Vault, "nas", "three")
		b.wantRecord(b.another2(), "nas", "three")
	})
	t.Run("gone", func(t *testing.T) {
		b := made(t)
		b.put(b.Vault, "nas", "one")
		b.must(os.Remove(b.file))
		b.want(b.wantState(b.Vault, Unusable).Problem, ErrMissing)
		paths, err := b.RestorePrevious(b.ctx())
		if err != nil || len(paths) != 0 {
			t.Fatal(paths, err)
		}
		b.must(b.Unlock(b.ctx(), WithRecovery(b.recovery)))
		b.wantRecord(b.Vault, "nas", "") // it came with the version that is gone
	})
	t.Run("both damaged", func(t *testing.T) {
		b := made(t)
		b.put(b.Vault, "nas", "one")
		b.write(nil)
		b.must(os.WriteFile(b.place.previous(), []byte("x"), fileMode))
		_, err := b.RestorePrevious(b.ctx())
		b.want(err, ErrNoPrevious)
		b.wantFile(nil)
	})
	t.Run("newer", func(t *testing.T) {
		b := made(t)
		b.put(b.Vault, "nas", "one")
		b.write(newer(b.read(b.file)))
		_, err := b.RestorePrevious(b.ctx())
		b.want(err, ErrNewer)
	})
}

// another2 is another, unlocked.
func (b *bench) another2() *Vault {
	b.t.Helper()
	v := b.another()
	b.must(v.Unlock(b.ctx(), WithPassphrase(secret.New(passphrase))))
	return v
}

func TestSetAside(t *testing.T) {
	b := keyed(t)
	b.put(b.Vault, "nas", "one")
	for round := range 3 { // within one second, so that the names clash
		content, previous := b.read(b.file), b.read(b.place.previous())
		paths, err := b.SetAside(b.ctx())
		b.must(err)
		if len(paths) != 2 || string(b.read(paths[0])) != string(content) || string(b.read(paths[1])) != string(previous) {
			t.Errorf("round %d: set aside as %v", round, paths)
		}
		b.wantState(b.Vault, New)
		_, err = b.Get(b.ctx(), "tokens", "nas")
		b.want(err, ErrNew)
		b.create(WithKeyring(Briefly))
		b.put(b.Vault, "nas", "again")
	}
	if got := len(b.ring.names()); got != 4 { // those of the vaults that were set aside stay
		t.Errorf("the keyring holds %d entries", got)
	}
	// What was set aside is put back by hand, and opens.
	aside, err := filepath.Glob(b.file + ".set-aside-*")
	if err != nil || len(aside) != 3 {
		t.Fatal(aside, err)
	}
	b.must(os.Rename(aside[0], b.file))
	b.must(b.Unlock(b.ctx(), WithKeyring(Briefly)))
	if _, err := b.Get(b.ctx(), "tokens", "nas"); err != nil && !errors.Is(err, ErrNoRecord) {
		t.Error(err)
	}
}
