package files

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"latchkey/backend/identity"
)

// A book keeps protected folders by path, each with its password as mark, and
// is the pass of who shows one of them.
type book struct {
	kept  map[Path]Protected
	shown string
}

var errShut = identity.NewError(identity.PermissionDenied, "shut", "That is shut.")

func (b *book) Kept() ([]Protected, error)      { return slices.Collect(maps.Values(b.kept)), nil }
func (b *book) Protected() ([]Protected, error) { return b.Kept() }

func (b *book) Open(f Protected, _ Path) error {
	if b.shown == f.Mark {
		return nil
	}
	return errShut
}

func (b *book) Copy(copies []ProtectedCopy) error {
	for _, c := range copies {
		if f, ok := b.kept[c.From]; ok {
			b.kept[c.To] = Protected{c.To, c.Subfolders, f.Mark}
		}
	}
	return nil
}

func (b *book) Drop(paths []Path) error {
	for _, p := range paths {
		delete(b.kept, p)
	}
	return nil
}

// where says which folders are protected, and by what.
func (b *book) where() string {
	var out []string
	for p, f := range b.kept {
		name := string(p)
		if i := strings.Index(name, trash+"/"); i >= 0 {
			name = name[:i] + "trash" + name[i+len(trash)+1+32:] // without the id
		}
		out = append(out, fmt.Sprintf("%s=%s", name, f.Mark))
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

// A guardedPlace is a place below /u with protected folders: secret with what is
// below, and in it own, which has another password; files for the files in it.
type guardedPlace struct {
	place
	book *book
}

func newGuarded(t *testing.T) guardedPlace {
	t.Helper()
	p := newPlace(t, "/u")
	for _, name := range []string{"free/f", "secret/f", "secret/sub/f", "secret/own/f", "secret/own/deep/f", "files/f", "files/sub/f"} {
		p.outside(name, name)
	}
	b := &book{kept: map[Path]Protected{
		"/u/secret":     {"/u/secret", true, "a"},
		"/u/secret/own": {"/u/secret/own", true, "b"},
		"/u/files":      {"/u/files", false, "c"},
	}}
	p.store.KeepFor(b)
	tree, err := p.store.TreeFor(View{Base: "/u", Pass: b})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tree.Close() })
	p.Tree = tree
	return guardedPlace{p, b}
}

// deeds are what can be done at a path, each as often as one likes where it is
// refused.
func (p guardedPlace) deeds(at Path) map[string]func() error {
	ctx := p.t.Context()
	return map[string]func() error{
		"stat":      func() error { _, err := p.Stat(at); return err },
		"lstat":     func() error { _, err := p.Lstat(at); return err },
		"list":      func() error { _, err := p.List(at); return err },
		"names":     func() error { _, err := p.Names(at); return err },
		"describe":  func() error { _, err := p.Describe(at, []string{"f"}); return err },
		"open":      func() error { _, err := p.Open(at); return err },
		"resume":    func() error { _, err := p.OpenExisting(at); return err },
		"create":    func() error { _, err := p.Create(at, Creation{}); return err },
		"new":       func() error { _, err := p.Create(at, Creation{New: true}); return err },
		"exclusive": func() error { _, err := p.Create(at, Creation{Exclusive: true}); return err },
		"mkdir":     func() error { return p.Mkdir(at) },
		"mkdirall":  func() error { _, err := p.MkdirAll(ctx, at); return err },
		"remove":    func() error { return p.Remove(at) },
		"rmdir":     func() error { return p.Rmdir(at) },
		"removeall": func() error { return p.RemoveAll(at) },
		"rename":    func() error { return p.Rename(at, "/free/taken") },
		"replace":   func() error { return p.Replace(at, "/free/f") },
		"there":     func() error { return p.Rename("/free/f", at) },
		"over":      func() error { return p.Replace("/free/f", at) },
		"copy":      func() error { return p.Copy(ctx, at, "/free/taken", true, func() error { return nil }) },
		"copythere": func() error { return p.Copy(ctx, "/free/f", at, true, func() error { return nil }) },
		"trash":     func() error { _, err := p.Trash(at); return err },
		"chmod":     func() error { return p.Chmod(at, 0o700) },
		"truncate":  func() error { return p.Truncate(at, 0) },
		"statfs":    func() error { _, err := p.StatFS(at); return err },
		"part":      func() error { _, err := p.Part(at); return err },
		"admits":    func() error { return p.Admits(at) },
	}
}

// Without the password nothing in a protected folder is seen or changed by any
// path that leads there, and what is there and what is not are refused alike.
func TestShut(t *testing.T) {
	p := newGuarded(t)
	p.link("secret", "door")
	p.link("../u/secret/sub", "window")
	p.link("free", "secret/out")
	before := p.where()
	for _, shown := range []string{"", "wrong", "c"} {
		p.book.shown = shown
		for _, at := range []Path{
			"/secret/f", "/secret/none", "/secret/none/deeper", "/secret/sub", "/secret/sub/f", "/secret/sub/none", "/secret/out", "/secret/out/f",
			"/secret/own/f", "/secret/own/deep/f", "/door/f", "/door/none", "/door/sub/f", "/door/own/f", "/window/f", "/window/none",
		} {
			for name, deed := range p.deeds(at) {
				if err := deed(); !errors.Is(err, errShut) {
					t.Errorf("%s %s with %q: %v", name, at, shown, err)
				}
			}
		}
	}
	p.book.shown = ""
	for _, at := range []Path{"/secret", "/files", "/secret/own"} {
		for name, deed := range p.deeds(at) {
			if err := deed(); !errors.Is(err, errShut) {
				t.Errorf("%s %s itself: %v", name, at, err)
			}
		}
	}
	if p.where() != before || p.content("free/f") != "free/f" || p.content("secret/sub/f") != "secret/sub/f" {
		t.Errorf("something changed: %s", p.where())
	}
	if got := slices.Sorted(slices.Values(names(t, p.Tree, "/"))); !slices.Equal(got, []string{"door", "files", "free", "secret", "window"}) {
		t.Errorf("the folder above shows %v", got)
	}
}

func (p guardedPlace) where() string { return p.book.where() }

// Where a password does not apply to subfolders, it is for the files and for
// what the folders are called.
func TestShutForFilesOnly(t *testing.T) {
	p := newGuarded(t)
	for at, want := range map[Path]string{
		"/files/f": "shut", "/files/none": "shut", "/files/none/deeper": "shut", "/files/sub": "", "/files/sub/f": "", "/files/sub/none": "file_not_found",
	} {
		_, err := p.Stat(at)
		p.wantCode("stat "+string(at), err, want)
	}
	p.wantCode("rename a subfolder", p.Rename("/files/sub", "/files/other"), "shut")
	p.wantCode("take it away", p.Rename("/files/sub", "/free/sub"), "shut")
	p.wantCode("make another", p.Mkdir("/files/new"), "shut")
	p.wantCode("make one in it", p.Mkdir("/files/sub/new"), "")
	p.book.shown = "c"
	p.wantCode("rename with it", p.Rename("/files/sub", "/files/other"), "")
	p.wantCode("stat with it", p.Admits("/files/f"), "")
}

// The nearest password counts, and a folder above it takes all that are in it.
func TestOpen(t *testing.T) {
	p := newGuarded(t)
	for _, tc := range []struct {
		shown string
		at    Path
		want  string
	}{
		{"a", "/secret", ""},
		{"a", "/secret/f", ""},
		{"a", "/secret/sub/f", ""},
		{"a", "/secret/none", "file_not_found"},
		{"a", "/secret/own", "shut"},
		{"a", "/secret/own/deep/f", "shut"},
		{"b", "/secret/own", ""},
		{"b", "/secret/own/deep/f", ""},
		{"b", "/secret/f", "shut"},
	} {
		p.book.shown = tc.shown
		_, err := p.Stat(tc.at)
		p.wantCode(tc.shown+" for "+string(tc.at), err, tc.want)
	}
	still := func() error { return nil }
	for _, shown := range []string{"a", "b", ""} {
		p.book.shown = shown
		p.wantCode("copy all", p.Copy(t.Context(), "/secret", "/copy", false, still), "shut")
		p.wantCode("rename all", p.Rename("/secret", "/other"), "shut")
		p.wantCode("remove all", p.RemoveAll("/secret"), "shut")
		_, err := p.Trash("/secret")
		p.wantCode("throw all away", err, "shut")
	}
	if p.content("copy/f") != "-" || p.content("secret/f") != "secret/f" {
		t.Error("something was done")
	}
}

// Passwords go along with their folders, and what is removed for good loses them.
func TestPasswordsGoAlong(t *testing.T) {
	p := newGuarded(t)
	p.Tree = openTree(t, p.store, "/u") // of who needs no password
	want := func(what, where string) {
		t.Helper()
		if got := p.where(); got != where {
			t.Errorf("%s: %s, want %s", what, got, where)
		}
	}
	p.wantCode("rename", p.Rename("/secret", "/moved"), "")
	want("renamed", "/u/files=c /u/moved/own=b /u/moved=a")
	p.wantCode("move the folder above", p.Mkdir("/above"), "")
	p.wantCode("move into it", p.Rename("/moved", "/above/moved"), "")
	p.wantCode("rename it", p.Rename("/above", "/again"), "")
	want("the folder above", "/u/again/moved/own=b /u/again/moved=a /u/files=c")
	p.wantCode("a move that fails", p.Rename("/again", "/free"), "file_exists")
	p.wantCode("a move into itself", p.Rename("/again", "/again/moved/x"), "folder_into_itself")
	want("moves that fail", "/u/again/moved/own=b /u/again/moved=a /u/files=c")
	p.wantCode("copy", p.Copy(t.Context(), "/again/moved", "/copy", false, func() error { return nil }), "")
	want("copied", "/u/again/moved/own=b /u/again/moved=a /u/copy/own=b /u/copy=a /u/files=c")
	p.wantCode("remove the copy", p.RemoveAll("/copy"), "")
	p.wantCode("copy onto what is there", p.Copy(t.Context(), "/again/moved", "/free", true, func() error { return nil }), "file_exists")
	want("removed", "/u/again/moved/own=b /u/again/moved=a /u/files=c")
	thrown := p.trash("/again")
	want("thrown away", "/u/files=c /u/trash/content/moved/own=b /u/trash/content/moved=a")
	if at, err := p.Restore(t.Context(), thrown.ID); at != "/again" || err != nil {
		t.Errorf("restored to %s, %v", at, err)
	}
	want("restored", "/u/again/moved/own=b /u/again/moved=a /u/files=c")
	p.wantCode("discard", p.Discard(p.trash("/again").ID), "")
	want("discarded", "/u/files=c")
	p.wantCode("remove what is in it", p.RemoveAll("/files/f"), "")
	p.wantCode("and all", p.RemoveAll("/files/sub"), "")
	p.wantCode("remove the empty folder", p.Rmdir("/files"), "")
	want("the last", "")
}

// A name that only changes how it is encoded keeps the password, of the folder
// and of those in it, also where the change fails.
func TestPasswordsGoAlongInAnotherEncoding(t *testing.T) {
	composed, decomposed := "caf\u00e9", "cafe\u0301"
	for _, in := range []string{"", "/in"} {
		p := newGuarded(t)
		p.outside(composed+in+"/f", "x")
		at := Path("/u/" + composed + in)
		p.book.kept = map[Path]Protected{at: {at, true, "d"}}
		all := openTree(t, p.store, "/u") // of who needs no password
		broken := errors.New("the disk went")
		err := all.carry(Path("/"+composed), Path("/"+decomposed), func() error { return broken })
		if got, want := p.where(), string(at)+"=d"; got != want || !errors.Is(err, broken) {
			t.Errorf("a change that fails: %q, want %q, %v", got, want, err)
		}
		p.wantCode("rename", all.Rename(Path("/"+composed), Path("/"+decomposed)), "")
		if got, want := p.where(), "/u/"+decomposed+in+"=d"; got != want {
			t.Errorf("renamed: %q, want %q", got, want)
		}
		_, err = p.Open(Path("/" + decomposed + in + "/f"))
		p.wantCode("open", err, "shut")
	}
}

// A move that fails drops no password that was kept before, even one of a path at
// which nothing is.
func TestFailedMoveDropsNothing(t *testing.T) {
	p := newGuarded(t)
	p.book.kept["/u/later"] = Protected{"/u/later", true, "a"}
	before, broken := p.where(), errors.New("the disk went")
	all := openTree(t, p.store, "/u")
	for _, to := range []Path{"/later", "/secret", "/new"} {
		if err := all.carry("/secret", to, func() error { return broken }); !errors.Is(err, broken) {
			t.Errorf("to %s: %v", to, err)
		}
		if got := p.where(); got != before {
			t.Errorf("to %s: %s, want %s", to, got, before)
		}
	}
}

// What was thrown away from a protected folder stays as protected as it was, also
// when the folder has gone elsewhere.
func TestTrashIsShut(t *testing.T) {
	p := newGuarded(t)
	p.book.shown = "a"
	file, folder := p.trash("/secret/f"), p.trash("/secret/sub")
	free := p.trash("/free/f")
	if got := p.inTrash(); len(got) != 3 {
		t.Errorf("with the password: %v", got)
	}
	shut := func(what string) {
		t.Helper()
		p.book.shown = ""
		if got := p.inTrash(); len(got) != 1 || got[0].ID != free.ID {
			t.Errorf("%s: the trash shows %v", what, got)
		}
		for _, id := range []string{file.ID, folder.ID} {
			_, err := p.Restore(t.Context(), id)
			p.wantCode(what+": restore", err, "shut")
			p.wantCode(what+": discard", p.Discard(id), "shut")
		}
	}
	shut("where it was")
	all := openTree(t, p.store, "/u")
	if err := all.Rename("/secret", "/moved"); err != nil {
		t.Fatal(err)
	}
	shut("when the folder has gone")
	p.book.shown = "a"
	at, err := p.Restore(t.Context(), file.ID)
	if at != "/secret/f" || err != nil || p.content("secret/f") != "secret/f" {
		t.Errorf("restored to %s, %v", at, err)
	}
	p.wantCode("discard with it", p.Discard(folder.ID), "")
	p.wantCode("purge", p.store.PurgeTrash(t.Context()), "")
	if got, want := p.where(), "/u/files=c /u/moved/own=b /u/moved=a"; got != want {
		t.Errorf("protected: %s, want %s", got, want)
	}
}

// However much is thrown away from a protected folder, it is one more path that
// is protected, and no more when the last of it has gone.
func TestTrashSharesAShelf(t *testing.T) {
	p := newGuarded(t)
	before := len(p.book.kept)
	var thrown []Trashed
	p.book.shown = "a"
	for i := range 20 {
		name := fmt.Sprint("secret/n", i)
		p.outside(name, "x")
		thrown = append(thrown, p.trash(Path("/"+name)))
	}
	if got := len(p.book.kept); got != before+1 {
		t.Errorf("%d paths are protected, before it were %d: %v", got, before, p.book.kept)
	}
	for i, x := range thrown {
		p.wantCode("purge", p.store.PurgeTrash(t.Context()), "")
		p.book.shown = ""
		p.wantCode("discard without the password", p.Discard(x.ID), "shut")
		if got := p.inTrash(); len(got) != 0 {
			t.Fatalf("without the password the trash shows %v", got)
		}
		p.book.shown = "a"
		if got := p.inTrash(); len(got) != len(thrown)-i {
			t.Fatalf("with it the trash shows %v", got)
		}
		p.wantCode("discard", p.Discard(x.ID), "")
	}
	p.wantCode("purge", p.store.PurgeTrash(t.Context()), "")
	if got := len(p.book.kept); got != before {
		t.Errorf("in the end %d paths are protected, before it were %d: %v", got, before, p.book.kept)
	}
}

// What has lost its record is behind every password of the trash.
func TestLostRecordIsShut(t *testing.T) {
	for _, text := range []string{"", `{"Path":"/free/f","Behind":"../x"}`, `{"Path":"/free/f","Behind":"x"}`} {
		p := newGuarded(t)
		p.book.shown = "a"
		id := p.trash("/secret/f").ID
		p.outside(filepath.Join(trash, id, trashRecord), text)
		p.wantCode("purge", p.store.PurgeTrash(t.Context()), "")
		p.book.shown = ""
		if got := p.inTrash(); len(got) != 0 {
			t.Errorf("%q: the trash shows %v", text, got)
		}
		_, err := p.Restore(t.Context(), id)
		p.wantCode("restore", err, "shut")
		p.wantCode("discard", p.Discard(id), "shut")
		p.book.shown = "a"
		if at, err := p.Restore(t.Context(), id); err != nil || p.content(string(at)) != "secret/f" {
			t.Errorf("%q: restored to %s, %v", text, at, err)
		}
	}
}

// A crash between the steps of a move protects a path too many.
func TestCrashBetween(t *testing.T) {
	p := newGuarded(t)
	all := openTree(t, p.store, "/u")
	for what, fail := range map[string]error{"before": errors.New("the disk went"), "after": nil} {
		stop := &stopping{book: p.book}
		p.store.KeepFor(stop)
		err := all.carry("/secret", "/moved", func() error { return fail })
		if !errors.Is(err, fail) {
			t.Errorf("%s: %v", what, err)
		}
		if got, want := p.where(), "/u/files=c /u/moved/own=b /u/moved=a /u/secret/own=b /u/secret=a"; got != want {
			t.Errorf("%s: %s, want %s", what, got, want)
		}
	}
	p.wantCode("what comes to that path", p.Mkdir("/moved"), "shut")
}

// stopping is the keeper of a program that is killed before it drops anything.
type stopping struct{ *book }

func (stopping) Drop([]Path) error { return errors.New("killed") }

// Other spellings of a path lead to the same folder.
func TestShutBySpelling(t *testing.T) {
	p := newGuarded(t)
	p.folder("caf\u00e9")
	p.outside("caf\u00e9/f", "x")
	p.book.kept["/u/caf\u00e9"] = Protected{"/u/caf\u00e9", true, "d"}
	for _, at := range []Path{"/caf\u00e9/f", "/cafe\u0301/f", "/cafe\u0301/none"} {
		_, err := p.Stat(at)
		p.wantCode(string(at), err, "shut")
	}
	p.wantCode("give it a twin", p.Mkdir("/cafe\u0301"), "shut")
	if _, err := p.Stat("/SECRET/f"); !errors.Is(err, errShut) && !errors.Is(err, errNotFound) {
		t.Errorf("in capitals: %v", err) // as the disk has it
	}
	// A disk on which one folder has two names is what a bind mount makes.
	same := filepath.Join(p.base, "alias")
	if err := os.Symlink(filepath.Join(p.base, "secret"), same); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Stat("/alias/f"); err == nil {
		t.Error("an absolute link leads there")
	}
}

// Two folders whose names differ only in how they are encoded have a password each,
// and one loses its own without the other.
func TestShutTwins(t *testing.T) {
	composed, decomposed := "caf\u00e9", "cafe\u0301"
	p := newGuarded(t)
	p.outside(composed+"/f", "1")
	p.outside(decomposed+"/f", "2")
	if p.content(composed+"/f") != "1" {
		t.Skip("on this disk they are one name")
	}
	p.book.kept = map[Path]Protected{
		Path("/u/" + composed): {Path("/u/" + composed), true, "one"}, Path("/u/" + decomposed): {Path("/u/" + decomposed), true, "two"},
	}
	for _, tc := range []struct{ shown, name, want string }{
		{"one", composed, ""}, {"one", decomposed, "shut"}, {"two", composed, "shut"}, {"two", decomposed, ""},
	} {
		p.book.shown = tc.shown
		_, err := p.Stat(Path("/" + tc.name + "/f"))
		p.wantCode(fmt.Sprintf("%s at %+q", tc.shown, tc.name), err, tc.want)
	}
	p.book.shown = "one"
	p.wantCode("remove one", p.RemoveAll(Path("/"+composed)), "")
	if got, want := p.where(), "/u/"+decomposed+"=two"; got != want {
		t.Errorf("protected: %+q, want %+q", got, want)
	}
}

// A protected folder that cannot be looked at any more is no concern of others, and
// stays shut.
func TestBrokenParent(t *testing.T) {
	p := newGuarded(t)
	p.outside("v/a/f", "x")
	p.book.kept["/u/v/a"] = Protected{"/u/v/a", true, "v"}
	out := filepath.Join(t.TempDir(), "v")
	if err := os.Rename(filepath.Join(p.base, "v"), out); err != nil {
		t.Fatal(err)
	}
	p.link(out, "v")
	_, err := p.Stat("/free/f")
	p.wantCode("a free file", err, "")
	p.wantCode("a change", p.Rename("/free", "/other"), "")
	p.wantCode("a change by who needs none", openTree(t, p.store, "/u").Rename("/other", "/free"), "")
	_, err = p.Stat("/secret/f")
	p.wantCode("another protected one", err, "shut")
	_, err = p.Stat("/v/a/f")
	p.wantCode("the folder itself", err, "path_escapes")
}

func TestSettle(t *testing.T) {
	p := newGuarded(t)
	p.link("../../u/secret", "free/link")
	p.link("link", "free/loop2")
	p.link("loop", "free/loop")
	for path, want := range map[Path]string{
		"/u/secret": "/u/secret", "/u/free/link": "/u/secret", "/u/free/loop2/sub": "/u/secret/sub", "/u/free/f": "not_a_folder",
		"/u/none": "file_not_found", "/u/free/loop": "path_escapes", "/": "/",
	} {
		var got string
		err := p.store.Settle(path, func(real Path) error { got = string(real); return nil })
		if err != nil {
			got = identity.AsError(err).Code
		}
		if got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
}

// A folder is known by what it is on the disk, whatever its path is spelled like.
func TestKnownByTheDisk(t *testing.T) {
	p := newGuarded(t)
	l, err := p.store.lookout(p.book, slices.Collect(maps.Values(p.book.kept)))
	if err != nil {
		t.Fatal(err)
	}
	secret, err := l.lstat("/u/secret")
	if err != nil {
		t.Fatal(err)
	}
	if which := l.which("/u/SECRET~1", secret); which < 0 || l.all[which].Path != "/u/secret" {
		t.Errorf("by another name it is %d", which)
	}
	inside, err := l.inside(entry{at: "/u/SECRET~1", fi: secret})
	if err != nil || len(inside) != 2 {
		t.Errorf("in it are %v, %v", inside, err)
	}
}

func FuzzShut(f *testing.F) {
	f.Add("/secret/f")
	f.Add("/door/../secret//f")
	f.Add("/free/../secret")
	f.Fuzz(func(t *testing.T, sent string) {
		path, err := ParsePath(sent)
		if err != nil {
			return
		}
		p := newGuarded(t)
		p.link("secret", "door")
		file, err := p.Open(path)
		if err == nil {
			defer file.Close()
			content, err := io.ReadAll(file)
			if err != nil || strings.HasPrefix(string(content), "secret/") || string(content) == "files/f" {
				t.Errorf("%q shows %q, %v", sent, content, err)
			}
		}
	})
}
