package server_test

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"latchkey/backend/account"
	"latchkey/backend/identity"
	"latchkey/backend/session"
)

// A thousand small uploads at once all arrive whole and fill a storage limit to
// the byte; one byte more is refused. Nothing else is left, nor is anything open.
func TestThousandUploads(t *testing.T) {
	const n, size = 1000, 2000
	const connections = 200 // as one client gets at once
	s := startFS(t, settings(t, t.TempDir()))
	limit := int64(n * size)
	u, err := s.Core().Accounts.CreateUser(t.Context(), account.NewUser{
		Username: "bob", Password: "correct staple pony", BasePath: "/bob", Roles: []identity.RoleID{writers(t, s)}, StorageLimit: limit,
	}, operator())
	if err != nil {
		t.Fatal(err)
	}
	in, err := s.Core().Sessions.Open(t.Context(), u.ID, nil, session.Client{ID: "bob"}, session.Terms{Audiences: []identity.Audience{"alist"}, Life: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	s.token = in.Token
	before, most := openNow(t), atomic.Int64{}
	s.client = &http.Client{Transport: &http.Transport{MaxConnsPerHost: connections}}
	content := func(i int) string { return strings.Repeat(fmt.Sprintf("%04d", i), size/4) }
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			a, err := s.put(fmt.Sprintf("/many/%d", i), content(i))
			most.Store(max(most.Load(), int64(openNow(t))))
			if err != nil || a.Code != http.StatusOK {
				t.Errorf("%d: %+v, %v", i, a, err)
			}
		})
	}
	all.Wait()
	for i := range n {
		b, err := os.ReadFile(s.at(fmt.Sprintf("bob/many/%d", i)))
		if err != nil || string(b) != content(i) {
			t.Errorf("%d has %d bytes, %v", i, len(b), err)
		}
	}
	if left := s.left(); len(left) != n+2 { // with the two folders
		t.Errorf("%d are there", len(left))
	}
	usage, err := s.Core().Files.Usage(t.Context(), "/bob")
	if err != nil || usage.Used != limit {
		t.Errorf("%d bytes are used, %v", usage.Used, err)
	}
	if a, err := s.put("/many/more", "x"); err != nil || a.Name != "quota_exceeded" {
		t.Errorf("one byte more: %+v, %v", a, err)
	}
	if a, err := s.put("/many/0", content(0)); err != nil || a.Code != http.StatusOK {
		t.Errorf("in place of one: %+v, %v", a, err)
	}
	// Each connection has two ends here, and on the server's an upload with its
	// folder, a note of it, and what is looked at.
	if bound := int64(before + connections*(2+4) + 50); most.Load() > bound {
		t.Errorf("%d files were open, more than %d", most.Load(), bound)
	}
	s.client.CloseIdleConnections()
	until(t, "what was open is closed", func() bool { return openNow(t) <= before+10 })
}

// openNow counts what this process has open, where the system tells.
func openNow(t *testing.T) int {
	t.Helper()
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(list)
}

// writers makes a role that may upload.
func writers(t *testing.T, s *fsServer) identity.RoleID {
	t.Helper()
	role, err := s.Core().Accounts.CreateRole(t.Context(), identity.Role{
		Name: "writers", Scopes: []identity.Scope{{Path: "/", Permission: identity.PathWrite | identity.PathDelete}},
	}, operator())
	if err != nil {
		t.Fatal(err)
	}
	return role.ID
}
