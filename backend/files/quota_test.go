package files

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"latchkey/backend/internal/env"
)

// limited is a tree at /people/ann whose files may take so many bytes.
func limited(t *testing.T, limit int64) (place, *atomic.Int64) {
	t.Helper()
	p := newPlace(t, "/people/ann")
	var most atomic.Int64
	most.Store(limit)
	tree, err := p.store.TreeFor(View{Base: "/people/ann", Limit: most.Load})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tree.Close() })
	p.Tree = tree
	return p, &most
}

// used is what the store says, which must be what a walk finds.
func (p place) used() int64 {
	p.t.Helper()
	u, err := p.store.Meter().Usage(p.t.Context(), "/people/ann")
	if err != nil {
		p.t.Fatal(err)
	}
	walked, err := NewMeter(p.dir, env.System()).Usage(p.t.Context(), "/people/ann")
	if err != nil || walked.Used != u.Used {
		p.t.Errorf("the store says %d, a walk finds %d, %v", u.Used, walked.Used, err)
	}
	return u.Used
}

func TestQuota(t *testing.T) {
	p, most := limited(t, 10)
	p.outside("old", "12345")
	p.wantCode("what fits", put(p.Tree, "/f", "12345"), "")
	p.wantCode("one byte more", put(p.Tree, "/g", "1"), "quota_exceeded")
	p.wantCode("an empty file", put(p.Tree, "/empty", ""), "")
	p.wantCode("in place of as much", put(p.Tree, "/f", "54321"), "")
	p.wantCode("in place of less", put(p.Tree, "/f", "654321"), "quota_exceeded")
	if got := p.content("f"); got != "54321" || p.content("g") != "-" || len(p.temps()) != 0 {
		t.Errorf("f is %q, g is %q, left behind: %v", got, p.content("g"), p.temps())
	}
	_, err := p.Create("/big", Creation{Size: 11})
	p.wantCode("a size that is known", err, "quota_exceeded")
	p.wantCode("a copy", p.Copy(t.Context(), "/f", "/copy", false, willing), "quota_exceeded")
	p.wantCode("Truncate, longer", p.Truncate("/f", 6), "quota_exceeded")
	p.wantCode("Truncate, shorter", p.Truncate("/f", 3), "")
	p.wantCode("a copy that fits", p.Copy(t.Context(), "/empty", "/copy", false, willing), "")
	if got := p.used(); got != 8 {
		t.Errorf("used %d, want 8", got)
	}
	most.Store(0)
	p.wantCode("without a limit", put(p.Tree, "/g", strings.Repeat("x", 100)), "")
	most.Store(9)
	p.wantCode("a limit below what there is", put(p.Tree, "/h", "x"), "quota_exceeded")
	p.wantCode("Remove", p.Remove("/g"), "")
	p.wantCode("after making room", put(p.Tree, "/h", "x"), "")
	most.Store(1)
	p.wantCode("less in place of more than there may be", put(p.Tree, "/f", "12"), "")
	if got := p.used(); got != 8 {
		t.Errorf("used %d, want 8", got)
	}
}

func TestQuotaInPlace(t *testing.T) {
	p, _ := limited(t, 10)
	p.outside("f", "12345")
	f, err := p.OpenExisting("/f")
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.WriteAt([]byte("abcde"), 5)
	p.wantCode("up to the limit", err, "")
	_, err = f.WriteAt([]byte("x"), 10)
	p.wantCode("beyond", err, "quota_exceeded")
	_, err = f.WriteAt([]byte("x"), 0)
	p.wantCode("within", err, "")
	p.wantCode("Close", f.Close(), "")
	if got := p.content("f"); got != "x2345abcde" || p.used() != 10 {
		t.Errorf("the file is %q, used %d", got, p.used())
	}
}

// Of many uploads at once just as many get in as there is room for, whatever
// else happens meanwhile, and what was promised to the others is given back.
func TestQuotaUnderConcurrentWrites(t *testing.T) {
	const each, fit, many = 1000, 7, 32
	p, most := limited(t, each*fit+each/2)
	var in, full atomic.Int32
	var wg sync.WaitGroup
	for i := range many {
		wg.Go(func() {
			path := Path("/f" + string(rune('A'+i)))
			err := put(p.Tree, path, strings.Repeat("x", each))
			switch {
			case err == nil:
				in.Add(1)
			case errors.Is(err, errQuota):
				full.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	// Uploads that hold room and are refused later than another make room
	// again, so fewer may get in than fit, but never more.
	if in.Load() > fit || in.Load()+full.Load() != many {
		t.Errorf("%d are in, %d were refused; at most %d fit", in.Load(), full.Load(), fit)
	}
	if got := p.used(); got != int64(in.Load())*each || len(p.temps()) != 0 {
		t.Errorf("used %d for %d files; left behind: %v", got, in.Load(), p.temps())
	}
	most.Store(0)
	if held := p.store.meter.known["/people/ann"].held; held != 0 {
		t.Errorf("%d bytes are still promised", held)
	}
}

// Writers in place and by upload, removals and walks at once leave a figure
// that is exact.
func TestFiguresStayExact(t *testing.T) {
	p, _ := limited(t, 1<<40)
	p.outside("log", "")
	p.used()
	var over atomic.Bool
	var walks, wg sync.WaitGroup
	walks.Go(func() {
		for !over.Load() {
			p.store.meter.mu.Lock()
			p.store.meter.doubtAbove("/people/ann/x")
			p.store.meter.mu.Unlock()
			if _, err := p.store.Meter().Usage(t.Context(), "/people/ann"); err != nil {
				t.Error(err)
			}
		}
	})
	for i := range 8 {
		wg.Go(func() {
			dir := Path("/d" + string(rune('A'+i)))
			for n := range 20 {
				f, err := p.OpenExisting("/log")
				if err != nil {
					t.Error(err)
					return
				}
				_, err = f.WriteAt(bytes.Repeat([]byte("y"), 10), int64(i*1000+n*10))
				_, made := p.MkdirAll(t.Context(), dir+"/e")
				err = errors.Join(err, f.Close(), made, put(p.Tree, dir+"/e/f", strings.Repeat("x", n)), put(p.Tree, "/same", strings.Repeat("z", i)))
				if n%3 == 0 {
					err = errors.Join(err, p.Rename(dir, dir+"moved"), p.RemoveAll(dir+"moved"))
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	over.Store(true)
	walks.Wait()
	p.used()
}

// What other programs do is found out before somebody is refused, though not
// more than once a minute.
func TestQuotaSeesOtherPrograms(t *testing.T) {
	p, _ := limited(t, 10)
	now := p.store.meter.env.Now()
	p.store.meter.env.Now = func() time.Time { return now }
	p.outside("f", "1234567890")
	p.wantCode("full", put(p.Tree, "/g", "1"), "quota_exceeded")
	if err := os.Remove(filepath.Join(p.base, "f")); err != nil {
		t.Fatal(err)
	}
	p.wantCode("at once", put(p.Tree, "/g", "1"), "quota_exceeded")
	now = now.Add(measureEvery)
	p.wantCode("later", put(p.Tree, "/g", "1"), "")
}

// What others do above and below counts where it is.
func TestFiguresOfNestedFolders(t *testing.T) {
	p := newPlace(t, "/")
	meter := p.store.Meter()
	want := func(base string, want int64) {
		t.Helper()
		if u, err := meter.Usage(t.Context(), base); err != nil || u.Used != want {
			t.Errorf("%s holds %d, %v; want %d", base, u.Used, err, want)
		}
	}
	_, err := p.MkdirAll(t.Context(), "/team/a/deep")
	p.wantCode("MkdirAll", err, "")
	_, err = p.MkdirAll(t.Context(), "/team/b")
	p.wantCode("MkdirAll", err, "")
	for _, base := range []string{"/", "/team", "/team/a", "/team/b"} {
		want(base, 0)
	}
	p.wantCode("put", put(p.Tree, "/team/a/deep/f", "123"), "")
	want("/", 3)
	want("/team", 3)
	want("/team/a", 3)
	want("/team/b", 0)
	p.wantCode("rename a file", p.Rename("/team/a/deep/f", "/team/b/f"), "")
	want("/team", 3)
	want("/team/a", 0)
	want("/team/b", 3)
	p.wantCode("rename a folder", p.Rename("/team/b", "/team/a/b"), "")
	want("/team/a", 3)
	want("/team/b", 0)
	p.wantCode("remove it all", p.RemoveAll("/team/a"), "")
	want("/", 0)
	want("/team/a", 0)
}

// A file that was removed or moved while it is open counts for nobody under
// that handle, so it does not grow any more; without a limit it may.
func TestQuotaHoldsForWhatHasGone(t *testing.T) {
	p, most := limited(t, 100)
	for name, away := range map[string]func(Path) error{
		"removed":           p.Remove,
		"moved":             func(at Path) error { return p.Rename(at, at+"2") },
		"in the trash":      func(at Path) error { _, err := p.Trash(at); return err },
		"under a new other": func(at Path) error { return put(p.Tree, at, "y") },
	} {
		p.wantCode("put", put(p.Tree, "/f", "x"), "")
		f, err := p.OpenExisting("/f")
		p.wantCode("OpenExisting", err, "")
		p.wantCode(name, away("/f"), "")
		_, err = f.WriteAt([]byte("yy"), 0)
		p.wantCode("longer, "+name, err, "file_moved")
		p.wantCode("longer still, "+name, f.Truncate(90), "file_moved")
		_, err = f.WriteAt([]byte("z"), 0)
		p.wantCode("as long, "+name, err, "")
		p.wantCode("shorter, "+name, f.Truncate(0), "")
		most.Store(0)
		p.wantCode("without a limit, "+name, f.Truncate(200), "")
		p.wantCode("shorter again, "+name, f.Truncate(0), "")
		most.Store(100)
		p.wantCode("Close", f.Close(), "")
		p.used()
	}
}

// Whatever replaces a file may take its room, but once: many uploads of it at
// once, and ones whose file goes before they do, fit into the limit themselves.
func TestQuotaHoldsForReplacements(t *testing.T) {
	full := strings.Repeat("y", 100)
	for name, then := range map[string]func(place) error{
		"one file again and again": func(place) error { return nil },
		"a file that goes":         func(p place) error { return p.Remove("/f") },
		"a file that moves":        func(p place) error { return p.Rename("/f", "/g") },
	} {
		p, _ := limited(t, 100)
		p.wantCode("put", put(p.Tree, "/f", full), "")
		first := p.create("/f", full, Creation{})
		p.wantCode(name, then(p), "")
		for _, at := range []Path{"/f", "/g"} {
			_, err := p.Create(at, Creation{Size: 1})
			p.wantCode(name+", a second", err, "quota_exceeded")
			u, err := p.Create(at, Creation{})
			p.wantCode(name+", a third", err, "")
			_, err = u.WriteAt([]byte("y"), 0)
			p.wantCode(name+", its first byte", err, "quota_exceeded")
			p.wantCode("Abort", u.Abort(), "")
		}
		p.wantCode("Abort", first.Abort(), "")
		if f := p.store.meter.known["/people/ann"]; f.held != 0 || f.coming != 0 {
			t.Errorf("%s: %d and %d bytes are still promised", name, f.held, f.coming)
		}
		p.used()
	}
}

// A length that is taken before it is another's turn to change it would put
// the figure below the truth.
func TestFiguresAreExactUnderRemoval(t *testing.T) {
	full := strings.Repeat("x", 100)
	for name, away := range map[string]func(place) error{
		"Remove":  func(p place) error { return p.Remove("/f") },
		"Replace": func(p place) error { return errors.Join(put(p.Tree, "/new", "n"), p.Tree.Replace("/new", "/f")) },
		"Close":   func(p place) error { return put(p.Tree, "/f", "n") },
		"Trash":   func(p place) error { _, err := p.Trash("/f"); return err },
	} {
		p, _ := limited(t, 1<<40)
		for range 50 {
			p.wantCode("put", put(p.Tree, "/f", full), "")
			f, err := p.OpenExisting("/f")
			p.wantCode("OpenExisting", err, "")
			var wg sync.WaitGroup
			wg.Go(func() { p.wantCode("Truncate", f.Truncate(0), "") })
			wg.Go(func() { p.wantCode(name, away(p), "") })
			wg.Wait()
			p.wantCode("Close", f.Close(), "")
			p.used()
		}
	}
}
