package dialecttest

import (
	"fmt"
	"net/netip"
	"path/filepath"
	"strings"
	"time"
)

// A player plays recordings on a world.
type player struct {
	*world
	dir       string // that has the recordings
	update    bool
	tally     *tally
	described *description // nil: exchanges are held against none
}

// play plays a recording to its end, or to the first request that cannot be
// sent.
func (p *player) play(path string) error {
	s, err := load(path)
	if err != nil {
		return err
	}
	return p.perform(s)
}

// scene returns where a scene is recorded.
func (p *player) scene(name string) string { return filepath.Join(p.dir, "scenes", name+".txtar") }

// prepare gives the world what a recording needs before the server starts:
// its settings, and those of the scene that it begins with.
func (p *player) prepare(s *script) error {
	own, scene, _ := s.begins()
	if !strings.Contains(p.settings, own) {
		p.settings += own
	}
	if scene == "" {
		return nil
	}
	first, err := load(p.scene(scene))
	if err != nil {
		return err
	}
	return p.prepare(first)
}

// startWith starts the world's server, with the settings that a scene needs,
// and plays the scene.
func (p *player) startWith(scene string) error {
	s, err := load(p.scene(scene))
	if err != nil {
		return err
	}
	if err := p.prepare(s); err != nil {
		return err
	}
	p.world.start()
	return p.perform(s)
}

func (p *player) perform(s *script) error {
	answers := map[int]Answer{}
	for _, st := range s.steps {
		if err := p.step(s, st, answers); err != nil {
			return err
		}
	}
	if p.update {
		return s.save()
	}
	return nil
}

func (p *player) step(s *script, st step, answers map[int]Answer) error {
	switch {
	case st.settings != "":
		if !strings.Contains(p.settings, st.settings) {
			return fmt.Errorf("%s: its settings come too late: a recording begins with it, or has them too", filepath.Base(s.path))
		}
		return nil
	case st.scene != "":
		return p.play(p.scene(st.scene))
	case st.from != "":
		addr, err := netip.ParseAddr(st.from)
		p.from = netip.AddrPortFrom(addr, p.from.Port())
		return err
	case st.advance != "":
		d, err := time.ParseDuration(st.advance)
		p.clock.advance(d)
		return err
	case st.sftp != "":
		return p.connect(st.sftp)
	case st.restart:
		p.restart()
		return nil
	}
	if err := p.exchange(st.ask, answers); err != nil {
		return fmt.Errorf("%s, %s\n%w", filepath.Base(s.path), st.ask, err)
	}
	return nil
}

func (p *player) exchange(e *exchange, answers map[int]Answer) error {
	request, err := p.vars.expand(e.request, p.clock.Now())
	if err != nil {
		return err
	}
	got, err := p.answer(e, request)
	if err != nil {
		return fmt.Errorf("%w\n%s", err, got)
	}
	answers[e.number] = got
	if e.sameAs > 0 {
		return got.same(answers[e.sameAs])
	}
	want, err := parseExpected(string(e.answer.Data))
	if err != nil && !p.update {
		return err
	}
	now, err := p.vars.compare(want, got)
	if p.update {
		e.answer.Data = []byte(now.String())
		return nil
	}
	return err
}

// answer asks the server, and checks and counts what it answers if that is for
// the dialect to say.
func (p *player) answer(e *exchange, request string) (Answer, error) {
	if full, ok := elsewhere(request); ok {
		w := *p.world
		w.prefix, w.spec = "", Spec{}
		return w.do(full)
	}
	got, err := p.do(request)
	if err != nil {
		return got, err
	}
	code, err := p.spec.result(got)
	if err != nil {
		return got, err
	}
	p.tally.count(e.request, code)
	return got, p.described.check(p.t.Context(), request, code, got)
}

// elsewhere returns a request whose path is written in full, if it is.
func elsewhere(request string) (full string, ok bool) {
	method, rest, _ := strings.Cut(request, " ")
	path, ok := strings.CutPrefix(rest, "@")
	return method + " " + path, ok
}
