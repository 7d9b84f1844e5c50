package server_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"latchkey/backend/config"
	"latchkey/backend/identity"
	"latchkey/backend/server"
	"latchkey/backend/session"
)

// fsAnswer is what these tests read of an answer about files.
type fsAnswer struct {
	Code int
	Data struct {
		RawURL string `json:"raw_url"`
		Task   struct {
			ID    string
			State int
		}
	}
	Name string `json:"-"` // of the refusal
}

// fsServer is a running server with an administrator's token.
type fsServer struct {
	*server.Server
	t      testing.TB
	cfg    config.Config
	in     session.SignedIn
	token  string
	client *http.Client
}

func startFS(t testing.TB, cfg config.Config) *fsServer {
	t.Helper()
	s, _ := start(t, cfg)
	in, err := s.Core().Sessions.Open(t.Context(), identity.AdminID, nil, session.Client{ID: "fs"},
		session.Terms{Audiences: []identity.Audience{"alist"}, Life: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	return &fsServer{s, t, cfg, in, in.Token, http.DefaultClient}
}

// ask sends a request and reads the envelope of the answer.
func (s *fsServer) ask(method, path string, header map[string]string, body io.Reader) (fsAnswer, error) {
	resp, err := s.send(method, path, header, body)
	if err != nil {
		return fsAnswer{}, err
	}
	defer resp.Body.Close()
	var e struct {
		Code int
		Data json.RawMessage
	}
	err = json.NewDecoder(resp.Body).Decode(&e)
	a := fsAnswer{Code: e.Code, Name: resp.Header.Get("Latchkey-Error")}
	_ = json.Unmarshal(e.Data, &a.Data) // some answers have a list
	return a, err
}

func (s *fsServer) send(method, path string, header map[string]string, body io.Reader) (*http.Response, error) {
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.Addresses().HTTP+path, body)
	if err != nil {
		return nil, err
	}
	if f, ok := body.(*os.File); ok {
		info, err := f.Stat()
		if err != nil {
			return nil, err
		}
		r.ContentLength = info.Size()
	}
	r.Header.Set("Authorization", s.token)
	r.Header.Set("Content-Type", "application/json")
	for k, v := range header {
		r.Header.Set(k, v)
	}
	return s.client.Do(r)
}

func (s *fsServer) put(path, content string) (fsAnswer, error) {
	return s.ask(http.MethodPut, "/api/fs/put", map[string]string{"File-Path": path}, strings.NewReader(content))
}

// at is a place in the files folder.
func (s *fsServer) at(path string) string { return filepath.Join(s.cfg.FilesFolder(), path) }

// left lists what is in the files folder, temporary files included.
func (s *fsServer) left() []string {
	s.t.Helper()
	var out []string
	err := filepath.WalkDir(s.cfg.FilesFolder(), func(path string, d os.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil // it went while this looked
		case err == nil && path != s.cfg.FilesFolder() && d.Name() != ".latchkey-tmp":
			out = append(out, d.Name())
		}
		return err
	})
	if err != nil {
		s.t.Error(err)
	}
	return out
}

// A slow upload is one that a test feeds by hand, over a connection of its own.
type slowUpload struct {
	t    testing.TB
	conn net.Conn
	in   *bufio.Reader
}

func (s *fsServer) begin(path string, size int, more string) slowUpload {
	s.t.Helper()
	host := strings.TrimPrefix(s.Addresses().HTTP, "http://")
	c, err := net.Dial("tcp", host)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = c.Close() })
	u := slowUpload{s.t, c, bufio.NewReader(c)}
	u.send([]byte(fmt.Sprintf("PUT /api/fs/put HTTP/1.1\r\nHost: %s\r\nAuthorization: %s\r\nFile-Path: %s\r\nContent-Length: %d\r\n%s\r\n",
		host, s.token, path, size, more)))
	return u
}

func (u slowUpload) send(b []byte) {
	u.t.Helper()
	if _, err := u.conn.Write(b); err != nil {
		u.t.Fatal(err)
	}
}

// answer reads the envelope, or an error where the connection was cut.
func (u slowUpload) answer() (fsAnswer, error) {
	resp, err := http.ReadResponse(u.in, nil)
	if err != nil {
		return fsAnswer{}, err
	}
	defer resp.Body.Close()
	a := fsAnswer{Name: resp.Header.Get("Latchkey-Error")}
	return a, json.NewDecoder(resp.Body).Decode(&a)
}

// until waits for something to become so.
func until(t testing.TB, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !is(); {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
		runtime.Gosched()
	}
}

// arriving waits until an upload is under way.
func (s *fsServer) arriving() {
	until(s.t, "an upload begins", func() bool {
		for _, name := range s.left() {
			if strings.HasPrefix(name, ".latchkey-tmp-") {
				return true
			}
		}
		return false
	})
}

// What is cut off, or sent by somebody who may no longer, leaves nothing: no
// file, no temporary one and no folder.
func TestUploadsThatDoNotEnd(t *testing.T) {
	evict := func(s *fsServer) {
		if err := s.Core().Sessions.End(s.t.Context(), 0, s.in.Session.ID, operator()); err != nil {
			s.t.Error(err)
		}
	}
	for name, tc := range map[string]struct {
		meanwhile func(s *fsServer, u slowUpload)
		refused   string // "": nobody waits for an answer
	}{
		"cut off":            {func(_ *fsServer, u slowUpload) { _ = u.conn.Close() }, ""},
		"evicted":            {func(s *fsServer, u slowUpload) { evict(s); u.send(make([]byte, 2<<20)) }, "session_ended"},
		"evicted at the end": {func(s *fsServer, u slowUpload) { evict(s); u.send(make([]byte, 3<<20-10)) }, "session_ended"},
		"cancelled": {func(s *fsServer, _ slowUpload) {
			list, err := s.Core().Tasks.List(s.t.Context(), identity.AdminID, false)
			if err != nil || len(list) != 1 || list[0].Done != 10 || list[0].State != identity.TaskRunning {
				s.t.Fatalf("tasks %+v, %v", list, err)
			}
			a, err := s.ask(http.MethodPost, "/api/task/upload/cancel?tid="+string(list[0].ID), nil, nil)
			if err != nil || a.Code != http.StatusOK {
				s.t.Errorf("cancel: %+v, %v", a, err)
			}
		}, "task_cancelled"},
	} {
		t.Run(name, func(t *testing.T) {
			s := startFS(t, settings(t, t.TempDir()))
			if a, err := s.put("/old", "whole"); err != nil || a.Code != http.StatusOK {
				t.Fatalf("%+v, %v", a, err)
			}
			u := s.begin("/new/deep/file", 3<<20, "As-Task: true\r\n")
			u.send(make([]byte, 10))
			s.arriving()
			until(t, "its first bytes are counted", func() bool {
				list, err := s.Core().Tasks.List(t.Context(), identity.AdminID, false)
				return err == nil && len(list) == 1 && list[0].Done == 10
			})
			tc.meanwhile(s, u)
			if tc.refused != "" {
				if a, err := u.answer(); err != nil || a.Name != tc.refused {
					t.Errorf("answer %+v, %v; want %s", a, err, tc.refused)
				}
			}
			until(t, "nothing is left but the old file", func() bool { return len(s.left()) == 1 })
			until(t, "the task is on record", func() bool {
				list, err := s.Core().Tasks.List(t.Context(), identity.AdminID, true)
				return err == nil && len(list) == 1 && list[0].State != identity.TaskDone
			})
			if b, err := os.ReadFile(s.at("old")); err != nil || string(b) != "whole" {
				t.Errorf("the old file is %q, %v", b, err)
			}
		})
	}
}

// A task that the end of the server interrupts is found as failed afterwards.
func TestTaskSurvivesTheServer(t *testing.T) {
	cfg := settings(t, t.TempDir())
	s, stop := start(t, cfg)
	_, running, err := s.Core().Tasks.Begin(t.Context(), identity.AdminID, "upload x", 7)
	if err != nil {
		t.Fatal(err)
	}
	_ = running // which never ends: the process might have been killed
	stop()
	again, _ := start(t, cfg)
	list, err := again.Core().Tasks.List(t.Context(), identity.AdminID, true)
	if err != nil || len(list) != 1 || list[0].State != identity.TaskFailed || list[0].Error == "" || list[0].EndedAt.IsZero() {
		t.Errorf("tasks %+v, %v", list, err)
	}
}

// Many small uploads at once, to one path and to many, are each whole.
func TestManyUploadsAtOnce(t *testing.T) {
	s := startFS(t, settings(t, t.TempDir()))
	var wg sync.WaitGroup
	for i := range 100 {
		wg.Go(func() {
			content := strings.Repeat(string(rune('a'+i%26)), 5000)
			for _, path := range []string{fmt.Sprintf("/many/%d", i), "/one"} {
				if a, err := s.put(path, content); err != nil || a.Code != http.StatusOK {
					t.Errorf("%s: %+v, %v", path, a, err)
				}
			}
		})
	}
	wg.Wait()
	if n := len(s.left()); n != 102 { // with the folder, and the one
		t.Errorf("%d are there: %v", n, s.left())
	}
	b, err := os.ReadFile(s.at("one"))
	if err != nil || len(b) != 5000 || len(bytes.Trim(b, string(b[:1]))) > 0 {
		t.Errorf("the one has %d bytes, %v", len(b), err)
	}
}

// A file larger than any buffer comes back as it was sent, in parts too, and
// what links lead out to does not.
func TestFileGoesAround(t *testing.T) {
	s := startFS(t, settings(t, t.TempDir()))
	content := make([]byte, 3<<20+7)
	for i := range content {
		content[i] = byte(i * 7)
	}
	if a, err := s.ask(http.MethodPut, "/alist/api/fs/put", map[string]string{"File-Path": "%2Fa%20b%2Fc%23%3F.bin"}, bytes.NewReader(content)); err != nil || a.Code != http.StatusOK {
		t.Fatalf("%+v, %v", a, err)
	}
	a, err := s.ask(http.MethodPost, "/alist/api/fs/get", nil, strings.NewReader(`{"path":"/a b/c#?.bin","password":""}`))
	if err != nil || !strings.HasPrefix(a.Data.RawURL, s.Addresses().HTTP+"/alist/p/a%20b/c%23%3F.bin?sign=") {
		t.Fatalf("%+v, %v", a, err)
	}
	if got := fetchRaw(t, a.Data.RawURL, ""); !bytes.Equal(got, content) {
		t.Errorf("got %d bytes, sent %d", len(got), len(content))
	}
	if got := fetchRaw(t, a.Data.RawURL, "bytes=1000000-2999999"); !bytes.Equal(got, content[1_000_000:3_000_000]) {
		t.Errorf("got %d bytes of a part", len(got))
	}
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(secret, s.at("out")); err != nil {
		t.Fatal(err)
	}
	if a, err := s.ask(http.MethodPost, "/api/fs/get", nil, strings.NewReader(`{"path":"/out"}`)); err != nil || a.Name != "path_escapes" {
		t.Errorf("a link out: %+v, %v", a, err)
	}
	if a, err := s.put("/out", "x"); err != nil || a.Name != "not_a_file" {
		t.Errorf("onto a link out: %+v, %v", a, err)
	}
}

func fetchRaw(t *testing.T, url, part string) []byte {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if part != "" {
		r.Header.Set("Range", part)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Beside a running server the files are there, and are left alone.
func TestFilesBesideAServer(t *testing.T) {
	s := startFS(t, settings(t, t.TempDir()))
	u := s.begin("/slow", 6, "")
	u.send([]byte("abc"))
	s.arriving()
	beside, err := server.OpenCore(t.Context(), s.cfg, options())
	if err != nil {
		t.Fatal(err)
	}
	defer beside.Close()
	a := ask(t.Context(), beside.Handler(), "POST /api/fs/mkdir", s.token, `{"path":"/made"}`)
	if a.Code != http.StatusOK {
		t.Errorf("mkdir beside: %+v", a)
	}
	u.send([]byte("def"))
	if a, err := u.answer(); err != nil || a.Code != http.StatusOK {
		t.Errorf("%+v, %v", a, err)
	}
	if b, err := os.ReadFile(s.at("slow")); err != nil || string(b) != "abcdef" {
		t.Errorf("the file is %q, %v", b, err)
	}
}
