// Package folderpassword keeps folders behind passwords, as AList's
// administration can. Whoever does not have identity.PathNoPassword there shows
// the password with each request; the doors hand over what was shown, and
// package files asks a Visit before it looks into a protected folder.
//
// The nearest protected folder above a path counts, if it reaches as far: one
// that does not apply to subfolders is for what lies directly in it. A password
// belongs to the place on the disk and goes along when the folder is renamed,
// moved, thrown away or taken back; a copy has it, too; what is removed for good
// loses it. A folder that another program has moved does not have it any more.
//
// A password is hashed like those of people, and checked once: for a while it is
// known who has shown it, by a keyed digest, so that their next requests cost
// nothing. Wrong ones are counted as failed sign-ins are, for each person and
// password by itself, so that whoever knows one password cannot use it to guess
// another. The same wrong one counts once from an address: a program that goes on
// with an old password guesses nothing.
package folderpassword

import (
	"context"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"latchkey/backend/credential/password"
	"latchkey/backend/files"
	"latchkey/backend/identity"
	"latchkey/backend/internal/env"
	"latchkey/backend/internal/secret"
	"latchkey/backend/store"
	"latchkey/backend/throttle"
)

const (
	// most is how many folders can have a password. Each costs a look at the
	// disk when files are asked for.
	most = 500
	// mostOnTheWay is how many there can be while folders are moved or copied.
	mostOnTheWay = 2 * most
	// leastChars is the shortest password of a folder, in characters.
	leastChars = 6
	// label keeps what is signed here apart from all else that the master key signs.
	label = "folder password"
)

// The refusals.
var (
	ErrNeeded = identity.NewError(identity.PermissionDenied, "folder_password_needed",
		"This folder has a password. Enter it, or ask whoever runs the server to let you in without.")
	ErrWrong = identity.NewError(identity.PermissionDenied, "folder_password_wrong",
		"That is not the password of this folder. Try again.")
	ErrNotFound = identity.NewError(identity.NotFound, "folder_password_not_found",
		"That folder has no password.")
	errTaken = identity.NewError(identity.Conflict, "folder_password_taken",
		"That folder has a password already. Change or clear that one.")
	errTooMany = identity.NewError(identity.Conflict, "folder_password_limit",
		"There are 500 folders with a password, which is the most. Clear one that is not needed any more.")
	errForm = identity.InvalidField("password", "folder_password_form",
		"The password of a folder has no space at its ends and no control characters. Choose another.")
)

type (
	keeper interface {
		store.FolderPasswords
		Version() uint64
	}
	hasher interface {
		Hash(ctx context.Context, d password.Digest) (identity.PasswordHash, error)
		Verify(ctx context.Context, stored identity.PasswordHash, d password.Digest) (password.Verdict, error)
	}
	signer interface {
		MAC(label string, data []byte) [32]byte
	}
	recorder interface {
		Record(e identity.AuditEvent)
	}
)

// A Settler finds where a folder really is. See files.Store.
type Settler interface {
	Settle(p files.Path, do func(real files.Path) error) error
}

// Config is what a Service needs.
type Config struct {
	Store    keeper
	Files    Settler
	Throttle *throttle.Service
	Hasher   hasher
	Signer   signer
	Audit    recorder
	Env      env.Env
}

// A Service keeps the passwords of folders. It is the files.Keeper of the
// store of files.
type Service struct {
	Config

	known   known
	refused refused

	mu   sync.Mutex
	seen *snapshot
}

// New returns a service.
func New(c Config) *Service {
	return &Service{
		Config: c, known: known{last: map[visitor]shown{}},
		refused: refused{all: map[wrong]bool{}, tried: map[wrong]chan struct{}{}},
	}
}

// A snapshot is what is protected at a version of the store.
type snapshot struct {
	version uint64
	list    []files.Protected
	hashes  map[string]identity.PasswordHash // by mark
}

// now reads nothing while the store's version stays.
func (s *Service) now(ctx context.Context) (*snapshot, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	version := s.Store.Version() // before reading, so that a change in between is seen
	if s.seen != nil && s.seen.version == version {
		return s.seen, nil
	}
	all, err := s.Store.FolderPasswords(ctx)
	if err != nil {
		return nil, err
	}
	next := &snapshot{version: version, list: make([]files.Protected, len(all)), hashes: map[string]identity.PasswordHash{}}
	for i, f := range all {
		next.list[i] = s.protected(f)
		next.hashes[next.list[i].Mark] = f.Hash
	}
	s.seen = next
	return next, nil
}

func (s *Service) protected(f identity.FolderPassword) files.Protected {
	return files.Protected{Path: files.Path(f.Path), Subfolders: f.Subfolders, Mark: s.mark(f.Hash)}
}

// mark tells a password from any other, and nothing of it. A password that is
// set has one of its own, even if the text is the same; a folder's copies, and
// what of it lies in the trash, share its own.
func (s *Service) mark(h identity.PasswordHash) string {
	sum := s.Signer.MAC(label, []byte(h))
	return hex.EncodeToString(sum[:12])
}

// List lists the folders that have a password by path.
func (s *Service) List(ctx context.Context) ([]identity.FolderPassword, error) {
	return s.Store.FolderPasswords(ctx)
}

// Find returns one by its id. Returns ErrNotFound.
func (s *Service) Find(ctx context.Context, id identity.FolderPasswordID) (identity.FolderPassword, error) {
	return s.find(ctx, func(f identity.FolderPassword) bool { return f.ID == id })
}

// At returns that of a folder, whose path is below the files folder. Returns
// ErrNotFound.
func (s *Service) At(ctx context.Context, p files.Path) (identity.FolderPassword, error) {
	real := p
	err := s.Files.Settle(p, func(at files.Path) error {
		real = at
		return nil
	})
	if err != nil && identity.KindOf(err) != identity.NotFound {
		return identity.FolderPassword{}, err
	}
	return s.find(ctx, func(f identity.FolderPassword) bool { return f.Path == string(real) || f.Path == string(p) })
}

func (s *Service) find(ctx context.Context, is func(identity.FolderPassword) bool) (identity.FolderPassword, error) {
	all, err := s.Store.FolderPasswords(ctx)
	if err != nil {
		return identity.FolderPassword{}, err
	}
	for _, f := range all {
		if is(f) {
			return f, nil
		}
	}
	return identity.FolderPassword{}, ErrNotFound
}

// Create gives a folder a password, which has none yet. Errors: file_not_found,
// not_a_folder, those of password.CheckNew, folder_password_form,
// folder_password_taken, folder_password_limit.
func (s *Service) Create(ctx context.Context, p files.Path, text secret.Text, subfolders bool, o identity.Origin) (identity.FolderPassword, error) {
	hash, err := s.hash(ctx, text)
	if err != nil {
		return identity.FolderPassword{}, err
	}
	made := identity.FolderPassword{Hash: hash, Subfolders: subfolders, CreatedAt: s.Env.Now()}
	made.UpdatedAt = made.CreatedAt
	err = s.Files.Settle(p, func(real files.Path) (err error) {
		made.Path = string(real)
		made, err = s.Store.CreateFolderPassword(ctx, made, most)
		return err
	})
	return made, s.told(err, made, identity.AuditFolderProtected, o)
}

// A Change is what of a folder's password is to be another; nil stays.
type Change struct {
	Path       *files.Path
	Password   *secret.Text
	Subfolders *bool
}

// Update changes a folder's password. A new one ends the links that were made
// under the old one, and the failures at that do not count for it. Errors: ErrNotFound, and those of
// Create.
func (s *Service) Update(ctx context.Context, id identity.FolderPasswordID, c Change, o identity.Origin) (identity.FolderPassword, error) {
	var hash identity.PasswordHash
	if c.Password != nil {
		var err error
		if hash, err = s.hash(ctx, *c.Password); err != nil {
			return identity.FolderPassword{}, err
		}
	}
	var made identity.FolderPassword
	update := func(real string) (err error) {
		made, err = s.Store.UpdateFolderPassword(ctx, id, func(f identity.FolderPassword) (identity.FolderPassword, error) {
			if real != "" {
				f.Path = real
			}
			if hash != "" {
				f.Hash = hash
			}
			if c.Subfolders != nil {
				f.Subfolders = *c.Subfolders
			}
			f.UpdatedAt = s.Env.Now()
			return f, nil
		})
		return err
	}
	var err error
	if c.Path != nil {
		err = s.Files.Settle(*c.Path, func(real files.Path) error { return update(string(real)) })
	} else {
		err = update("")
	}
	return made, s.told(err, made, identity.AuditFolderProtected, o)
}

// Clear opens a folder to whoever may see it. Returns ErrNotFound.
func (s *Service) Clear(ctx context.Context, f identity.FolderPassword, o identity.Origin) error {
	return s.told(s.Store.DeleteFolderPassword(ctx, f.ID), f, identity.AuditFolderOpened, o)
}

// told turns an error of the store into one for people, and records what was
// done.
func (s *Service) told(err error, f identity.FolderPassword, action identity.AuditAction, o identity.Origin) error {
	switch {
	case errors.Is(err, store.ErrNotFound):
		return ErrNotFound
	case errors.Is(err, store.ErrExists):
		return errTaken
	case errors.Is(err, store.ErrLimit):
		return errTooMany
	case err == nil:
		s.Audit.Record(o.Event(action, f.Path))
	}
	return err
}

// hash refuses what a header cannot carry as it is.
func (s *Service) hash(ctx context.Context, text secret.Text) (identity.PasswordHash, error) {
	plain := text.Reveal()
	if strings.TrimSpace(plain) != plain || strings.ContainsFunc(plain, unicode.IsControl) {
		return "", errForm
	}
	if err := password.CheckNew(plain, "", leastChars); err != nil {
		return "", err
	}
	return s.Hasher.Hash(ctx, password.DigestOf(plain))
}

// account is what the failures of a user at a password are counted under. It is
// no user name, and goes by none, because people may change theirs.
func account(mark string, id identity.UserID) string {
	return "folder password " + mark + " by user " + strconv.FormatInt(int64(id), 10)
}
