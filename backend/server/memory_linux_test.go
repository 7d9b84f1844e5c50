//go:build linux && !race

package server_test

import (
	"bufio"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"

	"latchkey/backend/account"
	"latchkey/backend/identity"
	"latchkey/backend/server"
	"latchkey/backend/session"
)

// mostMemory is how much more than idle the server may take for a file on its
// way, in MB.
const mostMemory = 40

// TestMemoryOfAFile: a file takes little memory on its way up and down, over HTTP
// and SFTP, however long it is. BenchmarkMemoryOfAFile does it with 5 GB.
func TestMemoryOfAFile(t *testing.T) {
	if more := goAround(t, 256<<20); more > mostMemory {
		t.Errorf("the server took %.0f MB more than idle", more)
	}
}

func BenchmarkMemoryOfAFile(b *testing.B) {
	most := 0.0
	for b.Loop() {
		most = max(most, goAround(b, 5<<30))
	}
	b.ReportMetric(most, "MB-more")
	b.ReportMetric(0, "ns/op")
	if most > mostMemory {
		b.Errorf("the server took %.0f MB more than idle", most)
	}
}

// goAround sends a file of a size to a server in a process of its own and gets it
// back, twice, and returns by how much its memory grew at the most, in MB.
func goAround(t testing.TB, size int64) float64 {
	t.Helper()
	s := serveElsewhere(t)
	want, idle := sumOf(t, pattern(size)), s.settled()
	most := 0.0
	for _, step := range []struct {
		name string
		do   func() error
	}{
		{"HTTP up", func() error { return s.putHTTP(pattern(size), size) }},
		{"HTTP down", func() error { return s.getHTTP(want) }},
		{"SFTP up", func() error { return s.putSFTP(pattern(size)) }},
		{"SFTP down", func() error { return s.getSFTP(want) }},
	} {
		s.forgetPeak()
		begin := time.Now()
		if err := step.do(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		more := rss(t, s.pid, "VmHWM") - idle
		most = max(most, more)
		t.Logf("%s: %d MB in %v, %.1f MB more than idle (%.1f)", step.name, size>>20, time.Since(begin).Round(time.Millisecond), more, idle)
	}
	return most
}

// pattern is a long content that no block of it tells the place of.
func pattern(size int64) io.Reader { return io.LimitReader(&counting{}, size) }

type counting struct{ n uint64 }

func (c *counting) Read(b []byte) (int, error) {
	for i := range b {
		c.n = c.n*6364136223846793005 + 1442695040888963407
		b[i] = byte(c.n >> 56)
	}
	return len(b), nil
}

type sum [sha256.Size]byte

func sumOf(t testing.TB, r io.Reader) sum {
	t.Helper()
	h := sha256.New()
	if _, err := io.CopyBuffer(h, r, make([]byte, 1<<20)); err != nil {
		t.Fatal(err)
	}
	return sum(h.Sum(nil))
}

// An elsewhere is a server in a process of its own.
type elsewhere struct {
	t          testing.TB
	pid        int
	http, sftp string
	token      string
	key        ssh.Signer
}

func serveElsewhere(t testing.TB) *elsewhere {
	t.Helper()
	data := t.TempDir()
	e := &elsewhere{t: t}
	e.admit(data)
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), serveVariable+"="+data)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		http.DefaultClient.CloseIdleConnections()
		_ = in.Close()
		if err := cmd.Wait(); err != nil && t.Context().Err() == nil {
			t.Errorf("the server ended with %v", err)
		}
	})
	e.pid = cmd.Process.Pid
	if _, err := fmt.Fscanf(bufio.NewReader(out), "ready %s %s\n", &e.http, &e.sftp); err != nil {
		t.Fatalf("no ready line: %v", err)
	}
	return e
}

// admit makes the data folder, and a token and a key to come in with: a password
// would take memory of its own.
func (e *elsewhere) admit(data string) {
	e.t.Helper()
	cfg := settings(e.t, data)
	s, err := server.New(e.t.Context(), cfg, options())
	if err != nil {
		e.t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			e.t.Error(err)
		}
	}()
	in, err := s.Core().Sessions.Open(e.t.Context(), identity.AdminID, nil, session.Client{ID: "far"},
		session.Terms{Audiences: []identity.Audience{"alist"}, Life: 12 * time.Hour})
	if err != nil {
		e.t.Fatal(err)
	}
	e.token = in.Token
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		e.t.Fatal(err)
	}
	if e.key, err = ssh.NewSignerFromKey(private); err != nil {
		e.t.Fatal(err)
	}
	line := string(ssh.MarshalAuthorizedKey(e.key.PublicKey()))
	if _, err := s.Core().Accounts.AddSSHKey(e.t.Context(), in.Principal, account.NewSSHKey{Title: "far", Line: line}, operator()); err != nil {
		e.t.Fatal(err)
	}
}

// settled returns the memory of the idle server, in MB: the least of a few
// looks, as what the start took is given back.
func (e *elsewhere) settled() float64 {
	e.t.Helper()
	least := rss(e.t, e.pid, "VmRSS")
	for range 20 {
		resp, err := e.send(http.MethodGet, "/ping", nil, nil, 0)
		if err != nil {
			e.t.Fatal(err)
		}
		_ = resp.Body.Close()
		least = min(least, rss(e.t, e.pid, "VmRSS"))
	}
	return least
}

func (e *elsewhere) forgetPeak() {
	e.t.Helper()
	const resetPeak = "5" // proc_pid_clear_refs(5)
	if err := os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", e.pid), []byte(resetPeak), 0o600); err != nil {
		e.t.Skipf("no resident memory to read here: %v", err)
	}
}

func (e *elsewhere) send(method, path string, header map[string]string, body io.Reader, size int64) (*http.Response, error) {
	if !strings.HasPrefix(path, "http") {
		path = e.http + path
	}
	r, err := http.NewRequestWithContext(e.t.Context(), method, path, body)
	if err != nil {
		return nil, err
	}
	r.ContentLength = size
	r.Header.Set("Authorization", e.token)
	for k, v := range header {
		r.Header.Set(k, v)
	}
	return http.DefaultClient.Do(r)
}

func (e *elsewhere) putHTTP(content io.Reader, size int64) error {
	resp, err := e.send(http.MethodPut, "/api/fs/put", map[string]string{"File-Path": "/big"}, content, size)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	var a fsAnswer
	if err := json.NewDecoder(resp.Body).Decode(&a); err != nil || a.Code != http.StatusOK {
		return fmt.Errorf("answer %+v, %w", a, err)
	}
	return nil
}

func (e *elsewhere) getHTTP(want sum) error {
	body := `{"path":"/big"}`
	resp, err := e.send(http.MethodPost, "/api/fs/get", map[string]string{"Content-Type": "application/json"}, strings.NewReader(body), int64(len(body)))
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	var a fsAnswer
	if err := json.NewDecoder(resp.Body).Decode(&a); err != nil {
		return err
	}
	file, err := e.send(http.MethodGet, a.Data.RawURL, nil, nil, 0)
	if err != nil {
		return err
	}
	defer file.Body.Close()
	return e.same(file.Body, want)
}

func (e *elsewhere) same(r io.Reader, want sum) error {
	if sumOf(e.t, r) != want {
		return fmt.Errorf("what came back is another file")
	}
	return nil
}

func (e *elsewhere) overSFTP(do func(c *sftp.Client) error) error {
	conn, err := ssh.Dial("tcp", e.sftp, &ssh.ClientConfig{
		User: "admin", Auth: []ssh.AuthMethod{ssh.PublicKeys(e.key)}, HostKeyCallback: ssh.InsecureIgnoreHostKey(),
	})
	if err != nil {
		return err
	}
	defer conn.Close()
	c, err := sftp.NewClient(conn)
	if err != nil {
		return err
	}
	defer c.Close()
	return do(c)
}

func (e *elsewhere) putSFTP(content io.Reader) error {
	return e.overSFTP(func(c *sftp.Client) error {
		f, err := c.Create("/bigger")
		if err != nil {
			return err
		}
		if _, err := f.ReadFrom(content); err != nil {
			return err
		}
		return f.Close()
	})
}

func (e *elsewhere) getSFTP(want sum) error {
	return e.overSFTP(func(c *sftp.Client) error {
		f, err := c.Open("/bigger")
		if err != nil {
			return err
		}
		defer f.Close()
		return e.same(f, want)
	})
}
