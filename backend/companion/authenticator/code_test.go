package authenticator_test

import (
	"bufio"
	"context"
	"fmt"
	"iter"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"latchkey/backend/companion/authenticator"
	"latchkey/backend/companion/authenticator/otpauth"
	"latchkey/backend/companion/vault"
	"latchkey/backend/identity"
	"latchkey/backend/internal/env"
)

// ahead is a clock that is so for every account.
func ahead(d time.Duration) authenticator.Clock {
	return func(authenticator.Link) time.Duration { return d }
}

func TestCodes(t *testing.T) {
	b := newBench(t)
	one, hotp := b.add("one", otpauth.Fields{}), b.add("two", otpauth.Fields{Kind: "hotp"})
	now, err := b.Codes(t.Context(), nil)
	b.must(err)
	if len(now) != 1 || now[one.ID].Text != one.Key.Compute(1_800_000_010/30) || now[one.ID].Left != 20*time.Second {
		t.Errorf("%+v", now)
	}
	later, err := b.Codes(t.Context(), ahead(25*time.Second), one.ID, hotp.ID, "nobody")
	b.must(err)
	if len(later) != 1 || later[one.ID].Text != now[one.ID].Next || later[one.ID].Left != 25*time.Second {
		t.Errorf("with the clock ahead: %+v", later)
	}
	early, err := b.Codes(t.Context(), ahead(-11*time.Second))
	b.must(err)
	if early[one.ID].Next != now[one.ID].Text || early[one.ID].Left != time.Second {
		t.Errorf("with the clock behind: %+v", early)
	}
	// what the caller counts by is this computer's clock, in any case
	if in := later[one.ID].Until.Sub(now[one.ID].Until); in != 5*time.Second {
		t.Errorf("with the clock ahead it ends %v later", in)
	}
}

// Each code goes by the clock for the account that it is linked to.
func TestCodesByTheClockOfTheirServer(t *testing.T) {
	b := newBench(t)
	linked, other := b.add("one", otpauth.Fields{}), b.add("two", otpauth.Fields{})
	nas := authenticator.Link{Server: "nas", Username: "ann"}
	_, err := b.Link(t.Context(), linked.ID, nas)
	b.must(err)
	by := func(l authenticator.Link) time.Duration {
		if l == nas {
			return time.Minute
		}
		return 0
	}
	got, err := b.Codes(t.Context(), by)
	b.must(err)
	if step := uint64(1_800_000_010 / 30); got[linked.ID].Step != step+2 || got[other.ID].Step != step {
		t.Errorf("%+v", got)
	}
	code, err := b.Count(t.Context(), linked.ID, by)
	b.must(err)
	if code != got[linked.ID] {
		t.Errorf("%+v, want %+v", code, got[linked.ID])
	}
}

func TestCount(t *testing.T) {
	b := newBench(t)
	e := b.add("Router", otpauth.Fields{Kind: "hotp", Counter: "7"})
	for want := uint64(7); want < 10; want++ {
		code, err := b.Count(t.Context(), e.ID, nil)
		b.must(err)
		if code != e.Key.Counted(want) {
			t.Errorf("%+v at %d", code, want)
		}
		kept, err := b.again().Find(t.Context(), e.ID)
		b.must(err)
		if kept.Key.Counter != want+1 {
			t.Errorf("after %d the counter is %d", want, kept.Key.Counter)
		}
	}
	timed := b.add("Service", otpauth.Fields{})
	if code, err := b.Count(t.Context(), timed.ID, ahead(30*time.Second)); err != nil || code.Text != timed.Key.Compute(1_800_000_040/30) {
		t.Errorf("%+v, %v", code, err)
	}
	_, err := b.Count(t.Context(), "nobody", nil)
	b.want(err, authenticator.ErrUnknown)
	end := b.add("End", otpauth.Fields{Kind: "hotp", Counter: "9223372036854775807"})
	_, err = b.Count(t.Context(), end.ID, nil)
	b.want(err, authenticator.ErrCounterEnd)
}

// Who cannot write the counter down is shown no code.
func TestCountNeedsTheDisk(t *testing.T) {
	b := newBench(t)
	e := b.add("Router", otpauth.Fields{Kind: "hotp"})
	// Modes do not bind root; a folder that stands where the vault puts its
	// next version stops everybody.
	b.must(os.MkdirAll(filepath.Join(b.file+".previous.new", "in the way"), 0o700))
	if code, err := b.Count(t.Context(), e.ID, nil); err == nil || code.Text != "" {
		t.Errorf("%+v, %v", code, err)
	}
}

// Several at once, in two programs: no code twice.
func TestCountTogether(t *testing.T) {
	b := newBench(t)
	e := b.add("Router", otpauth.Fields{Kind: "hotp"})
	books := []*authenticator.Book{b.Book, b.again()}
	var mu sync.Mutex
	seen := map[uint64]bool{}
	var wait sync.WaitGroup
	for n := range 8 {
		wait.Go(func() {
			for range 5 {
				code, err := books[n%2].Count(t.Context(), e.ID, nil)
				mu.Lock()
				if err != nil || seen[code.Step] {
					t.Errorf("%d is given twice, or %v", code.Step, err)
				}
				seen[code.Step] = true
				mu.Unlock()
			}
		})
	}
	wait.Wait()
}

// play counts for ever, and says each counter whose code it has got.
func play(file string) {
	ctx := context.Background()
	fail := func(err error) {
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	v, err := vault.Open(file, vault.Options{Env: env.System(), Keyring: fileRing(file)})
	fail(err)
	fail(v.Unlock(ctx, vault.WithKeyring(vault.Briefly)))
	book := authenticator.NewBook(v, env.System())
	list, err := book.List(ctx)
	fail(err)
	for {
		code, err := book.Count(ctx, list[0].ID, nil)
		fail(err)
		fmt.Println(code.Step)
	}
}

// Whenever the program is killed, no counter is given again, and the entry is
// whole.
func TestCountersNeverRepeat(t *testing.T) {
	b := newBench(t)
	e := b.add("Router", otpauth.Fields{Kind: "hotp"})
	next, given := uint64(0), 0
	for round := range 15 {
		for line := range b.playUntil(1+round%3, time.Duration(round)*500*time.Microsecond) {
			n, err := strconv.ParseUint(line, 10, 64)
			if err != nil || n < next {
				t.Fatalf("round %d: %q after %d, %v", round, line, next, err)
			}
			next, given = n+1, given+1
		}
		kept, err := b.again().Find(t.Context(), e.ID)
		b.must(err)
		if kept.Key.Counter < next {
			t.Fatalf("round %d: the counter is %d, and %d was given", round, kept.Key.Counter, next-1)
		}
		next = kept.Key.Counter
	}
	t.Logf("15 kills, %d codes", given)
}

// playUntil starts a child, kills it a moment after it has said a number of
// lines, and yields all the whole lines that it has said.
func (b *bench) playUntil(lines int, moment time.Duration) iter.Seq[string] {
	return func(yield func(string) bool) {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), child+"=count", childFile+"="+b.file)
		out, err := cmd.StdoutPipe()
		b.must(err)
		b.must(cmd.Start())
		defer func() { _ = cmd.Wait() }()
		defer func() { _ = cmd.Process.Kill() }()
		said := bufio.NewReader(out)
		for n := 1; ; n++ {
			line, err := said.ReadString('\n')
			if err != nil {
				if n <= lines {
					b.t.Error("the child ended by itself")
				}
				return // what it was about to say does not count
			}
			if n == lines {
				time.AfterFunc(moment, func() { _ = cmd.Process.Kill() })
			}
			if !yield(strings.TrimSpace(line)) {
				return
			}
		}
	}
}

func TestSpend(t *testing.T) {
	b := newBench(t)
	ann := authenticator.Link{Server: "nas", Username: "ann"}
	e := b.add("NAS:ann", otpauth.Fields{})
	_, _, err := b.Spend(t.Context(), ann, nil)
	b.want(err, authenticator.ErrNotLinked)
	_, err = b.Link(t.Context(), e.ID, ann)
	b.must(err)
	for _, stranger := range []authenticator.Link{{Server: "other", Username: "ann"}, {Server: "nas", Username: "bob"}, {}} {
		_, _, err = b.Spend(t.Context(), stranger, nil)
		b.want(err, authenticator.ErrNotLinked)
	}
	from, code, err := b.Spend(t.Context(), authenticator.Link{Server: "nas", Username: "ANN"}, nil)
	b.must(err)
	if from.ID != e.ID || code.Text != e.Key.Compute(60_000_000) {
		t.Errorf("%+v %+v", from, code)
	}
	// the same code is not given again, by no program, until its time is over
	_, code, err = b.again().Spend(t.Context(), ann, nil)
	b.want(err, authenticator.ErrSpent)
	if wait := identity.AsError(err).RetryAfter; wait != 20*time.Second || code.Text != "" {
		t.Errorf("again in %v, %+v", wait, code)
	}
	b.clock.pass(20 * time.Second)
	_, code, err = b.Spend(t.Context(), ann, nil)
	b.must(err)
	if code.Text != e.Key.Compute(60_000_001) {
		t.Errorf("%+v", code)
	}
	// nor by a clock that is set back a little; one that was wrong by more gave
	// nothing that could be used
	_, _, err = b.Spend(t.Context(), ann, ahead(-30*time.Second))
	b.want(err, authenticator.ErrSpent)
	if wait := identity.AsError(err).RetryAfter; wait != time.Minute {
		t.Errorf("again in %v", wait)
	}
	if _, _, err = b.Spend(t.Context(), ann, ahead(-time.Hour)); err != nil {
		t.Error(err)
	}
	b.must(b.Delete(t.Context(), e.ID))
	_, _, err = b.Spend(t.Context(), ann, ahead(time.Hour))
	b.want(err, authenticator.ErrNotLinked)
}

func TestSpendCounted(t *testing.T) {
	b := newBench(t)
	ann := authenticator.Link{Server: "nas", Username: "ann"}
	e := b.add("NAS", otpauth.Fields{Kind: "hotp", Counter: "3"})
	_, err := b.Link(t.Context(), e.ID, ann)
	b.must(err)
	for want := uint64(3); want < 5; want++ {
		if _, code, err := b.Spend(t.Context(), ann, nil); err != nil || code != e.Key.Counted(want) {
			t.Errorf("%+v, %v", code, err)
		}
	}
}

// An account has one code: to link another ends the first link.
func TestLink(t *testing.T) {
	b := newBench(t)
	ann := authenticator.Link{Server: "nas", Username: "ann"}
	one, two := b.add("one", otpauth.Fields{}), b.add("two", otpauth.Fields{Secret: other})
	for _, id := range []authenticator.ID{one.ID, two.ID} {
		_, err := b.Link(t.Context(), id, ann)
		b.must(err)
		if e, err := b.Linked(t.Context(), ann); err != nil || e.ID != id {
			t.Errorf("%+v, %v", e, err)
		}
	}
	if e, err := b.Find(t.Context(), one.ID); err != nil || !e.Link.IsZero() {
		t.Errorf("%+v, %v", e, err)
	}
	// also of one in the trash, that might come back
	b.must(b.Delete(t.Context(), two.ID))
	_, err := b.Link(t.Context(), one.ID, ann)
	b.must(err)
	b.must(b.Restore(t.Context(), two.ID))
	if e, err := b.Linked(t.Context(), ann); err != nil || e.ID != one.ID {
		t.Errorf("%+v, %v", e, err)
	}
	_, err = b.Link(t.Context(), one.ID, authenticator.Link{})
	b.must(err)
	_, err = b.Linked(t.Context(), ann)
	b.want(err, authenticator.ErrNotLinked)
}
