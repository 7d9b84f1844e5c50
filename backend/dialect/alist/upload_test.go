package alist

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"latchkey/backend/files"
	"latchkey/backend/identity"
	"latchkey/backend/internal/env"
	"latchkey/backend/store"
	"latchkey/backend/task"
)

// Whatever a client sends as a path or as the name of an entry, it leads to
// what is below the base path, and to nothing where it is refused.
func FuzzPaths(f *testing.F) {
	for _, s := range []string{"/a/b", "a//b", "../x", "/..", `\..\x`, "/a\x00", "/%2e%2e/x", ".", "/caf\u00e9", "/.latchkey-tmp"} {
		f.Add(s, "x")
		f.Add("/", s)
	}
	v := view{who: identity.Principal{User: identity.User{ID: identity.AdminID, BasePath: "/ann", Roles: []identity.RoleID{identity.RoleAdmin}}}}
	f.Fuzz(func(t *testing.T, path, name string) {
		at, err := v.at(path)
		if err != nil {
			return
		}
		for _, p := range []place{at, entry(v, at, name)} {
			if p.full == "" {
				continue
			}
			if p.full != "/ann" && !strings.HasPrefix(p.full, "/ann/") || strings.Contains(p.full+"/", "/../") {
				t.Errorf("%q and %q lead to %q", path, name, p.full)
			}
			if again, err := files.ParsePath(p.full); err != nil || string(again) != p.full {
				t.Errorf("%q and %q lead to %q, which is no clean path", path, name, p.full)
			}
		}
	})
}

func entry(v view, at place, name string) place {
	p, err := v.in(at, name)
	if err != nil {
		return place{}
	}
	return p
}

// A form is taken only if it is whole and has one file, of which nothing more
// is stored than was sent.
func FuzzForm(f *testing.F) {
	const good = "--x\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nhello\r\n" +
		"--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"../a\"\r\n\r\ncontent\r\n--x--"
	f.Add(good)
	f.Add(good[:len(good)-2])
	f.Add(strings.Replace(good, "note", "file", 1))
	f.Add("")
	f.Fuzz(func(t *testing.T, body string) {
		var stored bytes.Buffer
		files := 0
		err := readForm(multipart.NewReader(strings.NewReader(body), "x"), func(file io.Reader) error {
			files++
			_, err := stored.ReadFrom(file)
			return err
		})
		if files > 1 || stored.Len() > len(body) {
			t.Errorf("%d files, %d bytes of %d", files, stored.Len(), len(body))
		}
		if err == nil && (files != 1 || !strings.Contains(body, "--x--")) {
			t.Errorf("%q was taken, with %d files", body, files)
		}
		if _, ok := errors.AsType[*identity.Error](err); err != nil && !ok {
			t.Errorf("%q: %v", body, err)
		}
	})
}

// An upload that ends by a fault of ours is not under way any more, and leaves
// nothing.
func TestPanicEndsTheTask(t *testing.T) {
	dir := t.TempDir()
	all, err := files.Open(dir, env.System())
	if err != nil {
		t.Fatal(err)
	}
	defer all.Close()
	tree, err := all.Tree("/ann")
	if err != nil {
		t.Fatal(err)
	}
	defer tree.Close()
	kept := &oneTask{}
	h := New(Config{Tasks: &task.Book{Store: kept, Env: env.System(), Log: slog.New(slog.DiscardHandler)}})
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		r := httptest.NewRequest(http.MethodPut, "/", strings.NewReader("x"))
		o := order{at: place{path: "/f", full: "/ann/f"}, task: true}
		_ = h.receive(httptest.NewRecorder(), r, view{tree: tree}, o, func(io.Reader, func(io.Reader) error) error { panic("a defect") })
	}()
	if kept.State != identity.TaskFailed || kept.Error == "" || strings.Contains(kept.Error, "defect") {
		t.Errorf("the task is %+v", kept.Task)
	}
	if left, err := os.ReadDir(filepath.Join(dir, "ann")); err != nil || len(left) != 0 {
		t.Errorf("left: %v, %v", left, err)
	}
}

// What is sent breaks off within a MiB when whoever gets it may no longer have
// it, however it is written.
func TestDownloadsBreakOff(t *testing.T) {
	content := make([]byte, 5*askAgainEvery)
	for name, write := range map[string]func(d *departure) (int64, error){
		"Write": func(d *departure) (int64, error) {
			return io.CopyBuffer(struct{ io.Writer }{d}, struct{ io.Reader }{bytes.NewReader(content)}, make([]byte, 1000))
		},
		"ReadFrom": func(d *departure) (int64, error) { return d.ReadFrom(bytes.NewReader(content)) },
	} {
		for times := range int64(4) {
			asked := int64(0)
			d := &departure{ResponseWriter: httptest.NewRecorder(), still: func() error {
				if asked++; asked > times {
					return errNoFile
				}
				return nil
			}}
			n, err := write(d)
			if !errors.Is(err, errNoFile) || n < (times+1)*askAgainEvery || n > (times+1)*(askAgainEvery+1000) {
				t.Errorf("%s: %d bytes after being allowed %d times, %v", name, n, times, err)
			}
		}
		whole := httptest.NewRecorder()
		if n, err := write(&departure{ResponseWriter: whole, still: func() error { return nil }}); err != nil || n != int64(len(content)) || whole.Body.Len() != len(content) {
			t.Errorf("%s: %d of %d bytes, %v", name, n, len(content), err)
		}
	}
}

// A oneTask keeps the last task that was saved.
type oneTask struct {
	taskStore
	identity.Task
}

type taskStore interface{ store.Tasks }

func (k *oneTask) SaveTask(_ context.Context, task identity.Task, _ int) error {
	k.Task = task
	return nil
}

func TestForms(t *testing.T) {
	part := func(name, content string) string {
		return "--x\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + content + "\r\n"
	}
	for name, tc := range map[string]struct {
		body, want string
		ok         bool
	}{
		"a file":           {part("file", "abc") + "--x--", "abc", true},
		"with fields":      {part("a", "1") + part("file", "abc") + part("b", "2") + "--x--", "abc", true},
		"two files":        {part("file", "abc") + part("file", "def") + "--x--", "abc", true},
		"without the end":  {part("file", "abc"), "abc", false},
		"cut in the file":  {part("file", "abc")[:50], "", false},
		"a long field":     {part("a", strings.Repeat("x", maxFormField+1)) + part("file", "abc") + "--x--", "", false},
		"too many fields":  {strings.Repeat(part("a", "1"), maxFormParts) + part("file", "abc") + "--x--", "", false},
		"nothing":          {"--x--", "", false},
		"another boundary": {strings.ReplaceAll(part("file", "abc")+"--x--", "--x", "--y"), "", false},
		"an empty file":    {part("file", "") + "--x--", "", true},
	} {
		var stored bytes.Buffer
		err := readForm(multipart.NewReader(strings.NewReader(tc.body), "x"), func(file io.Reader) error {
			_, err := stored.ReadFrom(file)
			return err
		})
		if (err == nil) != tc.ok || tc.ok && stored.String() != tc.want {
			t.Errorf("%s: %q, %v", name, stored.String(), err)
		}
	}
}

// What a browser is told of a file can run nothing.
func TestMediaAreHarmless(t *testing.T) {
	for _, name := range []string{"a.html", "a.HTM", "a.svg", "a.xml", "a.pdf", "a.js", "a.xhtml", "a", "a.png.html", "a.mhtml"} {
		if m := mediumOf(name); m.shown || m.media != bytesMedia {
			t.Errorf("%s is %+v", name, m)
		}
	}
	if m := mediumOf("A.PNG"); !m.shown || m.media != "image/png" || m.kind != typeImage {
		t.Errorf("a picture is %+v", m)
	}
}
