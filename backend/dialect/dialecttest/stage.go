package dialecttest

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// A stage is what a scene leaves behind: the data folder of a server that was
// stopped after it, and what a recording knows then.
type stage struct {
	data string
	vars vars
	now  time.Time
}

// stages play each scene once, however many recordings begin with it.
type stages struct {
	t     testing.TB // that waits for all who use the stages
	base  player     // without a world
	spec  Spec
	place string // the prefix that the dialect is mounted at

	mu   sync.Mutex
	made map[string]func() (stage, error)
}

// record plays one recording on a world of its own. When recordings are
// rewritten the scene in front is played too, as it may have changed.
func (s *stages) record(t testing.TB, path string) error {
	t.Helper()
	recording, err := load(path)
	if err != nil {
		return err
	}
	p := s.base
	if first := recording.steps[0]; first.scene != "" && !p.update {
		recording.steps = recording.steps[1:]
		p.world, err = s.open(t, first.scene)
	} else {
		p.world = newWorld(t, s.spec, s.place, t.TempDir())
		p.world.begin()
	}
	if err != nil {
		return err
	}
	return p.perform(recording)
}

// open starts a server where a scene ended.
func (s *stages) open(t testing.TB, scene string) (*world, error) {
	t.Helper()
	from, err := s.find(scene)()
	if err != nil {
		return nil, err
	}
	data := t.TempDir()
	if err := copyFolder(data, from.data); err != nil {
		return nil, err
	}
	w := newWorld(t, s.spec, s.place, data)
	w.vars, w.clock.now = maps.Clone(from.vars), from.now
	w.begin()
	return w, nil
}

func (s *stages) find(scene string) func() (stage, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.made[scene] == nil {
		s.made[scene] = sync.OnceValues(func() (stage, error) { return s.play(scene) })
	}
	return s.made[scene]
}

func (s *stages) play(scene string) (stage, error) {
	w := newWorld(s.t, s.spec, s.place, s.t.TempDir())
	w.start()
	defer w.stop()
	p := s.base
	p.world = w
	err := p.play(p.scene(scene))
	return stage{w.data, w.vars, w.clock.Now()}, err
}

// copyFolder copies what is in a folder, for its owner alone.
func copyFolder(to, from string) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		below, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			return os.MkdirAll(filepath.Join(to, below), 0o700)
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, below), content, 0o600)
	})
}
