package remote

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"path"
	"strings"
	"sync"
	"unicode"

	"latchkey/backend/identity"
	"latchkey/backend/internal/secret"
)

// The refusals about the passwords of folders.
var (
	ErrFolderNeeded = identity.NewError(identity.PermissionDenied, "remote_folder_password_needed",
		"This folder needs a password, or your account may not see it. Enter the password, or ask an administrator of the server.")
	ErrFolderWrong = identity.NewError(identity.PermissionDenied, "remote_folder_password_wrong",
		"That is not the password of this folder. Try again.")
	errFolderLocked = identity.NewError(identity.Throttled, "remote_folder_password_locked",
		"Too many wrong passwords for this folder. Wait a few minutes, and then ask an administrator of the server.")
)

// alistShut is what AList and OpenList say of a folder that needs a password,
// of one that got a wrong one, and of one that the account may not see.
const alistShut = "password is incorrect or you have no permission"

// FolderPasswords are passwords of folders that somebody has typed, in memory
// only. One is sent for its folder and all that is below, unless a nearer
// folder has one.
type FolderPasswords struct {
	mu     sync.Mutex
	by     map[FilePath]secret.Text
	thrown map[TrashID]FilePath // where things were that were thrown away with one
}

// NewFolderPasswords returns none.
func NewFolderPasswords() *FolderPasswords {
	return &FolderPasswords{by: map[FilePath]secret.Text{}, thrown: map[TrashID]FilePath{}}
}

// Keep remembers one.
func (f *FolderPasswords) Keep(p FilePath, password secret.Text) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.by[FilePath(path.Join("/", string(p)))] = password
}

// of returns that of the nearest folder at or above a path, or none.
func (f *FolderPasswords) of(p FilePath) secret.Text {
	f.mu.Lock()
	defer f.mu.Unlock()
	text, _ := f.nearest(p)
	return text
}

func (f *FolderPasswords) nearest(p FilePath) (secret.Text, FilePath) {
	for at := FilePath(path.Join("/", string(p))); ; at = at.Dir() {
		if text, ok := f.by[at]; ok {
			return text, at
		}
		if at == "/" {
			return secret.Text{}, ""
		}
	}
}

// forget drops one that is wrong, so that it is not tried again.
func (f *FolderPasswords) forget(p FilePath, wrong secret.Text) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if text, at := f.nearest(p); text == wrong {
		delete(f.by, at)
	}
}

// moved has the passwords of what got another path go along.
func (f *FolderPasswords) moved(from, to FilePath) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for at, text := range maps.Clone(f.by) {
		if at == from || strings.HasPrefix(string(at), string(from)+"/") {
			f.by[to+at[len(from):]] = text
		}
	}
}

// throw remembers where something was, and thrownAt tells it.
func (f *FolderPasswords) throw(t Trashed) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if text, _ := f.nearest(t.Path); !text.IsZero() {
		f.thrown[t.ID] = t.Path
	}
}

func (f *FolderPasswords) thrownAt(id TrashID) FilePath {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.thrown[id]
}

// Use has the account send the passwords of folders that are remembered
// elsewhere, too.
func (a *Account) Use(f *FolderPasswords) { a.folders = f }

// ShowFolderPassword has the account send a password with whatever it asks
// about files, whether or not it is right.
func (a *Account) ShowFolderPassword(password secret.Text) { a.folders.Keep("/", password) }

// OpenFolder tries the password of a folder, and remembers it if it is right.
// Errors: ErrFolderWrong, ErrNoFile.
func (a *Account) OpenFolder(ctx context.Context, p FilePath, password secret.Text) error {
	r := request{method: http.MethodPost, path: pathListFiles, limit: maxList, folder: password,
		body: wireListing{wirePath{string(p), password.Reveal()}, 1, 1}}
	if err := a.shut(p, password, a.call(ctx, r, nil)); err != nil {
		return err
	}
	a.folders.Keep(p, password)
	return nil
}

// fileCall is call about a path, with the password that is remembered for it.
func (a *Account) fileCall(ctx context.Context, p FilePath, r request, out any) error {
	r.folder = a.folders.of(p)
	return a.shut(p, r.folder, a.call(ctx, r, out))
}

// shut says of a refusal by AList whether a password is missing or wrong, which
// it does not tell, and drops one that is wrong.
func (a *Account) shut(p FilePath, sent secret.Text, err error) error {
	refusal, ok := errors.AsType[*RefusalError](err)
	if ok && refusal.Name == "" && refusal.Said == alistShut {
		if err = ErrFolderNeeded.Because(refusal); !sent.IsZero() {
			err = ErrFolderWrong.Because(refusal)
		}
	}
	if errors.Is(err, ErrFolderWrong) {
		a.folders.forget(p, sent)
	}
	return err
}

// folderHeader carries the password of a folder where a body has no field for it.
const folderHeader = "Password"

// setFolder puts a password into a header, if one can hold it.
func setFolder(h http.Header, password secret.Text) {
	plain := password.Reveal()
	if plain == "" || strings.TrimSpace(plain) != plain || strings.ContainsFunc(plain, unicode.IsControl) {
		return
	}
	h.Set(folderHeader, plain)
}
