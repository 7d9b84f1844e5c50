package files

import (
	"io/fs"
	"path"
)

// maxLinks is how many links lead on from each other, as in Linux.
const maxLinks = 40

// A step is a folder on the way to a path, and which protected one it is, or -1.
type step struct {
	at Path
	is int
}

// An entry is what a path has led to.
type entry struct {
	at  Path
	fi  fs.FileInfo // nil: nothing
	own int         // which protected folder it is, or -1
	in  int         // which holds it, or -1
}

// A route goes to a path below the files folder, name by name. In a folder that
// the pass does not open no name is looked at, unless it leads on to a protected
// folder, which has a password of its own.
type route struct {
	*lookout

	need    need
	follow  bool     // a link at the end, too
	way     []step   // folders that it has come through
	names   []string // that are left
	links   int
	missing bool // nothing is there from here on
	end     entry
}

// find returns what a path leads to.
func (l *lookout) find(full Path, n need, follow bool) (entry, error) {
	top, err := l.lstat("/")
	if err != nil {
		return entry{}, err
	}
	r := &route{lookout: l, need: n, follow: follow, names: split(string(full)), way: []step{{"/", l.which("/", top)}}}
	r.end = entry{at: "/", fi: top, own: r.way[0].is, in: -1}
	for len(r.names) > 0 {
		if err := r.next(); err != nil {
			return entry{}, err
		}
	}
	return r.end, nil
}

func (r *route) next() error {
	name := r.names[0]
	r.names = r.names[1:]
	if name == ".." { // of a link
		return r.stay(len(r.way) - 1)
	}
	e := entry{at: r.here().at.Join(name), own: -1, in: r.over(len(r.way))}
	if err := r.look(&e, name); err != nil {
		return err
	}
	if e.fi != nil && e.fi.Mode().Type() == fs.ModeSymlink && (r.follow || len(r.names) > 0) {
		return r.lead(e.at)
	}
	e.own = r.which(e.at, e.fi)
	if e.fi != nil && e.fi.IsDir() && r.need == toSee && r.filesOnly(e.in, len(r.way)) {
		e.in = -1
	}
	r.way = append(r.way, step{e.at, e.own})
	r.end = e
	return nil
}

// look finds what has a name, if the pass opens the folder.
func (r *route) look(e *entry, name string) error {
	closed := e.in >= 0 && !r.leadsOn(e.at)
	changed := r.need != toSee && len(r.names) == 0
	if closed && (changed || !r.filesOnly(e.in, len(r.way))) {
		if err := r.open(e.in, e.at); err != nil {
			return err
		}
		closed = false
	}
	if !r.missing {
		e.at = r.here().at.Join(r.whole.spelling(r.here().at, name))
		var err error
		if e.fi, err = r.lstat(e.at); err != nil {
			return err
		}
		r.missing = e.fi == nil
	}
	if closed && (e.fi == nil || !e.fi.IsDir()) {
		return r.open(e.in, e.at)
	}
	return nil
}

// lead goes on where a link leads to.
func (r *route) lead(link Path) error {
	to, err := r.whole.root.Readlink(link.rel())
	if r.links++; err != nil || path.IsAbs(to) || r.links > maxLinks {
		return errEscapes
	}
	r.names = append(split(to), r.names...)
	return r.stay(len(r.way))
}

// stay goes back to where the way has so many steps.
func (r *route) stay(steps int) error {
	if steps == 0 {
		return errEscapes
	}
	r.way = r.way[:steps]
	fi, err := r.lstat(r.here().at)
	r.end = entry{at: r.here().at, fi: fi, own: r.here().is, in: r.over(steps - 1)}
	if r.filesOnly(r.end.in, steps-1) {
		r.end.in = -1
	}
	return err
}

func (r *route) here() step { return r.way[len(r.way)-1] }

// over returns which protected folder holds what is in the last of so many
// steps: the nearest that reaches as far.
func (r *route) over(steps int) int {
	for i := steps - 1; i >= 0; i-- {
		if is := r.way[i].is; is >= 0 && (i == steps-1 || r.all[is].Subfolders) {
			return is
		}
	}
	return -1
}

// filesOnly reports whether a protected folder, the last of so many steps, is
// so for the files in it and not for its folders.
func (r *route) filesOnly(in, steps int) bool {
	return in >= 0 && in == r.way[steps-1].is && !r.all[in].Subfolders
}
