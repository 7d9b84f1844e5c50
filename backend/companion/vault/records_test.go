package vault

import (
	"bytes"
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"latchkey/backend/internal/secret"
)

func TestRecords(t *testing.T) {
	b := made(t)
	b.must(b.Update(b.ctx(), func(tx *Tx) error {
		for _, name := range []string{"b", "a", "安", "c"} {
			b.must(tx.Put("tokens", name, []byte("content of "+name)))
		}
		b.must(tx.Put("codes", "a", []byte{}))
		tx.Delete("tokens", "c")
		tx.Delete("tokens", "never there")
		tx.Delete("never", "there")
		if got, err := tx.Get("tokens", "b"); err != nil || string(got) != "content of b" {
			t.Errorf("got %q, %v", got, err)
		}
		if _, err := tx.Get("tokens", "c"); !errors.Is(err, ErrNoRecord) {
			t.Errorf("got %v", err)
		}
		if got := tx.List("tokens"); len(got) != 3 {
			t.Errorf("got %d records", len(got))
		}
		return nil
	}))
	for _, v := range []*Vault{b.Vault, b.another2()} {
		got, err := v.List(b.ctx(), "tokens")
		b.must(err)
		want := []Record{{"a", []byte("content of a")}, {"b", []byte("content of b")}, {"安", []byte("content of 安")}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("records (-want +got):\n%s", diff)
		}
		got[0].Content[0] = 'X' // a copy
		b.wantRecord(v, "a", "content of a")
		if empty, err := v.Get(b.ctx(), "codes", "a"); err != nil || len(empty) != 0 {
			t.Errorf("got %q, %v", empty, err)
		}
		if none, err := v.List(b.ctx(), "none"); err != nil || len(none) != 0 {
			t.Errorf("got %v, %v", none, err)
		}
	}
}

func TestShelf(t *testing.T) {
	b := made(t)
	one, other := b.Shelf("tokens"), b.Shelf("codes")
	b.must(one.Put(b.ctx(), "nas", []byte("one")))
	b.must(other.Put(b.ctx(), "nas", []byte("two")))
	b.must(other.Delete(b.ctx(), "nas"))
	b.must(other.Delete(b.ctx(), "nas"))
	if got, err := one.Get(b.ctx(), "nas"); err != nil || string(got) != "one" {
		t.Errorf("got %q, %v", got, err)
	}
	_, err := other.Get(b.ctx(), "nas")
	b.want(err, ErrNoRecord)
	if got, err := one.List(b.ctx()); err != nil || len(got) != 1 {
		t.Errorf("got %v, %v", got, err)
	}
	b.want(one.Put(b.ctx(), "", nil), ErrName)
}

func TestUpdateIsAllOrNothing(t *testing.T) {
	b := made(t)
	b.put(b.Vault, "nas", "one")
	before := b.read(b.file)
	broken := errors.New("broken")
	if err := b.Update(b.ctx(), func(tx *Tx) error {
		tx.Delete("tokens", "nas")
		b.must(tx.Put("tokens", "other", nil))
		return broken
	}); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	b.wantFile(before)
	b.wantRecord(b.Vault, "nas", "one")
	b.must(b.Update(b.ctx(), func(tx *Tx) error { _, err := tx.Get("tokens", "nas"); return err }))
	b.wantFile(before) // nothing to write

	func() {
		defer func() { _ = recover() }()
		_ = b.Update(b.ctx(), func(*Tx) error { panic("a defect elsewhere") })
	}()
	b.wantFile(before)
	b.put(b.Vault, "nas", "two") // no lock is left behind
	b.wantRecord(b.another2(), "nas", "two")
}

func TestLimits(t *testing.T) {
	b := made(t)
	long := strings.Repeat("x", 600)
	b.must(b.Update(b.ctx(), func(tx *Tx) error {
		for _, tc := range []struct {
			bucket Bucket
			name   string
			size   int
			want   error
		}{
			{"", "a", 1, ErrName},
			{"a", "", 1, ErrName},
			{Bucket(long[:65]), "a", 1, ErrName},
			{"a", long[:513], 1, ErrName},
			{"a", "a", maxRecord + 1, ErrTooLarge},
			{Bucket(long[:64]), long[:512], 1, nil},
			{"a", "a", maxRecord, nil},
		} {
			b.want(tx.Put(tc.bucket, tc.name, make([]byte, tc.size)), tc.want)
		}
		return nil
	}))
	v := b.another2()
	before := b.read(b.file)
	b.want(v.Update(b.ctx(), func(tx *Tx) error {
		for n := range 64 {
			b.must(tx.Put("bulk", strconv.Itoa(n), make([]byte, maxRecord)))
		}
		return nil
	}), ErrFull)
	b.wantFile(before)
	if got, err := v.Get(b.ctx(), "a", "a"); err != nil || len(got) != maxRecord {
		t.Errorf("got %d bytes, %v", len(got), err)
	}
}

func TestSeveralPrograms(t *testing.T) {
	b := made(t)
	elsewhere := b.another2()
	b.put(b.Vault, "nas", "one")
	b.wantRecord(elsewhere, "nas", "one")
	b.put(elsewhere, "nas", "two")
	b.wantRecord(b.Vault, "nas", "two")
	b.put(b.Vault, "other", "three") // on top of what elsewhere wrote
	b.wantRecord(b.another2(), "nas", "two")
	b.must(elsewhere.Move(b.ctx(), WithKeyring(Briefly)))
	_, err := b.Get(b.ctx(), "tokens", "nas")
	b.want(err, ErrChanged)
	b.must(b.Unlock(b.ctx(), WithKeyring(Briefly)))
	b.wantRecord(b.Vault, "nas", "two")
	_, err = elsewhere.SetAside(b.ctx())
	b.must(err)
	_, err = b.Get(b.ctx(), "tokens", "nas")
	b.want(err, ErrNew)
	b.want(b.Update(b.ctx(), func(tx *Tx) error { return tx.Put("tokens", "nas", nil) }), ErrNew)
	b.wantState(b.Vault, New)
}

// soon is a context that ends soon.
func (b *bench) soon() context.Context {
	ctx, cancel := context.WithTimeout(b.ctx(), 50*time.Millisecond)
	b.t.Cleanup(cancel)
	return ctx
}

// A writer that takes its time keeps others waiting, not hanging, and who only
// looks goes on; where readers are polite, only through the same vault.
func TestSlowWriter(t *testing.T) {
	for _, polite := range []bool{false, true} {
		t.Run("polite "+strconv.FormatBool(polite), func(t *testing.T) {
			b := made(t)
			b.put(b.Vault, "nas", "one")
			elsewhere := b.another2()
			b.place.polite, elsewhere.place.polite = polite, polite
			started, end := make(chan struct{}), make(chan struct{})
			result := make(chan error)
			go func() {
				result <- b.Update(b.ctx(), func(tx *Tx) error {
					close(started)
					<-end
					return tx.Put("tokens", "nas", []byte("two"))
				})
			}()
			<-started
			within(t, func() { b.wantRecord(b.Vault, "nas", "one") })
			within(t, func() { b.wantState(b.Vault, Unlocked) })
			var reading error
			if polite {
				reading = ErrBusy
			}
			_, err := elsewhere.Get(b.soon(), "tokens", "nas")
			b.want(err, reading)
			_, err = elsewhere.Status(b.soon())
			b.want(err, reading)
			b.want(elsewhere.Update(b.soon(), func(*Tx) error { return nil }), ErrBusy)
			close(end)
			b.must(<-result)
			b.wantRecord(elsewhere, "nas", "two")
		})
	}
}

// Locking does not wait for a writer, and does not spoil what it writes.
func TestLockDuringUpdate(t *testing.T) {
	b := made(t)
	b.put(b.Vault, "nas", "one")
	b.must(b.Update(b.ctx(), func(tx *Tx) error {
		within(t, b.Lock)
		_, err := b.Get(b.ctx(), "tokens", "nas")
		b.want(err, ErrLocked)
		b.wantState(b.Vault, Locked)
		return tx.Put("tokens", "other", []byte("two"))
	}))
	if s := b.wantState(b.Vault, Locked); s.Revision != 3 {
		t.Errorf("status %+v", s)
	}
	v := b.another2()
	b.wantRecord(v, "nas", "one")
	b.wantRecord(v, "other", "two")
}

func TestManyGoroutines(t *testing.T) {
	b := made(t)
	done := make(chan struct{})
	stop := time.AfterFunc(300*time.Millisecond, func() { close(done) })
	defer stop.Stop()
	errs := make(chan error, 4)
	pass := WithPassphrase(secret.New(passphrase))
	work := []func() error{
		func() error { return b.Update(b.ctx(), count) },
		func() error { _, err := b.Get(b.ctx(), "tokens", "count"); return err },
		func() error { _, err := b.Status(b.ctx()); return err },
		func() error {
			for range 50 {
				if _, err := b.List(b.ctx(), "tokens"); err != nil {
					return err
				}
			}
			b.Lock()
			return b.Unlock(b.ctx(), pass)
		},
	}
	for _, do := range work {
		go func() {
			for {
				select {
				case <-done:
					errs <- nil
					return
				default:
				}
				if err := do(); err != nil && !errors.Is(err, ErrLocked) && !errors.Is(err, ErrNoRecord) {
					errs <- err
					return
				}
			}
		}()
	}
	for range work {
		b.must(<-errs)
	}
	b.must(b.Unlock(b.ctx(), pass))
	counted, err := b.Get(b.ctx(), "tokens", "count")
	b.must(err)
	if s := b.wantState(b.Vault, Unlocked); strconv.FormatUint(s.Revision-1, 10) != string(counted) {
		t.Errorf("counted %s in %d revisions", counted, s.Revision)
	}
}

func TestComposeTakesNoMoreMemory(t *testing.T) {
	b := made(t)
	b.put(b.Vault, "nas", strings.Repeat("x", 1000))
	o := b.opened
	file, _, err := compose(o.header, o.contents, o.master, b.env)
	if err != nil || len(file) != cap(file) {
		t.Errorf("%d of %d bytes, %v: a copy in the clear was left behind", len(file), cap(file), err)
	}
	i, err := parse(bytes.Clone(file))
	b.must(err)
	if c, err := i.unseal(o.master); err != nil || string(c.records["tokens"]["nas"]) != strings.Repeat("x", 1000) {
		t.Errorf("it reads as %d records, %v", len(c.records), err)
	}
}
