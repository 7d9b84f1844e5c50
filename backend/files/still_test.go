package files

import (
	"os"
	"path/filepath"
	"testing"
)

// A tree whose top has been moved is of no use: what it is asked for and where it
// acts are two places.
func TestTopMoves(t *testing.T) {
	for name, tc := range map[string]struct {
		take func(p guardedPlace) (*Tree, error)
		move func(p guardedPlace) error
		at   Path
	}{
		"its folder": {
			take: func(p guardedPlace) (*Tree, error) { return p.store.TreeFor(View{Base: "/u", Pass: p.book}) },
			move: func(p guardedPlace) error { return openTree(p.t, p.store, "/").Rename("/u", "/elsewhere") },
			at:   "/secret",
		},
		"the folder of a part": {
			take: func(p guardedPlace) (*Tree, error) { return p.Part("/free") },
			move: func(p guardedPlace) error {
				p.book.kept["/u/later"] = Protected{"/u/later", true, "q"}
				return openTree(p.t, p.store, "/u").Rename("/free", "/later")
			},
			at: "/",
		},
		"where nothing is protected": {
			take: func(p guardedPlace) (*Tree, error) { clear(p.book.kept); return p.Part("/free") },
			move: func(p guardedPlace) error { return p.Rename("/free", "/later") },
			at:   "/",
		},
		"a link that it began at": {
			take: func(p guardedPlace) (*Tree, error) { p.link(".", "me"); return p.Part("/me") },
			move: func(p guardedPlace) error { return p.Rename("/me", "/other") },
			at:   "/secret",
		},
		"and another is there": {
			take: func(p guardedPlace) (*Tree, error) { return p.Part("/free") },
			move: func(p guardedPlace) error {
				if err := p.Rename("/free", "/later"); err != nil {
					return err
				}
				return p.Mkdir("/free")
			},
			at: "/",
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := newGuarded(t)
			tree, err := tc.take(p)
			if err != nil {
				t.Fatal(err)
			}
			defer tree.Close()
			if err := tc.move(p); err != nil {
				t.Fatal(err)
			}
			p.Tree = tree
			file := tc.at.Join("f")
			for deed, do := range p.deeds(file) {
				p.wantCode(deed, do(), "top_moved")
			}
			_, err = p.Names(tc.at)
			p.wantCode("names", err, "top_moved")
		})
	}
}

// Where nothing is protected nobody is disturbed when their folder is moved.
func TestTopMovesFreely(t *testing.T) {
	p := newGuarded(t)
	clear(p.book.kept)
	open, err := p.Open("/free/f")
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	if err := openTree(t, p.store, "/").Rename("/u", "/elsewhere"); err != nil {
		t.Fatal(err)
	}
	_, err = p.Stat("/free/f")
	p.wantCode("stat", err, "")
	p.wantCode("what is open", open.Still(), "")
	_, err = p.Create("/free/new", Creation{})
	p.wantCode("create", err, "")
}

// What is open is asked for where it was opened, and is there still or refused.
func TestStill(t *testing.T) {
	for name, tc := range map[string]struct {
		do                   func(p guardedPlace) error
		file, folder, upload string
	}{
		"nothing":         {func(guardedPlace) error { return nil }, "", "", ""},
		"another changes": {func(p guardedPlace) error { return p.Mkdir("/free/other") }, "", "", ""},
		"replaced": {func(p guardedPlace) error {
			return p.Copy(p.t.Context(), "/free/g", "/free/f", true, func() error { return nil })
		}, "file_moved", "", ""},
		"renamed": {func(p guardedPlace) error { return p.Rename("/free/f", "/free/h") }, "file_moved", "", ""},
		"removed": {func(p guardedPlace) error { return p.Remove("/free/f") }, "file_moved", "", ""},
		"its folder renamed": {func(p guardedPlace) error { return p.Rename("/free", "/later") },
			"file_moved", "file_moved", "file_moved"},
		"and another there": {func(p guardedPlace) error {
			if err := p.Rename("/free", "/later"); err != nil {
				return err
			}
			p.outside("free/f", "another")
			return nil
		}, "file_moved", "file_moved", "file_moved"},
		"protected": {func(p guardedPlace) error {
			p.book.kept["/u/free"] = Protected{"/u/free", true, "z"}
			return nil
		}, "shut", "shut", "shut"},
		"a link to it instead": {func(p guardedPlace) error {
			p.book.shown = "a"
			defer func() { p.book.shown = "" }()
			if err := p.Rename("/free", "/secret/free"); err != nil {
				return err
			}
			return os.Symlink("secret/free", filepath.Join(p.base, "free"))
		}, "shut", "shut", "shut"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newGuarded(t)
			p.outside("free/g", "g")
			file, err := p.Open("/free/f")
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			folder, err := p.List("/free")
			if err != nil {
				t.Fatal(err)
			}
			defer folder.Close()
			upload, err := p.Create("/free/new", Creation{})
			if err != nil {
				t.Fatal(err)
			}
			over, err := p.Create("/free/f", Creation{})
			if err != nil {
				t.Fatal(err)
			}
			if err := tc.do(p); err != nil {
				t.Fatal(err)
			}
			p.wantCode("file", file.Still(), tc.file)
			p.wantCode("folder", folder.Still(), tc.folder)
			p.wantCode("upload", upload.Still(), tc.upload)
			p.wantCode("upload over it", over.Still(), tc.upload)
			p.wantCode("end of the upload", upload.Close(), tc.upload)
			p.wantCode("end of the upload over it", over.Close(), tc.upload)
		})
	}
}
