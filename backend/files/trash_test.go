package files

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"latchkey/backend/internal/crashtest"
	"latchkey/backend/internal/env"
)

func (p place) trash(path Path) Trashed {
	p.t.Helper()
	got, err := p.Trash(path)
	if err != nil {
		p.t.Fatal(err)
	}
	return got
}

func (p place) inTrash() []Trashed {
	p.t.Helper()
	got, err := p.Trashed()
	if err != nil {
		p.t.Fatal(err)
	}
	return got
}

func TestTrash(t *testing.T) {
	p := newPlace(t, "/ann")
	if got := p.inTrash(); len(got) != 0 {
		t.Errorf("before anything: %v", got)
	}
	p.outside("a/deep/f", "12345")
	p.outside("a/deep/tree/g", "x")
	p.link("deep", "a/link")
	file, folder, link := p.trash("/a/deep/f"), p.trash("/a/deep/tree"), p.trash("/a/link")
	if file.Path != "/a/deep/f" || file.Size != 5 || file.Folder || !folder.Folder || folder.Size != 0 {
		t.Errorf("put there: %+v, %+v", file, folder)
	}
	got := p.inTrash()
	if len(got) != 3 || !slices.ContainsFunc(got, func(x Trashed) bool { return x.ID == file.ID && x.Path == file.Path && x.At.Equal(file.At) }) {
		t.Errorf("the trash has %+v, want %+v among it", got, file)
	}
	if names := names(t, p.Tree, "/"); !slices.Equal(names, []string{"a"}) {
		t.Errorf("the top shows %v", names)
	}
	for _, id := range []string{file.ID, folder.ID, link.ID} {
		at, err := p.Restore(t.Context(), id)
		p.wantCode("restore "+string(at), err, "")
	}
	if p.content("a/deep/f") != "12345" || p.content("a/deep/tree/g") != "x" || p.content("a/link/f") != "12345" {
		t.Error("it is not as it was")
	}
	if got := p.inTrash(); len(got) != 0 {
		t.Errorf("after all is restored: %v", got)
	}
	_, err := p.Restore(t.Context(), file.ID)
	p.wantCode("restore again", err, "trash_not_found")
	_, err = p.Trash("/")
	p.wantCode("the top", err, "top_folder")
	_, err = p.Trash("/none")
	p.wantCode("nothing", err, "file_not_found")
}

// What comes back takes the place of nothing, and finds its folder again.
func TestRestoreToAFreeName(t *testing.T) {
	p := newPlace(t, "/ann")
	long := strings.Repeat("字", 83) + ".txt"
	for _, tc := range []struct{ name, want string }{
		{"a/b.txt", "a/b (2).txt"}, {"a/.hidden", "a/.hidden (2)"}, {"a/none", "a/none (2)"},
		{"a/x.tar.gz", "a/x.tar (2).gz"}, {long, strings.Repeat("字", 82) + " (2).txt"},
	} {
		p.outside(tc.name, "old")
		id := p.trash(Path("/" + tc.name)).ID
		p.outside(tc.name, "new")
		at, err := p.Restore(t.Context(), id)
		if err != nil || at != Path("/"+tc.want) || p.content(tc.want) != "old" || p.content(tc.name) != "new" {
			t.Errorf("%s came back as %s, %v", tc.name, at, err)
		}
	}
	p.outside("gone/for/good", "x")
	id := p.trash("/gone/for/good").ID
	p.wantCode("remove its folder", p.RemoveAll("/gone"), "")
	if at, err := p.Restore(t.Context(), id); err != nil || p.content(string(at)) != "x" {
		t.Errorf("without its folder: %s, %v", at, err)
	}
	id = p.trash("/gone/for/good").ID
	p.wantCode("remove its folder", p.RemoveAll("/gone"), "")
	p.outside("gone", "now a file")
	_, err := p.Restore(t.Context(), id)
	p.wantCode("below a file", err, "not_a_folder")
	if len(p.inTrash()) != 1 {
		t.Error("it is lost")
	}
}

// Nobody reaches the trash by a path or by an id that is one.
func TestTrashIsOutOfReach(t *testing.T) {
	p := newPlace(t, "/ann")
	p.outside("f", "x")
	p.outside("../bob/secret", "bob's")
	p.trash("/f")
	for _, path := range []string{"/" + trash, "/" + trash + "/x", "/a/" + trash, "/.LATCHKEY-Trash"} {
		_, err := ParsePath(path)
		p.wantCode(path, err, "name_reserved")
	}
	for _, id := range []string{"", ".", "..", "../f", "../../bob", "/etc", "a/b", "A", "é", ".latchkey-tmp-1", strings.Repeat("0", 65), "00"} {
		_, err := p.Restore(t.Context(), id)
		p.wantCode("restore "+id, err, "trash_not_found")
		p.wantCode("discard "+id, p.Discard(id), "trash_not_found")
	}
	if got := p.inTrash(); len(got) != 1 || p.content("../bob/secret") != "bob's" {
		t.Errorf("the trash has %v", got)
	}
	other := newPlace(t, "/ann")
	other.outside("f", "x")
	other.link("../bob", trash)
	other.folder("../bob")
	_, err := other.Trash("/f")
	other.wantCode("a link in the place of the trash", err, "not_a_folder")
}

// A record is foreign input as soon as somebody else has written it.
func TestRecordsThatLie(t *testing.T) {
	for _, text := range []string{
		"", "{", `{"path":"/../../etc/passwd"}`, `{"path":"/"}`, `{"path":"relative"}`, `{"path":"/a//b"}`, `{"path":"/` + trash + `/x"}`,
		`{"path":"/a\u0000b"}`, strings.Repeat(" ", maxRecord+1),
	} {
		p := newPlace(t, "/ann")
		p.outside("f", "x")
		id := p.trash("/f").ID
		p.outside(filepath.Join(trash, id, trashRecord), text)
		if at, err := p.Restore(t.Context(), id); err != nil || at != Path("/"+id) || p.content(id) != "x" {
			t.Errorf("%.40q: it came back as %s, %v", text, at, err)
		}
	}
}

func TestDiscard(t *testing.T) {
	p := newPlace(t, "/ann")
	p.outside("a/f", "x")
	id := p.trash("/a").ID
	p.wantCode("discard", p.Discard(id), "")
	p.wantCode("again", p.Discard(id), "trash_not_found")
	if left := p.content(filepath.Join(trash, id, trashContent, "f")); left != "-" {
		t.Errorf("left: %q", left)
	}
}

// The trash counts as what somebody has.
func TestTrashCounts(t *testing.T) {
	p := newPlace(t, "/ann")
	p.outside("a", "12345")
	p.outside("b/c", "123")
	used := func(base string) int64 {
		u, err := p.store.Meter().Usage(t.Context(), base)
		if err != nil {
			t.Fatal(err)
		}
		return u.Used
	}
	want := func(what string, ann, b int64) {
		t.Helper()
		if walked, _ := p.store.Meter().walk(nil, "/ann"); used("/ann") != ann || used("/ann/b") != b || walked != ann {
			t.Errorf("%s: %d and %d are used, a walk says %d; want %d and %d", what, used("/ann"), used("/ann/b"), walked, ann, b)
		}
	}
	want("before", 8, 3)
	file, folder := p.trash("/b/c").ID, p.trash("/a").ID
	want("in the trash", 8, 0)
	_, err := p.Restore(t.Context(), file)
	p.wantCode("restore", err, "")
	want("restored", 8, 3)
	p.wantCode("discard", p.Discard(folder), "")
	want("gone", 3, 3)
}

func TestPurgeTrash(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "files")
	now := time.Unix(1_800_000_000, 0)
	e := env.System()
	e.Now = func() time.Time { return now }
	store, err := Open(dir, e)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	p := place{openTree(t, store, "/ann"), t, store, dir, filepath.Join(dir, "ann")}
	bob := place{openTree(t, store, "/bob"), t, store, dir, filepath.Join(dir, "bob")}
	purge := func() {
		t.Helper()
		if err := store.PurgeTrash(t.Context()); err != nil {
			t.Error(err)
		}
	}
	purge()
	p.outside("old/f", "x")
	p.outside("new", "x")
	bob.outside("f", "x")
	p.trash("/old")
	bob.trash("/f")
	now = now.Add(TrashKept - time.Second)
	p.trash("/new")
	p.outside(trash+"/00ff/"+trashRecord, "what a crash has left")
	purge()
	if got := p.inTrash(); len(got) != 2 || p.content(trash+"/00ff/"+trashRecord) != "-" {
		t.Errorf("a second before: %v", got)
	}
	now = now.Add(time.Second)
	purge()
	if got := p.inTrash(); len(got) != 1 || got[0].Path != "/new" || len(bob.inTrash()) != 0 {
		t.Errorf("after 30 days: %v, %v", got, bob.inTrash())
	}
	if _, err := os.Lstat(filepath.Join(bob.base, trash)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("an empty trash is still there: %v", err)
	}
	if err := os.RemoveAll(p.base); err != nil {
		t.Fatal(err)
	}
	purge()
	if left, err := os.ReadDir(filepath.Join(dir, trashNotes)); err != nil || len(left) != 0 {
		t.Errorf("notes left: %v, %v", left, err)
	}
	if _, err := os.Lstat(p.base); !errors.Is(err, os.ErrNotExist) {
		t.Error("purging has made a folder that had gone")
	}
}

func trashForEver(dir string) {
	store, err := Open(dir, env.System())
	fail(err)
	tree, err := store.Tree("/ann")
	fail(err)
	all, err := tree.Trashed()
	fail(err)
	for _, x := range all {
		_, err := tree.Restore(context.Background(), x.ID)
		fail(err)
	}
	crashtest.Begin()
	for {
		x, err := tree.Trash("/a/f")
		fail(err)
		_, err = tree.Restore(context.Background(), x.ID)
		fail(err)
		fmt.Println("round")
	}
}

// Whenever the process is killed, the file is in its place or in the trash.
func TestKilledDuringTrash(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "files")
	p := place{t: t, dir: dir, base: filepath.Join(dir, "ann")}
	p.outside("a/f", "precious")
	times := 0
	for after := range crashtest.Delays(8, 3*time.Millisecond, 5*time.Millisecond, func() bool { return times > 0 }) {
		times += len(crashtest.Kill(t, after, childDir+"="+dir, childWork+"=trash"))
		found := 0
		err := filepath.WalkDir(p.base, func(at string, _ os.DirEntry, err error) error {
			if name := filepath.Base(at); name == "f" || name == trashContent {
				found++
			}
			return err
		})
		if err != nil || found != 1 {
			t.Fatalf("it is there %d times, %v", found, err)
		}
		store := openStore(t, dir)
		if err := store.PurgeTrash(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if times == 0 {
		t.Error("no child lived long enough to throw anything away")
	}
}
