package rotation

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"latchkey/backend/companion/sshkeys"
	"latchkey/backend/companion/sshkeys/sshagent"
	"latchkey/backend/internal/disk"
)

// The old file is called as before, with this behind it.
const asideEnding = ".old"

// setAside gives the old files another name and takes the old key out of the
// agent, which ends the rotation.
func (r *Rotation) setAside(ctx context.Context, m Means) error {
	s, err := r.Look(ctx)
	switch {
	case err != nil:
		return err
	case s.Steps[Aside] == Done:
		return nil
	case s.Steps[Remove] != Done:
		return ErrInUse
	case s.Steps[Aside] == Kept && !m.Anyway:
		return ErrInUse
	}
	n := r.notes.read(r.old.Fingerprint)
	n.New, n.Fingerprint = s.New.Path, s.New.Fingerprint
	// What is noted may be of another file of the same key.
	if !strings.HasPrefix(n.Aside, r.old.Path+asideEnding) {
		n.Aside = freeAside(r.old.Path)
		if err := r.notes.write(r.old.Fingerprint, n); err != nil {
			return err
		}
	}
	if err := r.unload(ctx); err != nil {
		return err
	}
	// The private half goes last: while it has its name, this can be gone on with.
	for _, half := range []string{".pub", ""} {
		if err := move(r.old.Path+half, n.Aside+half); err != nil {
			return err
		}
	}
	r.aside, r.fresh = n.Aside, s.New
	return r.notes.drop(r.old.Fingerprint)
}

// unload takes the old key out of the agent, if it is there.
func (r *Rotation) unload(ctx context.Context) error {
	agent, err := sshagent.Dial(ctx, r.order.Socket)
	if err != nil {
		return nil
	}
	defer agent.Close()
	if err := agent.Remove(ctx, r.old.Fingerprint); !errors.Is(err, sshagent.ErrNotThere) {
		return err
	}
	return nil
}

// freeAside returns a name that neither half has yet.
func freeAside(path string) string {
	aside := path + asideEnding
	for n := 2; exists(aside) || exists(aside+".pub"); n++ {
		aside = fmt.Sprintf("%s%s-%d", path, asideEnding, n)
	}
	return aside
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// move gives a file another name that nothing has. One that is not there, or
// has been moved already, is no error.
func move(from, to string) error {
	if !exists(from) {
		return nil
	}
	if exists(to) {
		return sshkeys.ErrExists
	}
	return disk.Explain(os.Rename(from, to))
}
