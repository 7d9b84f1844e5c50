package files

import (
	"os"
	"path/filepath"
	"testing"
)

// everyUse is each thing that can be done with a path, so that no refusal is
// forgotten by one of them.
func everyUse(p place, path Path) map[string]func() error {
	created := func(c Creation) error {
		u, err := p.Create(path, c)
		if err == nil {
			err = u.Close()
		}
		return err
	}
	return map[string]func() error{
		"Stat":             func() error { _, err := p.Stat(path); return err },
		"Lstat":            func() error { _, err := p.Lstat(path); return err },
		"List":             func() error { return closing(p.List(path)) },
		"Open":             func() error { return closing(p.Open(path)) },
		"OpenExisting":     func() error { return closing(p.OpenExisting(path)) },
		"Create":           func() error { return created(Creation{}) },
		"Create exclusive": func() error { return created(Creation{Exclusive: true}) },
		"Mkdir":            func() error { return p.Mkdir(path) },
		"MkdirAll":         func() error { _, err := p.MkdirAll(p.t.Context(), path); return err },
		"RemoveAll":        func() error { return p.RemoveAll(path) },
		"Copy from":        func() error { return p.Copy(p.t.Context(), path, "/moved", false, willing) },
		"Copy to":          func() error { return p.Copy(p.t.Context(), "/mine", path, true, willing) },
		"Describe":         func() error { _, err := p.Describe(path, nil); return err },
		"Names":            func() error { _, err := p.Names(path); return err },
		"Remove":           func() error { return p.Remove(path) },
		"Rmdir":            func() error { return p.Rmdir(path) },
		"Rename from":      func() error { return p.Rename(path, "/moved") },
		"Rename to":        func() error { return p.Rename("/mine", path) },
		"Replace from":     func() error { return p.Replace(path, "/moved") },
		"Replace to":       func() error { return p.Replace("/mine", path) },
		"Truncate":         func() error { return p.Truncate(path, 0) },
		"Chmod":            func() error { return p.Chmod(path, 0o700) },
		"Chtimes":          func() error { return p.Chtimes(path, someTime, someTime) },
		"StatFS":           func() error { _, err := p.StatFS(path); return err },
	}
}

func closing[T interface{ Close() error }](f T, err error) error {
	if err == nil {
		err = f.Close()
	}
	return err
}

// A victim's file lies beside the tree, and every link that another program
// could have put into the tree leads to it.
func TestLinksDoNotLeadOut(t *testing.T) {
	for _, path := range []Path{
		"/absolute/secret", "/relative/secret", "/chain/secret", "/deep/down/secret", "/dangling/new", "/loop/x",
	} {
		p := newPlace(t, "/team/ann")
		victim := filepath.Join(p.dir, "team", "bob")
		if err := os.MkdirAll(victim, 0o755); err != nil {
			t.Fatal(err)
		}
		secret := filepath.Join(victim, "secret")
		if err := os.WriteFile(secret, []byte("bob's"), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(secret, someTime, someTime); err != nil {
			t.Fatal(err)
		}
		p.outside("mine", "ann's")
		p.folder("deep")
		p.link(victim, "absolute")
		p.link("../bob", "relative")
		p.link("relative", "chain")
		p.link("../../bob", "deep/down")
		p.link("../nobody", "dangling")
		p.link("loop", "loop")
		for use, do := range everyUse(p, path) {
			p.wantCode(use+" "+string(path), do(), "path_escapes")
		}
		fi, err := os.Stat(secret)
		if err != nil || fi.Mode().Perm() != 0o644 || !fi.ModTime().Equal(someTime) || fi.Size() != 5 {
			t.Errorf("%s: the victim's file was touched: %v, %v", path, fi, err)
		}
		if entries, _ := os.ReadDir(victim); len(entries) != 1 || p.content("mine") != "ann's" {
			t.Errorf("%s: something has come or gone: %v", path, entries)
		}
	}
}

// The link itself, as the last name, is seen and can be taken away, and
// nothing reaches through it.
func TestLinkAsLastName(t *testing.T) {
	p := newPlace(t, "/ann")
	outside := filepath.Join(p.dir, "outside")
	if err := os.WriteFile(outside, []byte("theirs"), 0o644); err != nil {
		t.Fatal(err)
	}
	p.outside("mine", "ann's")
	want := map[string]string{
		"Stat": "path_escapes", "List": "path_escapes", "Open": "path_escapes", "StatFS": "path_escapes",
		"Chmod": "path_escapes", "Chtimes": "path_escapes",
		"OpenExisting": "not_a_file", "Truncate": "not_a_file", "Create": "not_a_file",
		"Create exclusive": "file_exists", "Mkdir": "file_exists", "Rename to": "file_exists",
		"Rmdir": "not_a_folder", "MkdirAll": "path_escapes", "Copy from": "path_escapes", "Copy to": "not_a_file",
		"Names": "path_escapes", "Describe": "path_escapes",
	}
	for use, do := range everyUse(p, "/link") {
		p.link(outside, "link")
		p.wantCode(use, do(), want[use])
		_ = os.Remove(filepath.Join(p.base, "link"))
		_ = os.Remove(filepath.Join(p.base, "moved"))
		p.outside("mine", "ann's")
	}
	if got, _ := os.ReadFile(outside); string(got) != "theirs" {
		t.Errorf("the file outside is now %q", got)
	}
}

func TestLinkInsideTheTreeIsFollowed(t *testing.T) {
	p := newPlace(t, "/ann")
	p.outside("real/file", "here")
	p.link("real", "short")
	p.wantCode("Open", closing(p.Open("/short/file")), "")
	p.wantCode("List", closing(p.List("/short")), "")
	p.wantCode("Close", p.create("/short/new", "written", Creation{}).Close(), "")
	if got := p.content("real/new"); got != "written" {
		t.Errorf("real/new is %q", got)
	}
}

// A path that begins with the same letters is another path.
func TestNeighbourIsNotBelow(t *testing.T) {
	p := newPlace(t, "/team/a")
	openTree(t, p.store, "/team/ab")
	_, err := p.Stat("/team/ab")
	p.wantCode("Stat of an absolute path", err, "file_not_found")
	_, err = p.Stat("/b")
	p.wantCode("Stat", err, "file_not_found")
}

func TestBase(t *testing.T) {
	p := newPlace(t, "/")
	p.outside("plain", "a file")
	p.link("/etc", "etc")
	for base, code := range map[string]string{
		"/new/and/deep": "", "/": "", "relative": "path_invalid", "/a/": "base_path_invalid", "": "base_path_invalid",
		"/a/../b": "path_invalid", "/" + notes: "name_reserved", "/plain": "not_a_folder", "/plain/x": "not_a_folder",
		"/etc": "path_escapes", "/etc/ssh": "path_escapes",
	} {
		tree, err := p.store.Tree(base)
		p.wantCode("Tree "+base, err, code)
		if err == nil {
			_ = tree.Close()
		}
	}
}
