package remote

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"path"
	"slices"
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
// folder has one, or it was refused there: that one has another password.
type FolderPasswords struct {
	asking chan struct{} // held while one is in doubt

	mu      sync.Mutex
	by      map[FilePath]secret.Text
	every   secret.Text              // where no folder has one
	refused map[FilePath]secret.Text // below the folder that has it
	thrown  map[TrashID]FilePath     // where things were that were thrown away with one
}

// NewFolderPasswords returns none.
func NewFolderPasswords() *FolderPasswords {
	return &FolderPasswords{
		asking: make(chan struct{}, 1),
		by:     map[FilePath]secret.Text{}, refused: map[FilePath]secret.Text{}, thrown: map[TrashID]FilePath{},
	}
}

// Keep remembers one.
func (f *FolderPasswords) Keep(p FilePath, password secret.Text) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.by[absolute(p)] = password
}

// of returns that of the nearest folder at or above a path, or none.
func (f *FolderPasswords) of(p FilePath) secret.Text {
	f.mu.Lock()
	defer f.mu.Unlock()
	text, _ := f.nearest(p)
	return text
}

// nearest returns the folder that has it, too, "" for that of every path.
func (f *FolderPasswords) nearest(p FilePath) (secret.Text, FilePath) {
	var refused []secret.Text
	for at := absolute(p); ; at = at.Dir() {
		if text, ok := f.by[at]; ok {
			if slices.Contains(refused, text) {
				return secret.Text{}, ""
			}
			return text, at
		}
		if text, ok := f.refused[at]; ok {
			refused = append(refused, text)
		}
		if at == "/" {
			return f.every, ""
		}
	}
}

// refuse has one not sent for a path again: where it was typed for that folder
// it is dropped.
func (f *FolderPasswords) refuse(p FilePath, wrong secret.Text) {
	f.mu.Lock()
	defer f.mu.Unlock()
	text, at := f.nearest(p)
	switch {
	case text != wrong:
	case at == "":
		f.every = secret.Text{}
	case at == absolute(p):
		delete(f.by, at)
	default:
		f.refused[absolute(p)] = wrong
	}
}

// typedFor returns the folder that one is remembered for, which was sent for a
// path, or "".
func (f *FolderPasswords) typedFor(p FilePath, sent secret.Text) FilePath {
	f.mu.Lock()
	defer f.mu.Unlock()
	if text, at := f.nearest(p); text == sent {
		return at
	}
	return ""
}

func absolute(p FilePath) FilePath { return FilePath(path.Join("/", string(p))) }

// moved has the passwords of what got another path go along.
func (f *FolderPasswords) moved(from, to FilePath) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, m := range []map[FilePath]secret.Text{f.by, f.refused} {
		for at, text := range maps.Clone(m) {
			if at == from || strings.HasPrefix(string(at), string(from)+"/") {
				m[to+at[len(from):]] = text
			}
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
func (a *Account) ShowFolderPassword(password secret.Text) {
	a.folders.mu.Lock()
	defer a.folders.mu.Unlock()
	a.folders.every = password
}

// OpenFolder tries the password of a folder, and remembers it if it is right.
// Errors: ErrFolderWrong, ErrNoFile.
func (a *Account) OpenFolder(ctx context.Context, p FilePath, password secret.Text) error {
	err := a.tryFolder(ctx, p, password)
	if errors.Is(err, ErrFolderWrong) {
		a.folders.refuse(p, password)
	}
	if err == nil {
		a.folders.Keep(p, password)
	}
	return err
}

func (a *Account) tryFolder(ctx context.Context, p FilePath, password secret.Text) error {
	return shut(password, a.call(ctx, request{
		method: http.MethodPost, path: pathListFiles, limit: maxList, folder: password,
		body: wireListing{wirePath{string(p), password.Reveal()}, 1, 1},
	}, nil))
}

// fileCall is call about a path, with the password that is remembered for it.
func (a *Account) fileCall(ctx context.Context, p FilePath, r request, out any) error {
	r.folder = a.folders.of(p)
	return a.met(ctx, p, r.folder, a.call(ctx, r, out))
}

// takeCall is fileCall about a path with all that is in it, which may have
// passwords of its own.
func (a *Account) takeCall(ctx context.Context, p FilePath, r request, out any) error {
	r.folder = a.folders.of(p)
	_, err := a.doubt(ctx, p, r.folder, a.call(ctx, r, out))
	return err
}

// met has a password that was refused at a path, and is right for the folder
// above that it was typed for, not sent there again.
func (a *Account) met(ctx context.Context, p FilePath, sent secret.Text, err error) error {
	right, err := a.doubt(ctx, p, sent, err)
	if right {
		a.folders.refuse(p, sent)
	}
	return err
}

// doubt asks whether a remembered password that was refused at a path is still
// that of the folder it was typed for, and drops it if not. One is in doubt at a
// time, because a server counts the wrong ones.
func (a *Account) doubt(ctx context.Context, p FilePath, sent secret.Text, err error) (right bool, _ error) {
	err = shut(sent, err)
	if !errors.Is(err, ErrFolderWrong) || sent.IsZero() {
		return false, err
	}
	select {
	case a.folders.asking <- struct{}{}:
		defer func() { <-a.folders.asking }()
	case <-ctx.Done():
		return false, err
	}
	at := a.folders.typedFor(p, sent)
	if at == "" {
		a.folders.refuse(p, sent)
		return false, err
	}
	switch still := a.tryFolder(ctx, at, sent); {
	case still == nil:
		return true, ErrFolderNeeded.Because(err)
	case errors.Is(still, ErrFolderWrong):
		a.folders.refuse(at, sent)
	}
	return false, err
}

// shut says of a refusal by AList whether a password is missing or wrong, which
// it does not tell.
func shut(sent secret.Text, err error) error {
	refusal, ok := errors.AsType[*RefusalError](err)
	if ok && refusal.Name == "" && refusal.Said == alistShut {
		if err = ErrFolderNeeded.Because(refusal); !sent.IsZero() {
			err = ErrFolderWrong.Because(refusal)
		}
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
