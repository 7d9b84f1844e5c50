package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"latchkey/backend/config"
	"latchkey/backend/identity"
	"latchkey/backend/server"
	"latchkey/backend/session"
)

// driveAnswer is what these tests read of an answer of drive.
type driveAnswer struct {
	Cookie string `json:"-"` // the header Set-Cookie
	Code   int
	Data   struct {
		AccessToken  string `json:"access_token"`
		RefreshToken string `json:"refresh_token"`
		StorageUsed  int64  `json:"storage_used"`
		StorageLimit int64  `json:"storage_limit"`
	}
}

// ask sends a request to a handler as a client of drive does.
func ask(ctx context.Context, h http.Handler, target, token, body string) driveAnswer {
	method, path, _ := strings.Cut(target, " ")
	local := net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 5244}
	r := httptest.NewRequestWithContext(context.WithValue(ctx, http.LocalAddrContextKey, &local), method, path, strings.NewReader(body))
	if !strings.HasPrefix(path, "https://") {
		r.Host = local.String()
	}
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, r)
	var a driveAnswer
	if err := json.Unmarshal(rec.Body.Bytes(), &a); err != nil {
		a.Code = -1
	}
	a.Cookie = rec.Header().Get("Set-Cookie")
	return a
}

// driveTerms are those of a sign-in at the root.
func driveTerms() session.Terms {
	return session.Terms{Audiences: []identity.Audience{"drive", "iam"}, Life: 2 * time.Hour, Renew: 7 * 24 * time.Hour}
}

// openDrive signs the administrator in to drive.
func openDrive(t testing.TB, core *server.Core) session.SignedIn {
	t.Helper()
	in, err := core.Sessions.Open(t.Context(), identity.AdminID, nil, session.Client{ID: "drive"}, driveTerms())
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// Fifty who exchange one refresh token at once make one new generation, and
// all are told of the same.
func TestParallelRefresh(t *testing.T) {
	s, _ := start(t, settings(t, t.TempDir()))
	core := s.Core()
	for _, path := range []string{"/drive/api/v1/auth/refresh", "/api/v1/auth/refresh"} {
		in := openDrive(t, core)
		var mu sync.Mutex
		got := map[[2]string]int{}
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				a := ask(t.Context(), s.Handler(), "POST "+path, "", `{"refresh_token":"`+in.Refresh+`"}`)
				mu.Lock()
				defer mu.Unlock()
				got[[2]string{a.Data.AccessToken, a.Data.RefreshToken}]++
			})
		}
		wg.Wait()
		kept, err := core.Store.AccessToken(t.Context(), in.Principal.Token)
		if err != nil || kept.Generation != 2 {
			t.Errorf("%s: kept %+v, %v; want generation 2", path, kept, err)
		}
		if len(got) != 1 {
			t.Errorf("%s: %d different answers, want one", path, len(got))
		}
		for pair := range got {
			if pair[0] == "" || pair[0] == in.Token || pair[1] == "" || pair[1] == in.Refresh {
				t.Errorf("%s: the answer is no new pair", path)
			}
			if a := ask(t.Context(), s.Handler(), "GET /api/v1/profile", pair[0], ""); a.Code != 0 {
				t.Errorf("%s: the new token is refused: %d", path, a.Code)
			}
		}
	}
}

// Of a thousand accounts that one address wants in a row it gets five.
func TestRegistrationFlood(t *testing.T) {
	cfg := settings(t, t.TempDir())
	cfg.AllowRegistration = true
	s, _ := start(t, cfg)
	codes := map[int]int{}
	for i := range 1000 {
		body := fmt.Sprintf(`{"username":"user%d","email":"user%d@example.com","password":"quince and marmalade"}`, i, i)
		a := ask(t.Context(), s.Handler(), "POST /api/v1/auth/register", "", body)
		codes[a.Code]++
	}
	_, total, err := s.Core().Accounts.Users(t.Context(), identity.UserFilter{}, identity.Page{Limit: 1})
	if codes[0] != 5 || codes[42900] != 995 || total != 7 || err != nil {
		t.Errorf("codes %v, %d users, %v; want 5 and 995, and 7 with admin and guest", codes, total, err)
	}
}

// Where the server is reached by TLS, so is the cookie, and nowhere else.
func TestCookieByTLS(t *testing.T) {
	s, _ := start(t, settings(t, t.TempDir()))
	for _, tc := range []struct {
		base, path string
		secure     bool
	}{
		{"/drive", "/drive", false},
		{"", "/", false},
		{"https://127.0.0.1:5244/drive", "/drive", true},
		{"https://127.0.0.1:5244", "/", true},
	} {
		body := `{"username":"admin","password":"` + adminPassword + `"}`
		a := ask(t.Context(), s.Handler(), "POST "+tc.base+"/api/v1/auth/login", "", body)
		secure := ""
		if tc.secure {
			secure = "Secure; "
		}
		// What is left of two hours, on a busy machine a little less.
		want := "access_token=" + regexp.QuoteMeta(a.Data.AccessToken) + "; Path=" + tc.path + "; Max-Age=(7200|71[0-9][0-9]); HttpOnly; " + secure + "SameSite=Strict"
		if a.Code != 0 || !regexp.MustCompile("^"+want+"$").MatchString(a.Cookie) {
			t.Errorf("%s: %d, Set-Cookie %q", tc.base, a.Code, a.Cookie)
		}
	}
}

// What somebody's files take is measured in the folder that the settings name,
// by a server and by what works beside it.
func TestProfileTellsOfRoom(t *testing.T) {
	cfg := settings(t, t.TempDir())
	cfg.Files = filepath.Join(t.TempDir(), "elsewhere")
	s, _ := start(t, cfg)
	if err := os.MkdirAll(filepath.Join(cfg.Files, "people", "bob"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(cfg.Files, "people", "bob", "a"), bytes.Repeat([]byte("x"), 12345), 0o600); err != nil {
		t.Fatal(err)
	}
	beside, err := server.OpenCore(t.Context(), cfg, options())
	if err != nil {
		t.Fatal(err)
	}
	defer beside.Close()
	in := openDrive(t, s.Core())
	for name, h := range map[string]http.Handler{"the server": s.Handler(), "beside it": beside.Handler()} {
		a := ask(t.Context(), h, "GET /drive/api/v1/profile", in.Token, "")
		if a.Code != 0 || a.Data.StorageUsed != 12345 || a.Data.StorageLimit < 0 {
			t.Errorf("%s: %+v", name, a)
		}
	}
}

// A user's id is one for all time and for no other server.
func TestDriveUserIDs(t *testing.T) {
	id := func(cfg config.Config) string {
		s, stop := start(t, cfg)
		defer stop()
		r := bodyOf(t, s.Addresses().HTTP+"/api/v1/profile", "Bearer "+openDrive(t, s.Core()).Token)
		var a struct{ Data struct{ ID string } }
		if err := json.Unmarshal([]byte(r), &a); err != nil {
			t.Fatal(err)
		}
		return a.Data.ID
	}
	cfg := settings(t, t.TempDir())
	first, again, other := id(cfg), id(cfg), id(settings(t, t.TempDir()))
	if first == "" || first != again || first == other {
		t.Errorf("%s, after a restart %s, elsewhere %s", first, again, other)
	}
}
