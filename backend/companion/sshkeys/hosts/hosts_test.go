package hosts

import (
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
	known "golang.org/x/crypto/ssh/knownhosts"

	"latchkey/backend/companion/sshkeys"
	"latchkey/backend/internal/env"
	"latchkey/backend/internal/secret"
)

var anywhere = &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 22}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

type hostKey struct {
	sshkeys.KeyFile
	key ssh.PublicKey
}

func makeKey(t testing.TB) hostKey {
	t.Helper()
	k, err := sshkeys.NewWorkshop(env.System()).Make(t.Context(), sshkeys.Request{Folder: t.TempDir()})
	must(t, err)
	p, err := sshkeys.Open(k.Path, secret.Text{})
	must(t, err)
	return hostKey{k, p.Signer().PublicKey()}
}

func file(t testing.TB, text string) Files {
	t.Helper()
	f := Files{Own: filepath.Join(t.TempDir(), "known_hosts")}
	must(t, os.WriteFile(f.Own, []byte(text), 0o600))
	return f
}

func check(t *testing.T, f Files, address string, k hostKey) error {
	t.Helper()
	b, err := f.Open()
	must(t, err)
	return b.Check(address, anywhere, k.key)
}

func TestCheck(t *testing.T) {
	one, two := makeKey(t), makeKey(t)
	bad := "nonsense\nnas ssh-ed25519 AAAA\n@odd nas " + one.Line + "\n|1|x|y " + one.Line + "\n!," + one.Line + "\n[nas " + one.Line + "\n"
	f := file(t, "# mine\r\n"+bad+"nas,192.0.2.7 "+one.Line+"\r\n"+known.HashHostname("vault")+" "+two.Line+
		"\n[nas]:2222 "+two.Line+"\n@revoked * "+makeKey(t).Line+"\n*.lan "+one.Line)
	for _, tc := range []struct {
		address string
		key     hostKey
		want    error
	}{
		{"nas:22", one, nil}, {"nas:22", two, ErrChanged}, {"192.0.2.7:22", one, nil},
		{"nas:2222", two, nil}, {"nas:2222", one, ErrChanged}, {"other:22", one, ErrUnknown},
		{"vault:22", two, nil}, {"vault:22", one, ErrChanged}, {"tv.lan:22", one, nil},
	} {
		if err := check(t, f, tc.address, tc.key); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v, want %v", tc.address, err, tc.want)
		}
	}
	changed, ok := errors.AsType[*ChangedError](check(t, f, "nas:22", two))
	if !ok || changed.Shown.Fingerprint != two.Fingerprint || len(changed.Known) != 1 || changed.Known[0].Fingerprint != one.Fingerprint || changed.Known[0].Line != 8 {
		t.Errorf("got %+v", changed)
	}
	b, err := f.Open()
	must(t, err)
	if got := b.Algorithms("nas:22"); len(got) != 1 || got[0] != "ssh-ed25519" {
		t.Errorf("asks for %v", got)
	}
	if err := check(t, Files{Own: filepath.Join(t.TempDir(), "none")}, "nas:22", one); !errors.Is(err, ErrUnknown) {
		t.Errorf("no file: %v", err)
	}
}

func TestRevokedAndCertificates(t *testing.T) {
	revoked := makeKey(t)
	if err := check(t, file(t, "@revoked * "+revoked.Line+"\nnas "+revoked.Line), "nas:22", revoked); !errors.Is(err, ErrRevoked) {
		t.Errorf("revoked: %v", err)
	}
	authority, host := makeKey(t), makeKey(t)
	for args, want := range map[string]error{"-V always:forever": nil, "-V 20010101:20020101": ErrCertificate, "": nil} {
		cmd := exec.CommandContext(t.Context(), "ssh-keygen", append(append([]string{"-q", "-s", authority.Path, "-I", "nas", "-h", "-n", "nas"}, strings.Fields(args)...), host.Path+".pub")...)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		text, err := os.ReadFile(host.Path + "-cert.pub")
		must(t, err)
		cert, _, _, _, err := ssh.ParseAuthorizedKey(text)
		must(t, err)
		if err := check(t, file(t, "@cert-authority nas "+authority.Line), "nas:22", hostKey{key: cert}); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", args, err, want)
		}
		if err := check(t, file(t, "@cert-authority other "+authority.Line), "nas:22", hostKey{key: cert}); err == nil {
			t.Error("the certificate of another counts")
		}
	}
}

// What we write, ssh-keygen finds.
func TestTrust(t *testing.T) {
	one, two := makeKey(t), makeKey(t)
	for name, before := range map[string]string{
		"nothing": "", "no line end": "other " + one.Line, "hashed": known.HashHostname("other") + " " + one.Line + "\n", "bad": "nonsense\n",
	} {
		f := file(t, before)
		must(t, f.Trust("nas:2222", one.Public, false))
		if err := check(t, f, "nas:2222", one); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		out, err := exec.CommandContext(t.Context(), "ssh-keygen", "-F", "[nas]:2222", "-f", f.Own).CombinedOutput()
		if err != nil || !strings.Contains(string(out), strings.Fields(one.Line)[1]) {
			t.Errorf("%s: ssh-keygen finds %s, %v", name, out, err)
		}
		text, err := os.ReadFile(f.Own)
		must(t, err)
		added, kept := strings.CutPrefix(string(text), before)
		if !kept || strings.HasPrefix(strings.TrimSpace(added), "|1|") != (name == "hashed") {
			t.Errorf("%s became %s", name, text)
		}
		must(t, f.Trust("nas:2222", two.Public, true))
		if err := check(t, f, "nas:2222", two); err != nil {
			t.Errorf("%s, replaced: %v", name, err)
		}
		if err := check(t, f, "nas:2222", one); !errors.Is(err, ErrChanged) {
			t.Errorf("%s, replaced: the old key is %v", name, err)
		}
		if old, err := os.ReadFile(f.Own + ".old"); err != nil || string(old) != string(text) {
			t.Errorf("%s: the copy is %s, %v", name, old, err)
		}
	}
	f := file(t, "nas,other "+one.Line+"\n")
	must(t, f.Trust("nas:22", two.Public, true))
	if err := check(t, f, "other:22", one); err != nil {
		t.Errorf("the other host on that line: %v", err)
	}
	f = file(t, "na? "+one.Line+"\n")
	if err := f.Trust("nas:22", two.Public, true); !errors.Is(err, ErrPattern) {
		t.Errorf("a pattern: %v", err)
	}
	for _, address := range []string{"", "a b:22", "*:22", "@revoked:22", "a,b:22", "#x:22"} {
		if err := f.Trust(address, one.Public, false); !errors.Is(err, ErrAddress) {
			t.Errorf("%q: %v", address, err)
		}
	}
}

// What is forgotten is as if it had never been accepted; the rest of the file
// stays byte for byte.
func TestForget(t *testing.T) {
	one, two := makeKey(t), makeKey(t)
	for name, before := range map[string]string{
		"alone": "", "others": "# mine\nnonsense\nother " + one.Line + "\n", "hashed": known.HashHostname("other") + " " + one.Line + "\n",
		"another key of the host": "[nas]:2222 " + two.Line + "\n",
	} {
		f := file(t, before)
		must(t, f.Trust("nas:2222", one.Public, false))
		must(t, f.Forget("nas:2222", one.Fingerprint))
		must(t, f.Forget("nas:2222", one.Fingerprint)) // it is no error the second time
		if text, err := os.ReadFile(f.Own); err != nil || string(text) != before {
			t.Errorf("%s became %q, %v", name, text, err)
		}
	}
	f := file(t, "na? "+one.Line+"\n")
	if err := f.Forget("nas:22", one.Fingerprint); !errors.Is(err, ErrPattern) {
		t.Errorf("a pattern: %v", err)
	}
	must(t, Files{Own: filepath.Join(t.TempDir(), "none")}.Forget("nas:22", one.Fingerprint))
}

func FuzzKnownHosts(f *testing.F) {
	k := makeKey(f)
	f.Add([]byte("nas " + k.Line + "\n@revoked * " + k.Line + "\n|1|AAAA|BBBB " + k.Line))
	f.Fuzz(func(t *testing.T, in []byte) {
		b, err := file(t, string(in)).Open()
		must(t, err)
		_ = b.Check("nas:22", anywhere, k.key)
		once, err := without(in, "nas", "")
		if err != nil {
			return
		}
		if again, err := without(once, "nas", ""); err != nil || string(again) != string(once) {
			t.Errorf("%q becomes %q, then %q", in, once, again)
		}
	})
}
