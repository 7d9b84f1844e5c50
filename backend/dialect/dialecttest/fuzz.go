package dialecttest

import (
	"encoding/binary"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"latchkey/backend/httpapi"
	"latchkey/backend/identity"
)

// FuzzBodies sends any body to any route that takes one, as nobody and as each
// of the people of the spec. Whatever it is, the answer is in the dialect's
// envelope and is no fault of the server. The bodies of the recordings are
// where it starts from.
func FuzzBodies(f *testing.F, spec Spec, prefix string) {
	f.Helper()
	mux := httpapi.NewMux(spec.API.Dialect())
	spec.API.Mount(mux)
	var routes []httpapi.Route
	for _, r := range mux.Routes() {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			routes = append(routes, r)
		}
	}
	people := []string{"", spec.OrdinaryUser, spec.MustChange, spec.Admin}
	for i, body := range seeds(f) {
		f.Add(body.number(routes), byte(i), []byte(body.text))
	}
	z := &fuzzer{spec: spec, prefix: prefix, data: f.TempDir()}
	f.Cleanup(func() { z.close(f) })
	f.Fuzz(func(t *testing.T, route, who byte, body []byte) {
		z.try(t, routes[int(route)%len(routes)], people[int(who)%len(people)], body)
	})
}

// A seed is the body of a recorded request.
type seed struct{ route, text string }

// number returns the place of the seed's route among others.
func (s seed) number(routes []httpapi.Route) byte {
	return byte(max(0, slices.IndexFunc(routes, func(r httpapi.Route) bool { return nameOf(r) == s.route })))
}

// seeds returns the bodies of all recordings, each once.
func seeds(f *testing.F) []seed {
	f.Helper()
	paths, err := filepath.Glob(filepath.Join(testdata, "*.txtar"))
	if err != nil {
		f.Fatal(err)
	}
	seen := map[seed]bool{}
	var out []seed
	for _, path := range paths {
		s, err := load(path)
		if err != nil {
			f.Fatal(err)
		}
		for _, st := range s.steps {
			if st.ask == nil {
				continue
			}
			one := st.ask.seed()
			if one.text != "" && !seen[one] {
				seen[one] = true
				out = append(out, one)
			}
		}
	}
	return out
}

func (e exchange) seed() seed {
	head, body, _ := strings.Cut(e.request, "\n\n")
	first, _, _ := strings.Cut(head, "\n")
	path, _, _ := strings.Cut(first, "?")
	return seed{path, body}
}

// A fuzzer keeps a world while the people in it are signed in: what is tried
// may well sign them out.
type fuzzer struct {
	spec   Spec
	prefix string
	data   string
	world  *world
	tried  uint32
}

func (z *fuzzer) try(t *testing.T, r httpapi.Route, credential string, body []byte) {
	if z.world == nil {
		z.open(t)
	}
	w := z.world
	w.t = t
	z.tried++
	w.clock.advance(time.Second)
	w.from = netip.AddrPortFrom(netip.AddrFrom4([4]byte(binary.BigEndian.AppendUint32(nil, 10<<24|z.tried%(1<<24)))), 40000)
	a, err := w.post(r, credential, body)
	if err == nil && !a.isJSON() && a.Status != http.StatusOK {
		err = errNotJSON
	}
	code, _ := w.spec.result(a) // its error is in err
	if err != nil || code >= http.StatusInternalServerError || a.Status >= http.StatusInternalServerError {
		t.Errorf("%s as %q with %q: %v\n%s", nameOf(r), credential, body, err, a)
	}
	if code == http.StatusUnauthorized && credential != "" && r.Permission != identity.Public {
		z.close(t)
	}
}

// open starts a new world and signs people in.
func (z *fuzzer) open(t *testing.T) {
	t.Helper()
	dir, err := os.MkdirTemp(z.data, "") //nolint:usetesting // must outlive the test, which is one of many in this world
	if err != nil {
		t.Fatal(err)
	}
	z.world = newWorld(t, z.spec, z.prefix, dir)
	p := player{world: z.world, dir: testdata, tally: newTally(nil)}
	if err := p.startWith(z.spec.Accounts); err != nil {
		t.Fatal(err)
	}
}

func (z *fuzzer) close(t testing.TB) {
	if z.world != nil {
		z.world.t = t
		z.world.stop()
		z.world = nil
	}
}

// post sends a body as it is, with a credential that may have placeholders.
func (w *world) post(r httpapi.Route, credential string, body []byte) (Answer, error) {
	head := r.Method + " " + wildcard.ReplaceAllString(r.Pattern, "1") + "\nContent-Type: application/json\n" + credential
	text, err := w.vars.expand(strings.TrimSuffix(head, "\n"), w.clock.Now())
	if err != nil {
		return Answer{}, err
	}
	return w.do(text + "\n\n" + string(body) + "\n")
}
