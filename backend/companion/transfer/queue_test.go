package transfer

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"latchkey/backend/companion/remote"
	"latchkey/backend/internal/secret"
)

func TestUploadAndDownload(t *testing.T) {
	l := newLine(t, signedIn(t))
	l.upload("/", l.write("a.txt", "12345"), l.write("empty", ""))
	if got := l.until(Done); got.Name != "empty" || !got.Up || got.Folder != "/" {
		t.Errorf("it ended as %+v", got)
	}
	if l.there("/a.txt") != "12345" || l.there("/empty") != "" {
		t.Error("they are not there")
	}
	if first := l.List()[0]; first.Size != 5 || first.Done != 5 {
		t.Errorf("the first is %+v", first)
	}
	l.dir = t.TempDir()
	l.Clear()
	l.download(Item{At: "/a.txt"}, Item{At: "/empty", To: l.write("chosen", "old")})
	l.until(Done)
	if got := entries(t, l.dir); !slices.Equal(got, []string{"a.txt", "chosen"}) || l.read("a.txt") != "12345" || l.read("chosen") != "" {
		t.Errorf("here are %v", got)
	}
	if info, err := os.Stat(filepath.Join(l.dir, "a.txt")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

// Nothing takes the place of something else unasked.
func TestTakenNames(t *testing.T) {
	l := newLine(t, signedIn(t))
	old, next := l.write("a.txt", "old"), l.write("next/a.txt", "next")
	l.upload("/", old)
	l.until(Done)
	for _, tc := range []struct {
		choice Choice
		state  State
		want   map[remote.FilePath]string
	}{
		{Skip, Skipped, map[remote.FilePath]string{"/a.txt": "old", "/a (2).txt": "-"}},
		{KeepBoth, Done, map[remote.FilePath]string{"/a.txt": "old", "/a (2).txt": "next"}},
		{Replace, Done, map[remote.FilePath]string{"/a.txt": "next", "/a (2).txt": "next", "/a (3).txt": "-"}},
	} {
		l.upload("/", next)
		asked := l.until(Asking)
		if !asked.Replaceable {
			t.Error("a file cannot be replaced")
		}
		l.Answer(asked.ID, tc.choice, false)
		l.until(tc.state)
		for at, want := range tc.want {
			if got := l.there(at); got != want {
				t.Errorf("%s: %s holds %q, want %q", tc.choice, at, got, want)
			}
		}
	}
	// One answer for all that was chosen together, and a folder in the place of a file.
	l.Clear()
	l.write("folder/x", "x")
	l.upload("/", filepath.Join(l.dir, "folder"))
	l.until(Done)
	l.upload("/", l.write("other/folder", "a file now"), old, next)
	taken := l.untilNth(1, Asking)
	if taken.Replaceable {
		t.Error("a folder is offered to be replaced")
	}
	l.Answer(taken.ID, Replace, false) // which the page does not offer
	asked := l.untilNth(2, Asking)
	l.Answer(asked.ID, KeepBoth, true)
	l.until(Done)
	if l.List()[1].State != Skipped || l.there("/folder/x") != "x" || l.there("/a (3).txt") != "old" || l.there("/a (4).txt") != "next" {
		t.Errorf("%+v", l.List())
	}
	// And here.
	l.dir = t.TempDir()
	l.write("a.txt", "mine")
	l.download(Item{At: "/a (3).txt"}, Item{At: "/a.txt"}, Item{At: "/a.txt"})
	l.Answer(l.untilNth(5, Asking).ID, KeepBoth, true)
	l.until(Done)
	if l.read("a.txt") != "mine" || l.read("a (2).txt") != "next" || l.read("a (3).txt") != "old" || l.read("a (4).txt") != "next" {
		t.Errorf("here are %v", entries(t, l.dir))
	}
}

func TestFolders(t *testing.T) {
	l := newLine(t, signedIn(t))
	l.write("tree/a/b/c.txt", "deep")
	l.write("tree/空", "x")
	if err := os.Mkdir(filepath.Join(l.dir, "tree/none"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/etc/passwd", filepath.Join(l.dir, "tree/link")); err != nil {
		t.Fatal(err)
	}
	l.upload("/", filepath.Join(l.dir, "tree"))
	if got := l.until(Done); got.Files != 2 || got.Size != 5 {
		t.Errorf("it ended as %+v", got)
	}
	if l.there("/tree/a/b/c.txt") != "deep" || l.there("/tree/空") != "x" || l.there("/tree/link") != "-" {
		t.Error("it is not all there")
	}
	l.dir = t.TempDir()
	l.download(Item{At: "/tree"})
	l.until(Done)
	if l.read("tree/a/b/c.txt") != "deep" || !slices.Equal(entries(t, l.dir), []string{"tree"}) ||
		!slices.Equal(entries(t, filepath.Join(l.dir, "tree")), []string{"a", "none", "空"}) {
		t.Errorf("here are %v", entries(t, l.dir))
	}
	l.upload("/", filepath.Join(l.dir, "pipe"))
	wants(t, "what is gone", l.until(Failed).Err, "local_file_not_found")
}

func TestCancel(t *testing.T) {
	l := newLine(t, signedIn(t))
	path := l.write("a", "old")
	l.upload("/", path)
	l.until(Done)
	l.upload("/", path, path, path)
	l.untilNth(1, Asking)
	l.Cancel(l.List()[2].ID) // waits
	l.Cancel(l.List()[1].ID) // asks
	l.untilNth(3, Asking)
	l.CancelAll()
	l.until(Cancelled)
	for _, s := range l.List()[1:] {
		if s.State != Cancelled {
			t.Errorf("%+v", s)
		}
	}
	l.Answer(l.List()[1].ID, Replace, false) // too late
	l.Clear()
	if len(l.List()) != 0 || l.there("/a (2)") != "-" {
		t.Error("it was not cancelled")
	}
	wants(t, "too many", l.Upload("own", "/", make([]string, most+1)), "transfer_too_many")
}

// A hostile server tells what it likes.
func hostile(t *testing.T, answer http.HandlerFunc) *line {
	t.Helper()
	c := client(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch r.URL.Path {
		case "/api/me":
			_, _ = io.WriteString(w, `{"code":200,"message":"success","data":{"id":2,"username":"ann","base_path":"/","role":[3],"permission":255}}`)
		case "/api/fs/get":
			_, _ = io.WriteString(w, `{"code":200,"message":"success","data":{"name":"x","size":4,"is_dir":false}}`)
		default:
			answer(w, r)
		}
	}))
	return newLine(t, account(t, c, remote.Grant{Token: secret.New("token")}))
}

func TestServerThatSendsWithoutEnd(t *testing.T) {
	sent := 0
	l := hostile(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/octet-stream")
		for ; sent < 1<<30; sent += 4096 {
			if _, err := w.Write(make([]byte, 4096)); err != nil {
				return
			}
		}
	})
	l.download(Item{At: "/x"})
	wants(t, "without end", l.until(Failed).Err, "remote_file_changed")
	if left := entries(t, l.dir); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}

func TestServerThatStopsMidway(t *testing.T) {
	l := hostile(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/octet-stream")
		_, _ = w.Write([]byte("xx"))
	})
	l.write("x", "mine")
	l.download(Item{At: "/x", To: filepath.Join(l.dir, "x")})
	wants(t, "half", l.until(Failed).Err, "remote_file_changed")
	if left := entries(t, l.dir); !slices.Equal(left, []string{"x"}) || l.read("x") != "mine" {
		t.Errorf("left: %v", left)
	}
}

// Whatever a server calls things, all that comes lies in the chosen folder.
func TestNamesOfAHostileServer(t *testing.T) {
	bad := []string{"../evil", "..", "a/b", `a\b`, "/etc/passwd", "\u202egpj.exe", "con", "new\nline", "x", "X", strings.Repeat("n", 300)}
	l := newLine(t, account(t, client(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "application/json")
		switch r.URL.Path {
		case "/api/me":
			_, _ = io.WriteString(w, `{"code":200,"message":"success","data":{"id":2,"username":"ann","base_path":"/","role":[3],"permission":255}}`)
		case "/api/fs/list":
			var all []string
			for _, name := range bad {
				all = append(all, fmt.Sprintf(`{"name":%q,"size":2,"is_dir":false}`, strings.ToValidUTF8(name, "")))
			}
			_, _ = io.WriteString(w, `{"code":200,"message":"success","data":{"content":[`+strings.ReplaceAll(strings.Join(all, ","), `\u202e`, "\u202e")+`]}}`)
		case "/api/fs/get":
			_, _ = fmt.Fprintf(w, `{"code":200,"message":"success","data":{"name":"x","size":2,"is_dir":%v}}`, strings.Contains(string(body), `"/top"`))
		default:
			w.Header().Set("Content-Type", "application/octet-stream")
			_, _ = io.WriteString(w, "hi")
		}
	})), remote.Grant{Token: secret.New("token")}))
	l.download(Item{At: "/top"})
	l.until(Done)
	if got := entries(t, l.dir); !slices.Equal(got, []string{"top"}) {
		t.Errorf("outside of the folder: %v", got)
	}
	for _, name := range entries(t, filepath.Join(l.dir, "top")) {
		if name != LocalName(name) && !strings.Contains(name, "(2)") {
			t.Errorf("%q came here", name)
		}
	}
	if n := len(entries(t, filepath.Join(l.dir, "top"))); n != 6 {
		t.Errorf("%d files came: %v", n, entries(t, filepath.Join(l.dir, "top")))
	}
}
