package files

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync/atomic"

	"github.com/gofrs/flock"

	"latchkey/backend/identity"
	"latchkey/backend/internal/env"
)

// What is made here belongs to the server's user alone.
const (
	folderMode = 0o700
	fileMode   = 0o600
)

// A Store is the files folder of a server.
type Store struct {
	root *os.Root
	env  env.Env
	// names is held while a name is checked and then given or taken away.
	names   turn
	moves   moves
	reserve reserve
	written atomic.Int64 // bytes, by all uploads since Open
	meter   *Meter
	handles handles
	keeper  Keeper // of protected folders; nil: there are none
}

// Open opens the files folder and removes the temporary files that a crash has
// left in it. The folder is made if it is missing; the mode of one that is
// there is left to its owner. One process at a time may open it so; others use
// OpenBeside.
func Open(dir string, e env.Env, options ...Option) (*Store, error) {
	s, err := OpenBeside(dir, e, options...)
	if err != nil {
		return nil, err
	}
	if err := s.sweep(); err != nil {
		return nil, errors.Join(fmt.Errorf("sweep files folder: %w", err), s.Close())
	}
	return s, nil
}

// OpenBeside is Open for a process beside the one whose folder it is: it
// leaves temporary files alone. Both take turns in changing names, but neither
// is told of what the other's files come to: limits hold within a process at
// once, and between the two as soon as each has measured again.
func OpenBeside(dir string, e env.Env, options ...Option) (*Store, error) {
	if err := os.MkdirAll(dir, folderMode); err != nil {
		return nil, fmt.Errorf("make files folder: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open files folder: %w", err)
	}
	s := &Store{root: root, env: e, reserve: usualReserve(), handles: usualHandles()}
	for _, set := range options {
		set(s)
	}
	s.meter = NewMeter(dir, e)
	s.meter.reserve, s.meter.good = s.reserve, recountEvery
	if err := s.makeNotes(); err != nil {
		return nil, errors.Join(fmt.Errorf("open files folder: %w", err), root.Close())
	}
	s.names.file = flock.New(filepath.Join(dir, notes), flock.SetFlag(os.O_RDONLY)) // the folder itself
	return s, nil
}

// Meter returns what tells how much room files take.
func (s *Store) Meter() *Meter { return s.meter }

// Changes returns a number that is another one when names have changed since it
// was asked, as far as this process did it: things that are open may be elsewhere
// (File.Still).
func (s *Store) Changes() uint64 { return s.names.count.Load() }

// Close lets go of the folder. Trees that are open stay usable.
func (s *Store) Close() error { return s.root.Close() }

// A Tree is the part of a Store that one person sees. Its methods may be
// called from many goroutines.
type Tree struct {
	store *Store
	base  Path
	root  *os.Root
	limit func() int64
	whole Path // what the limit is for: base, or what a part was taken of
	pass  Pass // nil: it opens whatever is protected
	part  bool // taken of another, and good only where it was taken
}

// Tree opens the part below base, which is made if it is missing. base must be
// a clean path (identity.ParsePath). Close the tree when it is not needed any
// more. Errors: Invalid, path_escapes, not_a_folder.
func (s *Store) Tree(base string) (*Tree, error) { return s.TreeFor(View{Base: base}) }

// A View is what somebody sees of a Store.
type View struct {
	// Base is where their part begins, as for Tree.
	Base string
	// Limit returns how many bytes their files may take, and is asked at each
	// use; 0, and nil, is no limit.
	Limit func() int64
	// Pass is asked at protected folders. Without one all are open.
	Pass Pass
}

// TreeFor is Tree for somebody whose rights have an end. Uploads under way count
// with what has been promised to them, so many writers at once never exceed a
// limit. In a folder that the pass does not open nothing is looked at or changed,
// and the error is that of the pass.
func (s *Store) TreeFor(v View) (*Tree, error) {
	p, err := ParsePath(v.Base)
	if err != nil {
		return nil, err
	}
	if string(p) != v.Base {
		return nil, identity.InvalidField("base_path", "base_path_invalid", "A base path begins with / and is written in its shortest form.")
	}
	root, err := s.root.OpenRoot(p.folder())
	if errors.Is(err, fs.ErrNotExist) {
		if err := s.root.MkdirAll(p.rel(), folderMode); err != nil {
			return nil, refuse(err)
		}
		root, err = s.root.OpenRoot(p.folder())
	}
	if err != nil {
		return nil, refuse(err)
	}
	return &Tree{store: s, base: p, root: root, limit: v.Limit, whole: p, pass: v.Pass}, nil
}

// Part opens the part of a tree below one of its folders, whose top is that
// folder: nothing above it is reached, and no link of the tree leads out of it.
// When the folder is moved the part is of no use any more: see ErrTopMoved. The
// limit is still for the whole tree. Errors: file_not_found, not_a_folder,
// path_escapes.
func (t *Tree) Part(p Path) (*Tree, error) {
	root, err := see(t, p, toSee, true, func() (*os.Root, error) { return t.root.OpenRoot(t.actual(p).folder()) })
	if err != nil {
		return nil, refuse(err)
	}
	return &Tree{store: t.store, base: p.Below(t.base), root: root, limit: t.limit, whole: t.whole, pass: t.pass, part: true}, nil
}

// Close lets go of the tree. Files that are open stay usable.
func (t *Tree) Close() error { return t.root.Close() }
