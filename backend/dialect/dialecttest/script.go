package dialecttest

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/tools/txtar"
)

// A script is a recording: its steps in order.
type script struct {
	path    string
	archive *txtar.Archive
	steps   []step
}

// A step is one thing to do: exactly one of the fields is set.
type step struct {
	settings string
	scene    string
	from     string
	advance  string
	restart  bool
	sftp     string
	ask      *exchange
}

// An exchange is a request and the answer that is expected.
type exchange struct {
	number  int
	title   string
	request string
	answer  *txtar.File // rewritten by -update
	sameAs  int         // the number of an exchange with the same answer, or 0
}

func (e exchange) String() string {
	return strings.TrimSuffix(fmt.Sprintf("%d: %s", e.number, e.title), ": ")
}

// load reads a recording.
func load(path string) (*script, error) {
	archive, err := txtar.ParseFile(path)
	if err != nil {
		return nil, err
	}
	s := &script{path: path, archive: archive}
	if err := s.parse(); err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Base(path), err)
	}
	return s, nil
}

// save writes the recording back, if it has changed.
func (s *script) save() error {
	old, err := os.ReadFile(s.path)
	if err != nil {
		return err
	}
	if text := txtar.Format(s.archive); string(text) != string(old) {
		return os.WriteFile(s.path, text, 0o644)
	}
	return nil
}

var (
	requestName  = regexp.MustCompile(`^([0-9]+) request(?:: (.+))?$`)
	responseName = regexp.MustCompile(`^([0-9]+) response(?:: same as ([0-9]+))?$`)
	sceneName    = regexp.MustCompile(`^[a-z0-9-]+$`)
)

func (s *script) parse() error {
	if strings.TrimSpace(string(s.archive.Comment)) == "" {
		return fmt.Errorf("say above the first section what it shows")
	}
	asked := 0
	for i := 0; i < len(s.archive.Files); i++ {
		f := &s.archive.Files[i]
		if !requestName.MatchString(f.Name) {
			if err := s.direction(f); err != nil {
				return err
			}
			continue
		}
		if i++; i == len(s.archive.Files) {
			return fmt.Errorf("%q has no response", f.Name)
		}
		asked++
		e, err := parseExchange(f, &s.archive.Files[i], asked)
		if err != nil {
			return err
		}
		s.steps = append(s.steps, step{ask: e})
	}
	if asked == 0 {
		return fmt.Errorf("there is no request")
	}
	return nil
}

// direction takes a section that is not part of an exchange.
func (s *script) direction(f *txtar.File) error {
	if f.Name == "settings" {
		return s.setUp(f)
	}
	if len(strings.TrimSpace(string(f.Data))) > 0 {
		return fmt.Errorf("section %q has a content", f.Name)
	}
	word, rest, _ := strings.Cut(f.Name, " ")
	var st step
	switch {
	case word == "scene" && sceneName.MatchString(rest):
		st.scene = rest
	case word == "from" && rest != "":
		st.from = rest
	case word == "advance" && rest != "":
		st.advance = rest
	case word == "sftp" && strings.Contains(rest, " "):
		st.sftp = rest
	case f.Name == "restart":
		st.restart = true
	default:
		return fmt.Errorf("section %q is not known", f.Name)
	}
	s.steps = append(s.steps, st)
	return nil
}

// setUp takes the settings of the server, which are there before it starts.
func (s *script) setUp(f *txtar.File) error {
	if len(s.steps) > 0 || len(strings.TrimSpace(string(f.Data))) == 0 {
		return fmt.Errorf("settings come before everything else, and with a content")
	}
	s.steps = append(s.steps, step{settings: string(f.Data)})
	return nil
}

// begins returns the settings and the scene that a recording begins with, and
// what it does after them.
func (s *script) begins() (settings, scene string, rest []step) {
	rest = s.steps
	if rest[0].settings != "" {
		settings, rest = rest[0].settings, rest[1:]
	}
	if rest[0].scene != "" {
		scene, rest = rest[0].scene, rest[1:]
	}
	return settings, scene, rest
}

func parseExchange(request, answer *txtar.File, number int) (*exchange, error) {
	asked := requestName.FindStringSubmatch(request.Name)
	told := responseName.FindStringSubmatch(answer.Name)
	want := strconv.Itoa(number)
	if asked[1] != want || told == nil || told[1] != want {
		return nil, fmt.Errorf("sections %q and %q: want request and response %d", request.Name, answer.Name, number)
	}
	e := &exchange{number: number, title: asked[2], request: string(request.Data), answer: answer}
	if told[2] == "" {
		return e, nil
	}
	e.sameAs, _ = strconv.Atoi(told[2]) // digits only
	if e.sameAs == 0 || e.sameAs >= number || len(strings.TrimSpace(string(answer.Data))) > 0 {
		return nil, fmt.Errorf("section %q: want an earlier exchange and no content", answer.Name)
	}
	return e, nil
}
