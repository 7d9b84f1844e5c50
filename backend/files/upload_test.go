package files

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func TestUploadAppearsAtClose(t *testing.T) {
	p := newPlace(t, "/ann")
	p.folder("sub")
	u := p.create("/sub/f", "hello", Creation{})
	if got := p.content("sub/f"); got != "-" {
		t.Errorf("before Close the file is %q", got)
	}
	if got := names(t, p.Tree, "/sub"); len(got) != 0 {
		t.Errorf("before Close the folder shows %v", got)
	}
	if len(p.temps()) != 2 {
		t.Errorf("want a temporary file and its note, got %v", p.temps())
	}
	if fi, err := u.Stat(); err != nil || fi.Size() != 5 || fi.Name() != "f" {
		t.Errorf("Stat = %v, %v", fi, err)
	}
	p.wantCode("Close", u.Close(), "")
	if got := p.content("sub/f"); got != "hello" {
		t.Errorf("after Close the file is %q", got)
	}
	if left := p.temps(); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestOldFileStaysWhole(t *testing.T) {
	for name, end := range map[string]func(*Upload) error{"Abort": (*Upload).Abort, "Keep": (*Upload).Keep} {
		p := newPlace(t, "/")
		p.outside("f", "the old content")
		u := p.create("/f", "new", Creation{})
		if got := p.content("f"); got != "the old content" {
			t.Errorf("%s: during the upload the file is %q", name, got)
		}
		p.wantCode(name, end(u), "")
		if got := p.content("f"); got != "the old content" || len(p.temps()) != 0 {
			t.Errorf("%s: the file is %q, left behind: %v", name, got, p.temps())
		}
	}
}

// What a lost sender has sent can be resumed, unless there is something better.
func TestKeep(t *testing.T) {
	for _, tc := range []struct {
		name, sent, meanwhile, want string
		c                           Creation
	}{
		{name: "something", sent: "half", want: "half"},
		{name: "something, exclusive", sent: "half", want: "half", c: Creation{Exclusive: true}},
		{name: "nothing", sent: "", want: "-"},
		{name: "nothing, exclusive", sent: "", want: "-", c: Creation{Exclusive: true}},
		{name: "another was faster", sent: "half", meanwhile: "whole", want: "whole"},
		{name: "another was faster, exclusive", sent: "half", meanwhile: "whole", want: "whole", c: Creation{Exclusive: true}},
	} {
		p := newPlace(t, "/")
		u := p.create("/f", tc.sent, tc.c)
		if tc.meanwhile != "" {
			p.outside("f", tc.meanwhile)
		}
		p.wantCode(tc.name, u.Keep(), "")
		if got := p.content("f"); got != tc.want || len(p.temps()) != 0 {
			t.Errorf("%s: the file is %q, want %q, left behind: %v", tc.name, got, tc.want, p.temps())
		}
	}
}

func TestExclusive(t *testing.T) {
	p := newPlace(t, "/")
	first := p.create("/lock", "first", Creation{Exclusive: true})
	_, err := p.Create("/lock", Creation{Exclusive: true})
	p.wantCode("a second exclusive upload", err, "file_exists")
	p.outside("other", "")
	p.wantCode("renaming another file to it", p.Rename("/other", "/lock"), "file_exists")
	p.wantCode("Close", first.Close(), "")
	if got := p.content("lock"); got != "first" {
		t.Errorf("the file is %q", got)
	}
	dropped := p.create("/gone", "x", Creation{Exclusive: true})
	p.wantCode("Abort", dropped.Abort(), "")
	if got := p.content("gone"); got != "-" {
		t.Errorf("after Abort the file is %q", got)
	}
}

func TestLastCloseWins(t *testing.T) {
	p := newPlace(t, "/")
	a := p.create("/f", "aaaaaaaa", Creation{})
	b := p.create("/f", "bb", Creation{})
	p.wantCode("Close", b.Close(), "")
	if got := p.content("f"); got != "bb" {
		t.Errorf("the file is %q, want what b wrote", got)
	}
	p.wantCode("Close", a.Close(), "")
	if got := p.content("f"); got != "aaaaaaaa" {
		t.Errorf("the file is %q, want what a wrote", got)
	}
}

func TestModes(t *testing.T) {
	for _, tc := range []struct {
		name      string
		old, asks fs.FileMode
		want      fs.FileMode
	}{
		{"a new file", 0, 0, 0o600},
		{"a new file from a shared one", 0, 0o664, 0o600},
		{"a new program", 0, 0o755, 0o700},
		{"a new read-only file", 0, 0o444, 0o600},
		{"setuid and sticky", 0, 0o755 | fs.ModeSetuid | fs.ModeSetgid | fs.ModeSticky, 0o700},
		{"a file in the place of one that others read", 0o644, 0o600, 0o644},
		{"a file in the place of a setuid one", 0o755 | fs.ModeSetuid, 0, 0o755},
	} {
		p := newPlace(t, "/")
		full := filepath.Join(p.base, "f")
		if tc.old != 0 {
			p.outside("f", "old")
			if err := os.Chmod(full, tc.old); err != nil {
				t.Fatal(err)
			}
		}
		p.wantCode(tc.name, p.create("/f", "x", Creation{Mode: tc.asks}).Close(), "")
		fi, err := os.Stat(full)
		if err != nil || fi.Mode() != tc.want {
			t.Errorf("%s: mode %v, %v, want %v", tc.name, fi.Mode(), err, tc.want)
		}
	}
}

func TestUploadAttributes(t *testing.T) {
	p := newPlace(t, "/")
	u := p.create("/f", "hello", Creation{})
	p.wantCode("Truncate", u.Truncate(2), "")
	p.wantCode("Chmod", u.Chmod(0o777|fs.ModeSetuid), "")
	p.wantCode("Chtimes", u.Chtimes(someTime, someTime), "")
	got := make([]byte, 8)
	if n, err := u.ReadAt(got, 0); string(got[:n]) != "he" || !errors.Is(err, io.EOF) {
		t.Errorf("ReadAt = %q, %v", got[:n], err)
	}
	p.wantCode("Close", u.Close(), "")
	fi, err := p.Stat("/f")
	if err != nil || fi.Size() != 2 || fi.Mode() != 0o700 || !fi.ModTime().Equal(someTime) {
		t.Errorf("Stat = %v %v %v, %v", fi.Size(), fi.Mode(), fi.ModTime(), err)
	}
}

func TestAfterTheEnd(t *testing.T) {
	p := newPlace(t, "/")
	u := p.create("/f", "x", Creation{})
	p.wantCode("Close", u.Close(), "")
	_, err := u.WriteAt([]byte("y"), 0)
	for what, err := range map[string]error{
		"WriteAt": err, "Close": u.Close(), "Abort": u.Abort(), "Keep": u.Keep(),
		"Truncate": u.Truncate(0), "Chmod": u.Chmod(0), "Chtimes": u.Chtimes(someTime, someTime),
	} {
		p.wantCode(what, err, "file_closed")
	}
	if got := p.content("f"); got != "x" {
		t.Errorf("the file is %q", got)
	}
}

// The upload follows its folder, and nothing of it lands where the folder was.
func TestFolderMovesDuringUpload(t *testing.T) {
	p := newPlace(t, "/")
	p.folder("a")
	u := p.create("/a/f", "hello", Creation{})
	p.wantCode("Rename", p.Rename("/a", "/b"), "")
	p.wantCode("Mkdir", p.Mkdir("/a"), "")
	p.wantCode("Close", u.Close(), "")
	if p.content("b/f") != "hello" || p.content("a/f") != "-" || len(p.temps()) != 0 {
		t.Errorf("b/f is %q, a/f is %q, left behind: %v", p.content("b/f"), p.content("a/f"), p.temps())
	}
}

// A link put in the place of the folder after the upload began leads nowhere.
func TestFolderBecomesLinkDuringUpload(t *testing.T) {
	p := newPlace(t, "/ann")
	p.folder("sub")
	if err := os.Mkdir(filepath.Join(p.dir, "bob"), 0o755); err != nil {
		t.Fatal(err)
	}
	u := p.create("/sub/f", "ann's", Creation{})
	p.wantCode("Rename", p.Rename("/sub", "/kept"), "")
	p.link("../bob", "sub")
	p.wantCode("Close", u.Close(), "")
	if left, _ := os.ReadDir(filepath.Join(p.dir, "bob")); len(left) != 0 || p.content("kept/f") != "ann's" {
		t.Errorf("the neighbour has %v, kept/f is %q", left, p.content("kept/f"))
	}
}

func TestTargetTakenDuringUpload(t *testing.T) {
	for name, take := range map[string]struct {
		do   func(place)
		code string
	}{
		"a folder": {func(p place) { p.folder("f") }, "is_a_folder"},
		"a link":   {func(p place) { p.link("elsewhere", "f") }, "not_a_file"},
	} {
		p := newPlace(t, "/")
		u := p.create("/f", "x", Creation{})
		take.do(p)
		p.wantCode(name, u.Close(), take.code)
		if left := p.temps(); len(left) != 0 {
			t.Errorf("%s: left behind: %v", name, left)
		}
	}
}

func TestOpenExisting(t *testing.T) {
	p := newPlace(t, "/")
	_, err := p.OpenExisting("/f")
	p.wantCode("OpenExisting", err, "file_not_found")
	p.outside("f", "0123456789")
	f, err := p.OpenExisting("/f")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt([]byte("ab"), 9); err != nil {
		t.Error(err)
	}
	if got := p.content("f"); got != "012345678ab" {
		t.Errorf("the file is %q", got)
	}
	if fi, err := f.Stat(); err != nil || fi.Size() != 11 || fi.Name() != "f" {
		t.Errorf("Stat = %v, %v", fi, err)
	}
	p.wantCode("Close", f.Close(), "")
}

// No file can be made to claim more than the disk holds.
func TestNoExabytes(t *testing.T) {
	p := newPlace(t, "/")
	p.outside("f", "x")
	u := p.create("/new", "x", Creation{})
	old, err := p.OpenExisting("/f")
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range []interface {
		io.WriterAt
		Truncate(int64) error
	}{u, old} {
		for _, off := range []int64{-1, 1 << 62, 1<<63 - 1} {
			_, err := w.WriteAt([]byte("end"), off)
			p.wantCode("WriteAt", err, "file_too_large")
		}
		for _, size := range []int64{-1, 1 << 62} {
			p.wantCode("Truncate", w.Truncate(size), "file_too_large")
		}
		if _, err := w.WriteAt([]byte("near"), freeJump/2); err != nil {
			t.Errorf("a hole of reasonable size: %v", err)
		}
	}
	p.wantCode("Abort", u.Abort(), "")
	p.wantCode("Close", old.Close(), "")
	p.wantCode("Truncate", p.Truncate("/f", 1<<62), "file_too_large")
}
