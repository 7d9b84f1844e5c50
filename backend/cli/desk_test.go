package cli

import (
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"latchkey/backend/companion/remote"
	"latchkey/backend/identity"
)

// fake starts a server that is not as it should be, and sets FAKE to its
// address: fake page|redirect|garbage|tls|late|gone. The one that is late is the
// server of $HTTP, but for its clock, which is 10 minutes behind.
func (w *world) fake(args []string) {
	w.arg(args, 1, "fake KIND")
	page := func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", "text/html")
		_, _ = fmt.Fprint(rw, "<!doctype html><title>A box at home</title>")
	}
	var s *httptest.Server
	switch args[0] {
	case "page":
		s = httptest.NewServer(http.HandlerFunc(page))
	case "redirect":
		s = httptest.NewServer(http.RedirectHandler("http://127.0.0.1:1/elsewhere", http.StatusFound))
	case "garbage":
		s = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
			_, _ = rw.Write([]byte("\x00\x1b]0;x\x07 pong"))
		}))
	case "tls":
		s = httptest.NewUnstartedServer(http.HandlerFunc(page))
		s.Config.ErrorLog = log.New(io.Discard, "", 0) // of callers who do not trust it
		s.StartTLS()
	case "late":
		real, err := url.Parse(w.ts.Getenv("HTTP"))
		w.ts.Check(err)
		s = httptest.NewServer(&httputil.ReverseProxy{
			Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(real) },
			ModifyResponse: func(r *http.Response) error {
				r.Header.Set("Date", time.Now().Add(-10*time.Minute).UTC().Format(http.TimeFormat))
				return nil
			},
		})
	case "gone":
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		w.ts.Check(err)
		w.ts.Check(ln.Close())
		w.ts.Setenv("FAKE", "http://"+ln.Addr().String())
		return
	default:
		w.ts.Fatalf("there is no fake %s", args[0])
	}
	w.ts.Defer(s.Close)
	w.ts.Setenv("FAKE", s.URL)
}

// hides checks that no file below a folder has a text in it: hides FOLDER TEXT...
func (w *world) hides(args []string) {
	if len(args) < 2 {
		w.ts.Fatalf("usage: hides FOLDER TEXT...")
	}
	err := filepath.WalkDir(w.ts.MkAbs(args[0]), func(path string, entry os.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(path)
		for _, secret := range args[1:] {
			w.must(!strings.Contains(string(text), secret), "%s has %q in it", path, secret)
		}
		return err
	})
	w.ts.Check(err)
}

func TestFindDevice(t *testing.T) {
	devices := []remote.Device{{ID: "abcd1"}, {ID: "abcd12"}, {ID: "abxy"}, {ID: "abcde"}}
	for _, tc := range []struct {
		typed string
		want  identity.SessionID
	}{
		{"abcd1", "abcd1"}, // the whole id, though another begins so
		{"abcd12", "abcd12"},
		{"abxy", "abxy"},
		{"abcde", "abcde"},
		{"abcd", ""}, // more than one
		{"abx", ""},  // too little of it
		{"", ""},
		{"zzzz", ""},
	} {
		got, err := findDevice(devices, tc.typed)
		if got.ID != tc.want || (err == nil) != (tc.want != "") {
			t.Errorf("%q is %q, %v, want %q", tc.typed, got.ID, err, tc.want)
		}
	}
}

func TestFindSSHKey(t *testing.T) {
	keys := []remote.SSHKey{
		{ID: 1, Title: "laptop", Fingerprint: "SHA256:aaa"}, {ID: 2, Title: "twice", Fingerprint: "SHA256:bbb"},
		{ID: 3, Title: "twice", Fingerprint: "SHA256:ccc"},
	}
	for _, tc := range []struct {
		typed string
		want  identity.SSHKeyID
	}{
		{"laptop", 1}, {"SHA256:bbb", 2}, {"ccc", 3}, {"twice", 0}, {"LAPTOP", 0}, {"", 0},
	} {
		got, err := findSSHKey(keys, tc.typed)
		if got.ID != tc.want || (err == nil) != (tc.want != 0) {
			t.Errorf("%q is %d, %v, want %d", tc.typed, got.ID, err, tc.want)
		}
	}
}

func TestRemaining(t *testing.T) {
	for _, tc := range []struct {
		d    time.Duration
		want string
	}{
		{time.Millisecond, "1 second"}, {40 * time.Second, "40 seconds"}, {119500 * time.Millisecond, "120 seconds"},
		{5 * time.Minute, "5 minutes"}, {2 * time.Hour, "2 hours"},
	} {
		if got := remaining(tc.d); got != tc.want {
			t.Errorf("%v is %q, want %q", tc.d, got, tc.want)
		}
	}
	if got := ahead(-time.Hour) + ", " + ahead(time.Minute); got != "60 minutes behind, 60 seconds ahead of" {
		t.Errorf("got %q", got)
	}
}
