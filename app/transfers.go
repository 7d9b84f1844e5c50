package app

import (
	"context"
	"path/filepath"
	"time"

	"latchkey/backend/companion/remote"
	"latchkey/backend/companion/servers"
	"latchkey/backend/companion/transfer"
	"latchkey/backend/identity"
)

// A Transfer is a file or folder on its way, as the page sees it.
type Transfer struct {
	Number      int      `json:"number"`
	ID          string   `json:"id"` // of the server
	Up          bool     `json:"up"` // to the server
	Name        string   `json:"name"`
	Folder      string   `json:"folder"` // on the server
	State       string   `json:"state"`
	Replaceable bool     `json:"replaceable"` // while it asks: a file may take the place of what is there
	Done        int64    `json:"done"`        // bytes
	Size        int64    `json:"size"`        // bytes; -1: not known yet
	Files       int      `json:"files"`       // that have arrived, of a folder
	Problem     *Problem `json:"problem"`
}

// A TransferAnswer says what to do where a name is taken.
type TransferAnswer struct {
	Number int    `json:"number"`
	Choice string `json:"choice"`
	All    bool   `json:"all"` // and with all that was chosen with it
}

// A FileDrop is what was dropped on the screen of files. The page says where to
// it goes, by its number, so that it needs no path of this computer.
type FileDrop struct {
	Number int    `json:"number"`
	Name   string `json:"name"` // of the first
	Count  int    `json:"count"`
}

// A FileLanding is where something that was dropped goes.
type FileLanding struct {
	ID     string `json:"id"`
	Path   string `json:"path"`
	Number int    `json:"number"`
}

// A drop is what was dropped last.
type drop struct {
	number int
	paths  []string
}

var (
	errDropGone = identity.NewError(identity.NotFound, "file_drop_gone", "What was dropped is not known any more. Drop it again.")
	errChoice   = identity.NewError(identity.Invalid, "transfer_choice_unknown", "Replace what is there, keep both, or skip this one.")
)

// gathered is how long movements are gathered before the page hears of them.
const gathered = 250 * time.Millisecond

func (d *desk) openTransfers() {
	d.moving = transfer.NewQueue(transfer.Config{
		Act: func(ctx context.Context, id servers.ID, call func(context.Context, *remote.Account) error) error {
			return d.companion.Servers.Act(ctx, id, call)
		},
		Changed: d.nudgeTransfers,
	})
}

// nudgeTransfers has the page told of what is on its way soon. It never waits.
func (d *desk) nudgeTransfers() {
	select {
	case d.moved <- struct{}{}:
	default:
	}
}

func (d *desk) tellTransfers() {
	d.gather(d.moved, gathered, func() { d.desktop.Emit(eventTransfers, d.transfers()) })
}

// transfers returns what is on its way: nothing while the vault is locked,
// although it goes on.
func (d *desk) transfers() []Transfer {
	out := []Transfer{}
	if !d.watching() {
		return out
	}
	for _, s := range d.moving.List() {
		out = append(out, Transfer{
			Number: s.ID, ID: string(s.Server), Up: s.Up, Name: s.Name, Folder: string(s.Folder), State: string(s.State),
			Replaceable: s.Replaceable, Done: s.Done, Size: s.Size, Files: s.Files, Problem: asProblem(s.Err),
		})
	}
	return out
}

// carry keeps what was dropped until the page says where to it goes.
func (d *desk) carry(paths []string) {
	if len(paths) == 0 {
		return
	}
	d.mu.Lock()
	d.carried = drop{d.carried.number + 1, paths}
	number := d.carried.number
	d.mu.Unlock()
	d.desktop.Emit(eventCarried, FileDrop{Number: number, Name: fileName(paths[0]), Count: len(paths)})
}

// UploadDropped uploads what was dropped into a folder.
func (f *Files) UploadDropped(l FileLanding) error {
	return do(f.d, atOnce, func(context.Context) error {
		f.d.mu.Lock()
		carried := f.d.carried
		f.d.carried.paths = nil
		f.d.mu.Unlock()
		if carried.number != l.Number || len(carried.paths) == 0 {
			return errDropGone
		}
		return f.d.moving.Upload(servers.ID(l.ID), filePath(l.Path), carried.paths)
	})
}

// UploadFiles lets the person choose files and uploads them into a folder.
func (f *Files) UploadFiles(r FileRef) error {
	return do(f.d, byPerson, func(context.Context) error {
		paths, err := f.d.desktop.OpenFiles(dialog{Title: f.d.words().ChooseUpload})
		if err != nil || len(paths) == 0 {
			return err
		}
		return f.d.moving.Upload(servers.ID(r.ID), filePath(r.Path), paths)
	})
}

// UploadFolder lets the person choose a folder and uploads it, with all that is
// in it, into another.
func (f *Files) UploadFolder(r FileRef) error {
	return do(f.d, byPerson, func(context.Context) error {
		folder, err := f.d.desktop.OpenFolder(dialog{Title: f.d.words().ChooseUploadFolder})
		if err != nil || folder == "" {
			return err
		}
		return f.d.moving.Upload(servers.ID(r.ID), filePath(r.Path), []string{folder})
	})
}

// DownloadFile lets the person choose what a file becomes here, and downloads
// it. The system's dialog asks before something is replaced.
func (f *Files) DownloadFile(r FileRef) error {
	return do(f.d, byPerson, func(context.Context) error {
		at := filePath(r.Path)
		to, err := f.d.desktop.SaveFile(dialog{Title: f.d.words().SaveFile, Name: transfer.LocalName(at.Name())})
		if err != nil || to == "" {
			return err
		}
		return f.d.moving.Download(servers.ID(r.ID), []transfer.Item{{At: at, To: to}}, filepath.Dir(to))
	})
}

// Download lets the person choose a folder and downloads files and folders into
// it.
func (f *Files) Download(r FileRefs) error {
	return do(f.d, byPerson, func(context.Context) error {
		into, err := f.d.desktop.OpenFolder(dialog{Title: f.d.words().SaveFiles})
		if err != nil || into == "" {
			return err
		}
		items := make([]transfer.Item, len(r.Paths))
		for i, p := range r.Paths {
			items[i] = transfer.Item{At: filePath(p)}
		}
		return f.d.moving.Download(servers.ID(r.ID), items, into)
	})
}

// Transfers returns what is on its way, and what has ended since Clear.
func (f *Files) Transfers() ([]Transfer, error) {
	return ask(f.d, atOnce, func(context.Context) ([]Transfer, error) { return f.d.transfers(), nil })
}

// Answer says what to do with something whose name is taken.
func (f *Files) Answer(a TransferAnswer) error {
	return do(f.d, atOnce, func(context.Context) error {
		switch c := transfer.Choice(a.Choice); c {
		case transfer.Replace, transfer.KeepBoth, transfer.Skip:
			f.d.moving.Answer(a.Number, c, a.All)
			return nil
		}
		return errChoice
	})
}

// Cancel ends something that is on its way.
func (f *Files) Cancel(number int) error {
	return do(f.d, atOnce, func(context.Context) error { f.d.moving.Cancel(number); return nil })
}

// CancelAll ends everything that is on its way.
func (f *Files) CancelAll() error {
	return do(f.d, atOnce, func(context.Context) error { f.d.moving.CancelAll(); return nil })
}

// Clear forgets what has ended.
func (f *Files) Clear() error {
	return do(f.d, atOnce, func(context.Context) error { f.d.moving.Clear(); return nil })
}

// Show opens the folder here that something was downloaded to.
func (f *Files) Show(number int) error {
	return do(f.d, atOnce, func(context.Context) error {
		for _, s := range f.d.moving.List() {
			if s.ID == number && s.Local != "" {
				return f.d.desktop.Reveal(s.Local)
			}
		}
		return nil
	})
}
