package sqlite

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"latchkey/backend/store"
)

// A writing is a write that is one of a group, and what came of it.
type writing struct {
	ctx  context.Context // that of the test if nil
	do   func(*tx) error
	runs int
	err  error
	out  bool // it has returned, or its goroutine has ended
	last any  // what it panicked with
}

// inGroup has the first of some writes get the writer and hold it until the
// others wait, in their order. It must run in a bubble. While says what to do
// once they all wait.
func inGroup(t *testing.T, s *Store, while func(), list ...*writing) {
	t.Helper()
	hold := make(chan struct{})
	var all sync.WaitGroup
	for i, w := range list {
		if w.ctx == nil {
			w.ctx = t.Context()
		}
		do := w.do
		all.Go(func() {
			defer func() { w.out, w.last = true, recover() }()
			w.err = s.write(w.ctx, "test", func(t *tx) error {
				if w.runs++; i == 0 && w.runs == 1 {
					<-hold
				}
				t.changed = true
				return do(t)
			})
		})
		synctest.Wait()
	}
	if while != nil {
		while()
		synctest.Wait()
	}
	close(hold)
	all.Wait()
}

// put keeps a setting, which tells afterwards that the write was kept.
func put(name string) func(*tx) error {
	return func(t *tx) error {
		_, err := t.exec("INSERT INTO settings (name, value) VALUES (?, x'00')", name)
		return err
	}
}

// after does one thing and ends with another.
func after(do func(*tx) error, then func(*tx) error) func(*tx) error {
	return func(t *tx) error { return errors.Join(do(t), then(t)) }
}

func wantKept(t *testing.T, s *Store, want ...string) {
	t.Helper()
	var kept []string
	err := s.find(t.Context(), "list", func(t *tx) (err error) {
		kept, err = collect(t, func(r scanner) (name string, err error) {
			err = r.Scan(&name)
			return name, err
		}, "SELECT name FROM settings ORDER BY name")
		return err
	})
	if err != nil || !slices.Equal(kept, want) {
		t.Errorf("kept %q, %v; want %q", kept, err, want)
	}
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

// wantCommits runs fn and counts its commits that Version tells of.
func wantCommits(t *testing.T, s *Store, want uint64, fn func()) {
	t.Helper()
	before := s.Version()
	fn()
	if n := s.Version() - before; n != want {
		t.Errorf("%d commits, want %d", n, want)
	}
}

func wantRuns(t *testing.T, list []*writing, want ...int) {
	t.Helper()
	for i, w := range list {
		if w.runs != want[i] {
			t.Errorf("write %d ran %d times, want %d", i, w.runs, want[i])
		}
	}
}

// TestGroup: those that fail leave no trace and disturb nobody.
func TestGroup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := seeded(t, 1)
		errMine := errors.New("mine")
		mine := func(*tx) error { return errMine }
		list := []*writing{
			{do: put("a")}, {do: after(put("b"), mine)}, {do: put("c")}, {do: after(put("d"), put("a"))}, {do: put("e")},
			{do: after(put("f"), func(t *tx) error { return t.row("SELECT 1 WHERE 1 = 0").Scan() })}, {do: put("g")},
		}
		wantCommits(t, s, 1, func() { inGroup(t, s, nil, list...) })
		wantKept(t, s, "a", "c", "e", "g")
		wantRuns(t, list, 1, 1, 1, 1, 1, 1, 1)
		for i, w := range list {
			if failed := i%2 == 1; (w.err != nil) != failed {
				t.Errorf("write %d: %v", i, w.err)
			}
		}
		if !errors.Is(list[1].err, errMine) || !errors.Is(list[5].err, store.ErrNotFound) {
			t.Errorf("errors %v and %v are not their own", list[1].err, list[5].err)
		}
	})
}

// TestGroupUnchanged: what failed or says nothing new moves no version.
func TestGroupUnchanged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := seeded(t, 1)
		quiet := func(t *tx) error { t.changed = false; return nil }
		failing := func(*tx) error { return errors.New("failed") }
		wantCommits(t, s, 0, func() { inGroup(t, s, nil, &writing{do: quiet}, &writing{do: failing}, &writing{do: quiet}) })
		wantCommits(t, s, 1, func() { inGroup(t, s, nil, &writing{do: quiet}, &writing{do: put("a")}) })
	})
}

// TestGroupFirstFails: the writer goes on to those who wait.
func TestGroupFirstFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := seeded(t, 1)
		first := &writing{do: after(put("a"), func(*tx) error { panic("first") })}
		wantCommits(t, s, 1, func() { inGroup(t, s, nil, first, &writing{do: put("b")}, &writing{do: put("c")}) })
		wantKept(t, s, "b", "c")
		if first.last != "first" {
			t.Errorf("the panic became %v, error %v", first.last, first.err)
		}
	})
}

// TestGroupTellsAfterCommit: while the last one runs nobody has been told of
// success, nor of a refusal that rests on it, and nothing is to be seen.
func TestGroupTellsAfterCommit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := seeded(t, 1)
		var list []*writing
		last := &writing{do: func(*tx) error {
			wantKept(t, s)
			for i, w := range list {
				if w.out {
					t.Errorf("write %d returned before the commit", i)
				}
			}
			return nil
		}}
		list = []*writing{{do: put("a")}, {do: put("b")}, {do: put("b")}, last}
		inGroup(t, s, nil, list...)
		wantRuns(t, list, 1, 1, 1, 1)
		wantKept(t, s, "a", "b")
	})
}

// TestGroupCommitFails breaks a reference that SQLite is told to look at in
// COMMIT only.
func TestGroupCommitFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := seeded(t, 1)
		broken := func(t *tx) error {
			_, err := t.exec("PRAGMA defer_foreign_keys = 1")
			if err == nil {
				_, err = t.exec("INSERT INTO user_roles VALUES (404, 0, 1, 0)")
			}
			return err
		}
		list := []*writing{{do: put("a")}, {do: broken}, {do: put("b")}}
		wantCommits(t, s, 0, func() { inGroup(t, s, nil, list...) })
		for i, w := range list {
			if codeOf(w.err) == 0 {
				t.Errorf("write %d: error %v, want that of COMMIT", i, w.err)
			}
		}
		wantKept(t, s)
		wantCommits(t, s, 1, func() { inGroup(t, s, nil, &writing{do: put("c")}) })
		wantKept(t, s, "c")
	})
}

// TestGroupUndone: where the transaction is no good any more each member has
// another turn, and only those that still cannot be done hear of it. Nobody is
// refused for what came to nothing.
func TestGroupUndone(t *testing.T) {
	full := func(t *tx) error { // the limit is that of the connection
		var pages int
		err := t.row("PRAGMA page_count").Scan(&pages)
		if err == nil {
			err = t.row(fmt.Sprint("PRAGMA max_page_count = ", pages)).Scan(&pages)
		}
		if err == nil {
			_, err = t.exec("INSERT INTO settings VALUES ('full', zeroblob(100000))")
		}
		return err
	}
	// As SQLite does by itself at some faults.
	rollBack := func(t *tx) error {
		_, err := t.exec("ROLLBACK")
		return err
	}
	locked := func(t *tx) error { return t.row("PRAGMA wal_checkpoint(TRUNCATE)").Scan(new(int), new(int), new(int)) }
	for name, tc := range map[string]struct {
		do func(*tx) error
		ok bool // if it has another turn
	}{
		"full":                {full, false},
		"locked":              {locked, false},
		"rolled back":         {after(rollBack, func(*tx) error { return errors.New("rolled back") }), false},
		"rolled back at once": {once(rollBack), true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := seeded(t, 1)
				odd := &writing{do: tc.do}
				refused := after(once(put("b")), put("d")) // "b" is taken the first time
				list := []*writing{{do: put("a")}, {do: once(put("b"))}, {do: refused}, odd, {do: put("c")}}
				commits := uint64(4)
				if tc.ok {
					commits++
				}
				wantCommits(t, s, commits, func() { inGroup(t, s, nil, list...) })
				wantKept(t, s, "a", "c", "d")
				wantRuns(t, list, 2, 2, 2, 2, 1)
				for i, w := range list {
					if ok := w != odd || tc.ok; (w.err == nil) != ok {
						t.Errorf("write %d: %v", i, w.err)
					}
				}
				if name == "full" {
					wantFailing(t, name, odd.err)
				}
			})
		})
	}
}

// once does a thing the first time only.
func once(do func(*tx) error) func(*tx) error {
	done := false
	return func(t *tx) error {
		if done {
			return nil
		}
		done = true
		return do(t)
	}
}

// TestGroupPanics: a member that never returns takes nobody along.
func TestGroupPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := seeded(t, 1)
		list := []*writing{
			{do: put("a")},
			{do: after(put("b"), func(*tx) error { panic("mine") })},
			{do: put("c")},
			{do: after(put("d"), func(*tx) error { runtime.Goexit(); return nil })},
			{do: put("e")},
		}
		wantCommits(t, s, 1, func() { inGroup(t, s, nil, list...) })
		wantKept(t, s, "a", "c", "e")
		if list[1].last != "mine" {
			t.Errorf("the panic became %v, error %v", list[1].last, list[1].err)
		}
		for _, i := range []int{0, 2, 4} {
			if list[i].err != nil || list[i].last != nil {
				t.Errorf("write %d: %v, %v", i, list[i].err, list[i].last)
			}
		}
		inGroup(t, s, nil, &writing{do: put("f")})
		wantKept(t, s, "a", "c", "e", "f")
	})
}

// TestGroupCancelled: whoever waits can go, whoever has begun cannot.
func TestGroupCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := seeded(t, 1)
		waiting, goAway := context.WithCancel(t.Context())
		begun, tooLate := context.WithCancel(t.Context())
		list := []*writing{
			{do: put("a")},
			{do: put("b"), ctx: waiting},
			{do: after(func(*tx) error { tooLate(); return nil }, put("c")), ctx: begun},
			{do: put("d"), ctx: begun}, // waits still when its context ends
		}
		wantCommits(t, s, 1, func() {
			inGroup(t, s, func() {
				goAway()
				synctest.Wait()
				if !list[1].out || !errors.Is(list[1].err, context.Canceled) {
					t.Errorf("who went away still waits: %v", list[1].err)
				}
			}, list...)
		})
		wantRuns(t, list, 1, 0, 1, 0)
		wantKept(t, s, "a", "c")
		if list[0].err != nil || list[2].err != nil || !errors.Is(list[3].err, context.Canceled) {
			t.Errorf("errors %v, %v, %v", list[0].err, list[2].err, list[3].err)
		}
	})
}

// TestGroupBounded: no more than mostInGroup share a commit.
func TestGroupBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := seeded(t, 1)
		var done atomic.Int64
		list := make([]*writing, 2*mostInGroup+1)
		for i := range list {
			list[i] = &writing{do: func(*tx) error { done.Add(1); return nil }}
		}
		wantCommits(t, s, 3, func() { inGroup(t, s, nil, list...) })
		if n := done.Load(); n != int64(len(list)) {
			t.Errorf("%d writes of %d ran", n, len(list))
		}
	})
}

// TestGroupClosed: closing lets those finish that came before it, and refuses
// those after it.
func TestGroupClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := seeded(t, 1)
		var closing sync.WaitGroup
		first, second := &writing{do: put("a")}, &writing{do: put("b")}
		inGroup(t, s, func() {
			closing.Go(func() {
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			})
		}, first, second)
		closing.Wait()
		if first.err != nil || second.err != nil {
			t.Errorf("who came before: %v, %v", first.err, second.err)
		}
		if err := s.write(t.Context(), "test", put("c")); !errors.Is(err, errClosed) {
			t.Errorf("closed: error %v, want %v", err, errClosed)
		}
	})
}
