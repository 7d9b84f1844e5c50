package sftpserver

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pkg/sftp"

	"latchkey/backend/identity"
)

// code is the status code of an answer: 0 ok, 1 EOF, 2 no such file, 3
// permission denied, 4 failure, 8 unsupported.
func code(err error) uint32 {
	var status *sftp.StatusError
	switch {
	case err == nil:
		return 0
	case errors.Is(err, os.ErrNotExist):
		return 2
	case errors.Is(err, os.ErrPermission):
		return 3
	case errors.As(err, &status):
		return status.Code
	}
	return 99
}

// put uploads as clients do.
func put(c *sftp.Client, name, content string) error {
	f, err := c.Create(name)
	if err != nil {
		return err
	}
	_, err = io.WriteString(f, content)
	return errors.Join(err, f.Close())
}

func get(c *sftp.Client, name string) (string, error) {
	f, err := c.Open(name)
	if err != nil {
		return "", err
	}
	b, err := io.ReadAll(f)
	return string(b), errors.Join(err, f.Close())
}

func ls(c *sftp.Client, name string) ([]string, error) {
	list, err := c.ReadDir(name)
	out := []string{}
	for _, fi := range list {
		out = append(out, fi.Name())
	}
	slices.Sort(out)
	return out, err
}

func TestOperations(t *testing.T) {
	r := start(t, newWorld(), Limits{})
	c, _ := r.join("ann", everything)
	want := func(what string, err error, status uint32) {
		t.Helper()
		if code(err) != status {
			t.Errorf("%s: %v, want status %d", what, err, status)
		}
	}
	want("put", put(c, "/f", "hello"), 0)
	if got, err := get(c, "f"); got != "hello" || err != nil {
		t.Errorf("get = %q, %v", got, err)
	}
	if wd, err := c.Getwd(); wd != "/" || err != nil {
		t.Errorf("getwd = %q, %v", wd, err)
	}
	if p, err := c.RealPath("../../a/./b/../c"); p != "/a/c" || err != nil {
		t.Errorf("realpath = %q, %v", p, err)
	}
	want("mkdir", c.Mkdir("/dir"), 0)
	want("mkdir again", c.Mkdir("/dir"), 4)
	want("mkdir below nothing", c.Mkdir("/no/dir"), 2)
	want("put into it", put(c, "/dir/g", "in"), 0)
	if got, err := ls(c, "/"); !slices.Equal(got, []string{"dir", "f"}) || err != nil {
		t.Errorf("ls = %q, %v", got, err)
	}
	want("rename", c.Rename("/f", "/f2"), 0)
	want("rename over a file", c.Rename("/f2", "/dir/g"), 4)
	want("posix-rename over a file", c.PosixRename("/f2", "/dir/g"), 0)
	want("posix-rename over a folder", c.PosixRename("/dir/g", "/dir"), 4)
	want("rename of nothing", c.Rename("/f2", "/f3"), 2)
	want("rename of the root", c.Rename("/", "/x"), 3)
	want("rename onto itself", c.Rename("/dir", "/dir"), 4)
	want("rename into itself", c.Rename("/dir", "/dir/sub"), 4)
	want("remove of a folder", c.RemoveDirectory("/dir"), 4)
	want("rm of nothing", c.Remove("/nothing"), 2)
	want("rmdir of the root", c.RemoveDirectory("/"), 3)
	want("chmod", c.Chmod("/dir/g", 0o4755), 0)
	when := time.Unix(1_000_000_000, 0)
	want("times", c.Chtimes("/dir/g", when, when), 0)
	want("times of 2106", c.Chtimes("/dir", time.Unix(1<<32-1, 0), time.Unix(1<<32-1, 0)), 0)
	want("truncate", c.Truncate("/dir/g", 2), 0)
	want("truncate to 2^63", c.Truncate("/dir/g", -1<<63), 4)
	want("times of nothing", c.Chtimes("/nothing", when, when), 2)
	want("chown", c.Chown("/dir/g", 0, 0), 3)
	want("symlink", c.Symlink("/etc/passwd", "/link"), 8)
	want("hard link", c.Link("/dir/g", "/link"), 8)
	_, err := c.ReadLink("/dir/g")
	want("readlink", err, 8)
	_, err = c.Stat("/nothing")
	want("stat of nothing", err, 2)
	_, err = c.Stat("/dir/g/x")
	want("stat below a file", err, 2)
	_, err = c.ReadDir("/nothing")
	want("ls of nothing", err, 2)
	_, err = c.ReadDir("/dir/g")
	want("ls of a file", err, 2)
	_, err = get(c, "/dir")
	want("get of a folder", err, 4)
	want("put onto a folder", put(c, "/dir", "x"), 4)
	fi, err := c.Lstat("/dir/g")
	if err != nil || fi.Size() != 2 || fi.Mode() != 0o700 {
		t.Errorf("lstat = %v, %v", fi, err)
	}
	if fi, _ := os.Stat(r.home("ann", "dir", "g")); fi.Mode() != 0o700 {
		t.Errorf("after chmod 4755 the mode is %v", fi.Mode())
	}
	if st, err := c.StatVFS("/"); err != nil || st.Bsize == 0 || st.Namemax != 255 {
		t.Errorf("statvfs = %+v, %v", st, err)
	}
	want("rm", c.Remove("/dir/g"), 0)
	want("rmdir", c.RemoveDirectory("/dir"), 0)
	if got, err := ls(c, "/"); len(got) != 0 || err != nil {
		t.Errorf("at the end there is %q, %v", got, err)
	}
}

func TestOpenFlags(t *testing.T) {
	for _, tc := range []struct {
		name   string
		flags  int
		old    string // "-": none
		status uint32
		want   string // after writing "XY" at 1
	}{
		{"write", os.O_WRONLY, "abcd", 0, "aXYd"},
		{"write what is not there", os.O_WRONLY, "-", 2, "-"},
		{"create", os.O_WRONLY | os.O_CREATE, "-", 0, "\x00XY"},
		{"create what is there", os.O_WRONLY | os.O_CREATE, "abcd", 0, "aXYd"},
		{"truncate", os.O_WRONLY | os.O_TRUNC, "abcd", 0, "\x00XY"},
		{"truncate what is not there", os.O_WRONLY | os.O_TRUNC, "-", 2, "-"},
		{"create and truncate", os.O_RDWR | os.O_CREATE | os.O_TRUNC, "abcd", 0, "\x00XY"},
		{"exclusive", os.O_WRONLY | os.O_CREATE | os.O_EXCL, "-", 0, "\x00XY"},
		{"exclusive, taken", os.O_WRONLY | os.O_CREATE | os.O_EXCL, "abcd", 4, "abcd"},
		{"exclusive without create", os.O_WRONLY | os.O_EXCL, "abcd", 0, "aXYd"},
		{"append", os.O_WRONLY | os.O_APPEND, "abcd", 0, "abcdXY"},
		{"append to nothing", os.O_WRONLY | os.O_APPEND | os.O_CREATE, "-", 0, "XY"},
		{"read and write", os.O_RDWR, "abcd", 0, "aXYd"},
	} {
		r := start(t, newWorld(), Limits{})
		c, _ := r.join("ann", everything)
		if tc.old != "-" {
			r.write(r.home("ann", "f"), tc.old)
		}
		f, err := c.OpenFile("/f", tc.flags)
		if code(err) != tc.status {
			t.Errorf("%s: open: %v, want status %d", tc.name, err, tc.status)
		}
		if err == nil {
			_, err := f.WriteAt([]byte("XY"), 1)
			if err := errors.Join(err, f.Close()); err != nil {
				t.Errorf("%s: %v", tc.name, err)
			}
		}
		if got := r.content(r.home("ann", "f")); got != tc.want {
			t.Errorf("%s: the file is %q, want %q", tc.name, got, tc.want)
		}
		r.stop()
	}
}

// The connection that uploads sees its own file; others see it when it is whole.
func TestUploadInProgress(t *testing.T) {
	r := start(t, newWorld(), Limits{})
	c, _ := r.join("ann", everything)
	r.write(r.home("ann", "f"), "the old content")
	f, err := c.Create("/f")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(f, "new"); err != nil {
		t.Fatal(err)
	}
	when := time.Unix(1_000_000_000, 0)
	if err := errors.Join(f.Chmod(0o700), c.Chtimes("/f", when, when)); err != nil {
		t.Error(err)
	}
	for name, stat := range map[string]func() (fs.FileInfo, error){
		"fstat": f.Stat, "stat": func() (fs.FileInfo, error) { return c.Stat("/f") }, "lstat": func() (fs.FileInfo, error) { return c.Lstat("/f") },
	} {
		if fi, err := stat(); err != nil || fi.Size() != 3 {
			t.Errorf("%s during the upload: %v, %v", name, fi, err)
		}
	}
	if got := r.content(r.home("ann", "f")); got != "the old content" {
		t.Errorf("during the upload the file is %q", got)
	}
	if got, _ := ls(c, "/"); !slices.Equal(got, []string{"f"}) {
		t.Errorf("during the upload ls shows %q", got)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	fi, err := os.Stat(r.home("ann", "f"))
	if err != nil || fi.Size() != 3 || fi.Mode() != 0o700 || !fi.ModTime().Equal(when) {
		t.Errorf("after the upload: %v, %v", fi, err)
	}
	if fi, err := c.Stat("/f"); err != nil || fi.Size() != 3 {
		t.Errorf("stat after the upload: %v, %v", fi, err)
	}
}

// Each operation, what it needs, and that it is refused with everything but
// one of those bits.
func TestRights(t *testing.T) {
	const (
		read  = identity.PathSFTPRead
		write = identity.PathSFTPWrite
	)
	open := func(c *sftp.Client, name string, flags int) error {
		f, err := c.OpenFile(name, flags)
		if err == nil {
			err = f.Close()
		}
		return err
	}
	for name, op := range map[string]struct {
		needs []identity.PathPermission
		do    func(c *sftp.Client) error
	}{
		"ls":            {[]identity.PathPermission{read}, func(c *sftp.Client) error { _, err := c.ReadDir("/in/d"); return err }},
		"stat":          {[]identity.PathPermission{read}, func(c *sftp.Client) error { _, err := c.Stat("/in/f"); return err }},
		"lstat":         {[]identity.PathPermission{read}, func(c *sftp.Client) error { _, err := c.Lstat("/in/f"); return err }},
		"statvfs":       {[]identity.PathPermission{read}, func(c *sftp.Client) error { _, err := c.StatVFS("/in/f"); return err }},
		"get":           {[]identity.PathPermission{read}, func(c *sftp.Client) error { _, err := get(c, "/in/f"); return err }},
		"put":           {[]identity.PathPermission{write, identity.PathWrite}, func(c *sftp.Client) error { return put(c, "/in/new", "x") }},
		"overwrite":     {[]identity.PathPermission{write, identity.PathWrite}, func(c *sftp.Client) error { return put(c, "/in/f", "x") }},
		"write":         {[]identity.PathPermission{write, identity.PathWrite}, func(c *sftp.Client) error { return open(c, "/in/f", os.O_WRONLY) }},
		"append":        {[]identity.PathPermission{write, identity.PathWrite}, func(c *sftp.Client) error { return open(c, "/in/f", os.O_WRONLY|os.O_APPEND) }},
		"read write":    {[]identity.PathPermission{read, write, identity.PathWrite}, func(c *sftp.Client) error { return open(c, "/in/f", os.O_RDWR) }},
		"mkdir":         {[]identity.PathPermission{write, identity.PathWrite}, func(c *sftp.Client) error { return c.Mkdir("/in/sub") }},
		"chmod":         {[]identity.PathPermission{write, identity.PathWrite}, func(c *sftp.Client) error { return c.Chmod("/in/f", 0o600) }},
		"times":         {[]identity.PathPermission{write, identity.PathWrite}, func(c *sftp.Client) error { return c.Chtimes("/in/f", time.Now(), time.Now()) }},
		"truncate":      {[]identity.PathPermission{write, identity.PathWrite}, func(c *sftp.Client) error { return c.Truncate("/in/f", 0) }},
		"rename":        {[]identity.PathPermission{write, identity.PathRename}, func(c *sftp.Client) error { return c.Rename("/in/f", "/in/g") }},
		"rename a dir":  {[]identity.PathPermission{write, identity.PathRename}, func(c *sftp.Client) error { return c.Rename("/in/d", "/in/e") }},
		"move":          {[]identity.PathPermission{write, identity.PathMove}, func(c *sftp.Client) error { return c.Rename("/in/f", "/in/d/f") }},
		"replace":       {[]identity.PathPermission{write, identity.PathRename, identity.PathDelete}, func(c *sftp.Client) error { return c.PosixRename("/in/f", "/in/old") }},
		"posix-rename":  {[]identity.PathPermission{write, identity.PathRename}, func(c *sftp.Client) error { return c.PosixRename("/in/f", "/in/g") }},
		"move over":     {[]identity.PathPermission{write, identity.PathMove, identity.PathDelete}, func(c *sftp.Client) error { return c.PosixRename("/in/f", "/in/d/old") }},
		"rm":            {[]identity.PathPermission{write, identity.PathDelete}, func(c *sftp.Client) error { return c.Remove("/in/f") }},
		"rmdir":         {[]identity.PathPermission{write, identity.PathDelete}, func(c *sftp.Client) error { return c.RemoveDirectory("/in/empty") }},
		"get elsewhere": {nil, func(c *sftp.Client) error { _, err := get(c, "/top"); return err }},
	} {
		r := start(t, newWorld(), Limits{})
		c, ann := r.join("ann", read)
		lay := func() {
			if err := os.RemoveAll(r.home("ann", "in")); err != nil {
				t.Fatal(err)
			}
			for _, f := range []string{"in/f", "in/old", "in/d/old", "top"} {
				r.write(r.home("ann", f), "content")
			}
			if err := os.Mkdir(r.home("ann", "in", "empty"), 0o755); err != nil {
				t.Fatal(err)
			}
		}
		// Rights at the top let her in; those in the folder are what is tried.
		grant := func(rights identity.PathPermission) {
			lay()
			r.change(func() {
				ann.Roles = []identity.Role{{ID: 9, Scopes: []identity.Scope{
					{Path: "/home/ann", Permission: read},
					{Path: "/home/ann/in", Permission: rights},
					{Path: "/home/ann/in-side", Permission: everything},
					{Path: "/in", Permission: everything},
				}}}
			})
		}
		var all identity.PathPermission
		for _, bit := range op.needs {
			all |= bit
		}
		for _, bit := range op.needs {
			if bit == read {
				continue // is there from above
			}
			grant(everything &^ bit)
			before := tree(t, r.home("ann"))
			if err := op.do(c); code(err) != 3 {
				t.Errorf("%s without bit %#x: %v, want permission denied", name, bit, err)
			}
			if after := tree(t, r.home("ann")); !maps.Equal(before, after) {
				t.Errorf("%s without bit %#x changed %v to %v", name, bit, before, after)
			}
		}
		grant(all)
		if err := op.do(c); err != nil {
			t.Errorf("%s with what it needs: %v", name, err)
		}
		r.stop()
	}
}

// tree reads a folder from outside.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			var b []byte
			b, err = os.ReadFile(dir + "/" + path)
			out[path] = string(b)
			return err
		}
		out[path] = "/"
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// A change of the role acts on the next request, in the middle of a transfer
// too.
func TestRoleChangesDuringUpload(t *testing.T) {
	r := start(t, newWorld(), Limits{})
	c, ann := r.join("ann", everything)
	f, err := c.Create("/f")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write([]byte("one")); err != nil {
		t.Fatal(err)
	}
	r.change(func() { ann.Roles[0].Scopes[0].Permission = identity.PathSFTPRead })
	if _, err := f.Write([]byte("two")); code(err) != 3 {
		t.Errorf("write: %v, want permission denied", err)
	}
	if err := f.Close(); code(err) != 3 {
		t.Errorf("close: %v, want permission denied", err)
	}
	if got := tree(t, r.home("ann")); len(got) != 1 {
		t.Errorf("there is %v", got)
	}
}

// Whatever goes wrong, the answer tells nothing of the machine.
func TestAnswersShowNoServerPath(t *testing.T) {
	r := start(t, newWorld(), Limits{})
	c, _ := r.join("ann", everything)
	home := r.home("ann")
	for name, target := range map[string]string{"out": "/etc", "loop": "loop", "gone": "nowhere"} {
		if err := os.Symlink(target, home+"/"+name); err != nil {
			t.Fatal(err)
		}
	}
	r.write(home+"/f", "x")
	if err := syscall.Mkfifo(home+"/fifo", 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"/out/passwd", "/loop/x", "/gone/x", "/fifo", "/f/x", "/missing", "/\xff", "/" + strings.Repeat("x", 300), "/.latchkey-tmp-1"} {
		_, stat := c.Stat(name)
		_, list := c.ReadDir(name)
		_, read := get(c, name)
		for what, err := range map[string]error{
			"stat": stat, "ls": list, "get": read, "put": put(c, name, "x"), "mkdir": c.Mkdir(name + "/x"),
			"rename": c.Rename("/f", name+"/x"), "rm": c.Remove(name + "/x"), "chmod": c.Chmod(name+"/x", 0o600),
		} {
			if err != nil && strings.Contains(err.Error(), r.files) || strings.Contains(fmt.Sprint(err), "/tmp") {
				t.Errorf("%s %s: %v", what, name, err)
			}
		}
	}
}

func TestHandleLimit(t *testing.T) {
	r := start(t, newWorld(), Limits{Handles: 5})
	c, _ := r.join("ann", everything)
	r.write(r.home("ann", "f"), "x")
	for round := range 2 {
		var open []io.Closer
		for i := range 5 {
			f, err := c.OpenFile([]string{"/f", "/new"}[i%2], []int{os.O_RDONLY, os.O_RDWR | os.O_CREATE | os.O_TRUNC}[i%2])
			if err != nil {
				t.Fatalf("round %d, handle %d: %v", round, i, err)
			}
			open = append(open, f)
		}
		if _, err := c.Open("/f"); code(err) != 4 {
			t.Errorf("one more: %v, want a failure", err)
		}
		if _, err := c.ReadDir("/"); code(err) != 4 {
			t.Errorf("listing as one more: %v, want a failure", err)
		}
		for _, f := range open {
			if err := f.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestLongFolder(t *testing.T) {
	const many = 3000
	r := start(t, newWorld(), Limits{})
	c, _ := r.join("ann", everything)
	for i := range many {
		r.write(r.home("ann", fmt.Sprint(i)), "")
	}
	got, err := ls(c, "/")
	if len(got) != many || len(slices.Compact(got)) != many || err != nil {
		t.Errorf("%d entries, %v", len(got), err)
	}
}

// What is sent is what arrives, through many key exchanges, in both directions
// at once.
func TestParallelTransfers(t *testing.T) {
	r := start(t, newWorld(), Limits{})
	ann := r.person("ann", everything)
	key := newKey(t)
	r.uploaded(ann, key)
	for i := range 4 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			conf := r.client("ann", publicKey(key))
			conf.RekeyThreshold = 1 << 20
			c := r.sftp(dialWith(t, r.addr, conf))
			content := bytes.Repeat([]byte(fmt.Sprintf("content %d ", i)), 800_000)
			name := fmt.Sprintf("/f%d", i)
			if err := put(c, name, string(content)); err != nil {
				t.Fatal(err)
			}
			if got, err := get(c, name); got != string(content) || err != nil {
				t.Errorf("%d bytes came back, %v", len(got), err)
			}
		})
	}
}
