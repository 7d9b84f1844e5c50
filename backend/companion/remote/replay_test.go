package remote_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/textproto"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"testing"

	"golang.org/x/tools/txtar"

	"latchkey/backend/companion/remote"
)

// An exchange is a request that the client must send and its answer. The files
// in testdata hold them in pairs; in a request the headers and the body that
// are named must be those sent, and a header without a value must be missing.
type exchange struct {
	name    string
	method  string
	url     string
	headers textproto.MIMEHeader
	body    string

	status       int
	answerHeader textproto.MIMEHeader
	answer       string
}

// A replay answers requests in the order of its exchanges.
type replay struct {
	t    *testing.T
	mu   sync.Mutex
	left []exchange
}

// play starts a server that replays a file, and fails the test if not all of
// it was asked for.
func play(t *testing.T, name string) *remote.Client {
	t.Helper()
	archive, err := txtar.ParseFile(filepath.Join("testdata", name+".txtar"))
	if err != nil {
		t.Fatal(err)
	}
	r := &replay{t: t}
	for i := 0; i+1 < len(archive.Files); i += 2 {
		r.left = append(r.left, parseExchange(t, archive.Files[i], archive.Files[i+1]))
	}
	c := open(t, options(t, serve(t, r)))
	t.Cleanup(func() {
		for _, x := range r.left {
			t.Errorf("%s: never asked for %s %s", name, x.method, x.url)
		}
	})
	return c
}

func parseExchange(t *testing.T, q, a txtar.File) exchange {
	t.Helper()
	first, headers, body := parsePart(t, q)
	x := exchange{name: q.Name, headers: headers, body: body}
	x.method, x.url, _ = strings.Cut(first, " ")
	first, x.answerHeader, x.answer = parsePart(t, a)
	n, err := strconv.Atoi(first)
	if err != nil {
		t.Fatalf("%s: %v", a.Name, err)
	}
	x.status = n
	return x
}

func parsePart(t *testing.T, f txtar.File) (string, textproto.MIMEHeader, string) {
	t.Helper()
	b := bufio.NewReader(io.MultiReader(bytes.NewReader(bytes.TrimRight(f.Data, "\n")), strings.NewReader("\n\n")))
	first, err := b.ReadString('\n')
	if err != nil {
		t.Fatalf("%s: %v", f.Name, err)
	}
	h := textproto.MIMEHeader{}
	for {
		line, err := b.ReadString('\n')
		if err != nil || line == "\n" {
			break
		}
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ":")
		h.Set(name, strings.TrimSpace(value))
	}
	body, _ := io.ReadAll(b)
	return strings.TrimSpace(first), h, strings.TrimSpace(string(body))
}

func (r *replay) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.left) == 0 {
		r.t.Errorf("asked for %s %s after the last exchange", req.Method, req.URL)
		w.WriteHeader(http.StatusTeapot)
		return
	}
	x := r.left[0]
	r.left = r.left[1:]
	if err := x.check(req); err != nil {
		r.t.Errorf("%s: %v", x.name, err)
	}
	for k, v := range x.answerHeader {
		w.Header()[k] = v
	}
	if w.Header().Get("Content-Type") == "" && x.answer != "" {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
	}
	w.WriteHeader(x.status)
	_, _ = io.WriteString(w, x.answer)
}

func (x exchange) check(req *http.Request) error {
	if req.Method != x.method || req.URL.String() != x.url {
		return fmt.Errorf("asked for %s %s; want %s %s", req.Method, req.URL, x.method, x.url)
	}
	for k := range x.headers {
		if got := req.Header.Get(k); got != x.headers.Get(k) {
			return fmt.Errorf("header %s is %q; want %q", k, got, x.headers.Get(k))
		}
	}
	if got := req.Header.Get("Client-Id"); got != clientID {
		return fmt.Errorf("header Client-Id is %q", got)
	}
	sent, err := io.ReadAll(req.Body)
	if err != nil {
		return err
	}
	return sameJSON(string(sent), x.body)
}

func sameJSON(got, want string) error {
	if got == "" && want == "" {
		return nil
	}
	var g, w any
	if err := json.Unmarshal([]byte(want), &w); err != nil {
		return fmt.Errorf("the wanted body: %w", err)
	}
	if err := json.Unmarshal([]byte(got), &g); err != nil || !reflect.DeepEqual(g, w) {
		return fmt.Errorf("the body is %s; want %s", got, want)
	}
	return nil
}
