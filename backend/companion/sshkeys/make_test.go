package sshkeys

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"latchkey/backend/internal/disk"
	"latchkey/backend/internal/secret"
)

// Whatever we make, ssh-keygen reads and tells as we do.
func TestMakeForSSHKeygen(t *testing.T) {
	for _, kind := range Kinds() {
		for _, typed := range []string{"", "密码短语 with a space"} {
			t.Run(fmt.Sprintf("%s %q", kind, typed), func(t *testing.T) {
				folder := filepath.Join(t.TempDir(), "new", ".ssh")
				k := makeKey(t, Request{Kind: kind, Folder: folder, Name: "key", Comment: "安 ann@laptop", Passphrase: text(typed)})
				public := content(t, folder, "key.pub")
				if k.Line+"\n" != public || k.Comment != "安 ann@laptop" || !k.HasPrivate || !k.HasPublic || k.Encrypted != (typed != "") || k.Loose || k.Problem != nil {
					t.Errorf("told as %+v", k)
				}
				if got := keygen(t, folder, "-y", "-P", typed, "-f", "key"); got != public {
					t.Errorf("ssh-keygen reads %s, want %s", got, public)
				}
				wantTold(t, k.Public, folder, "key.pub")
				for name, mode := range map[string]fs.FileMode{"": 0o700, "key": 0o600, "key.pub": 0o644} {
					if info, err := os.Stat(filepath.Join(folder, name)); err != nil || info.Mode().Perm() != mode {
						t.Errorf("%s has mode %v, %v", name, info.Mode(), err)
					}
				}
				if got := names(t, folder); got != "key key.pub" {
					t.Errorf("the folder holds %s", got)
				}
			})
		}
	}
}

// wantTold compares what we tell of a key with what ssh-keygen does.
func wantTold(t *testing.T, p Public, folder, name string) {
	t.Helper()
	comment := p.Comment
	if comment == "" {
		comment = "no comment"
	}
	line := fmt.Sprintf("%d %s %s (%s)\n", p.Bits, p.Fingerprint, comment, p.Algorithm)
	if got := keygen(t, folder, "-lv", "-f", name); got != line+p.Art()+"\n" {
		t.Errorf("ssh-keygen tells\n%s\nwe tell\n%s%s", got, line, p.Art())
	}
	line = fmt.Sprintf("%d %s %s (%s)\n", p.Bits, p.MD5, comment, p.Algorithm)
	if got := keygen(t, folder, "-l", "-E", "md5", "-f", name); got != line {
		t.Errorf("ssh-keygen tells %s, we tell %s", got, line)
	}
}

// A signature made with our private half is good for ssh-keygen.
func TestMadeKeySigns(t *testing.T) {
	for _, kind := range Kinds() {
		folder := t.TempDir()
		makeKey(t, Request{Kind: kind, Folder: folder, Name: "key"})
		write(t, "message", folder, "message")
		keygen(t, folder, "-Y", "sign", "-n", "test", "-f", "key", "message")
		write(t, "ann "+content(t, folder, "key.pub"), folder, "signers")
		out := keygenWithInput(t, folder, "message", "-Y", "verify", "-n", "test", "-I", "ann", "-f", "signers", "-s", "message.sig")
		if !strings.Contains(out, "Good") {
			t.Errorf("%s: %s", kind, out)
		}
	}
}

func TestDefaults(t *testing.T) {
	folder := t.TempDir()
	write(t, "", folder, "id_ed25519_latchkey_2.pub") // half of a pair takes the name as well
	for _, want := range []string{"id_ed25519_latchkey", "id_ed25519_latchkey_3", "id_ed25519_latchkey_4"} {
		k := makeKey(t, Request{Folder: folder})
		if k.Name != want || k.Path != filepath.Join(folder, want) || k.Type != "ssh-ed25519" {
			t.Errorf("made %+v, want %s", k, want)
		}
	}
	if k := makeKey(t, Request{Folder: folder, Kind: ECDSA384, Comment: "  "}); k.Name != "id_ecdsa_latchkey" || k.Comment != "" {
		t.Errorf("made %+v", k)
	}
}

func TestNeverOverwritten(t *testing.T) {
	for name, prepare := range map[string]func(folder string) error{
		"private half":    func(f string) error { return os.WriteFile(filepath.Join(f, "key"), []byte("old"), 0o600) },
		"empty file":      func(f string) error { return os.WriteFile(filepath.Join(f, "key"), nil, 0o600) },
		"public half":     func(f string) error { return os.WriteFile(filepath.Join(f, "key.pub"), []byte("old"), 0o600) },
		"folder":          func(f string) error { return os.Mkdir(filepath.Join(f, "key"), 0o700) },
		"link to nothing": func(f string) error { return os.Symlink("nothing", filepath.Join(f, "key.pub")) },
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			must(t, prepare(folder))
			before := tell(t, folder)
			_, err := workshop().Make(t.Context(), Request{Folder: folder, Name: "key"})
			wantError(t, err, ErrExists)
			wantError(t, writePair(filepath.Join(folder, "key"), []byte("private"), []byte("public")), ErrExists) // taken meanwhile
			if after := tell(t, folder); after != before {
				t.Errorf("the folder was %s and is %s", before, after)
			}
		})
	}
}

// tell describes a folder.
func tell(t *testing.T, folder string) string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	must(t, err)
	var out []string
	for _, e := range entries {
		info, err := e.Info()
		must(t, err)
		out = append(out, fmt.Sprint(info.Name(), info.Mode(), info.Size(), info.ModTime()))
	}
	return strings.Join(out, ", ")
}

func TestMakeAtOnce(t *testing.T) {
	folder := filepath.Join(t.TempDir(), ".ssh")
	var wait sync.WaitGroup
	var mu sync.Mutex
	var defaults []string
	won := 0
	w := workshop()
	for range 8 {
		wait.Go(func() {
			k, err := w.Make(t.Context(), Request{Folder: folder})
			if err != nil {
				t.Error(err)
			}
			_, errSame := w.Make(t.Context(), Request{Folder: folder, Name: "same"})
			mu.Lock()
			defer mu.Unlock()
			defaults = append(defaults, k.Name)
			if errSame == nil {
				won++
			} else if !errors.Is(errSame, ErrExists) {
				t.Error(errSame)
			}
		})
	}
	wait.Wait()
	slices.Sort(defaults)
	if len(slices.Compact(defaults)) != 8 || won != 1 {
		t.Errorf("made %v; %d took the same name", defaults, won)
	}
	keys, err := List(folder)
	must(t, err)
	for _, k := range keys {
		if k.Problem != nil || !k.HasPrivate || !k.HasPublic {
			t.Errorf("%+v", k)
		}
	}
	if got := len(strings.Fields(names(t, folder))); len(keys) != 9 || got != 18 {
		t.Errorf("%d keys in %d files", len(keys), got)
	}
}

func TestMakeRefuses(t *testing.T) {
	long := strings.Repeat("x", 2000)
	for name, tc := range map[string]struct {
		r    Request
		want error
	}{
		"kind":                   {Request{Kind: "dsa"}, ErrKind},
		"name with a path":       {Request{Name: "../key"}, ErrName},
		"name with a folder":     {Request{Name: "a/key"}, ErrName},
		"name with a backslash":  {Request{Name: `a\key`}, ErrName},
		"absolute name":          {Request{Name: "/tmp/key"}, ErrName},
		"dots":                   {Request{Name: ".."}, ErrName},
		"hidden":                 {Request{Name: ".key"}, ErrName},
		"option":                 {Request{Name: "-f"}, ErrName},
		"public":                 {Request{Name: "key.PUB"}, ErrName},
		"authorized_keys":        {Request{Name: "authorized_keys"}, ErrName},
		"config":                 {Request{Name: "Config"}, ErrName},
		"line end in the name":   {Request{Name: "a\nb"}, ErrName},
		"right to left":          {Request{Name: "a\u202eb"}, ErrName},
		"space in the name":      {Request{Name: "my key"}, ErrName},
		"quote in the name":      {Request{Name: "a'b"}, ErrName},
		"no text":                {Request{Name: "a\xff"}, ErrName},
		"long name":              {Request{Name: long}, ErrName},
		"two lines of comment":   {Request{Comment: "ann\nssh-ed25519 AAAA"}, ErrComment},
		"NUL in the comment":     {Request{Comment: "a\x00"}, ErrComment},
		"escape in the comment":  {Request{Comment: "a\x1b[31m"}, ErrComment},
		"bidi comment":           {Request{Comment: "a\u202eb"}, ErrComment},
		"no text in the comment": {Request{Comment: "a\xff"}, ErrComment},
		"long comment":           {Request{Comment: long}, ErrComment},
		"short passphrase":       {Request{Passphrase: text("1234")}, ErrPassphraseShort},
		"passphrase of lines":    {Request{Passphrase: text("1234\n5678")}, ErrPassphraseCharacters},
		"passphrase with NUL":    {Request{Passphrase: text("1234\x005678")}, ErrPassphraseCharacters},
		"passphrase of no text":  {Request{Passphrase: text("1234\xff5678")}, ErrPassphraseCharacters},
		"long passphrase":        {Request{Passphrase: text(long)}, ErrPassphraseCharacters},
	} {
		t.Run(name, func(t *testing.T) {
			tc.r.Folder = filepath.Join(t.TempDir(), ".ssh")
			_, err := workshop().Make(t.Context(), tc.r)
			wantError(t, err, tc.want)
			if _, err := os.Stat(tc.r.Folder); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("the folder was made, %v", err)
			}
		})
	}
	for _, name := range []string{"id_rsa", "钥匙", "ann@laptop", "1.key-x+y"} {
		makeKey(t, Request{Folder: t.TempDir(), Name: name})
	}
}

func TestFolderThatCannotBe(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	write(t, "", file)
	for _, folder := range []string{file, filepath.Join(file, ".ssh")} {
		_, err := workshop().Make(t.Context(), Request{Folder: folder})
		wantError(t, err, disk.ErrNotAFolder)
	}
	if os.Getuid() == 0 {
		return // root may write everywhere; a read-only disk stands for this elsewhere
	}
	closed := t.TempDir()
	must(t, os.Chmod(closed, 0o500))
	for _, folder := range []string{closed, filepath.Join(closed, ".ssh")} {
		_, err := workshop().Make(t.Context(), Request{Folder: folder})
		wantError(t, err, disk.ErrDenied)
	}
}

// Stopping returns at once, writes nothing, and searches do not pile up.
func TestStopRSA(t *testing.T) {
	w, folder := workshop(), t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	stopped := time.AfterFunc(time.Millisecond, cancel)
	defer stopped.Stop()
	for range 20 {
		_, err := w.Make(ctx, Request{Kind: RSA4096, Folder: folder})
		wantError(t, err, ErrStopped)
	}
	if len(w.searching) > 1 || names(t, folder) != "" {
		t.Errorf("%d searches are under way; the folder holds %s", len(w.searching), names(t, folder))
	}
	w.searching <- struct{}{} // the search that was left alone has ended
	<-w.searching
	k, err := w.Make(t.Context(), Request{Kind: RSA3072, Folder: folder})
	if err != nil || k.Bits != 3072 {
		t.Errorf("got %+v, %v", k, err)
	}
}

// A disk that gives back something else is noticed, and nothing stays.
func TestReadBack(t *testing.T) {
	for name, spoil := range map[string]func(folder string){
		"private half of another": func(f string) {
			makeKey(t, Request{Folder: f, Name: "other"})
			must(t, os.Rename(filepath.Join(f, "other"), filepath.Join(f, "key")))
			must(t, os.Remove(filepath.Join(f, "other.pub")))
		},
		"private half cut":   func(f string) { must(t, os.Truncate(filepath.Join(f, "key"), 100)) },
		"public half cut":    func(f string) { must(t, os.Truncate(filepath.Join(f, "key.pub"), 30)) },
		"public half gone":   func(f string) { must(t, os.Remove(filepath.Join(f, "key.pub"))) },
		"other passphrase":   func(f string) { keygen(t, f, "-p", "-q", "-P", passphrase, "-N", "another", "-f", "key") },
		"passphrase removed": func(f string) { keygen(t, f, "-p", "-q", "-P", passphrase, "-N", "", "-f", "key") },
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			var typed secret.Text
			if strings.Contains(name, "passphrase") {
				typed = text(passphrase)
			}
			k := makeKey(t, Request{Folder: folder, Name: "key", Passphrase: typed})
			spoil(folder)
			_, err := workshop().readBack(k.Path, typed, []byte(k.Line+"\n"))
			wantError(t, err, ErrReadBack)
			if err != nil && names(t, folder) != "" {
				t.Errorf("the folder holds %s", names(t, folder))
			}
		})
	}
}

func TestMakeShowsNothing(t *testing.T) {
	folder := t.TempDir()
	k := makeKey(t, Request{Folder: folder, Name: "key"})
	private, err := Open(k.Path, secret.Text{})
	must(t, err)
	r := Request{Passphrase: text("canary-51c7e0")}
	out := fmt.Sprintf("%v %+v %#v %s %x %v %+v %#v", private, private, private, private, private, r, r, r)
	if strings.Contains(out, "canary") || !strings.HasPrefix(out, strings.Repeat("[private key] ", 5)) {
		t.Errorf("it shows as %s", out)
	}
}
