package vault

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"latchkey/backend/internal/secret"
)

// Whatever the keyring does, the vault stays locked, says why, changes
// nothing, and opens again when the keyring is back or by the recovery key.
func TestKeyringFaults(t *testing.T) {
	hang := make(chan struct{})
	defer close(hang)
	set := func(value secret.Text) func(b *bench) {
		return func(b *bench) { b.must(b.ring.Set(b.ring.names()[0], value)) }
	}
	fail := func(err error) func(b *bench) {
		return func(b *bench) { b.ring.failWith(func(string) error { return err }) }
	}
	for name, fault := range map[string]struct {
		make func(b *bench)
		want error
	}{
		"entry deleted":      {func(b *bench) { b.must(b.ring.Delete(b.ring.names()[0])) }, ErrKeyringMissing},
		"entry of another":   {set(entryText(key{1, 2, 3})), ErrKeyMismatch},
		"entry emptied":      {set(secret.New("")), ErrKeyMismatch},
		"entry cut":          {set(secret.New("AAAA")), ErrKeyMismatch},
		"entry too long":     {set(secret.New(strings.Repeat("A", 1<<20))), ErrKeyMismatch},
		"entry no base64":    {set(secret.New(strings.Repeat("?", 43))), ErrKeyMismatch},
		"entry in two ways":  {set(secret.New(base64.RawStdEncoding.EncodeToString(make([]byte, keyLen))[:42] + "B")), ErrKeyMismatch},
		"locked":             {fail(ErrKeyringLocked), ErrKeyringLocked},
		"absent":             {fail(ErrKeyringAbsent), ErrKeyringAbsent},
		"failing":            {fail(ErrKeyringFailing), ErrKeyringFailing},
		"panics":             {func(b *bench) { b.ring.failWith(func(string) error { panic("no signal") }) }, ErrKeyringFailing},
		"hangs":              {func(b *bench) { b.ring.failWith(func(string) error { <-hang; return nil }) }, ErrKeyringSilent},
		"of another install": {func(b *bench) { b.ring = newRing(); b.Vault = b.another() }, ErrKeyringMissing},
	} {
		t.Run(name, func(t *testing.T) {
			b := keyed(t)
			b.put(b.Vault, "nas", "one")
			b.Lock()
			before, entries, files := b.read(b.file), b.ring.entriesCopy(), b.folder()
			fault.make(b)
			soon := WithKeyring(Patience(20 * time.Millisecond))
			for range 3 {
				within(t, func() { b.want(b.Unlock(b.ctx(), soon), fault.want) })
				b.want(b.another().Check(b.ctx(), soon), fault.want)
				if s := b.wantState(b.Vault, Locked); s.Protection != ByKeyring {
					t.Errorf("status %+v", s)
				}
			}
			b.wantFile(before)
			if got := b.folder(); got != files {
				t.Errorf("the folder holds %s", got)
			}

			b.ring.mu.Lock()
			b.ring.entries, b.ring.fault = entries, nil
			b.ring.mu.Unlock()
			if name != "hangs" {
				b.must(b.Unlock(b.ctx(), WithKeyring(Briefly))) // without a restart
				b.wantRecord(b.Vault, "nas", "one")
			}
			fault.make(b)
			v := b.another()
			b.must(v.Unlock(b.ctx(), WithRecovery(b.recovery)))
			b.wantRecord(v, "nas", "one")
			b.must(v.Move(b.ctx(), WithPassphrase(secret.New(passphrase))))
			b.must(b.another().Unlock(b.ctx(), WithPassphrase(secret.New(passphrase))))
		})
	}
}

func (r *ring) entriesCopy() map[string]secret.Text {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := map[string]secret.Text{}
	for name, value := range r.entries {
		out[name] = value
	}
	return out
}

// A vault is not made, and not moved, with a keyring that does not keep it.
func TestKeyringThatKeepsNothing(t *testing.T) {
	for name, fault := range map[string]struct {
		make func(r *ring)
		want error
	}{
		"drops":  {func(r *ring) { r.drop = true }, ErrKeyringMissing},
		"locked": {func(r *ring) { r.fault = func(string) error { return ErrKeyringLocked } }, ErrKeyringLocked},
		"alters": {func(r *ring) {
			r.fault = func(method string) error {
				if method == "Get" {
					r.mu.Lock()
					defer r.mu.Unlock()
					for name := range r.entries {
						r.entries[name] = secret.New("altered")
					}
				}
				return nil
			}
		}, ErrKeyringFailing},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			fault.make(b.ring)
			b.want(b.ProbeKeyring(b.ctx(), Briefly), fault.want)
			_, err := b.Create(b.ctx(), WithKeyring(Briefly))
			b.want(err, fault.want)
			b.wantState(b.Vault, New)

			m := made(t)
			before := m.read(m.file)
			fault.make(m.ring)
			m.want(m.Move(m.ctx(), WithKeyring(Briefly)), fault.want)
			m.wantFile(before)
			m.wantState(m.Vault, Unlocked)
		})
	}
}

func TestNoKeyring(t *testing.T) {
	b := newBench(t)
	b.Vault.ring = newGuard(nil)
	b.want(b.ProbeKeyring(b.ctx(), Briefly), ErrKeyringAbsent)
	_, err := b.Create(b.ctx(), WithKeyring(Briefly))
	b.want(err, ErrKeyringAbsent)
	b.create(WithPassphrase(secret.New(passphrase)))
}

func TestProbe(t *testing.T) {
	b := newBench(t)
	b.must(b.ProbeKeyring(b.ctx(), Briefly))
	if got := b.ring.names(); len(got) != 0 {
		t.Errorf("the keyring holds %v", got)
	}
}

// Calls that hang do not pile up.
func TestHangingKeyring(t *testing.T) {
	b := keyed(t)
	b.Lock()
	hang := make(chan struct{})
	b.ring.failWith(func(string) error { <-hang; return nil })
	calls, before := b.ring.calls, runtime.NumGoroutine()
	for range 20 {
		b.want(b.Unlock(b.ctx(), WithKeyring(Patience(time.Millisecond))), ErrKeyringSilent)
		b.want(b.ProbeKeyring(b.ctx(), Patience(time.Millisecond)), ErrKeyringSilent)
	}
	b.must(b.Check(b.ctx(), WithRecovery(b.recovery))) // the rest goes on
	b.ring.mu.Lock()
	made := b.ring.calls - calls
	b.ring.mu.Unlock()
	if made != 1 {
		t.Errorf("%d calls are under way", made)
	}
	more := func() int { return runtime.NumGoroutine() - before }
	for range 1000 { // one that has done its work takes a moment to be gone
		if more() <= 1 {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if n := more(); n > 1 {
		t.Errorf("%d goroutines more", n)
	}
	close(hang)
	b.ring.failWith(nil)
	b.must(b.Unlock(b.ctx(), WithKeyring(Briefly)))
}

// A call that the keyring carries out when everybody has given up on it
// overwrites no key in use.
func TestLateKeyring(t *testing.T) {
	b := keyed(t)
	hang, late := make(chan struct{}), make(chan struct{})
	b.ring.failWith(func(method string) error {
		if method == "Set" {
			<-hang
			defer close(late)
		}
		return nil
	})
	b.want(b.Move(b.ctx(), WithKeyring(Patience(20*time.Millisecond))), ErrKeyringSilent)
	close(hang)
	<-late
	b.must(b.another().Unlock(b.ctx(), WithKeyring(Briefly)))
}

// Locking while the keyring asks a person keeps the vault locked.
func TestLockDuringUnlock(t *testing.T) {
	b := keyed(t)
	b.Lock()
	asked, answer := make(chan struct{}), make(chan struct{})
	b.ring.failWith(func(string) error { close(asked); <-answer; return nil })
	result := make(chan error)
	go func() { result <- b.Unlock(b.ctx(), WithKeyring(Asked)) }()
	<-asked
	within(t, func() { b.wantState(b.Vault, Locked) }) // what only looks does not wait
	b.Lock()
	close(answer)
	b.want(<-result, ErrLocked)
	b.wantState(b.Vault, Locked)
}

func TestCancelledUnlock(t *testing.T) {
	b := keyed(t)
	hang := make(chan struct{})
	defer close(hang)
	ctx, cancel := context.WithCancel(b.ctx())
	b.ring.failWith(func(string) error { cancel(); <-hang; return nil })
	within(t, func() { b.want(b.Unlock(ctx, WithKeyring(Asked)), ErrKeyringSilent) })
}

func TestWaitForTurn(t *testing.T) {
	b := keyed(t)
	release, err := b.take(b.ctx())
	b.must(err)
	defer release()
	ctx, cancel := context.WithCancel(b.ctx())
	cancel()
	b.want(b.Unlock(ctx, WithKeyring(Asked)), ErrBusy)
	b.want(b.Update(ctx, func(*Tx) error { return nil }), ErrBusy)
}

func TestKeyringErrors(t *testing.T) {
	for text, want := range map[string]error{
		"failed to unlock correct collection '/org/freedesktop/secrets/aliases/default'": ErrKeyringLocked,
		"dbus: couldn't determine address of session bus":                                ErrKeyringAbsent,
		"something new": ErrKeyringFailing,
	} {
		if runtime.GOOS != "linux" {
			want = ErrKeyringFailing
		}
		if got := explainKeyring(errors.New(text)); !errors.Is(got, want) {
			t.Errorf("%s: got %v", text, got)
		}
	}
	if explainKeyring(nil) != nil || fmt.Sprint(SystemKeyring{}) != "{}" {
		t.Error("nothing is an error")
	}
}
