package sftpserver

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"latchkey/backend/identity"
)

// joinBy adds ann with all rights, and signs her in with a key that has rules.
func (r *running) joinBy(rules identity.KeyRules) (*ssh.Client, *citizen) {
	r.t.Helper()
	ann := r.person("ann", everything)
	key := newKey(r.t)
	id := r.uploaded(ann, key)
	r.change(func() {
		k := r.world.keys[id]
		k.Rules = rules
		r.world.keys[id] = k
	})
	conn, err := r.dial("ann", ssh.PublicKeys(key))
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = conn.Close() })
	return conn, ann
}

// A key that only reads is refused everything that could change something,
// whatever its owner may do, and nothing changes.
func TestReadOnlyKey(t *testing.T) {
	l := alone(t)
	l.w.keys[1] = identity.SSHKey{ID: 1, User: l.ann.User.ID, Rules: identity.KeyRules{ReadOnly: true}}
	l.conn.proof.key = l.w.keys[1]
	l.rights(everything)
	l.put("f", "content")
	l.put("g", "other")
	if err := os.Mkdir(filepath.Join(l.dir, "home", "ann", "d"), 0o700); err != nil {
		t.Fatal(err)
	}
	before := tree(t, filepath.Join(l.dir, "home", "ann"))
	const read, write, appending, create, truncate, exclusive = 1, 2, 4, 8, 16, 32
	open := func(name string, flags uint32) []byte { return packet(pktOpen, uint32(1), name, flags, uint32(0)) }
	mode := []any{uint32(hasMode), uint32(0o600)}
	extended := func(name string, fields ...any) []byte {
		return packet(pktExtended, append([]any{uint32(1), name}, fields...)...)
	}
	for name, p := range map[string][]byte{
		"open to write":   open("/f", write),
		"open for both":   open("/f", read|write),
		"append":          open("/f", appending),
		"create":          open("/new", create),
		"create and read": open("/new", read|create),
		"create alone":    open("/new", write|create|exclusive),
		"cut off":         open("/f", read|truncate),
		"upload":          open("/f", write|create|truncate),
		"setstat":         packet(pktSetstat, append([]any{uint32(1), "/f"}, mode...)...),
		"mkdir":           packet(pktMkdir, uint32(1), "/new", uint32(0)),
		"remove":          packet(pktRemove, uint32(1), "/f"),
		"rmdir":           packet(pktRmdir, uint32(1), "/d"),
		"rename":          packet(pktRename, uint32(1), "/f", "/h"),
		"move":            packet(pktRename, uint32(1), "/f", "/d/f"),
		"posix-rename":    extended("posix-rename@openssh.com", "/f", "/h"),
		"replace":         extended("posix-rename@openssh.com", "/f", "/g"),
		"lsetstat":        extended("lsetstat@openssh.com", append([]any{"/f"}, mode...)...),
	} {
		answers := l.ask(packet(pktInit, uint32(3)), p)
		if got := answers[1].status(); got != statusPermissionDenied {
			t.Errorf("%s: status %d, want %d", name, got, statusPermissionDenied)
		}
	}
	// With a handle that reads.
	for name, p := range map[string][]byte{
		"write":     packet(pktWrite, uint32(2), "1", uint64(0), "x"),
		"fsetstat":  packet(pktFsetstat, append([]any{uint32(2), "1"}, mode...)...),
		"fsync":     extended("fsync@openssh.com", "1"),
		"copy-data": extended("copy-data", "1", uint64(0), uint64(0), "2", uint64(0)),
	} {
		answers := l.ask(packet(pktInit, uint32(3)), open("/f", read), open("/g", read), p)
		if got := answers[3].status(); got == statusOK || got == 99 {
			t.Errorf("%s: status %d", name, got)
		}
	}
	if got := l.ask(packet(pktInit, uint32(3)), open("/f", read), packet(pktRead, uint32(2), "1", uint64(0), uint32(9)))[2]; got.kind != pktData {
		t.Errorf("reading: %+v", got)
	}
	after := tree(t, filepath.Join(l.dir, "home", "ann"))
	if len(after) != len(before) || after["f"] != "content" || after["g"] != "other" {
		t.Errorf("there is %v, was %v", after, before)
	}
}

// The folder of a key is the top, and nothing leads out of it.
func TestKeyFolder(t *testing.T) {
	r := start(t, newWorld(), Limits{})
	r.write(r.home("ann", "secret"), "secret")
	r.write(r.home("ann", "photos", "cat"), "cat")
	for link, to := range map[string]string{"out": "../secret", "up": ".."} {
		if err := os.Symlink(to, r.home("ann", "photos", link)); err != nil {
			t.Fatal(err)
		}
	}
	conn, ann := r.joinBy(identity.KeyRules{Folder: "/photos"})
	c := r.sftp(conn)
	if names, err := ls(c, "/"); err != nil || !slices.Equal(names, []string{"cat", "out", "up"}) {
		t.Errorf("the top has %v, %v", names, err)
	}
	for _, name := range []string{"/../secret", "/out", "/up/secret", "/../../ann/secret", "/photos/cat", "/home/ann/secret"} {
		if got, err := get(c, name); err == nil {
			t.Errorf("%s is %q", name, got)
		}
		if err := put(c, name+"/new", "x"); err == nil {
			t.Errorf("%s/new was written", name)
		}
	}
	if err := c.Rename("/cat", "/../cat"); err != nil && code(err) != 4 {
		t.Errorf("rename to the top: %v", err)
	}
	if err := put(c, "/new", "new"); err != nil {
		t.Error(err)
	}
	if got := r.content(r.home("ann", "photos", "new")); got != "new" {
		t.Errorf("the file is %q", got)
	}
	if got := tree(t, r.home("ann")); got["secret"] != "secret" || got["cat"] != "" {
		t.Errorf("there is %v", got)
	}
	// Her rights are those at the place as the server names it.
	r.change(func() {
		ann.Roles = []identity.Role{{ID: 9, Scopes: []identity.Scope{
			{Path: "/photos", Permission: everything}, {Path: "/home/ann/photos", Permission: toRead},
		}}}
	})
	if err := put(c, "/newer", "x"); code(err) != 3 {
		t.Errorf("without the right: %v", err)
	}
	r.change(func() { ann.Roles[0].Scopes[1].Permission = 0 })
	if err := c.Wait(); err == nil {
		t.Error("without the right to read the connection goes on")
	}
}

// What is taken out of the folder of a key while the key is in use is out of its
// reach, and so is the folder when it has another name.
func TestKeyFolderMoves(t *testing.T) {
	r := start(t, newWorld(), Limits{})
	r.write(r.home("ann", "drop", "f"), "f")
	conn, ann := r.joinBy(identity.KeyRules{Folder: "/drop"})
	c := r.sftp(conn)
	all, err := r.srv.Files.Tree(ann.User.BasePath)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = all.Close() })
	both, err := c.OpenFile("/f", os.O_RDWR)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := both.WriteAt([]byte("g"), 0); err != nil {
		t.Fatal(err)
	}
	upload, err := c.Create("/new")
	if err != nil {
		t.Fatal(err)
	}
	if err := all.Rename("/drop/f", "/kept"); err != nil {
		t.Fatal(err)
	}
	if _, err := both.WriteAt([]byte("changed"), 0); err == nil {
		t.Error("what was taken out is written to")
	}
	if _, err := both.ReadAt(make([]byte, 1), 0); err == nil || errors.Is(err, io.EOF) {
		t.Errorf("what was taken out is read: %v", err)
	}
	if err := put(c, "/other", "x"); err != nil {
		t.Errorf("what goes on in the folder: %v", err)
	}
	if err := all.Rename("/drop", "/private"); err != nil {
		t.Fatal(err)
	}
	if err := upload.Close(); err == nil {
		t.Error("an upload ended in the folder that has moved")
	}
	r.write(r.home("ann", "private", "g"), "later")
	if got, err := get(c, "/g"); err == nil {
		t.Errorf("read %q", got)
	}
	if err := put(c, "/h", "x"); err == nil {
		t.Error("wrote")
	}
	if got := tree(t, r.home("ann")); got["kept"] != "g" || len(got) != 5 {
		t.Errorf("there is %v", got)
	}
	if err := all.Rename("/private", "/drop"); err != nil {
		t.Fatal(err)
	}
	if got, err := get(r.sftp(conn), "/g"); got != "later" || err != nil {
		t.Errorf("another session in the folder: %q, %v", got, err)
	}
}

// The limit of somebody's files counts all of them, not those of the folder.
func TestKeyFolderLimit(t *testing.T) {
	w := newWorld()
	r := start(t, w, Limits{})
	r.write(r.home("ann", "big"), strings.Repeat("x", 900))
	r.write(r.home("ann", "photos", "cat"), "cat")
	conn, ann := r.joinBy(identity.KeyRules{Folder: "/photos"})
	w.change(func() { ann.User.StorageLimit = 1000 })
	c := r.sftp(conn)
	if err := put(c, "/new", strings.Repeat("x", 200)); err == nil {
		t.Error("an upload beyond the limit was taken")
	}
	if err := put(c, "/small", strings.Repeat("x", 20)); err != nil {
		t.Error(err)
	}
}

// Where the folder is missing, or leads out, the client hears it.
func TestKeyFolderMissing(t *testing.T) {
	for _, folder := range []string{"/missing", "/file", "/out", "/.latchkey-tmp"} {
		r := start(t, newWorld(), Limits{})
		r.write(r.home("ann", "file"), "x")
		r.write(filepath.Join(r.files, "home", "bob", "secret"), "x")
		if err := os.Symlink("../bob", r.home("ann", "out")); err != nil {
			t.Fatal(err)
		}
		conn, _ := r.joinBy(identity.KeyRules{Folder: folder})
		ch, requests, err := conn.OpenChannel("session", nil)
		if err != nil {
			t.Fatal(err)
		}
		go ssh.DiscardRequests(requests)
		if _, err := ch.SendRequest("subsystem", true, ssh.Marshal(struct{ Name string }{"sftp"})); err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(ch.Stderr())
		if !strings.Contains(string(text), "folder that this key opens is not there") || strings.Contains(string(text), "home") {
			t.Errorf("%s: the client hears %q", folder, text)
		}
		if _, err := os.Stat(r.home("ann", "missing")); err == nil {
			t.Error("the folder was made")
		}
		r.stop()
	}
}

// A key that expires closes what it has opened, an upload under way included.
func TestKeyExpires(t *testing.T) {
	w := newWorld()
	r := start(t, w, Limits{})
	conn, _ := r.joinBy(identity.KeyRules{ExpiresAt: time.Now().Add(time.Hour)})
	c := r.sftp(conn)
	f, err := c.Create("/new")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(f, "half"); err != nil {
		t.Fatal(err)
	}
	w.ahead.Store(int64(time.Hour))
	if err := conn.Wait(); err == nil { // nothing was sent to make it notice
		t.Error("the connection ended well")
	}
	r.eventually("the slot is free", func() bool { return r.connections() == 0 })
	if got := tree(t, r.home("ann")); len(got) != 1 {
		t.Errorf("left behind: %v", got)
	}
}

// limit changes the rules of all keys, as their owner would.
func (r *running) limit(rules identity.KeyRules) {
	r.change(func() {
		for id, k := range r.world.keys {
			k.Rules = rules
			r.world.keys[id] = k
		}
	})
}

// A key that may only read from now on writes nothing more, by what is open
// already either; freed again, it does.
func TestKeyTurnsReadOnly(t *testing.T) {
	r := start(t, newWorld(), Limits{})
	r.write(r.home("ann", "old"), "old")
	conn, _ := r.joinBy(identity.KeyRules{})
	c := r.sftp(conn)
	f, err := c.Create("/new")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(f, "half"); err != nil {
		t.Fatal(err)
	}
	r.limit(identity.KeyRules{ReadOnly: true})
	if _, err := io.WriteString(f, "rest"); code(err) != 3 {
		t.Errorf("the rest was taken: %v", err)
	}
	if err := f.Close(); err == nil {
		t.Error("the upload ended well")
	}
	if err := c.Remove("/old"); code(err) != 3 {
		t.Errorf("removed: %v", err)
	}
	if got, err := get(c, "/old"); err != nil || got != "old" {
		t.Errorf("reading: %q, %v", got, err)
	}
	if got := tree(t, r.home("ann")); strings.Contains(got["new"], "rest") || got["old"] != "old" {
		t.Errorf("there is %v", got)
	}
	r.limit(identity.KeyRules{})
	if err := put(c, "/newer", "x"); err != nil {
		t.Errorf("freed again: %v", err)
	}
}

// What a key would not open any more is closed, with nothing sent to notice it.
func TestKeyRulesClose(t *testing.T) {
	for name, rules := range map[string]identity.KeyRules{
		"elsewhere":      {From: "192.0.2.0/24"},
		"not from here":  {From: "*,!127.0.0.0/8,!::1"},
		"expired":        {ExpiresAt: time.Now().Add(-time.Second)},
		"another folder": {Folder: "/photos"},
	} {
		r := start(t, newWorld(), Limits{})
		r.write(r.home("ann", "photos", "cat"), "cat")
		conn, _ := r.joinBy(identity.KeyRules{})
		r.limit(rules)
		if err := conn.Wait(); err == nil {
			t.Errorf("%s: the connection ended well", name)
		}
		r.stop()
	}
}

// An expiry that is put off keeps the connection and its place in the list.
func TestKeyExpiresLater(t *testing.T) {
	w := newWorld()
	r := start(t, w, Limits{})
	conn, _ := r.joinBy(identity.KeyRules{ExpiresAt: time.Now().Add(time.Hour)})
	c := r.sftp(conn)
	r.limit(identity.KeyRules{ExpiresAt: time.Now().Add(8 * time.Hour)})
	w.ahead.Store(int64(2 * time.Hour))
	if err := put(c, "/new", "new"); err != nil {
		t.Error(err)
	}
	if list := r.list(); len(list) != 1 || time.Until(list[0].ExpiresAt) < 2*time.Hour {
		t.Errorf("listed: %+v", list)
	}
}

// With the real client: a folder that is only read.
func TestOpenSSHKeyRules(t *testing.T) {
	r := start(t, newWorld(), Limits{})
	o := r.outsider(t, "ann")
	r.write(r.home("ann", "photos", "cat"), "cat")
	r.write(r.home("ann", "secret"), "secret")
	r.limit(identity.KeyRules{ReadOnly: true, Folder: "/photos"})
	o.file("new", "new")
	for command, ok := range map[string]bool{
		"get /cat copy": true, "ls /": true, "get /secret x": false, "get ../secret x": false, "put new": false, "rm cat": false,
		"mkdir d": false, "rename cat dog": false, "chmod 600 cat": false, "cp cat dog": false, "put -f new cat": false,
	} {
		if _, err := o.sftp(command); (err == nil) != ok {
			t.Errorf("%s: %v", command, err)
		}
	}
	if got := tree(t, r.home("ann")); got["photos/cat"] != "cat" || got["secret"] != "secret" {
		t.Errorf("there is %v", got)
	}
}
