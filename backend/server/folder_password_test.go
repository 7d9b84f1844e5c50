package server_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"

	"latchkey/backend/account"
	"latchkey/backend/files"
	"latchkey/backend/folderpassword"
	"latchkey/backend/identity"
	"latchkey/backend/internal/env"
	"latchkey/backend/internal/secret"
	"latchkey/backend/session"
)

// Who may do all with files but open protected folders, and who that, too.
const (
	mayTouch = identity.PathWrite | identity.PathRename | identity.PathMove | identity.PathCopy | identity.PathDelete | identity.PathSFTPRead | identity.PathSFTPWrite
	mayEnter = mayTouch | identity.PathNoPassword
)

const folderPass = "open sesame 7"

// A guardedFS is a server with a protected folder /team/secret, which bob, whose
// files begin at /team, and ann, whose begin at the top, both reach.
type guardedFS struct {
	*fsServer
	id    identity.FolderPasswordID
	token map[string]string
}

func startGuarded(t *testing.T) guardedFS {
	t.Helper()
	g := guardedFS{startFS(t, settings(t, t.TempDir())), 0, map[string]string{}}
	g.token["admin"] = g.fsServer.token
	for _, p := range []struct {
		name, base string
		may        identity.PathPermission
	}{{"ann", "/", mayTouch}, {"bob", "/team", mayTouch}, {"eve", "/team", mayEnter}} {
		g.person(p.name, p.base, p.may)
	}
	for _, name := range []string{"team/free", "team/secret/f", "team/secret/sub/f"} {
		if err := os.MkdirAll(filepath.Dir(g.at(name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(g.at(name), []byte("content of "+name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	made, err := g.Core().Folders.Create(t.Context(), "/team/secret", secret.New(folderPass), true, operator())
	if err != nil {
		t.Fatal(err)
	}
	g.id = made.ID
	return g
}

func (g guardedFS) person(name, base string, may identity.PathPermission) {
	g.t.Helper()
	role, err := g.Core().Accounts.CreateRole(g.t.Context(), identity.Role{Name: name, Scopes: []identity.Scope{{Path: "/", Permission: may}}}, operator())
	if err != nil {
		g.t.Fatal(err)
	}
	u, err := g.Core().Accounts.CreateUser(g.t.Context(), account.NewUser{
		Username: name, Password: "correct staple pony", BasePath: base, Roles: []identity.RoleID{role.ID},
	}, operator())
	if err != nil {
		g.t.Fatal(err)
	}
	in, err := g.Core().Sessions.Open(g.t.Context(), u.ID, nil, session.Client{ID: name}, session.Terms{Audiences: []identity.Audience{"alist"}, Life: time.Hour})
	if err != nil {
		g.t.Fatal(err)
	}
	g.token[name] = in.Token
}

// as asks as somebody, with the password of a folder in the header, or "".
func (g guardedFS) as(name, method, path, password, body string, header ...string) fsAnswer {
	g.t.Helper()
	h := map[string]string{"Authorization": g.token[name]}
	if password != "" {
		h["Password"] = password
	}
	for i := 0; i < len(header); i += 2 {
		h[header[i]] = header[i+1]
	}
	a, err := g.ask(method, path, h, strings.NewReader(body))
	if err != nil {
		g.t.Fatal(err)
	}
	return a
}

// An fsDeed is a request at a path of bob's.
type fsDeed struct{ name, method, route, body, file string }

func fsDeeds(dir, name string) []fsDeed {
	at := strings.TrimSuffix(dir, "/") + "/" + name
	return []fsDeed{
		{"get", "POST", "get", fmt.Sprintf(`{"path":%q}`, at), ""},
		{"list", "POST", "list", fmt.Sprintf(`{"path":%q}`, dir), ""},
		{"dirs", "POST", "dirs", fmt.Sprintf(`{"path":%q}`, dir), ""},
		{"put", "PUT", "put", "new", at},
		{"put a new one", "PUT", "put", "new", at + "-new"},
		{"form", "PUT", "form", "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\nnew\r\n--x--\r\n", at},
		{"mkdir", "POST", "mkdir", fmt.Sprintf(`{"path":%q}`, at+"-dir"), ""},
		{"rename", "POST", "rename", fmt.Sprintf(`{"path":%q,"name":"renamed"}`, at), ""},
		{"move out", "POST", "move", fmt.Sprintf(`{"src_dir":%q,"dst_dir":"/","names":[%q]}`, dir, name), ""},
		{"move in", "POST", "move", fmt.Sprintf(`{"src_dir":"/","dst_dir":%q,"names":["free"]}`, dir), ""},
		{"copy out", "POST", "copy", fmt.Sprintf(`{"src_dir":%q,"dst_dir":"/","names":[%q]}`, dir, name), ""},
		{"copy in", "POST", "copy", fmt.Sprintf(`{"src_dir":"/","dst_dir":%q,"names":["free"]}`, dir), ""},
		{"remove", "POST", "remove", fmt.Sprintf(`{"dir":%q,"names":[%q]}`, dir, name), ""},
		{"throw away", "POST", "trash/add", fmt.Sprintf(`{"dir":%q,"names":[%q]}`, dir, name), ""},
	}
}

func (g guardedFS) do(name string, o fsDeed, password string) fsAnswer {
	g.t.Helper()
	header := []string{}
	if o.file != "" {
		header = append(header, "File-Path", o.file)
	}
	if o.route == "form" {
		header = append(header, "Content-Type", "multipart/form-data; boundary=x")
	}
	return g.as(name, o.method, "/api/fs/"+o.route, password, o.body, header...)
}

// tree tells all files and folders with their contents.
func (g guardedFS) tree() string {
	g.t.Helper()
	var out strings.Builder
	err := filepath.WalkDir(g.cfg.FilesFolder(), func(path string, d fs.DirEntry, err error) error {
		if err != nil || strings.Contains(path, ".latchkey-tmp") {
			return err
		}
		out.WriteString(path + "\n")
		if d.Type().IsRegular() {
			b, err := os.ReadFile(path)
			out.Write(b)
			return err
		}
		return nil
	})
	if err != nil {
		g.t.Fatal(err)
	}
	return out.String()
}

// Every operation is refused without the password and with a wrong one, alike
// for what is there and what is not, and then changes nothing.
func TestProtectedFolder(t *testing.T) {
	g := startGuarded(t)
	before := g.tree()
	for _, name := range []string{"f", "none", "sub"} {
		for _, o := range fsDeeds("/secret", name) {
			if a := g.do("bob", o, ""); a.Code != http.StatusForbidden || a.Name != "folder_password_needed" {
				t.Errorf("%s %s without: %+v", o.name, name, a)
			}
		}
	}
	for what, o := range map[string]fsDeed{
		"rename":     {"", "POST", "rename", `{"path":"/secret","name":"open"}`, ""},
		"move":       {"", "POST", "move", `{"src_dir":"/","dst_dir":"/other","names":["secret"]}`, ""},
		"copy":       {"", "POST", "copy", `{"src_dir":"/","dst_dir":"/other","names":["secret"]}`, ""},
		"remove":     {"", "POST", "remove", `{"dir":"/","names":["secret"]}`, ""},
		"throw away": {"", "POST", "trash/add", `{"dir":"/","names":["secret"]}`, ""},
		"get":        {"", "POST", "get", `{"path":"/secret"}`, ""},
		"deeper":     {"", "POST", "list", `{"path":"/secret/sub"}`, ""},
		"unclean":    {"", "POST", "list", `{"path":"//secret/./sub/"}`, ""},
	} {
		if a := g.do("bob", o, ""); a.Name != "folder_password_needed" {
			t.Errorf("%s: %+v", what, a)
		}
	}
	if a := g.as("bob", "POST", "/alist/api/fs/list", "", `{"path":"/secret"}`); a.Name != "folder_password_needed" {
		t.Errorf("below the dialect's own path: %+v", a)
	}
	if a := g.as("ann", "POST", "/api/fs/list", "", `{"path":"/team/secret"}`); a.Name != "folder_password_needed" {
		t.Errorf("by another base path: %+v", a)
	}
	if a := g.as("ann", "POST", "/api/fs/move", "", `{"src_dir":"/","dst_dir":"/x","names":["team"]}`); a.Name != "folder_password_needed" {
		t.Errorf("the folder above: %+v", a)
	}
	if a := g.as("bob", "POST", "/api/fs/list", "", `{"path":"/secret","password":"not it"}`); a.Code != http.StatusForbidden || a.Name != "folder_password_wrong" {
		t.Errorf("with a wrong one: %+v", a)
	}
	if a := g.as("bob", "POST", "/api/fs/list", "", `{"path":"/"}`); a.Code != http.StatusOK {
		t.Errorf("the folder above: %+v", a)
	}
	if g.tree() != before {
		t.Errorf("something has changed:\n%s", g.tree())
	}
}

// With the password, and for who needs none, all works.
func TestProtectedFolderOpens(t *testing.T) {
	for _, tc := range []struct{ name, password string }{{"bob", folderPass}, {"eve", ""}} {
		t.Run(tc.name, func(t *testing.T) {
			g := startGuarded(t)
			for _, o := range fsDeeds("/secret", "f") {
				for name, content := range map[string]string{"team/free": "free", "team/secret/f": "new"} {
					if err := os.WriteFile(g.at(name), []byte(content), 0o600); err != nil {
						t.Fatal(err)
					}
				}
				for _, name := range []string{"team/f", "team/secret/free", "team/secret/renamed"} {
					_ = os.Remove(g.at(name))
				}
				if a := g.do(tc.name, o, tc.password); a.Code != http.StatusOK {
					t.Errorf("%s: %+v", o.name, a)
				}
			}
			body := fmt.Sprintf(`{"path":"/secret","password":%q}`, tc.password)
			if a := g.as(tc.name, "POST", "/api/fs/list", "", body); a.Code != http.StatusOK {
				t.Errorf("in the body: %+v", a)
			}
		})
	}
	g := startGuarded(t)
	if a := g.as("admin", "POST", "/api/fs/list", "", `{"path":"/team/secret"}`); a.Code != http.StatusOK {
		t.Errorf("the administrator: %+v", a)
	}
}

// A folder that is renamed is as protected under its new name.
func TestProtectionFollows(t *testing.T) {
	g := startGuarded(t)
	if a := g.as("bob", "POST", "/api/fs/rename", folderPass, `{"path":"/secret","name":"moved"}`); a.Code != http.StatusOK {
		t.Fatalf("%+v", a)
	}
	if a := g.as("bob", "POST", "/api/fs/list", "", `{"path":"/moved"}`); a.Name != "folder_password_needed" {
		t.Errorf("after a rename: %+v", a)
	}
	if a := g.as("eve", "POST", "/api/fs/trash/add", "", `{"dir":"/","names":["moved"]}`); a.Code != http.StatusOK {
		t.Fatalf("%+v", a)
	}
	list, err := g.Core().Folders.List(t.Context())
	if err != nil || len(list) != 1 || !strings.HasPrefix(list[0].Path, "/team/.latchkey-trash/") {
		t.Errorf("in the trash: %+v, %v", list, err)
	}
	again, err := g.Core().Folders.Find(t.Context(), list[0].ID)
	if err != nil || again.Hash == "" {
		t.Errorf("%+v, %v", again, err)
	}
}

// What is thrown away file by file is behind the one password, which costs the
// list of folders one place.
func TestThrownAwayFilesShareAPassword(t *testing.T) {
	g := startGuarded(t)
	for i := range 3 {
		if err := os.WriteFile(g.at(fmt.Sprintf("team/secret/n%d", i)), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		body := fmt.Sprintf(`{"dir":"/secret","names":["n%d"]}`, i)
		if a := g.as("bob", "POST", "/api/fs/trash/add", folderPass, body); a.Code != http.StatusOK {
			t.Fatalf("%+v", a)
		}
	}
	list, err := g.Core().Folders.List(t.Context())
	if err != nil || len(list) != 2 || list[0].Hash != list[1].Hash {
		t.Errorf("folders with a password: %+v, %v", list, err)
	}
	for password, want := range map[string]int{"": 0, folderPass: 3} {
		resp, err := g.send("GET", "/api/fs/trash/list", map[string]string{"Authorization": g.token["bob"], "Password": password}, nil)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		if err := errors.Join(err, resp.Body.Close()); err != nil {
			t.Fatal(err)
		}
		if got := strings.Count(string(body), "/secret/n"); got != want {
			t.Errorf("%q: the trash shows %d: %s", password, got, body)
		}
	}
}

// A link opens what the password did, and dies with it.
func TestLinksOfProtectedFolders(t *testing.T) {
	g := startGuarded(t)
	link := func(name, password string) string {
		t.Helper()
		a := g.as(name, "POST", "/api/fs/get", password, `{"path":"/secret/f"}`)
		if a.Data.RawURL == "" {
			t.Fatalf("%+v", a)
		}
		return a.Data.RawURL
	}
	opens := func(url string) bool { return string(fetchRaw(t, url, "")) == "content of team/secret/f" }
	bobs, eves := link("bob", folderPass), link("eve", "")
	if !opens(bobs) || !opens(eves) {
		t.Fatal("a link does not open")
	}
	other := secret.New("something else 8")
	if _, err := g.Core().Folders.Update(t.Context(), g.id, folderpassword.Change{Password: &other}, operator()); err != nil {
		t.Fatal(err)
	}
	if opens(bobs) || !opens(eves) {
		t.Error("a new password: the link of who knew the old one opens, or that of who needs none does not")
	}
	if a := g.as("bob", "POST", "/api/fs/list", folderPass, `{"path":"/secret"}`); a.Name != "folder_password_wrong" {
		t.Errorf("the old password: %+v", a)
	}
	bobs = link("bob", other.Reveal())
	free := g.as("bob", "POST", "/api/fs/get", "", `{"path":"/free"}`).Data.RawURL
	if got := fetchRaw(t, strings.Replace(free, "/free?", "/secret/f?", 1), ""); !strings.Contains(string(got), "sign invalid") {
		t.Errorf("another path's: %s", got)
	}
	if _, err := g.Core().Folders.Create(t.Context(), "/team", secret.New("and all of it"), true, operator()); err != nil {
		t.Fatal(err)
	}
	if got := string(fetchRaw(t, free, "")); strings.Contains(got, "content of") {
		t.Error("a link from before there was a password opens")
	}
	if !opens(bobs) {
		t.Error("the nearest password is not what counts")
	}
}

// With a password for each end, a file goes from one protected folder to another.
func TestMoveBetweenProtectedFolders(t *testing.T) {
	g := startGuarded(t)
	if err := os.Mkdir(g.at("team/other"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := g.Core().Folders.Create(t.Context(), "/team/other", secret.New("something else 8"), true, operator()); err != nil {
		t.Fatal(err)
	}
	for _, way := range [][4]string{{"/secret", "/other", folderPass, "something else 8"}, {"/other", "/secret", "something else 8", folderPass}} {
		body := fmt.Sprintf(`{"src_dir":%q,"dst_dir":%q,"names":["f"],"password":%q,"dst_password":%q}`, way[0], way[1], way[2], way[3])
		if a := g.as("bob", "POST", "/api/fs/move", way[2], body); a.Code != http.StatusOK {
			t.Errorf("from %s: %+v", way[0], a)
		}
	}
}

// A link is not made under a password that was set after the folder was opened.
func TestSealNeedsThePassword(t *testing.T) {
	g := startGuarded(t)
	who := identity.Principal{User: identity.User{ID: 77, Username: "mallory", BasePath: "/team"}}
	v := g.Core().Folders.Visit(t.Context(), func() identity.Principal { return who }, "x", netip.MustParseAddr("127.0.0.1"))
	v.Show(folderPass)
	st, err := files.OpenBeside(g.cfg.FilesFolder(), env.System())
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	tree, err := st.TreeFor(files.View{Base: "/team", Pass: v})
	if err != nil {
		t.Fatal(err)
	}
	defer tree.Close()
	if seal, err := v.Seal(tree, "/secret/f", "/team/secret/f"); err != nil || seal == "" {
		t.Fatalf("with the password: %q, %v", seal, err)
	}
	other := secret.New("something else 8")
	if _, err := g.Core().Folders.Update(t.Context(), g.id, folderpassword.Change{Password: &other}, operator()); err != nil {
		t.Fatal(err)
	}
	if seal, err := v.Seal(tree, "/secret/f", "/team/secret/f"); !errors.Is(err, folderpassword.ErrWrong) {
		t.Errorf("with the old one: %q, %v", seal, err)
	}
}

// A password that is set while a file is on its way ends it.
func TestProtectedMeanwhile(t *testing.T) {
	g := startGuarded(t)
	g.fsServer.token = g.token["bob"]
	u := g.begin("/other/file", 3<<20, "")
	u.send(make([]byte, 10))
	g.arriving()
	if _, err := g.Core().Folders.Create(t.Context(), "/team/other", secret.New(folderPass), true, operator()); err != nil {
		t.Fatal(err)
	}
	u.send(make([]byte, 3<<20-10))
	if a, err := u.answer(); err != nil || a.Name != "folder_password_needed" {
		t.Errorf("%+v, %v", a, err)
	}
}

// SFTP has no place for a folder's password: who needs one does not see inside.
func TestProtectedFolderOverSFTP(t *testing.T) {
	g := startGuarded(t)
	bob, eve := g.sftp("bob"), g.sftp("eve")
	for name, do := range map[string]func(c *sftp.Client) error{
		"list":    func(c *sftp.Client) error { _, err := c.ReadDir("/secret"); return err },
		"stat":    func(c *sftp.Client) error { _, err := c.Stat("/secret/f"); return err },
		"none":    func(c *sftp.Client) error { _, err := c.Lstat("/secret/none"); return err },
		"open":    func(c *sftp.Client) error { _, err := c.Open("/secret/f"); return err },
		"create":  func(c *sftp.Client) error { _, err := c.Create("/secret/new"); return err },
		"mkdir":   func(c *sftp.Client) error { return c.Mkdir("/secret/dir") },
		"rename":  func(c *sftp.Client) error { return c.Rename("/secret/f", "/f") },
		"posix":   func(c *sftp.Client) error { return c.PosixRename("/secret", "/other") },
		"into it": func(c *sftp.Client) error { return c.Rename("/free", "/secret/free") },
		"remove":  func(c *sftp.Client) error { return c.Remove("/secret/f") },
		"chmod":   func(c *sftp.Client) error { return c.Chmod("/secret/f", 0o700) },
	} {
		if err := do(bob); !errors.Is(err, fs.ErrPermission) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := bob.ReadDir("/"); err != nil {
		t.Errorf("the folder above: %v", err)
	}
	if list, err := eve.ReadDir("/secret"); err != nil || len(list) != 2 {
		t.Errorf("who needs none: %v, %v", list, err)
	}
	f, err := bob.Open("/free")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := g.Core().Folders.Create(t.Context(), "/team", secret.New(folderPass), true, operator()); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(f); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("a file that was open before: %v", err)
	}
}

// What is open over SFTP stays what could be opened: not when it has another name
// and a password, nor when the folder at the top has another name.
func TestOpenOverSFTPMoves(t *testing.T) {
	g := startGuarded(t)
	if err := os.MkdirAll(g.at("team/a"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(g.at("team/a/f"), []byte("first"), 0o600); err != nil {
		t.Fatal(err)
	}
	bob := g.sftp("bob")
	f, err := bob.OpenFile("/a/f", os.O_RDWR)
	if err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 5)
	if _, err := f.ReadAt(b, 0); err != nil {
		t.Fatal(err)
	}
	if err := bob.Rename("/a", "/b"); err != nil {
		t.Fatal(err)
	}
	if _, err := g.Core().Folders.Create(t.Context(), "/team/b", secret.New(folderPass), true, operator()); err != nil {
		t.Fatal(err)
	}
	if _, err := f.ReadAt(b, 0); err == nil || errors.Is(err, io.EOF) {
		t.Errorf("read %q behind a password, %v", b, err)
	}
	if _, err := f.WriteAt([]byte("XX"), 0); err == nil {
		t.Error("wrote behind a password")
	}
	if a := g.as("admin", "POST", "/api/fs/rename", "", `{"path":"/team","name":"crew"}`); a.Code != http.StatusOK {
		t.Fatalf("%+v", a)
	}
	if f, err := bob.Open("/secret/f"); err == nil {
		b, _ := io.ReadAll(f)
		t.Errorf("read %q below a top that has moved", b)
	}
	if _, err := bob.Stat("/free"); err == nil {
		t.Error("the session goes on")
	}
}

// What another process puts behind a password is soon out of reach over SFTP, too,
// such as what the window moves beside a server.
func TestOpenOverSFTPMovesFromElsewhere(t *testing.T) {
	g := startGuarded(t)
	bob := g.sftp("bob")
	f, err := bob.OpenFile("/free", os.O_RDWR)
	if err != nil {
		t.Fatal(err)
	}
	beside, err := files.OpenBeside(g.cfg.FilesFolder(), env.System())
	if err != nil {
		t.Fatal(err)
	}
	defer beside.Close()
	tree, err := beside.Tree("/team")
	if err != nil {
		t.Fatal(err)
	}
	defer tree.Close()
	b := make([]byte, 5)
	if _, err := f.ReadAt(b, 0); err != nil {
		t.Fatal(err)
	}
	if err := tree.Rename("/free", "/secret/free"); err != nil {
		t.Fatal(err)
	}
	until(t, "the file is out of reach", func() bool {
		_, err := f.ReadAt(b, 0)
		return err != nil
	})
	if _, err := f.WriteAt([]byte("XX"), 0); err == nil {
		t.Error("wrote behind a password")
	}
}

func (g guardedFS) sftp(name string) *sftp.Client {
	g.t.Helper()
	conn, err := ssh.Dial("tcp", g.Addresses().SFTP, &ssh.ClientConfig{
		User: name, Auth: []ssh.AuthMethod{ssh.Password("correct staple pony")},
		HostKeyCallback: ssh.InsecureIgnoreHostKey(), // it is the server of this test
	})
	if err != nil {
		g.t.Fatal(err)
	}
	g.t.Cleanup(func() { _ = conn.Close() })
	c, err := sftp.NewClient(conn)
	if err != nil {
		g.t.Fatal(err)
	}
	g.t.Cleanup(func() { _ = c.Close() })
	return c
}
