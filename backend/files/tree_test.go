package files

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestRename(t *testing.T) {
	for _, tc := range []struct {
		name     string
		from, to Path
		plain    string // code of Rename
		replace  string // code of Replace
	}{
		{"to a free name", "/f", "/new", "", ""},
		{"to another folder", "/f", "/empty/new", "", ""},
		{"a folder", "/full", "/new", "", ""},
		{"over a file", "/f", "/g", "file_exists", ""},
		{"over a file elsewhere", "/f", "/full/in", "file_exists", ""},
		{"onto itself", "/f", "/f", "file_exists", ""},
		{"a folder onto itself", "/full", "/full", "file_exists", ""},
		{"a file over a folder", "/f", "/empty", "file_exists", "file_exists"},
		{"a folder over a file", "/full", "/f", "file_exists", "file_exists"},
		{"a folder over an empty folder", "/full", "/empty", "file_exists", "file_exists"},
		{"a folder into itself", "/full", "/full/sub", "folder_into_itself", "folder_into_itself"},
		{"into a missing folder", "/f", "/missing/f", "file_not_found", "file_not_found"},
		{"below a file", "/f", "/g/f", "not_a_folder", "not_a_folder"},
		{"what is not there", "/missing", "/new", "file_not_found", "file_not_found"},
		{"the top", "/", "/new", "top_folder", "top_folder"},
		{"to the top", "/f", "/", "top_folder", "top_folder"},
	} {
		for method, code := range map[string]string{"Rename": tc.plain, "Replace": tc.replace} {
			p := newPlace(t, "/ann")
			p.outside("f", "f")
			p.outside("g", "g")
			p.outside("full/in", "in")
			p.folder("empty")
			before := snapshot(t, p.base)
			do := map[string]func(_, _ Path) error{"Rename": p.Rename, "Replace": p.Tree.Replace}[method]
			p.wantCode(method+" "+tc.name, do(tc.from, tc.to), code)
			after := snapshot(t, p.base)
			unchanged := code != "" || tc.from == tc.to
			if same := slices.Equal(before, after); same != unchanged {
				t.Errorf("%s %s: before %v, after %v", method, tc.name, before, after)
			}
		}
	}
}

// snapshot lists a folder as another program sees it: path, mode and content.
func snapshot(t *testing.T, dir string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(dir, path)
		content := []byte("/")
		if d.Type().IsRegular() {
			content, err = os.ReadFile(path)
		}
		out = append(out, fmt.Sprintf("%s %s %q", rel, d.Type(), content))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestRemoving(t *testing.T) {
	for _, tc := range []struct {
		path          Path
		remove, rmdir string
	}{
		{"/f", "", "not_a_folder"},
		{"/empty", "is_a_folder", ""},
		{"/full", "is_a_folder", "folder_not_empty"},
		{"/missing", "file_not_found", "file_not_found"},
		{"/f/x", "not_a_folder", "not_a_folder"},
		{"/", "top_folder", "top_folder"},
	} {
		for method, code := range map[string]string{"Remove": tc.remove, "Rmdir": tc.rmdir} {
			p := newPlace(t, "/ann")
			p.outside("f", "f")
			p.outside("full/in", "in")
			p.folder("empty")
			before := snapshot(t, p.base)
			do := map[string]func(Path) error{"Remove": p.Tree.Remove, "Rmdir": p.Rmdir}[method]
			p.wantCode(method+" "+string(tc.path), do(tc.path), code)
			if same := slices.Equal(before, snapshot(t, p.base)); same != (code != "") {
				t.Errorf("%s %s changed: %v, want %v", method, tc.path, !same, code == "")
			}
		}
	}
}

func TestFolderWithAnUploadIsNotEmpty(t *testing.T) {
	p := newPlace(t, "/")
	p.folder("sub")
	u := p.create("/sub/f", "x", Creation{})
	p.wantCode("Rmdir", p.Rmdir("/sub"), "folder_not_empty")
	p.wantCode("Abort", u.Abort(), "")
	p.wantCode("Rmdir", p.Rmdir("/sub"), "")
}

func TestListIsPaged(t *testing.T) {
	p := newPlace(t, "/")
	want := []string{}
	for i := range 10 {
		want = append(want, fmt.Sprintf("f%d", i))
		p.outside(want[i], "")
		defer func() { _ = p.create(Path("/"+want[i]), "", Creation{}).Abort() }()
	}
	p.link("/etc", "zlink")
	got := names(t, p.Tree, "/")
	slices.Sort(got)
	if want = append(want, "zlink"); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	d, err := p.List("/")
	if err != nil {
		t.Fatal(err)
	}
	page, err := d.Next(4)
	if len(page) == 0 || len(page) > 4 || err != nil {
		t.Errorf("a page of 4 has %d entries, %v", len(page), err)
	}
	p.wantCode("Close", d.Close(), "")
	_, err = p.List("/f0")
	p.wantCode("List of a file", err, "not_a_folder")
	_, err = p.List("/missing")
	p.wantCode("List of nothing", err, "file_not_found")
}

func TestInfoTellsNothingOfTheMachine(t *testing.T) {
	p := newPlace(t, "/ann")
	p.outside("f", "12345")
	if err := os.Chmod(filepath.Join(p.base, "f"), 0o755|fs.ModeSetuid); err != nil {
		t.Fatal(err)
	}
	fi, err := p.Stat("/f")
	if err != nil || fi.Name() != "f" || fi.Size() != 5 || fi.Mode() != 0o755 || fi.Sys() != nil || fi.IsDir() {
		t.Errorf("Stat = %q %d %v %v, %v", fi.Name(), fi.Size(), fi.Mode(), fi.Sys(), err)
	}
	top, err := p.Stat("/")
	if err != nil || top.Name() != "/" || !top.IsDir() {
		t.Errorf("Stat of the top = %q %v, %v", top.Name(), top.Mode(), err)
	}
}

func TestChmodAndTimes(t *testing.T) {
	p := newPlace(t, "/")
	p.outside("f", "x")
	p.folder("d")
	for _, path := range []Path{"/f", "/d"} {
		p.wantCode("Chmod", p.Chmod(path, 0o577|fs.ModeSetuid|fs.ModeSetgid|fs.ModeSticky), "")
		p.wantCode("Chtimes", p.Chtimes(path, someTime, someTime), "")
		fi, err := os.Stat(filepath.Join(p.base, path.Name()))
		if err != nil || fi.Mode()&^fs.ModeDir != 0o700 || !fi.ModTime().Equal(someTime) {
			t.Errorf("%s: %v %v, %v", path, fi.Mode(), fi.ModTime(), err)
		}
	}
	p.wantCode("Chmod of the top", p.Chmod("/", 0), "top_folder")
}

// What nobody could read would count for nothing, and could not be removed.
func TestChmodHidesNothing(t *testing.T) {
	p, _ := limited(t, 100)
	p.wantCode("Mkdir", p.Mkdir("/d"), "")
	p.wantCode("put", put(p.Tree, "/d/f", strings.Repeat("x", 100)), "")
	u := p.create("/g", "", Creation{Mode: 0o100})
	p.wantCode("Chmod of what arrives", u.Chmod(0), "")
	p.wantCode("Close", u.Close(), "")
	for path, want := range map[Path]fs.FileMode{"/d": fs.ModeDir | 0o700, "/d/f": 0o600, "/g": 0o600} {
		p.wantCode("Chmod", p.Chmod(path, 0), "")
		if fi, err := p.Lstat(path); err != nil || fi.Mode() != want {
			t.Errorf("%s: %v, %v", path, fi.Mode(), err)
		}
	}
	p.wantCode("more than the limit", put(p.Tree, "/h", "x"), "quota_exceeded")
}

func TestStatFS(t *testing.T) {
	p := newPlace(t, "/")
	p.outside("f", "")
	for _, path := range []Path{"/", "/f"} {
		space, err := p.StatFS(path)
		if errors.Is(err, ErrUnsupported) {
			t.Skip("this system does not tell")
		}
		if err != nil || space.BlockSize == 0 || space.Blocks == 0 || space.Available > space.Blocks {
			t.Errorf("StatFS(%s) = %+v, %v", path, space, err)
		}
	}
}

func TestNewFoldersArePrivate(t *testing.T) {
	p := newPlace(t, "/team/ann")
	p.wantCode("Mkdir", p.Mkdir("/sub"), "")
	for _, dir := range []string{p.dir, filepath.Join(p.dir, notes), filepath.Join(p.dir, "team"), p.base, filepath.Join(p.base, "sub")} {
		if fi, err := os.Stat(dir); err != nil || fi.Mode().Perm() != 0o700 {
			t.Errorf("%s: %v, %v", dir, fi.Mode(), err)
		}
	}
}

func TestReadAtEnds(t *testing.T) {
	p := newPlace(t, "/")
	p.outside("f", "abc")
	f, err := p.Open("/f")
	if err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 8)
	for _, off := range []int64{3, 1 << 62, -1} {
		if n, err := f.ReadAt(b, off); n != 0 || err != io.EOF {
			t.Errorf("ReadAt(%d) = %d, %v", off, n, err)
		}
	}
	p.wantCode("Close", f.Close(), "")
}
