package remote

import (
	"context"
	"net/http"
	"path"
	"strings"
	"time"
	"unicode/utf8"

	"latchkey/backend/identity"
)

// A FilePath is where a file is on a server, as its owner sees it: absolute,
// with slashes. It need not be clean; servers decide.
type FilePath string

// Join returns the path of an entry.
func (p FilePath) Join(name string) FilePath { return FilePath(path.Join("/", string(p), name)) }

// Name returns the last name, "/" for the top.
func (p FilePath) Name() string { return path.Base(path.Join("/", string(p))) }

// Dir returns the folder that it is in.
func (p FilePath) Dir() FilePath { return FilePath(path.Dir(path.Join("/", string(p)))) }

// FileInfo is what a server tells of a file or folder.
type FileInfo struct {
	Name     string // one that a path can have, in the server's bytes
	Size     int64  // bytes; 0 for a folder
	Folder   bool
	Modified time.Time // zero where the server does not say
	sign     string
}

// The refusals about files.
var (
	ErrNoFile     = identity.NewError(identity.NotFound, "remote_file_not_found", "There is no such file or folder on the server.")
	ErrFileExists = identity.NewError(identity.Conflict, "remote_file_exists", "Something has that name on the server already. Choose another one, or say that it may be replaced.")
	errIsFolder   = identity.NewError(identity.Conflict, "remote_file_is_folder", "That is a folder on the server, not a file.")
	errNoFolder   = identity.NewError(identity.NotFound, "remote_file_not_folder", "Part of that path is a file on the server, not a folder.")
	errFileDenied = identity.NewError(identity.PermissionDenied, "remote_file_denied", "Your account may not do that with files there. An administrator of the server can give it the right.")
	errFilePath   = identity.NewError(identity.Invalid, "remote_file_path_invalid", "The server does not take that path. Choose names without .., backslashes and control characters that work on every system.")
	errFileFull   = identity.NewError(identity.Conflict, "remote_file_storage_full", "Your storage on the server is full. Remove something, or ask its administrator for more.")
	errDiskFull   = identity.NewError(identity.Unavailable, "remote_file_disk_full", "The server's disk is full. Make room there and try again.")
	errFileHash   = identity.NewError(identity.Unavailable, "remote_file_damaged", "The file arrived damaged, so the server did not keep it. Send it again.")
	errFileCut    = identity.NewError(identity.Unavailable, "remote_file_cut_off", "The connection broke off before the file was there. Try again; a download goes on where it stopped.")
)

func fileNamed(r *RefusalError) *identity.Error {
	switch r.Name {
	case "file_not_found":
		return ErrNoFile
	case "file_exists":
		return ErrFileExists
	case "is_a_folder":
		return errIsFolder
	case "not_a_folder":
		return errNoFolder
	case "not_allowed", "not_visible", "not_a_file", "path_escapes", "file_denied", "top_folder":
		return errFileDenied
	case "path_invalid", "path_too_long", "path_relative", "name_invalid", "name_too_long", "name_reserved", "file_name_invalid":
		return errFilePath
	case "quota_exceeded":
		return errFileFull
	case "disk_full", "file_too_large":
		return errDiskFull
	case "file_hash_wrong":
		return errFileHash
	case "folder_password_needed":
		return ErrFolderNeeded
	case "folder_password_wrong":
		return ErrFolderWrong
	case "folder_password_locked":
		return errFolderLocked
	case "trash_not_found":
		return ErrNoTrashed
	case "trash_other_disk":
		return ErrTrashDisk
	}
	return nil
}

// fileMeaning knows AList's words.
func fileMeaning(said string) *identity.Error {
	switch said {
	case "object not found":
		return ErrNoFile
	case "file exists":
		return ErrFileExists
	case "permission denied", alistShut:
		return errFileDenied
	case "access using relative path is not allowed", "invalid file name":
		return errFilePath
	}
	switch {
	case strings.HasSuffix(said, "object not found"), strings.HasPrefix(said, "failed get storage: storage not found"):
		return ErrNoFile
	case strings.HasPrefix(said, "file [") && strings.HasSuffix(said, "] exists"):
		return ErrFileExists
	}
	return nil
}

type wirePath struct {
	Path     string `json:"path"`
	Password string `json:"password"`
}

// wirePath is a path with the password that is remembered for it.
func (a *Account) wirePath(p FilePath) wirePath {
	return wirePath{string(p), a.folders.of(p).Reveal()}
}

type wireListing struct {
	wirePath

	Page    int `json:"page"`
	PerPage int `json:"per_page"`
}

type wireFile struct {
	Name     string `json:"name"`
	Size     int64  `json:"size"`
	IsDir    bool   `json:"is_dir"`
	Modified string `json:"modified"`
	Sign     string `json:"sign"`
}

type wireRemoval struct {
	Dir   string   `json:"dir"`
	Names []string `json:"names"`
}

type wireRename struct {
	Path string `json:"path"`
	Name string `json:"name"`
}

type wireMove struct {
	From       string   `json:"src_dir"`
	To         string   `json:"dst_dir"`
	Names      []string `json:"names"`
	ToPassword string   `json:"dst_password,omitempty"` // Latchkey's
}

func (w wireFile) info() FileInfo {
	f := FileInfo{Name: w.Name, Size: max(w.Size, 0), Folder: w.IsDir, Modified: textTime(w.Modified), sign: w.Sign}
	if f.Folder {
		f.Size = 0
	}
	return f
}

// Stat describes a file or folder. Errors: ErrNoFile.
func (a *Account) Stat(ctx context.Context, p FilePath) (FileInfo, error) {
	var w wireFile
	err := a.fileCall(ctx, p, request{method: http.MethodPost, path: pathGetFile, body: a.wirePath(p)}, &w)
	return w.info(), err
}

const (
	filesAtOnce = 500     // which servers give at most
	maxFiles    = 200_000 // that are listed of a folder
)

// List lists a folder. Names that no path can have are left out. Errors:
// ErrNoFile.
func (a *Account) List(ctx context.Context, p FilePath) ([]FileInfo, error) {
	out := []FileInfo{}
	for page := 1; len(out) < maxFiles; page++ {
		var got wirePage[wireFile]
		err := a.fileCall(ctx, p, request{method: http.MethodPost, path: pathListFiles, limit: maxList,
			body: wireListing{a.wirePath(p), page, filesAtOnce}}, &got)
		if err != nil {
			return nil, err
		}
		for _, w := range got.Content {
			if usableName(w.Name) {
				out = append(out, w.info())
			}
		}
		if len(got.Content) < filesAtOnce {
			break
		}
	}
	return out, nil
}

// usableName reports whether a name that a server tells can be one of a path.
func usableName(s string) bool {
	return s != "" && s != "." && s != ".." && len(s) <= 1024 && utf8.ValidString(s) && !strings.ContainsAny(s, "/\\\x00")
}

// Mkdir makes a folder, and those above it that are missing.
func (a *Account) Mkdir(ctx context.Context, p FilePath) error {
	return a.fileCall(ctx, p, request{method: http.MethodPost, path: pathMkdir, body: a.wirePath(p)}, nil)
}

// Remove removes a file, or a folder with all that is in it. Errors: ErrNoFile.
func (a *Account) Remove(ctx context.Context, p FilePath) error {
	if _, err := a.Stat(ctx, p); err != nil {
		return err // servers say nothing of what is not there
	}
	return a.takeCall(ctx, p, request{method: http.MethodPost, path: pathRemove, body: wireRemoval{string(p.Dir()), []string{p.Name()}}}, nil)
}

// Move gives a file or folder another path that is free. Errors: ErrNoFile,
// ErrFileExists.
func (a *Account) Move(ctx context.Context, from, to FilePath) error {
	if _, err := a.Stat(ctx, to); err == nil {
		return ErrFileExists
	}
	if from.Dir() != to.Dir() {
		moved := to.Dir().Join(from.Name())
		if _, err := a.Stat(ctx, moved); err == nil {
			return ErrFileExists
		}
		err := a.takeCall(ctx, from, request{method: http.MethodPost, path: pathMove,
			body: wireMove{string(from.Dir()), string(to.Dir()), []string{from.Name()}, a.folders.of(to).Reveal()}}, nil)
		if err != nil {
			return err
		}
		a.folders.moved(from, moved)
		from = moved
	}
	if from.Name() == to.Name() {
		return nil
	}
	err := a.takeCall(ctx, from, request{method: http.MethodPost, path: pathRename, body: wireRename{string(from), to.Name()}}, nil)
	if err == nil {
		a.folders.moved(from, to)
	}
	return err
}
