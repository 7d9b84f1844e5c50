package rotation

import (
	"context"
	"errors"
	"slices"

	"latchkey/backend/companion/sshkeys"
	"latchkey/backend/companion/sshkeys/sshagent"
	"latchkey/backend/companion/sshkeys/sshconfig"
)

// A State is how far a rotation has come.
type State struct {
	Old, New sshkeys.KeyFile // New is zero while there is none
	Kind     sshkeys.Kind    // of the new one, where it is to be made
	Steps    map[Step]Standing
	Change   sshconfig.Change // of Entry, while that is to do
	Title    string           // of the new key on the server, where that has titles
	Uses     []Use            // why Aside is Kept
	Aside    string           // what the old file is called now; empty: what it was
}

// Done reports whether nothing is left to do.
func (s State) Done() bool {
	return !slices.ContainsFunc(Steps(), func(step Step) bool { return s.Steps[step] == Todo })
}

// Next is the first step that is left, or "".
func (s State) Next() Step {
	for _, step := range Steps() {
		if s.Steps[step] == Todo {
			return step
		}
	}
	return ""
}

// Look looks how far the rotation is, at the files, the agent and the server's
// list of keys. A file of keys is not looked at, as only a key opens it: there
// a step counts as to do until this process has taken it, and taking it again
// changes nothing. Errors: those of the server's list and of the ssh config.
func (r *Rotation) Look(ctx context.Context) (State, error) {
	s := State{Old: r.old, New: r.New(), Steps: map[Step]Standing{}, Kind: r.order.Kind}
	for _, step := range Steps() {
		s.Steps[step] = Todo
	}
	if s.Kind == "" {
		s.Kind, _ = r.old.Successor() // the step Make says that there is none
	}
	gone, err := r.lookThere(ctx, &s)
	if err != nil {
		return s, err
	}
	if r.tested != nil || gone {
		s.Steps[Test] = Done
	}
	if gone {
		s.Steps[Remove] = Done
	}
	s.Steps[Agent] = r.lookAtAgent(ctx, s.New)
	if s.New.HasPrivate {
		s.Steps[Make] = Done
		if s.Change, err = r.change(); err != nil {
			return s, err
		}
		if s.Change.After == s.Change.Before {
			s.Steps[Entry] = Done
		}
	}
	return s, r.lookAside(ctx, gone, &s)
}

// lookThere asks the server, and says whether the old key is gone from there.
func (r *Rotation) lookThere(ctx context.Context, s *State) (gone bool, err error) {
	if r.order.Place.Keys == nil {
		if r.tested != nil {
			s.Steps[Upload] = Done
		}
		return r.removed, nil
	}
	there, err := r.order.Place.Keys.SSHKeys(ctx)
	if err != nil {
		return false, err
	}
	if i := slices.IndexFunc(there, isKey(s.New.Fingerprint)); s.New.HasPrivate && i >= 0 {
		s.Title = there[i].Title
		s.Steps[Upload] = Done
		return !listed(there, r.old.Fingerprint), nil
	}
	return false, nil
}

func (r *Rotation) lookAtAgent(ctx context.Context, k sshkeys.KeyFile) Standing {
	agent, err := sshagent.Dial(ctx, r.order.Socket)
	if err != nil {
		return None
	}
	defer agent.Close()
	keys, err := agent.List(ctx)
	has := func(which sshkeys.KeyFile) bool {
		return slices.ContainsFunc(keys, func(p sshkeys.Public) bool { return p.Fingerprint == which.Fingerprint })
	}
	switch {
	case err != nil:
		return None
	case k.HasPrivate && has(k):
		return Done
	case has(r.old):
		return Todo
	}
	return None
}

// lookAside asks who else uses the old key, once it is gone from here.
func (r *Rotation) lookAside(ctx context.Context, gone bool, s *State) error {
	if now, err := sshkeys.Find(r.old.Path); err != nil || !now.HasPrivate || now.Fingerprint != r.old.Fingerprint {
		s.Aside, s.Steps[Aside] = r.aside, Done
		return nil
	}
	if !gone {
		return nil
	}
	var err error
	if s.Uses, err = r.uses(ctx); len(s.Uses) > 0 {
		s.Steps[Aside] = Kept
	}
	return err
}

// uses lists why the old file is left where it is.
func (r *Rotation) uses(ctx context.Context) (out []Use, err error) {
	if r.order.Elsewhere != nil {
		out = r.order.Elsewhere(ctx)
	}
	named, err := sshconfig.Uses(r.order.Folder, r.old.Path)
	if err != nil && !errors.Is(err, sshconfig.ErrLarge) {
		return out, err
	}
	for _, entry := range named {
		out = append(out, Use{InConfig, entry})
	}
	if r.old.IsDefault() {
		out = append(out, Use{AnyHost, r.old.Name})
	}
	return out, nil
}
