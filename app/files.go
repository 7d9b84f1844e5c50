package app

import (
	"context"
	"path"
	"strings"

	"latchkey/backend/companion"
	"latchkey/backend/companion/remote"
	"latchkey/backend/identity"
)

// Files is the screen of a person's files on a server. Paths are the server's;
// a path of this computer never comes from the page, but from the system's
// dialogs and from what was dropped on the window.
type Files struct{ d *desk }

// A FileRef names a file or folder on a server.
type FileRef struct {
	ID   string `json:"id"`
	Path string `json:"path"`
}

// FileRefs name several.
type FileRefs struct {
	ID    string   `json:"id"`
	Paths []string `json:"paths"`
}

// A FileName is a name for something on a server: a new folder in the folder at
// the path, or what is at the path.
type FileName struct {
	ID   string `json:"id"`
	Path string `json:"path"`
	Name string `json:"name"`
}

// A FileEntry is a file or folder, as the page sees it.
type FileEntry struct {
	Name     string `json:"name"` // safe to show, and so perhaps not to the letter
	Path     string `json:"path"` // by which it is named to Go
	Folder   bool   `json:"folder"`
	Size     int64  `json:"size"`     // bytes
	Modified int64  `json:"modified"` // 0 where the server does not say
}

// A Folder is what is in a folder on a server.
type Folder struct {
	Path    string      `json:"path"`
	Above   []FileEntry `json:"above"` // the folders that it is in, the top first, and itself
	Entries []FileEntry `json:"entries"`
	AsOf    int64       `json:"asOf"`
}

// A FileUsage is how much room somebody's files take, in bytes.
type FileUsage struct {
	Used  int64 `json:"used"`
	Limit int64 `json:"limit"` // 0: not known
}

var errFileName = identity.InvalidField("name", "file_name_refused",
	"Give it a name without slashes, backslashes and line breaks, and not only of dots.")

// List lists a folder.
func (f *Files) List(r FileRef) (Folder, error) {
	return act(f.d, r.ID, func(ctx context.Context, acc *remote.Account) (Folder, error) {
		at := filePath(r.Path)
		list, err := acc.List(ctx, at)
		if err != nil {
			return Folder{}, err
		}
		out := Folder{Path: string(at), Above: above(at), Entries: make([]FileEntry, len(list)), AsOf: millis(f.d.env.Now())}
		for i, info := range list {
			out.Entries[i] = FileEntry{
				Name: remote.FileLabel(info.Name), Path: string(at.Join(info.Name)),
				Folder: info.Folder, Size: info.Size, Modified: millis(info.Modified),
			}
		}
		return out, nil
	})
}

// A FolderPassword is what somebody types at a folder that has a password.
type FolderPassword struct {
	ID       string `json:"id"`
	Path     string `json:"path"`
	Password string `json:"password"`
}

// OpenFolder tries the password of a folder. One that is right is sent with
// whatever is done there from then on, until the vault is locked or the person
// signs out.
func (f *Files) OpenFolder(p FolderPassword) error {
	_, err := act(f.d, p.ID, func(ctx context.Context, acc *remote.Account) (struct{}, error) {
		return struct{}{}, acc.OpenFolder(ctx, filePath(p.Path), companion.NewSecret(p.Password))
	})
	return err
}

// filePath reads a path of the page.
func filePath(sent string) remote.FilePath { return remote.FilePath(path.Join("/", sent)) }

// above returns the folders from the top to one, which has no name at the top.
func above(at remote.FilePath) []FileEntry {
	out := []FileEntry{{Path: "/", Folder: true}}
	if at == "/" {
		return out
	}
	p := remote.FilePath("/")
	for name := range strings.SplitSeq(strings.TrimPrefix(string(at), "/"), "/") {
		p = p.Join(name)
		out = append(out, FileEntry{Name: remote.FileLabel(name), Path: string(p), Folder: true})
	}
	return out
}

// Usage tells how much room the person's files take, where the server says.
func (f *Files) Usage(id string) (FileUsage, error) {
	return act(f.d, id, func(ctx context.Context, acc *remote.Account) (FileUsage, error) {
		s, err := acc.Storage(ctx)
		return FileUsage{Used: s.Used, Limit: s.Limit}, err
	})
}

// MakeFolder makes a folder in another, and returns its path.
func (f *Files) MakeFolder(n FileName) (string, error) {
	return act(f.d, n.ID, func(ctx context.Context, acc *remote.Account) (string, error) {
		name, err := newName(n.Name)
		if err != nil {
			return "", err
		}
		at := filePath(n.Path).Join(name)
		if _, err := acc.Stat(ctx, at); err == nil {
			return "", remote.ErrFileExists // servers do nothing then, and say nothing
		}
		return string(at), acc.Mkdir(ctx, at)
	})
}

// Rename gives a file or folder another name, and returns its new path.
func (f *Files) Rename(n FileName) (string, error) {
	return act(f.d, n.ID, func(ctx context.Context, acc *remote.Account) (string, error) {
		name, err := newName(n.Name)
		if err != nil {
			return "", err
		}
		from := filePath(n.Path)
		to := from.Dir().Join(name)
		if from == to {
			return string(to), nil
		}
		return string(to), acc.Move(ctx, from, to)
	})
}

// newName reads a name that somebody has typed: one, not a path.
func newName(typed string) (string, error) {
	name := strings.TrimSpace(typed)
	if strings.Trim(name, ".") == "" || strings.ContainsAny(name, "/\\\x00\r\n") {
		return "", errFileName
	}
	return name, nil
}

// Delete removes files and folders for good.
func (f *Files) Delete(r FileRefs) error {
	_, err := act(f.d, r.ID, func(ctx context.Context, acc *remote.Account) (struct{}, error) {
		for _, p := range r.Paths {
			if err := acc.Remove(ctx, filePath(p)); err != nil {
				return struct{}{}, err
			}
		}
		return struct{}{}, nil
	})
	return err
}
