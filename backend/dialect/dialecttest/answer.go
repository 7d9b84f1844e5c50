package dialecttest

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// An Answer is what came back for a request.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// isJSON reports whether the answer says that it is JSON.
func (a Answer) isJSON() bool {
	return a.Header.Get("Content-Type") == "application/json; charset=utf-8"
}

// String writes the answer as a recording does, with all headers.
func (a Answer) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", status(a.Status))
	for _, name := range slices.Sorted(maps.Keys(a.Header)) {
		fmt.Fprintf(&b, "%s: %s\n", name, strings.Join(a.Header[name], ", "))
	}
	return b.String() + "\n" + string(a.Body)
}

// same reports how two answers differ in what a client could see, but for the
// id that each request has.
func (a Answer) same(b Answer) error {
	ha, hb := a.Header.Clone(), b.Header.Clone()
	ha.Del("X-Request-Id")
	hb.Del("X-Request-Id")
	if a.Status != b.Status || !maps.EqualFunc(ha, hb, slices.Equal) || !bytes.Equal(a.Body, b.Body) {
		return fmt.Errorf("the answers differ:\n%s\n%s", Answer{a.Status, ha, a.Body}, Answer{b.Status, hb, b.Body})
	}
	return nil
}

// expected is an answer as it stands in a recording.
type expected struct {
	status  int
	headers []header
	body    string
}

type header struct{ name, value string }

// isJSON reports whether nothing is said of another type.
func (e expected) isJSON() bool {
	return !slices.ContainsFunc(e.headers, func(h header) bool { return strings.EqualFold(h.name, "Content-Type") })
}

func parseExpected(data string) (expected, error) {
	head, body, _ := strings.Cut(data, "\n\n")
	lines := strings.Split(strings.TrimSuffix(head, "\n"), "\n")
	first, _, _ := strings.Cut(lines[0], " ")
	code, err := strconv.Atoi(first)
	if err != nil {
		return expected{}, fmt.Errorf("%q is not an HTTP status", lines[0])
	}
	e := expected{status: code, body: strings.TrimSuffix(body, "\n")}
	for _, l := range lines[1:] {
		name, value, ok := strings.Cut(l, ":")
		if !ok {
			return e, fmt.Errorf("%q is not a header", l)
		}
		e.headers = append(e.headers, header{name, strings.TrimSpace(value)})
	}
	return e, nil
}

// String writes the answer as it stands in a recording.
func (e expected) String() string {
	out := status(e.status) + "\n"
	for _, h := range e.headers {
		out += strings.TrimSpace(h.name+": "+h.value) + "\n"
	}
	if e.body != "" {
		out += "\n" + e.body + "\n"
	}
	return out
}

func status(code int) string {
	return strings.TrimSpace(fmt.Sprintf("%d %s", code, http.StatusText(code)))
}
