package files

import (
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"
	"syscall"

	"golang.org/x/text/unicode/norm"

	"latchkey/backend/identity"
)

// A Protected is a folder that not everybody may look into.
type Protected struct {
	Path       Path   // below the files folder, as it is on the disk
	Subfolders bool   // what is further down is protected, too
	Mark       string // tells one protection of a folder from an earlier one
}

// A Pass is what somebody shows at protected folders.
type Pass interface {
	// Protected lists the folders that need one, as they are now.
	Protected() ([]Protected, error)
	// Open returns nil if they may have what is at a path, below the files
	// folder, that a protected folder holds.
	Open(folder Protected, at Path) error
}

// A need is what somebody is about to do at a path.
type need int

const (
	toSee    need = iota // look at it, or into it
	toChange             // give it a name or take that away
	toTake               // toChange, with all that is in it
)

// Admits returns nil if the pass of the tree opens what is at a path. What is
// open stays so without it: whoever sends or gets much asks it again, see
// File.Still.
func (t *Tree) Admits(p Path) error {
	return t.store.steady(func() (bool, error) { return t.ask(p, toSee, true) })
}

// Behind returns the protected folder that it takes a pass for to see a path,
// if any does, and where the path leads to.
func (t *Tree) Behind(p Path) (Protected, Path, error) {
	l, err := t.lookout()
	if l == nil || err != nil {
		return Protected{}, "", err
	}
	l.pass = nil
	e, err := l.find(p.Below(t.base), toSee, true)
	if err != nil || e.over() < 0 {
		return Protected{}, "", err
	}
	return l.all[e.over()].Protected, e.at, nil
}

// admits asks the pass of a tree, before anything is looked at that it does not
// open: what is there and what is not are refused alike. Who looks at something
// is asked where links lead to, because a folder is protected and not a way to
// it.
//
// A path may lead elsewhere as soon as it was asked for. So who looks does it by
// see, and who changes names asks again when it is their turn.
func (t *Tree) admits(p Path, n need) error {
	_, err := t.ask(p, n, n == toSee)
	return err
}

// ask also reports whether there was something to ask.
func (t *Tree) ask(p Path, n need, follow bool) (bool, error) {
	l, err := t.lookout()
	if l == nil || err != nil {
		return false, err
	}
	e, err := l.find(p.Below(t.base), n, follow)
	if err != nil {
		return true, err
	}
	return true, l.check(e, n)
}

// A lookout knows the protected folders while one path is looked at.
type lookout struct {
	whole *Tree // of all files
	pass  Pass  // nil: opens all
	all   []watched
}

// A watched folder is a protected one as it is on the disk; nil where it is not.
type watched struct {
	Protected

	fi fs.FileInfo
}

// protected returns what the pass of the tree is asked for.
func (t *Tree) protected() ([]Protected, error) {
	if t.pass == nil {
		return nil, nil
	}
	return t.pass.Protected()
}

// lookout returns nil where there is nothing to look out for.
func (t *Tree) lookout() (*lookout, error) {
	all, err := t.protected()
	if err != nil || len(all) == 0 && !t.part {
		return nil, err
	}
	if err := t.inPlace(); err != nil || len(all) == 0 {
		return nil, err
	}
	return t.store.lookout(t.pass, all)
}

// inPlace refuses what is asked of a tree whose top has been moved. It is asked
// for by paths below the files folder, but done below the top, wherever that is.
func (t *Tree) inPlace() error {
	is, err := t.root.Stat(".")
	if err != nil {
		return refuse(err)
	}
	there, err := t.store.root.Stat(t.base.rel())
	switch err := refuse(err); {
	case identity.KindOf(err) == identity.NotFound, errors.Is(err, errEscapes), err == nil && !os.SameFile(is, there):
		return ErrTopMoved
	default:
		return err
	}
}

func (s *Store) lookout(pass Pass, all []Protected) (*lookout, error) {
	l := &lookout{whole: &Tree{store: s, base: "/", root: s.root}, pass: pass, all: make([]watched, len(all))}
	for i, f := range all {
		fi, err := l.glance(f.Path)
		if err != nil {
			return nil, err
		}
		l.all[i] = watched{f, fi}
	}
	return l, nil
}

// lstat returns nil where nothing is.
func (l *lookout) lstat(p Path) (fs.FileInfo, error) {
	fi, err := l.whole.root.Lstat(p.rel())
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return nil, nil
	}
	return fi, refuse(err)
}

// glance is lstat for the path of a protected folder, which is no concern of
// others. Where it leads out of the files folder, or cannot be looked at, nothing is
// known of the folder but its path, and that stays shut.
func (l *lookout) glance(p Path) (fs.FileInfo, error) {
	fi, err := l.lstat(p)
	if errors.Is(err, errTooManyOpen) {
		return nil, err // it would be known but for that
	}
	return fi, nil //nolint:nilerr // as the comment says
}

// which returns the protected folder that something is, before others the one of
// that very path.
func (l *lookout) which(p Path, fi fs.FileInfo) int {
	if i := slices.IndexFunc(l.all, func(g watched) bool { return g.Path == p }); i >= 0 {
		return i
	}
	return slices.IndexFunc(l.all, func(g watched) bool { return same(p, fi, g.Path, g.fi) })
}

// same reports whether two paths lead to one thing. Other spellings of a path lead
// to the same folder, as the disk may have it: what is there tells, and where
// nothing is, the names do, whatever their encoding.
func same(a Path, is fs.FileInfo, b Path, other fs.FileInfo) bool {
	if a == b {
		return true
	}
	if is != nil && other != nil {
		return is.IsDir() && os.SameFile(is, other)
	}
	return norm.NFC.String(string(a)) == norm.NFC.String(string(b))
}

// leadsOn reports whether a path is that of a protected folder, or above it.
func (l *lookout) leadsOn(p Path) bool {
	form := Path(norm.NFC.String(string(p)))
	return slices.ContainsFunc(l.all, func(g watched) bool {
		to := Path(norm.NFC.String(string(g.Path)))
		return to == form || form.holds(to)
	})
}

func (l *lookout) open(which int, at Path) error {
	if l.pass == nil {
		return nil
	}
	return l.pass.Open(l.all[which].Protected, at)
}

// over is which protected folder it takes a pass for to look at an entry, or -1.
func (e entry) over() int {
	if e.own >= 0 {
		return e.own
	}
	return e.in
}

// check asks for all that it takes to do something with an entry.
func (l *lookout) check(e entry, n need) error {
	if over := e.over(); over >= 0 {
		if err := l.open(over, e.at); err != nil {
			return err
		}
	}
	if n == toSee {
		return nil
	}
	if e.in >= 0 {
		if err := l.open(e.in, e.at); err != nil {
			return err
		}
	}
	if n == toChange {
		return nil
	}
	inside, err := l.inside(e)
	if err != nil {
		return err
	}
	for _, in := range inside {
		if err := l.open(in.which, l.all[in.which].Path); err != nil {
			return err
		}
	}
	return nil
}

// An inner is a protected folder in a folder, and its path there.
type inner struct {
	which int
	below Path
}

// inside returns the protected folders that a folder is or has in it, whatever
// the spelling of its path.
func (l *lookout) inside(e entry) ([]inner, error) {
	var out []inner
	for i, g := range l.all {
		names := split(string(g.Path))
		for n := len(names); n >= 0; n-- {
			above := Path("/" + strings.Join(names[:n], "/"))
			var fi fs.FileInfo
			if above != e.at && (e.fi == nil || e.fi.IsDir()) {
				var err error
				if fi, err = l.glance(above); err != nil {
					return nil, err
				}
			}
			if same(above, fi, e.at, e.fi) {
				out = append(out, inner{i, Path("/" + strings.Join(names[n:], "/"))})
				break
			}
		}
	}
	return out, nil
}

// split returns the names of a path, without empty ones and dots.
func split(p string) []string {
	return slices.DeleteFunc(strings.Split(p, "/"), func(name string) bool { return name == "" || name == "." })
}
