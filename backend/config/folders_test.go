package config

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

func TestFilesFolder(t *testing.T) {
	nobody(t)
	data, elsewhere := t.TempDir(), t.TempDir()
	for said, want := range map[string]string{
		"":                                       filepath.Join(data, "files"),
		"people":                                 filepath.Join(data, "people"),
		filepath.Join("..", "people"):            filepath.Join(filepath.Dir(data), "people"),
		elsewhere:                                elsewhere,
		filepath.Join(elsewhere, "x", "..", "y"): filepath.Join(elsewhere, "y"),
	} {
		c, err := Load(map[string]string{"data": data, "files": said})
		if got := c.FilesFolder(); err != nil || got != want {
			t.Errorf("%q: %s, %v; want %s", said, got, err, want)
		}
	}
}

// People must not reach the server's own things through their files, by
// whatever way the folders are named.
func TestFilesAreKeptApart(t *testing.T) {
	nobody(t)
	const (
		inKeys  = "is in the folder of the server's keys"
		overAll = "the server's own database and keys are in"
	)
	for _, tc := range []struct{ name, data, files, want string }{
		{"beside", "srv/data", "srv/files", ""},
		{"beside, with a name that begins alike", "srv/data", "srv/dat", ""},
		{"in the data folder", "srv/data", "srv/data/people", ""},
		{"beside the keys", "srv/data", "srv/data/secrets2", ""},
		{"the data folder", "srv/data", "srv/data", overAll},
		{"the data folder by dots", "srv/data", "srv/data/files/..", overAll},
		{"above the data folder", "srv/data", "srv", overAll},
		{"the root", "srv/data", "/", overAll},
		{"above a data folder that is yet to be made", "srv/new/data", "srv/new", overAll},
		{"the keys", "srv/data", "srv/data/secrets", inKeys},
		{"in the keys", "srv/data", "srv/data/secrets/x/y", inKeys},
		{"link to the data folder", "srv/data", "link", overAll},
		{"link to above", "srv/data", "up", overAll},
		{"below a link to the keys", "srv/data", "keys/x", inKeys},
		{"data folder through a link", "link", "srv", overAll},
		{"new data folder through a link", "link/new", "srv/data", overAll},
		{"keys that lie elsewhere", "moved", "srv/data", overAll},
		{"database that lies elsewhere", "moved", "db", overAll},
		{"beside what lies elsewhere", "moved", "srv/people", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			at := t.TempDir()
			path := func(p string) string {
				if filepath.IsAbs(p) {
					return p
				}
				return filepath.Join(at, filepath.FromSlash(p))
			}
			err := errors.Join(os.MkdirAll(path("srv/data/secrets"), 0o700), os.Mkdir(path("moved"), 0o700), os.Mkdir(path("db"), 0o700),
				os.WriteFile(path("db/latchkey.db"), nil, 0o600))
			for link, to := range map[string]string{
				"link": "srv/data", "up": "srv", "keys": "srv/data/secrets",
				"moved/secrets": "srv/data/secrets", "moved/latchkey.db": "db/latchkey.db",
			} {
				err = errors.Join(err, os.Symlink(path(to), path(link)))
			}
			if err != nil {
				t.Fatal(err)
			}
			_, err = Load(map[string]string{"data": path(tc.data), "files": path(tc.files)})
			checkProblem(t, tc.files+" of "+tc.data, err, tc.want)
		})
	}
}

// Where capitals do not count, or a folder is mounted twice, only the disk
// knows that two names are one folder.
func TestFolderByAnotherName(t *testing.T) {
	if runtime.GOOS != "darwin" && runtime.GOOS != "windows" {
		t.Skip("capitals count here")
	}
	nobody(t)
	data := filepath.Join(t.TempDir(), "latchkey")
	if err := os.Mkdir(data, 0o700); err != nil {
		t.Fatal(err)
	}
	_, err := Load(map[string]string{"data": data, "files": filepath.Join(filepath.Dir(data), "LATCHKEY")})
	checkProblem(t, "capitals", err, "where people would reach them")
}
