package sshkeys

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/asn1"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"

	"latchkey/backend/internal/secret"
)

// tool runs one of the programs whose files we read and write.
func tool(t testing.TB, folder, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir = folder
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
	return string(out)
}

// puttygen runs PuTTY's tool, which reads passphrases from files.
func puttygen(t testing.TB, folder string, old, fresh string, args ...string) string {
	t.Helper()
	write(t, old, folder, "old")
	write(t, fresh, folder, "new")
	return tool(t, folder, "puttygen", append(args, "--old-passphrase", "old", "--new-passphrase", "new")...)
}

var someKinds = map[Kind][]string{
	Ed25519:  {"-t", "ed25519"},
	ECDSA256: {"-t", "ecdsa", "-b", "256"},
	ECDSA384: {"-t", "ecdsa", "-b", "384"},
	ECDSA521: {"-t", "ecdsa", "-b", "521"},
	RSA3072:  {"-t", "rsa", "-b", "3072"},
}

// Whatever we write, the programs that the format is for read.
func TestConvertForOthers(t *testing.T) {
	for kind := range someKinds {
		for _, typed := range []string{"", passphrase} {
			if typed != "" && kind != Ed25519 {
				continue // what is encrypted is the same for all
			}
			t.Run(fmt.Sprintf("%s %q", kind, typed), func(t *testing.T) {
				folder := t.TempDir()
				k := makeKey(t, Request{Kind: kind, Folder: folder, Name: "key", Comment: "ann@laptop", Passphrase: text(typed)})
				bare := strings.TrimSuffix(k.Line, " ann@laptop")
				for _, format := range Formats() {
					to, err := workshop().Convert(Conversion{From: k.Path, Passphrase: text(typed), Format: format, New: text(typed)})
					must(t, err)
					name := filepath.Base(to)
					switch format {
					case OpenSSH:
						if got := keygen(t, folder, "-y", "-P", typed, "-f", name); got != k.Line+"\n" {
							t.Errorf("ssh-keygen reads %s", got)
						}
					case PKCS8:
						wantOpenSSLReads(t, folder, name, typed, k.key)
						if kind != Ed25519 { // which ssh-keygen knows in this format from 9.6 on
							if got := keygen(t, folder, "-y", "-P", typed, "-f", name); strings.TrimSpace(got) != bare {
								t.Errorf("ssh-keygen reads %s", got)
							}
						}
					case PPK:
						if got := puttygen(t, folder, typed, "", name, "-O", "public-openssh"); got != k.Line+"\n" {
							t.Errorf("puttygen reads %s", got)
						}
						puttygen(t, folder, typed, "", name, "-O", "private-openssh-new", "-o", "back")
						if got := keygen(t, folder, "-y", "-P", "", "-f", "back"); got != k.Line+"\n" {
							t.Errorf("puttygen makes %s of it", got)
						}
						must(t, os.Remove(filepath.Join(folder, "back")))
					case RFC4716:
						if got := keygen(t, folder, "-i", "-f", name); strings.TrimSpace(got) != bare {
							t.Errorf("ssh-keygen reads %s", got)
						}
						if got := puttygen(t, folder, "", "", name, "-O", "public-openssh"); got != k.Line+"\n" {
							t.Errorf("puttygen reads %s", got)
						}
						continue
					}
					if info, err := os.Stat(to); err != nil || info.Mode().Perm() != 0o600 {
						t.Errorf("%s has mode %v, %v", name, info.Mode(), err)
					}
					wantComesBack(t, to, typed, k)
				}
			})
		}
	}
}

// wantComesBack reads a copy as we read any file.
func wantComesBack(t *testing.T, path, typed string, k KeyFile) {
	t.Helper()
	p, err := OpenWithComment(path, text(typed))
	must(t, err)
	if !sameKey(p.signer.PublicKey(), k.key) || p.comment != k.Comment && !(strings.HasSuffix(path, "_openssh") && typed != "") {
		t.Errorf("%s comes back as %s %q", path, p.signer.PublicKey().Type(), p.comment)
	}
	listed, err := Find(path)
	if err != nil || listed.Encrypted != (typed != "") {
		t.Errorf("%s is listed as %+v, %v", path, listed, err)
	}
}

func wantOpenSSLReads(t *testing.T, folder, name, typed string, key ssh.PublicKey) {
	t.Helper()
	out := tool(t, folder, "openssl", "pkey", "-in", name, "-passin", "pass:"+typed, "-pubout", "-outform", "DER", "-out", "der")
	got := content(t, folder, "der")
	blob := key.Marshal()
	tail := string(blob[len(blob)-16:]) // of the number or point that ends both
	if key.Type() != ssh.KeyAlgoRSA && !strings.HasSuffix(got, tail) {
		t.Errorf("openssl reads another key: %s", out)
	}
}

// Whatever PuTTYgen writes, we read.
func TestReadWhatPuTTYgenMakes(t *testing.T) {
	for _, args := range [][]string{
		{"-t", "ed25519"},
		{"-t", "ecdsa", "-b", "256"},
		{"-t", "ecdsa", "-b", "384"},
		{"-t", "ecdsa", "-b", "521"},
		{"-t", "rsa", "-b", "2048"},
	} {
		for name, params := range map[string]string{
			"version 2": "version=2", "version 3": "version=3,memory=1024,passes=3", "Argon2i": "version=3,kdf=argon2i,memory=1024,passes=3",
			"threads": "version=3,memory=4096,passes=2,parallelism=3",
		} {
			for _, typed := range []string{"", passphrase} {
				if args[1] != "ed25519" && (typed == "") != (params == "version=2") || args[1] != "ed25519" && name != "version 2" && name != "version 3" {
					continue // what is encrypted is the same for all
				}
				t.Run(strings.Join(append(args, name, typed), " "), func(t *testing.T) {
					folder := t.TempDir()
					puttygen(t, folder, "", typed, append(args, "-q", "-C", "ann@laptop", "--ppk-param", params, "-o", "key.ppk")...)
					want := puttygen(t, folder, typed, "", "key.ppk", "-O", "public-openssh")
					k, err := Find(filepath.Join(folder, "key.ppk"))
					must(t, err)
					if k.Line+"\n" != want || k.Encrypted != (typed != "") || k.Comment != "ann@laptop" {
						t.Errorf("listed as %+v", k)
					}
					wantOpens(t, k, typed)
					to, err := workshop().Convert(Conversion{From: k.Path, Passphrase: text(typed), Format: OpenSSH})
					must(t, err)
					if got := keygen(t, folder, "-y", "-P", "", "-f", filepath.Base(to)); got != want {
						t.Errorf("ssh-keygen reads %s, want %s", got, want)
					}
				})
			}
		}
	}
}

// Seeds that end in zeros are shorter in PuTTY's files.
func TestPPKShortSeed(t *testing.T) {
	for n := range uint32(3000) {
		seed := sha256.Sum256(binary.BigEndian.AppendUint32(nil, n))
		if seed[31] != 0 {
			continue
		}
		private := ssh.Marshal(struct{ S []byte }{seed[:31]})
		public, err := ssh.NewPublicKey(ed25519.NewKeyFromSeed(seed[:]).Public())
		must(t, err)
		if _, err := readPPKPrivate(public, private); err != nil {
			t.Errorf("seed %x: %v", seed, err)
		}
		return
	}
	t.Fatal("no such seed")
}

func TestPPKRefuses(t *testing.T) {
	folder := t.TempDir()
	w := workshop()
	k := makeKey(t, Request{Folder: folder, Name: "key", Comment: "ann", Format: PPK, Passphrase: text(passphrase)})
	bare := makeKey(t, Request{Folder: folder, Name: "bare", Comment: "ann", Format: PPK})
	other := makeKey(t, Request{Folder: folder, Name: "other", Comment: "ann", Format: PPK, Passphrase: text(passphrase)})
	sealed, open := content(t, k.Path), content(t, bare.Path)
	swap := func(in, old, fresh string) string {
		if !strings.Contains(in, old) {
			t.Fatalf("%q does not stand there", old)
		}
		return strings.Replace(in, old, fresh, 1)
	}
	line := func(file string, n int) string { return strings.Split(file, "\n")[n] }
	for name, tc := range map[string]struct {
		file, typed string
		want        error
	}{
		"whole":                    {sealed, passphrase, nil},
		"line ends of Windows":     {strings.ReplaceAll(sealed, "\n", "\r\n"), passphrase, nil},
		"line ends of old Macs":    {strings.ReplaceAll(sealed, "\n", "\r"), passphrase, nil},
		"other passphrase":         {sealed, "not that one", ErrPassphraseWrong},
		"no passphrase":            {sealed, "", ErrPassphraseNeeded},
		"comment altered":          {swap(sealed, "Comment: ann", "Comment: bob"), passphrase, ErrAltered},
		"comment altered, bare":    {swap(open, "Comment: ann", "Comment: bob"), "", ErrAltered},
		"sum altered":              {sealed[:len(sealed)-3] + "00\n", passphrase, ErrAltered},
		"sum altered, bare":        {open[:len(open)-5] + "0000\n", "", ErrAltered},
		"public half of another":   {swap(sealed, line(sealed, 5), line(content(t, other.Path), 5)), passphrase, ErrPassphraseWrong},
		"version 1":                {swap(sealed, "File-3", "File-1"), passphrase, ErrFormat},
		"version 4":                {swap(sealed, "File-3", "File-4"), passphrase, ErrFormat},
		"Argon2d":                  {swap(sealed, "Argon2id", "Argon2d"), passphrase, ErrFormat},
		"another derivation":       {swap(sealed, "Argon2id", "scrypt"), passphrase, ErrNotAKey},
		"another cipher":           {swap(sealed, ppkAES, "3des"), passphrase, ErrNotAKey},
		"memory of a data centre":  {swap(sealed, "Memory: 8192", "Memory: 4294967295"), passphrase, ErrCostly},
		"passes until next summer": {swap(sealed, "Passes: 13", "Passes: 4294967295"), passphrase, ErrCostly},
		"many threads":             {swap(sealed, "Parallelism: 1", "Parallelism: 255"), passphrase, ErrCostly},
		"no passes":                {swap(sealed, "Passes: 13", "Passes: 0"), passphrase, ErrNotAKey},
		"negative passes":          {swap(sealed, "Passes: 13", "Passes: -1"), passphrase, ErrNotAKey},
		"cut":                      {sealed[:len(sealed)*2/3], passphrase, ErrNotAKey},
		"too many lines said":      {swap(sealed, "Public-Lines: 2", "Public-Lines: 4000000000"), passphrase, ErrNotAKey},
		"more behind it":           {sealed + "More: 1\n", passphrase, ErrNotAKey},
		"other algorithm":          {swap(sealed, "3: ssh-ed25519", "3: ssh-rsa"), passphrase, ErrNotAKey},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "key.ppk")
			write(t, tc.file, path)
			_, err := Open(path, text(tc.typed))
			wantError(t, err, tc.want)
			if tc.want == nil {
				return
			}
			_, err = w.Convert(Conversion{From: path, Passphrase: text(tc.typed), Format: OpenSSH})
			wantError(t, err, tc.want)
			wantError(t, w.ChangePassphrase(path, text(tc.typed), text("another one")), tc.want)
			if names(t, filepath.Dir(path)) != "key.ppk" || content(t, path) != tc.file {
				t.Error("something was written")
			}
		})
	}
}

// OpenSSL's files, and those that nobody should be made to open.
func TestPKCS8(t *testing.T) {
	folder := t.TempDir()
	k := makeKey(t, Request{Folder: folder, Name: "key.pem", Format: PKCS8})
	for name, tc := range map[string]struct {
		args []string
		want error
	}{
		"default":         {nil, nil},
		"aes-128":         {[]string{"-v2", "aes-128-cbc"}, nil},
		"3des":            {[]string{"-v2", "des3"}, nil},
		"sha-1":           {[]string{"-v2prf", "hmacWithSHA1"}, nil},
		"sha-512":         {[]string{"-v2prf", "hmacWithSHA512"}, ErrFormat},
		"scrypt":          {[]string{"-scrypt", "-scrypt_N", "1024", "-scrypt_r", "8", "-scrypt_p", "1"}, nil},
		"costly":          {[]string{"-iter", "10000001"}, ErrCostly},
		"version 1 of it": {[]string{"-v1", "PBE-SHA1-3DES"}, ErrFormat},
	} {
		t.Run(name, func(t *testing.T) {
			args := append([]string{"pkcs8", "-topk8", "-in", "key.pem", "-passout", "pass:" + passphrase, "-out", "sealed.pem"}, tc.args...)
			tool(t, folder, "openssl", args...)
			path := filepath.Join(folder, "sealed.pem")
			p, err := Open(path, text(passphrase))
			wantError(t, err, tc.want)
			if tc.want != nil {
				return
			}
			if !sameKey(p.signer.PublicKey(), k.key) {
				t.Error("it is another key")
			}
			_, err = Open(path, text("not that one"))
			wantError(t, err, ErrPassphraseWrong)
			_, err = Open(path, secret.Text{})
			wantError(t, err, ErrPassphraseNeeded)
		})
	}
}

func TestCostlyScrypt(t *testing.T) {
	for _, tc := range []struct {
		p    scryptParams
		want error
	}{
		{scryptParams{N: 1 << 20, R: 1, P: 1}, nil},
		{scryptParams{N: 1 << 22, R: 1, P: 1}, ErrCostly},
		{scryptParams{N: 1 << 40, R: 1 << 40, P: 1 << 40}, ErrCostly},
		{scryptParams{N: 2, R: 1, P: 1 << 30}, ErrCostly},
		{scryptParams{N: 2, R: -1, P: 1}, ErrNotAKey},
		{scryptParams{}, ErrNotAKey},
	} {
		der, err := asn1.Marshal(tc.p)
		must(t, err)
		wantError(t, checkScrypt(der), tc.want)
	}
}

func TestRFC4716(t *testing.T) {
	folder := t.TempDir()
	long := strings.Repeat("安", 60) + " ann@laptop"
	k := makeKey(t, Request{Folder: folder, Name: "key", Comment: long})
	to, err := workshop().Convert(Conversion{From: k.Path, Format: RFC4716})
	must(t, err)
	for line := range strings.Lines(content(t, to)) {
		if len(line) > rfc4716Width+1 {
			t.Errorf("a line of %d bytes: %s", len(line), line)
		}
	}
	p, err := ParsePublic([]byte(content(t, to)))
	if err != nil || p.Line != k.Line {
		t.Errorf("it comes back as %+v, %v", p, err)
	}
	p, err = ParsePublic([]byte(keygen(t, folder, "-e", "-f", "key.pub")))
	if err != nil || p.Fingerprint != k.Fingerprint || !strings.HasPrefix(p.Comment, "256-bit ED25519") {
		t.Errorf("what ssh-keygen writes comes as %+v, %v", p, err)
	}
	whole := content(t, to)
	for name, in := range map[string]string{
		"cut":               whole[:len(whole)-20],
		"base64 altered":    strings.Replace(whole, "AAAAC3", "AAAA!3", 1),
		"another key":       strings.Replace(whole, "AAAAC3", "AAAAD3", 1),
		"header in between": strings.Replace(whole, "\n---- END", "\nSubject: ann\n---- END", 1),
		"endless header":    rfc4716Begin + "\nX-a: " + strings.Repeat("a", 5000) + "\n" + rfc4716End,
		"nothing":           rfc4716Begin + "\n" + rfc4716End,
	} {
		if _, err := ParsePublic([]byte(in)); err == nil {
			t.Errorf("%s: it is read", name)
		}
	}
}

func TestChangePassphrase(t *testing.T) {
	for _, format := range []Format{OpenSSH, PKCS8, PPK} {
		t.Run(string(format), func(t *testing.T) {
			folder := t.TempDir()
			w := workshop()
			k := makeKey(t, Request{Folder: folder, Name: "key", Format: format, Comment: "ann"})
			before := names(t, folder)
			for _, step := range [][2]string{{"", "first one"}, {"first one", "second one"}, {"second one", ""}} {
				must(t, w.ChangePassphrase(k.Path, text(step[0]), text(step[1])))
				again, err := Find(k.Path)
				if err != nil || again.Line != k.Line || again.Encrypted != (step[1] != "") || again.Loose {
					t.Errorf("it became %+v, %v", again, err)
				}
				_, err = Open(k.Path, text(step[1]))
				must(t, err)
			}
			must(t, w.ChangePassphrase(k.Path, secret.Text{}, text(passphrase)))
			whole := content(t, k.Path)
			for typed, want := range map[string]error{"": ErrPassphraseNeeded, "not that one": ErrPassphraseWrong} {
				wantError(t, w.ChangePassphrase(k.Path, text(typed), text("another one")), want)
			}
			wantError(t, w.ChangePassphrase(k.Path, text(passphrase), text("1234")), ErrPassphraseShort)
			wantError(t, w.ChangePassphrase(filepath.Join(folder, "none"), secret.Text{}, secret.Text{}), ErrNoPrivate)
			if content(t, k.Path) != whole || names(t, folder) != before {
				t.Error("something has changed")
			}
		})
	}
	folder := t.TempDir()
	keygen(t, folder, "-q", "-t", "rsa", "-b", "2048", "-m", "PEM", "-N", passphrase, "-f", "key")
	must(t, os.Symlink("key", filepath.Join(folder, "link")))
	must(t, workshop().ChangePassphrase(filepath.Join(folder, "link"), text(passphrase), text("another one")))
	if got := keygen(t, folder, "-y", "-P", "another one", "-f", "key"); !strings.HasPrefix(got, "ssh-rsa") {
		t.Errorf("ssh-keygen reads %s", got)
	}
	if info, err := os.Lstat(filepath.Join(folder, "link")); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link became %v, %v", info.Mode(), err)
	}
}

func TestConvertNeverOverwrites(t *testing.T) {
	folder := t.TempDir()
	w := workshop()
	k := makeKey(t, Request{Folder: folder, Name: "key"})
	for _, format := range Formats() {
		to := filepath.Join(folder, "taken")
		write(t, "old", to)
		_, err := w.Convert(Conversion{From: k.Path, Format: format, To: to})
		wantError(t, err, ErrExists)
		if content(t, to) != "old" {
			t.Error("it was written over")
		}
	}
	_, err := w.Convert(Conversion{From: k.Path, Format: "der"})
	wantError(t, err, ErrFormatUnknown)
	_, err = w.Make(t.Context(), Request{Folder: folder, Name: "other", Format: RFC4716})
	wantError(t, err, ErrFormatPublic)
	_, err = w.Convert(Conversion{From: filepath.Join(folder, "none"), Format: PPK})
	wantError(t, err, ErrNoPrivate)
	_, err = w.Convert(Conversion{From: filepath.Join(folder, "taken"), Format: RFC4716})
	wantError(t, err, ErrNotAKey)
}
