package disk_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"latchkey/backend/identity"
	"latchkey/backend/internal/disk"
)

// writers are the three ways to write a file.
var writers = map[string]func(string, fs.FileMode, []byte) error{
	"Create": disk.Create, "Publish": disk.Publish, "Replace": disk.Replace,
}

func names(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return strings.Join(out, " ")
}

func content(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestWrite(t *testing.T) {
	for how, write := range writers {
		t.Run(how, func(t *testing.T) {
			dir := t.TempDir()
			for _, mode := range []fs.FileMode{0o600, 0o644} {
				name := filepath.Join(dir, mode.String())
				if err := write(name, mode, []byte("content")); err != nil {
					t.Fatal(err)
				}
				info, err := os.Stat(name)
				if err != nil || info.Mode() != mode || content(t, name) != "content" {
					t.Errorf("mode %v, %v; want %v", info.Mode(), err, mode)
				}
			}
			if got := names(t, dir); got != "-rw------- -rw-r--r--" {
				t.Errorf("the folder holds %s", got)
			}
		})
	}
}

func TestCreateAndPublishNeverTouchWhatIsThere(t *testing.T) {
	for _, how := range []string{"Create", "Publish"} {
		for what, prepare := range map[string]func(name string) error{
			"file":            func(name string) error { return os.WriteFile(name, []byte("old"), 0o600) },
			"empty file":      func(name string) error { return os.WriteFile(name, nil, 0o600) },
			"folder":          func(name string) error { return os.Mkdir(name, 0o700) },
			"link to nothing": func(name string) error { return os.Symlink("nothing", name) },
		} {
			t.Run(how+", "+what, func(t *testing.T) {
				dir := t.TempDir()
				name := filepath.Join(dir, "f")
				if err := prepare(name); err != nil {
					t.Fatal(err)
				}
				before, err := os.Lstat(name)
				if err != nil {
					t.Fatal(err)
				}
				if err := writers[how](name, 0o600, []byte("new")); !errors.Is(err, fs.ErrExist) {
					t.Errorf("got %v", err)
				}
				after, err := os.Lstat(name)
				if err != nil || !os.SameFile(before, after) || before.Size() != after.Size() || names(t, dir) != "f" {
					t.Errorf("the folder holds %s, %v, %v", names(t, dir), after, err)
				}
			})
		}
	}
}

func TestReplace(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "f")
	for file, mode := range map[string]fs.FileMode{"f": 0o644, "f.new": 0o666} { // the second is what a crash left
		if err := os.WriteFile(filepath.Join(dir, file), []byte("old and longer"), mode); err != nil {
			t.Fatal(err)
		}
	}
	if err := disk.Replace(name, 0o600, []byte("new")); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(name)
	if err != nil || info.Mode() != 0o600 || content(t, name) != "new" || names(t, dir) != "f" {
		t.Errorf("mode %v, %v; the folder holds %s", info.Mode(), err, names(t, dir))
	}
}

func TestFailedWritesLeaveNothing(t *testing.T) {
	for how, write := range writers {
		t.Run(how, func(t *testing.T) {
			dir := t.TempDir()
			name := filepath.Join(dir, "missing", "f")
			if err := write(name, 0o600, []byte("x")); !errors.Is(disk.Explain(err), disk.ErrNoFolder) {
				t.Errorf("got %v", err)
			}
			if got := names(t, dir); got != "" {
				t.Errorf("the folder holds %s", got)
			}
		})
	}
}

func TestExplain(t *testing.T) {
	own := identity.NewError(identity.Conflict, "mine", "Mine.")
	for _, tc := range []struct {
		err  error
		want error
	}{
		{nil, nil},
		{own, own},
		{&fs.PathError{Err: syscall.ENOSPC}, disk.ErrFull},
		{&fs.PathError{Err: syscall.EDQUOT}, disk.ErrFull},
		{&fs.PathError{Err: syscall.EROFS}, disk.ErrReadOnly},
		{&fs.PathError{Err: syscall.EACCES}, disk.ErrDenied},
		{&fs.PathError{Err: syscall.EPERM}, disk.ErrDenied},
		{&fs.PathError{Err: syscall.ENOTDIR}, disk.ErrNotAFolder},
		{&fs.PathError{Err: syscall.ENOENT}, disk.ErrNoFolder},
		{&fs.PathError{Err: syscall.EIO}, disk.ErrFailing},
		{errors.New("odd"), disk.ErrFailing},
	} {
		if got := disk.Explain(tc.err); !errors.Is(got, tc.want) {
			t.Errorf("Explain(%v) = %v, want %v", tc.err, got, tc.want)
		}
	}
}
