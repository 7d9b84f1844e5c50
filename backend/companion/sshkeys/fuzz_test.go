package sshkeys

import (
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"latchkey/backend/internal/secret"
)

// seeds returns key files of many forms.
func seeds(f *testing.F) (out [][]byte) {
	folder := f.TempDir()
	for n, args := range [][]string{
		{"-t", "ed25519", "-N", ""},
		{"-t", "ed25519", "-N", passphrase},
		{"-t", "ecdsa", "-N", "", "-m", "PEM"},
		{"-t", "ecdsa", "-N", passphrase, "-m", "PKCS8"},
		{"-t", "rsa", "-b", "1024", "-N", passphrase, "-m", "PEM"},
	} {
		name := string(rune('a' + n))
		cmd := exec.Command("ssh-keygen", append(args, "-q", "-f", filepath.Join(folder, name))...)
		if err := cmd.Run(); err != nil {
			f.Fatal(err)
		}
		out = append(out, []byte(content(f, folder, name)), []byte(content(f, folder, name+".pub")))
	}
	for _, line := range securityKeys() {
		out = append(out, []byte(line))
	}
	return append(out, []byte("PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n"))
}

func FuzzParsePublic(f *testing.F) {
	for _, s := range seeds(f) {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		p, err := ParsePublic(in)
		if err != nil {
			wantError(t, err, ErrNotAKey)
			return
		}
		again, err := ParsePublic([]byte(p.Line))
		if err != nil || again.Line != p.Line || again.Fingerprint != p.Fingerprint || len(p.Art()) != 11*20-1 {
			t.Errorf("%q reads as %q, %v\n%s", p.Line, again.Line, err, p.Art())
		}
	})
}

func FuzzParsePrivate(f *testing.F) {
	for _, s := range seeds(f) {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		s, err := parseSheath(in)
		if err != nil && !errors.Is(err, ErrNotAKey) && !errors.Is(err, ErrFormat) {
			t.Errorf("got %v", err)
		}
		private, err := open(in, secret.Text{})
		if err != nil {
			wantError(t, err, err)
			return
		}
		if s.encrypted || s.key == nil || private.Signer() == nil {
			t.Errorf("%+v opens without a passphrase", s)
		}
	})
}

func FuzzParseKind(f *testing.F) {
	f.Add("rsa")
	f.Fuzz(func(t *testing.T, in string) {
		k, err := ParseKind(in)
		if err != nil {
			return
		}
		if again, err := ParseKind(string(k)); err != nil || again != k {
			t.Errorf("%q reads as %q, %v", in, again, err)
		}
	})
}

// A name that is let through stays in its folder.
func FuzzName(f *testing.F) {
	f.Add("id_ed25519")
	f.Add("../key")
	f.Fuzz(func(t *testing.T, name string) {
		if goodName(name) && (filepath.Base(name) != name || filepath.Join("a", name) != "a/"+name) {
			t.Errorf("%q leads elsewhere", name)
		}
	})
}

// Whatever the file asks for, reading it ends soon, and a key that comes out
// goes back in.
func FuzzPPK(f *testing.F) {
	w := workshop()
	folder := f.TempDir()
	for n, kind := range []Kind{Ed25519, ECDSA256} {
		name := string(rune('a' + n))
		k := makeKey(f, Request{Kind: kind, Folder: folder, Name: name, Format: PPK, Comment: "ann"})
		f.Add([]byte(content(f, k.Path)))
		f.Add([]byte(strings.ReplaceAll(content(f, k.Path), "File-3", "File-2")))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		p, err := parsePPK(in)
		if err != nil {
			wantError(t, err, err)
			return
		}
		again, err := parsePPK(p.text())
		if err != nil || string(again.text()) != string(p.text()) {
			t.Errorf("%s reads as %s, %v", p.text(), again.text(), err)
		}
		if p.encrypted() && (p.costly() || p.argon.memory > 1024 || p.argon.passes > 3) {
			return
		}
		key, err := p.open([]byte(passphrase))
		if err != nil {
			wantError(t, err, err)
			return
		}
		if _, err := w.encode(PPK, key, secret.Text{}); err != nil {
			t.Error(err)
		}
	})
}

func FuzzParseFormat(f *testing.F) {
	f.Add("ppk")
	f.Fuzz(func(t *testing.T, in string) {
		if got, err := ParseFormat(in); err == nil && string(got) != in {
			t.Errorf("%q reads as %q", in, got)
		}
	})
}

func FuzzPublicFile(f *testing.F) {
	k := makeKey(f, Request{Folder: f.TempDir(), Name: "key", Comment: "ann"})
	f.Add([]byte(k.RFC4716()))
	f.Fuzz(func(t *testing.T, in []byte) {
		p, err := parseRFC4716(in)
		if err != nil {
			wantError(t, err, ErrNotAKey)
			return
		}
		again, err := parseRFC4716([]byte(p.RFC4716()))
		if err != nil || again.Line != p.Line {
			t.Errorf("%q comes back as %q, %v", p.Line, again.Line, err)
		}
	})
}
