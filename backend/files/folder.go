package files

import (
	"errors"
	"io"
	"io/fs"
	"os"
)

// A Folder is a folder whose entries are being listed, in no order.
type Folder struct {
	f       *os.File
	handles *handles
	tree    *Tree
	at      Path // below the files folder
}

// List opens a folder for listing. Close it. Errors: file_not_found,
// not_a_folder.
func (t *Tree) List(p Path) (*Folder, error) {
	return see(t, p, toSee, true, func() (*Folder, error) { return t.list(t.actual(p)) })
}

func (t *Tree) list(p Path) (*Folder, error) {
	if err := t.store.handles.take(1); err != nil {
		return nil, err
	}
	f, err := openFolder(t.root, p.folder())
	if err != nil {
		t.store.handles.give(1)
		return nil, refuse(err)
	}
	return &Folder{f, &t.store.handles, t, p.Below(t.base)}, nil
}

// Next returns up to n further entries, and io.EOF when there are none left.
// Links are shown as links. Entries that vanish meanwhile are left out.
func (d *Folder) Next(n int) ([]fs.FileInfo, error) {
	for {
		found, err := d.f.Readdir(n)
		shown := make([]fs.FileInfo, 0, len(found))
		for _, fi := range found {
			if !isReserved(fi.Name()) {
				shown = append(shown, Info{fi.Name(), fi})
			}
		}
		switch {
		case len(shown) > 0:
			return shown, nil
		case errors.Is(err, io.EOF):
			return nil, io.EOF
		case err != nil:
			return nil, refuse(err)
		}
	}
}

// Close ends the listing.
func (d *Folder) Close() error {
	err := d.f.Close()
	if !errors.Is(err, fs.ErrClosed) {
		d.handles.give(1)
	}
	return refuse(err)
}
