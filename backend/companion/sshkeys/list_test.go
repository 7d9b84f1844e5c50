package sshkeys

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"

	"latchkey/backend/internal/disk"
	"latchkey/backend/internal/secret"
)

// Whatever ssh-keygen makes, we list and open.
func TestReadWhatSSHKeygenMakes(t *testing.T) {
	for _, kind := range [][]string{
		{"-t", "ed25519"},
		{"-t", "ecdsa", "-b", "256"},
		{"-t", "ecdsa", "-b", "384"},
		{"-t", "ecdsa", "-b", "521"},
		{"-t", "rsa", "-b", "1024"},
		{"-t", "rsa", "-b", "3072"},
		{"-t", "dsa"},
	} {
		for _, format := range []string{"RFC4716", "PEM", "PKCS8"} { // the first stands for OpenSSH's own
			for _, typed := range []string{"", passphrase} {
				t.Run(strings.Join(append(kind, format, typed), " "), func(t *testing.T) {
					folder := t.TempDir()
					if kind[1] == "dsa" && !makesDSA(t) {
						t.Skip("this ssh-keygen makes no DSA keys any more")
					}
					keygen(t, folder, append(kind, "-q", "-m", format, "-N", typed, "-C", "ann@laptop", "-f", "key")...)
					unread := kind[1] == "dsa" && format == "PKCS8" && typed == ""
					keys, err := List(folder)
					must(t, err)
					if len(keys) != 1 {
						t.Fatalf("listed %+v", keys)
					}
					k := keys[0]
					if k.Name != "key" || k.Encrypted != (typed != "") || !k.HasPrivate || !k.HasPublic || k.Loose || (k.Problem != nil) != unread || k.Comment != "ann@laptop" {
						t.Errorf("listed as %+v", k)
					}
					wantTold(t, k.Public, folder, "key.pub")
					if kind[1] != "dsa" || format != "PKCS8" {
						wantOpens(t, k, typed)
					}
				})
			}
		}
	}
}

func makesDSA(t *testing.T) bool {
	cmd := exec.CommandContext(t.Context(), "ssh-keygen", "-q", "-t", "dsa", "-N", "", "-f", filepath.Join(t.TempDir(), "key"))
	return cmd.Run() == nil
}

func wantOpens(t *testing.T, k KeyFile, typed string) {
	t.Helper()
	opened, err := Open(k.Path, text(typed))
	if k.Algorithm == "DSA" {
		wantError(t, err, ErrUnsupported)
		return
	}
	must(t, err)
	if got := ssh.FingerprintSHA256(opened.Signer().PublicKey()); got != string(k.Fingerprint) {
		t.Errorf("it opens as %s", got)
	}
	if typed == "" {
		_, err = Open(k.Path, text("not needed"))
		must(t, err)
		return
	}
	if k.Algorithm != "ECDSA" { // trying takes its time
		_, err = Open(k.Path, text("another one"))
		wantError(t, err, ErrPassphraseWrong)
	}
	_, err = Open(k.Path, secret.Text{})
	wantError(t, err, ErrPassphraseNeeded)
}

func TestListFolder(t *testing.T) {
	folder := t.TempDir()
	w := workshop()
	for _, name := range []string{"good", "loose", "orphan", "lost", "mixed", "other", "cut"} {
		_, err := w.Make(t.Context(), Request{Folder: folder, Name: name, Comment: name})
		must(t, err)
	}
	in := func(name string) string { return filepath.Join(folder, name) }
	must(t, os.Chmod(in("loose"), 0o640))
	must(t, os.Remove(in("orphan")))   // only the public half
	must(t, os.Remove(in("lost.pub"))) // only the private half
	must(t, os.Rename(in("other.pub"), in("mixed.pub")))
	must(t, os.Truncate(in("cut"), 200))
	keygen(t, folder, "-q", "-s", "good", "-I", "ann", "good.pub") // a certificate
	write(t, content(t, in("good.pub")), in("authorized_keys"))
	write(t, "nas "+content(t, in("good.pub")), in("known_hosts"))
	write(t, "Host nas\n", in("config"))
	write(t, "not a key\n", in("notes.pub"))
	write(t, "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: aes256-cbc\n", in("windows"))
	write(t, strings.Repeat("-----BEGIN OPENSSH PRIVATE KEY-----", 3000), in("huge"))
	must(t, os.Mkdir(in("folder.pub"), 0o700))
	must(t, os.Symlink("good", in("linked")))
	must(t, os.Symlink("good.pub", in("linked.pub")))
	must(t, os.Symlink("nothing", in("nowhere")))

	keys, err := List(folder)
	must(t, err)
	var got []string
	for _, k := range keys {
		line := fmt.Sprintf("%s %s private=%v public=%v loose=%v encrypted=%v", k.Name, k.Algorithm, k.HasPrivate, k.HasPublic, k.Loose, k.Encrypted)
		if k.Problem != nil {
			line += " " + k.Problem.Code
		}
		got = append(got, line)
	}
	want := []string{
		"cut ED25519 private=true public=true loose=false encrypted=false ssh_key_not_a_key",
		"good ED25519 private=true public=true loose=false encrypted=false",
		"linked ED25519 private=true public=true loose=false encrypted=false",
		"loose ED25519 private=true public=true loose=true encrypted=false",
		"lost ED25519 private=true public=false loose=false encrypted=false",
		"mixed ED25519 private=true public=true loose=false encrypted=false ssh_key_halves_differ",
		"notes  private=false public=true loose=false encrypted=false ssh_key_not_a_key",
		"orphan ED25519 private=false public=true loose=false encrypted=false",
		"other ED25519 private=true public=false loose=false encrypted=false",
		"windows  private=true public=false loose=false encrypted=true ssh_key_not_a_key",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("listed\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if k := keys[4]; k.Comment != "lost" || k.Fingerprint == "" || k.Line == "" {
		t.Errorf("a private half alone is told as %+v", k)
	}
	for path, want := range map[string]error{in("good"): nil, in("good.pub"): nil, in("none"): ErrNoFile, in("mixed"): ErrMismatch, in("config"): ErrNotAKey} {
		_, err := Find(path)
		wantError(t, err, want)
	}
}

func TestListFolders(t *testing.T) {
	for _, folder := range []string{filepath.Join(t.TempDir(), "none"), t.TempDir()} {
		if keys, err := List(folder); err != nil || len(keys) != 0 {
			t.Errorf("got %v, %v", keys, err)
		}
	}
	file := filepath.Join(t.TempDir(), "file")
	write(t, "", file)
	_, err := List(file)
	wantError(t, err, disk.ErrNotAFolder)
	if os.Getuid() != 0 {
		closed := t.TempDir()
		must(t, os.Chmod(closed, 0o300))
		_, err := List(closed)
		wantError(t, err, disk.ErrDenied)
	}
	large := t.TempDir()
	for n := range maxFiles + 1 {
		must(t, os.Symlink("nothing", filepath.Join(large, strconv.Itoa(n))))
	}
	_, err = List(large)
	wantError(t, err, ErrFolderLarge)
}

func TestOpenRefuses(t *testing.T) {
	folder := t.TempDir()
	k := makeKey(t, Request{Folder: folder, Name: "key", Passphrase: text(passphrase)})
	whole := content(t, k.Path)
	for name, tc := range map[string]struct {
		content string
		want    error
	}{
		"empty":                    {"", ErrNotAKey},
		"text":                     {"hello\n", ErrNotAKey},
		"public":                   {k.Line, ErrNotAKey},
		"cut":                      {whole[:len(whole)/2], ErrNotAKey},
		"a certificate of the web": {"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", ErrNotAKey},
		"PuTTY, cut":               {"PuTTY-User-Key-File-2: ssh-rsa\r\nEncryption: none\r\n", ErrNotAKey},
		"PuTTY, of old":            {"PuTTY-User-Key-File-1: ssh-rsa\r\nEncryption: none\r\n", ErrFormat},
		"of ssh.com":               {"---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nAAAA\n---- END SSH2 ENCRYPTED PRIVATE KEY ----\n", ErrNotAKey},
		"too large":                {whole + strings.Repeat("\n", maxKeyFile), ErrNotAKey},
		"costly":                   {withRounds(t, whole, maxRounds+1), ErrCostly},
		"for ever":                 {withRounds(t, whole, 1<<32-1), ErrCostly},
		"no rounds":                {withRounds(t, whole, 0), ErrNotAKey},
		"other rounds":             {withRounds(t, whole, 17), ErrPassphraseWrong},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "key")
			write(t, tc.content, path)
			_, err := Open(path, text(passphrase))
			wantError(t, err, tc.want)
			if got := content(t, path); got != tc.content {
				t.Error("the file has changed")
			}
		})
	}
	_, err := Open(filepath.Join(folder, "none"), secret.Text{})
	wantError(t, err, ErrNoPrivate)
	_, err = Open(folder, secret.Text{})
	wantError(t, err, ErrNotAKey)
}

func TestParseKind(t *testing.T) {
	for in, want := range map[string]Kind{"ed25519": Ed25519, "ecdsa": ECDSA256, "ecdsa-521": ECDSA521, "rsa": RSA3072, "rsa-4096": RSA4096, "": "", "dsa": "", "RSA": "", "rsa-1024": ""} {
		got, err := ParseKind(in)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("ParseKind(%q) = %q, %v", in, got, err)
		}
	}
}

func TestFolder(t *testing.T) {
	t.Setenv("HOME", "/home/ann")
	if got, err := Folder(); err != nil || got != "/home/ann/.ssh" {
		t.Errorf("got %s, %v", got, err)
	}
}

// The pictures of many keys, so that every kind of place and both ends show.
func TestArt(t *testing.T) {
	folder := t.TempDir()
	var lines, want strings.Builder
	for n := range 60 {
		seed := strings.Repeat(string(rune('a'+n%26)), n+1)
		key, err := ssh.NewPublicKey(ed25519FromSeed(seed))
		must(t, err)
		p, err := publicOf(key, strconv.Itoa(n))
		must(t, err)
		lines.WriteString(p.Line + "\n")
		fmt.Fprintf(&want, "%d %s %s (%s)\n%s\n", p.Bits, p.Fingerprint, p.Comment, p.Algorithm, p.Art())
	}
	write(t, lines.String(), folder, "many")
	if got := keygen(t, folder, "-lv", "-f", "many"); got != want.String() {
		t.Errorf("ssh-keygen draws\n%s\nwe draw\n%s", got, want.String())
	}
}

func TestSecurityKeys(t *testing.T) {
	folder := t.TempDir()
	for name, line := range securityKeys() {
		write(t, line+"\n", folder, name+".pub")
		p, err := ParsePublic([]byte(line))
		must(t, err)
		wantTold(t, p, folder, name+".pub")
	}
}

func TestParsePublic(t *testing.T) {
	k := makeKey(t, Request{Folder: t.TempDir(), Name: "key", Comment: "ann"})
	bare := strings.TrimSuffix(k.Line, " ann")
	for in, comment := range map[string]string{
		k.Line:                                 "ann",
		"\r\n# mine\r\n\r\n" + k.Line + "\r\n": "ann",
		bare:                                   "",
		"restrict,command=\"x\" " + k.Line:     "ann",
		bare + " a\x1b[31m\u202eb\xffc":        "a[31mbc",
		k.Line + "\n" + "second":               "ann",
	} {
		p, err := ParsePublic([]byte(in))
		if err != nil || p.Comment != comment || p.Fingerprint != k.Fingerprint || p.Line != strings.TrimSpace(bare+" "+comment) {
			t.Errorf("%q: got %+v, %v", in, p, err)
		}
	}
	for _, in := range []string{"", "\n\n", "# only\n", "ssh-ed25519", "ssh-ed25519 AAAA", "hello " + k.Line[4:], strings.Repeat("#\n", maxKeyFile)} {
		_, err := ParsePublic([]byte(in))
		wantError(t, err, ErrNotAKey)
	}
}
