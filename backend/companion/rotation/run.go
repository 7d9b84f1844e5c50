package rotation

import "context"

// Run takes the steps that are left, in their order, and stops at the first
// error; the step that it returns is the one that failed, or "". Before a step
// it calls ask, which is told how everything stands and may refuse with an
// error. A change of the ssh config is made as ask was shown it.
func (r *Rotation) Run(ctx context.Context, m Means, ask func(ctx context.Context, step Step, s State) error) (Step, error) {
	for _, step := range Steps() {
		s, err := r.Look(ctx)
		if err != nil {
			return step, err
		}
		if s.Steps[step] != Todo {
			continue
		}
		if err := ask(ctx, step, s); err != nil {
			return step, err
		}
		m.Seen = s.Change.Diff()
		if err := r.Do(ctx, step, m); err != nil {
			return step, err
		}
	}
	return "", nil
}
