package files

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/gofrs/flock"
)

func TestMkdirAll(t *testing.T) {
	p := newPlace(t, "/")
	made, err := p.MkdirAll(t.Context(), "/a/b/c")
	if err != nil || !slices.Equal(made, []Path{"/a", "/a/b", "/a/b/c"}) {
		t.Errorf("made %v, %v", made, err)
	}
	made, err = p.MkdirAll(t.Context(), "/a/b/d")
	if err != nil || !slices.Equal(made, []Path{"/a/b/d"}) {
		t.Errorf("made %v, %v", made, err)
	}
	if made, err = p.MkdirAll(t.Context(), "/a/b"); err != nil || len(made) != 0 {
		t.Errorf("made %v, %v", made, err)
	}
	p.outside("f", "x")
	_, err = p.MkdirAll(t.Context(), "/f/g")
	p.wantCode("below a file", err, "not_a_folder")
	made, err = p.MkdirAll(t.Context(), "/new/con/x")
	p.wantCode("a name of Windows", err, "name_invalid")
	if !slices.Equal(made, []Path{"/new"}) {
		t.Errorf("made %v", made)
	}
}

func TestRemoveAll(t *testing.T) {
	p := newPlace(t, "/ann")
	p.outside("a/deep/er/f", "x")
	p.outside("../bob/secret", "bob's")
	p.link("../../bob", "a/out")
	p.link("..", "a/deep/loop")
	p.outside("kept", "x")
	p.wantCode("a folder", p.RemoveAll("/a"), "")
	p.wantCode("again", p.RemoveAll("/a"), "file_not_found")
	p.wantCode("a file", p.RemoveAll("/kept"), "")
	p.wantCode("the top", p.RemoveAll("/"), "top_folder")
	p.link("../bob", "link")
	p.wantCode("a link", p.RemoveAll("/link"), "")
	left, err := os.ReadDir(p.base)
	if err != nil || len(left) != 0 || len(p.temps()) != 0 || p.content("../bob/secret") != "bob's" {
		t.Errorf("left: %v, %v, %v; bob has %q", left, err, p.temps(), p.content("../bob/secret"))
	}
}

// A folder that a crash left half removed goes at the next start.
func TestRemoveAllIsFinishedAtTheNextStart(t *testing.T) {
	p := newPlace(t, "/ann")
	hidden := tempStart + "0123"
	p.outside(hidden+"/deep/f", "x")
	p.outside(filepath.Join("..", notes, "0123"), "ann/"+hidden)
	openStore(t, p.dir)
	if left := p.temps(); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

// Who changes names takes turns with other processes, where the system lets
// folders be locked.
func TestTurnsAmongProcesses(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("folders cannot be locked here")
	}
	p := newPlace(t, "/")
	other := flock.New(filepath.Join(p.dir, notes), flock.SetFlag(os.O_RDONLY))
	p.store.names.Lock()
	if free, err := other.TryLock(); free || err != nil {
		t.Errorf("another process has its turn: %v, %v", free, err)
	}
	p.store.names.Unlock()
	if free, err := other.TryLock(); !free || err != nil {
		t.Errorf("another process has no turn: %v, %v", free, err)
	}
	if err := other.Close(); err != nil {
		t.Error(err)
	}
}

// A process beside leaves alone what is on its way.
func TestOpenBesideLeavesUploads(t *testing.T) {
	p := newPlace(t, "/ann")
	u := p.create("/f", "hello", Creation{})
	beside, err := OpenBeside(p.dir, p.store.env)
	if err != nil {
		t.Fatal(err)
	}
	defer beside.Close()
	p.wantCode("Close", u.Close(), "")
	p.wantCode("beside", put(openTree(t, beside, "/ann"), "/g", "x"), "")
	if p.content("f") != "hello" || p.content("g") != "x" {
		t.Errorf("f is %q, g is %q", p.content("f"), p.content("g"))
	}
}

func TestCopy(t *testing.T) {
	p := newPlace(t, "/ann")
	p.outside("a/f", "one")
	p.outside("a/deep/g", "two")
	p.outside("../bob/secret", "bob's")
	p.link("../../bob/secret", "a/out")
	p.outside("there", "old")
	if err := os.Chtimes(filepath.Join(p.base, "a", "f"), someTime, someTime); err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	p.wantCode("a folder", p.Copy(ctx, "/a", "/b", false, willing), "")
	p.wantCode("a folder onto a folder", p.Copy(ctx, "/a", "/b", true, willing), "file_exists")
	p.wantCode("into itself", p.Copy(ctx, "/a", "/a/deep/x", false, willing), "folder_into_itself")
	p.wantCode("onto itself", p.Copy(ctx, "/a", "/a", true, willing), "folder_into_itself")
	p.wantCode("a file onto a file", p.Copy(ctx, "/a/f", "/there", false, willing), "file_exists")
	p.wantCode("a file in place of a file", p.Copy(ctx, "/a/f", "/there", true, willing), "")
	p.wantCode("a link", p.Copy(ctx, "/a/out", "/c", false, willing), "path_escapes")
	fi, err := p.Stat("/b/f")
	if err != nil || !fi.ModTime().Equal(someTime) {
		t.Errorf("the copy is from %v, %v", fi.ModTime(), err)
	}
	if p.content("b/f") != "one" || p.content("b/deep/g") != "two" || p.content("b/out") != "-" || p.content("there") != "one" {
		t.Error("the copy is not like the original")
	}
	gone, cancel := context.WithCancel(ctx)
	cancel()
	if err := p.Copy(gone, "/a/f", "/there", true, willing); !errors.Is(err, context.Canceled) || len(p.temps()) != 0 {
		t.Errorf("%v, left behind: %v", err, p.temps())
	}
}

// willing lets a copy go on.
func willing() error { return nil }

// A copy ends when whoever wants it may no longer: before the next file, and
// within a MiB of a long one.
func TestCopyAsksWhetherToGoOn(t *testing.T) {
	p := newPlace(t, "/ann")
	p.outside("long", strings.Repeat("x", 5<<20))
	p.outside("a/1", "1")
	p.outside("a/2", "2")
	for times := range 8 {
		asked := 0
		still := func() error {
			if asked++; asked > times {
				return errDenied
			}
			return nil
		}
		err := p.Copy(t.Context(), "/long", "/copy", true, still)
		if code := map[bool]string{true: "file_denied"}[times < 6]; code != "" || err != nil {
			p.wantCode("a long file", err, code)
		}
		if times < 6 && (asked != times+1 || p.content("copy") != "-") {
			t.Errorf("asked %d times, left %d bytes", asked, len(p.content("copy")))
		}
		asked = 0
		to := Path("/b").Below(Path("/" + string(rune('0'+times))))
		_, err = p.MkdirAll(t.Context(), to.Dir())
		p.wantCode("MkdirAll", err, "")
		p.wantCode("a folder", p.Copy(t.Context(), "/a", to, false, still), map[bool]string{true: "file_denied"}[times < 3])
	}
	if left := p.temps(); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestNewUpload(t *testing.T) {
	p := newPlace(t, "/")
	u := p.create("/f", "mine", Creation{New: true})
	if got := p.content("f"); got != "-" {
		t.Errorf("the name is held by %q", got)
	}
	p.outside("f", "theirs")
	p.wantCode("Close", u.Close(), "file_exists")
	_, err := p.Create("/f", Creation{New: true})
	p.wantCode("Create", err, "file_exists")
	if got := p.content("f"); got != "theirs" || len(p.temps()) != 0 {
		t.Errorf("the file is %q, left behind: %v", got, p.temps())
	}
}

// Names that are one to people are one file, whose bytes stay as they were.
func TestSpellings(t *testing.T) {
	const composed, decomposed = "\u00e9t\u00e9", "e\u0301te\u0301"
	p := newPlace(t, "/")
	p.outside(decomposed+"/"+decomposed, "summer")
	at := Path("/" + composed + "/" + composed)
	f, err := p.Open(at)
	if err != nil {
		t.Fatal(err)
	}
	p.wantCode("Close", f.Close(), "")
	p.wantCode("put", put(p.Tree, at, "new"), "")
	if got := p.content(decomposed + "/" + decomposed); got != "new" {
		t.Errorf("the file is %q", got)
	}
	if got := names(t, p.Tree, Path("/"+composed)); len(got) != 1 || got[0] != decomposed {
		t.Errorf("the folder shows %q", got)
	}
	p.wantCode("a twin", p.Mkdir("/"+composed), "file_exists")
	p.wantCode("to the other spelling", p.Rename("/"+decomposed, "/"+composed), "")
	if got := names(t, p.Tree, "/"); len(got) != 1 || got[0] != composed {
		t.Errorf("the top shows %q", got)
	}
	p.outside("pair\u00e9", "1")
	p.outside("paire\u0301", "2")
	for name, want := range map[Path]string{"/pair\u00e9": "1", "/paire\u0301": "2"} {
		if err := p.Copy(t.Context(), name, "/out", true, willing); err != nil || p.content("out") != want {
			t.Errorf("%q holds %q, %v", name, p.content("out"), err)
		}
	}
}

// A quarter of what the system lets a process have open stays for others.
func TestOpenFilesAreBounded(t *testing.T) {
	p := newPlace(t, "/")
	p.outside("f", "x")
	p.store.handles.most = 3
	a, err := p.Open("/f")
	p.wantCode("first", err, "")
	u, err := p.Create("/g", Creation{})
	p.wantCode("second", err, "")
	_, err = p.Open("/f")
	p.wantCode("third", err, "too_many_files")
	_, err = p.List("/")
	p.wantCode("a folder", err, "too_many_files")
	p.wantCode("Abort", u.Abort(), "")
	p.wantCode("Close", a.Close(), "")
	p.wantCode("Close twice", a.Close(), "file_closed")
	_, err = p.Open("/missing")
	p.wantCode("what is not there", err, "file_not_found")
	if n := p.store.handles.open.Load(); n != 0 {
		t.Errorf("%d are counted as open", n)
	}
}
