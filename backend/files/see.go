package files

import "io"

// see looks at something, or opens it, at a path that the pass of the tree opens
// and that leads to the same meanwhile.
func see[T any](t *Tree, p Path, n need, follow bool, look func() (T, error)) (T, error) {
	var got T
	seen := false
	err := t.store.steady(func() (bool, error) {
		if c, opened := any(got).(io.Closer); opened && seen {
			_ = c.Close() // it may be another than was asked for
		}
		asked, err := t.ask(p, n, follow)
		if err == nil {
			got, err = look()
		}
		seen = err == nil
		return asked, err
	})
	if err != nil {
		var none T
		return none, err
	}
	return got, nil
}

// inTurn does something to what is at a path, while no names change. The pass is
// asked before the path is looked at, and again once it is one's turn.
func (t *Tree) inTurn(p Path, n need, do func(p Path) error) error {
	if err := t.admits(p, n); err != nil {
		return err
	}
	p = t.actual(p)
	t.store.names.Lock()
	defer t.store.names.Unlock()
	if err := t.admits(p, n); err != nil {
		return err
	}
	return do(p)
}

// steady does something that goes by names, and once more while none change if
// some did meanwhile. It is enough to do it once where do says that nothing had to
// be asked.
func (s *Store) steady(do func() (asked bool, err error)) error {
	before := s.names.count.Load()
	asked, err := do()
	if !asked || before%2 == 0 && s.names.count.Load() == before {
		return err
	}
	s.names.Lock()
	defer s.names.Unlock()
	_, err = do()
	return err
}
