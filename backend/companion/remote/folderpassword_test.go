package remote_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"latchkey/backend/companion/remote"
	"latchkey/backend/internal/secret"
)

// An alistFolder answers as AList does for a folder /shut with a password, and
// one in it, /shut/own, with the password "own".
type alistFolder struct {
	password string
	wrong    atomic.Int32 // passwords that it has seen
}

func (f *alistFolder) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	var body struct{ Path, Password string }
	_ = json.NewDecoder(r.Body).Decode(&body)
	password := f.password
	if strings.HasPrefix(body.Path, "/shut/own") {
		password = "own"
	}
	switch {
	case strings.HasSuffix(r.URL.Path, "/me"):
		_, _ = io.WriteString(w, `{"code":200,"message":"success","data":{"id":3,"username":"ann","role":[3],"base_path":"/"}}`)
	case strings.HasPrefix(body.Path, "/shut") && body.Password != password:
		if body.Password != "" {
			f.wrong.Add(1)
		}
		_, _ = io.WriteString(w, `{"code":403,"message":"password is incorrect or you have no permission","data":null}`)
	default:
		_, _ = io.WriteString(w, `{"code":200,"message":"success","data":{"content":[{"name":"f","is_dir":false}],"total":1}}`)
	}
}

// AList says the same of a password that is missing and of one that is wrong;
// one that is right is sent for the folder and what is below it.
func TestFolderOfAList(t *testing.T) {
	server := &alistFolder{password: "open sesame"}
	a := account(t, open(t, options(t, serve(t, server))), remote.Grant{Token: secret.New("token")})
	ctx := t.Context()
	list := func(p remote.FilePath) error { _, err := a.List(ctx, p); return err }
	wants(t, list("/other"), "")
	wants(t, list("/shut"), "remote_folder_password_needed")
	wants(t, a.OpenFolder(ctx, "/shut", secret.New("wrong")), "remote_folder_password_wrong")
	wants(t, list("/shut"), "remote_folder_password_needed")
	wants(t, a.OpenFolder(ctx, "/shut", secret.New("open sesame")), "")
	wants(t, list("/shut"), "")
	wants(t, list("/shut/deeper"), "")
	_, err := a.Stat(ctx, "/shut/f")
	wants(t, err, "")
	server.password = "another"
	wants(t, list("/shut/deeper"), "remote_folder_password_wrong")
	wants(t, list("/shut"), "remote_folder_password_needed") // the old one was dropped
}

// In a protected folder within another the outer password is tried once, and
// stays that of the outer one.
func TestFolderInAFolder(t *testing.T) {
	server := &alistFolder{password: "open sesame"}
	a := account(t, open(t, options(t, serve(t, server))), remote.Grant{Token: secret.New("token")})
	ctx := t.Context()
	list := func(p remote.FilePath) error { _, err := a.List(ctx, p); return err }
	wants(t, a.OpenFolder(ctx, "/shut", secret.New("open sesame")), "")
	wants(t, list("/shut/own"), "remote_folder_password_needed")
	wants(t, list("/shut/own"), "remote_folder_password_needed")
	wants(t, list("/shut/own/deeper"), "remote_folder_password_needed")
	if got := server.wrong.Load(); got != 1 {
		t.Errorf("%d wrong passwords were sent, want 1", got)
	}
	wants(t, list("/shut"), "")
	wants(t, list("/shut/deeper"), "")
	wants(t, a.OpenFolder(ctx, "/shut/own", secret.New("own")), "")
	wants(t, list("/shut/own/deeper"), "")
	wants(t, list("/shut"), "")
}

// A password that is not right any more is sent by those who are at it, and by
// none after them.
func TestOldFolderPasswordInManyTransfers(t *testing.T) {
	server := &alistFolder{password: "open sesame"}
	a := account(t, open(t, options(t, serve(t, server))), remote.Grant{Token: secret.New("token")})
	wants(t, a.OpenFolder(t.Context(), "/shut", secret.New("open sesame")), "")
	server.password = "another"
	const atOnce, each = 3, 10
	var wg sync.WaitGroup
	for i := range atOnce {
		wg.Go(func() {
			for j := range each {
				_, err := a.List(t.Context(), remote.FilePath(fmt.Sprintf("/shut/%d/%d", i, j)))
				if err == nil {
					t.Error("an old password opens")
				}
			}
		})
	}
	wg.Wait()
	if got := server.wrong.Load(); got > atOnce+1 {
		t.Errorf("%d wrong passwords were sent, want at most %d", got, atOnce+1)
	}
}

// One that is shown for every path is dropped where it is wrong.
func TestShownFolderPassword(t *testing.T) {
	server := &alistFolder{password: "open sesame"}
	a := account(t, open(t, options(t, serve(t, server))), remote.Grant{Token: secret.New("token")})
	list := func(p remote.FilePath) error { _, err := a.List(t.Context(), p); return err }
	a.ShowFolderPassword(secret.New("wrong"))
	wants(t, list("/other"), "")
	wants(t, list("/shut/a"), "remote_folder_password_wrong")
	wants(t, list("/shut/b"), "remote_folder_password_needed")
	if got := server.wrong.Load(); got != 1 {
		t.Errorf("%d wrong passwords were sent, want 1", got)
	}
}

// Of a password nothing is seen but in the requests that need it.
func TestFolderPasswordIsNotTold(t *testing.T) {
	a := account(t, open(t, options(t, serve(t, &alistFolder{password: "x"}))), remote.Grant{Token: secret.New("token")})
	const canary = "canary sesame"
	err := a.OpenFolder(t.Context(), "/shut", secret.New(canary))
	for _, shown := range []string{fmt.Sprint(err), fmt.Sprintf("%+v", a), fmt.Sprintf("%#v", remote.NewFolderPasswords())} {
		if strings.Contains(shown, canary) {
			t.Errorf("told: %s", shown)
		}
	}
}
