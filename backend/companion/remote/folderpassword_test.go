package remote_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"latchkey/backend/companion/remote"
	"latchkey/backend/internal/secret"
)

// An alistFolder answers as AList does for a folder /shut with a password.
type alistFolder struct{ password string }

func (f *alistFolder) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	var body struct{ Path, Password string }
	_ = json.NewDecoder(r.Body).Decode(&body)
	switch {
	case strings.HasSuffix(r.URL.Path, "/me"):
		_, _ = io.WriteString(w, `{"code":200,"message":"success","data":{"id":3,"username":"ann","role":[3],"base_path":"/"}}`)
	case strings.HasPrefix(body.Path, "/shut") && body.Password != f.password:
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
