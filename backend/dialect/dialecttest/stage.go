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

// stages play each scene once, however many recordings begin with it and the
// same settings.
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
	p.world = newWorld(t, s.spec, s.place, t.TempDir())
	if err := p.prepare(recording); err != nil {
		return err
	}
	if _, scene, rest := recording.begins(); scene != "" && !p.update {
		recording.steps = rest
		err = s.stand(p.world, scene)
	}
	if err != nil {
		return err
	}
	p.begin()
	return p.perform(recording)
}

// stand puts a world where a scene ended.
func (s *stages) stand(w *world, scene string) error {
	from, err := s.find(scene, w.settings)()
	if err != nil {
		return err
	}
	w.vars, w.clock.now = maps.Clone(from.vars), from.now
	return copyFolder(w.data, from.data)
}

func (s *stages) find(scene, settings string) func() (stage, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := settings + scene
	if s.made[key] == nil {
		s.made[key] = sync.OnceValues(func() (stage, error) { return s.play(scene, settings) })
	}
	return s.made[key]
}

func (s *stages) play(scene, settings string) (stage, error) {
	p := s.base
	p.world = newWorld(s.t, s.spec, s.place, s.t.TempDir())
	p.settings = settings
	defer func() { p.stop() }()
	err := p.startWith(scene)
	return stage{p.data, p.vars, p.clock.Now()}, err
}

// copyFolder copies what is in a folder, for its owner alone. Files keep their
// times, which answers tell.
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
		if err := os.WriteFile(filepath.Join(to, below), content, 0o600); err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		return os.Chtimes(filepath.Join(to, below), info.ModTime(), info.ModTime())
	})
}
