package qr

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func needs(t testing.TB, commands ...string) {
	t.Helper()
	for _, c := range commands {
		if _, err := exec.LookPath(c); err != nil {
			t.Skipf("%s is missing; build/setup.sh test installs it", c)
		}
	}
}

func byZbar(ctx context.Context, path string) []string {
	out, _ := exec.CommandContext(ctx, "zbarimg", "-q", "--raw", "--nodbus", "-Sdisable", "-Sqrcode.enable", path).Output()
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}

// drawn is a code that qrencode has drawn.
type drawn struct{ path, text string }

// drawCodes draws the codes that pictures are made of. Their modules are eight
// pixels wide.
func drawCodes(t testing.TB, folder string) map[string]drawn {
	t.Helper()
	out := map[string]drawn{}
	for _, c := range []struct {
		name, text string
		options    []string
	}{
		{"totp", "otpauth://totp/ACME:ann@example.com?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=ACME", []string{"-l", "M"}},
		{"second", "otpauth://totp/Initech:bob@example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Initech", []string{"-l", "L"}},
		{"third", "otpauth://hotp/Umbrella:eve?secret=MFRGGZDFMZTWQ2LK&counter=7", []string{"-l", "Q"}},
		{"fourth", "https://example.org/", []string{"-l", "H"}},
		{"tiny", "HELLO", []string{"-l", "L"}},
		{"tough", "otpauth://totp/ACME:ann@example.com?secret=JBSWY3DPEHPK3PXP&issuer=ACME", []string{"-l", "H"}},
		{"dense", "otpauth-migration://offline?data=" + strings.Repeat("CiEKFEhlbGxvId6tvu8YldefG0gHQVNCQzEyMzQ1Njc4OTAaBkFDTUUgKAEwAg", 14)[:860], []string{"-l", "L"}},
		{"densest", "otpauth-migration://offline?data=" + strings.Repeat("CiEKFEhlbGxvId6tvu8YldefG0gHQVNCQzEyMzQ1Njc4OTAaBkFDTUUgKAEwAg", 40)[:2300], []string{"-l", "L"}},
		{"utf8", "otpauth://totp/Bäckerei Müller:жанна 王?secret=JBSWY3DPEHPK3PXP", []string{"-l", "M"}},
		{"bare", "otpauth://totp/Bare?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", []string{"-l", "M", "-m", "0"}},
	} {
		path := filepath.Join(folder, "code-"+c.name+".png")
		args := append([]string{"-8", "-s", "8", "-o", path}, append(c.options, c.text)...)
		if got, err := exec.Command("qrencode", args...).CombinedOutput(); err != nil {
			t.Fatalf("qrencode %s: %v\n%s", c.name, err, got)
		}
		out[c.name] = drawn{path, c.text}
	}
	return out
}

// A picture is one of the corpus: what convert is to be told, in which @name is
// a code, and the file's name. %text stands for a page of text.
type picture struct {
	name    string
	convert string
}

func (p picture) draw(t testing.TB, folder string, codes map[string]drawn) (path string, want []string) {
	t.Helper()
	args := []string{"-seed", "7"}
	for _, word := range strings.Fields(p.convert) {
		if name, ok := strings.CutPrefix(word, "@"); ok {
			c, ok := codes[name]
			if !ok {
				t.Errorf("%s: there is no code %s", p.name, name)
			}
			if !slices.Contains(want, c.text) {
				want = append(want, c.text)
			}
			args = append(args, c.path)
			continue
		}
		args = append(args, strings.NewReplacer("%text", page, "_", " ").Replace(word))
	}
	path = filepath.Join(folder, p.name)
	if filepath.Ext(p.name) == "" {
		path += ".png"
	}
	// Little is won by packing what is read once.
	args = append(args, "-define", "png:compression-level=1", path)
	cmd := exec.CommandContext(t.Context(), "convert", args...)
	cmd.Env = append(os.Environ(), "MAGICK_THREAD_LIMIT=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("convert for %s: %v\n%s", p.name, err, out)
	}
	return path, want
}

// page is what a screen is full of.
var page = strings.Repeat(`func (s *Service) End(ctx context.Context, owner UserID, id SessionID) error {
    if err := s.store.EndSession(ctx, owner, id); err != nil {
        return fmt.Errorf("end session %s: %w", id, err)
    }
    return s.audit.Record(ctx, Event{Actor: owner, Action: "session.end", Target: id})
}

[ OK ] ||| === ### @@@ Sign in to your account  ·  Set up two-factor authentication  ·  Step 2 of 3
`, 5)
