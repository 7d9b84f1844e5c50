package qr

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
)

// TestCorpus draws pictures with qrencode and ImageMagick, has them read by
// Latchkey, zbar, ZXing's port to C++ and its port to Go, and prints who read
// what. Latchkey has to read all that one of the others reads.
func TestCorpus(t *testing.T) {
	needs(t, "qrencode", "convert", "zbarimg", "ZXingReader")
	if testing.Short() {
		t.Skip("draws a hundred pictures")
	}
	folder := t.TempDir()
	codes := drawCodes(t, folder)
	results := make([]result, len(corpus))
	var wait sync.WaitGroup
	turns := make(chan struct{}, runtime.GOMAXPROCS(0))
	for i, p := range corpus {
		wait.Go(func() {
			turns <- struct{}{}
			defer func() { <-turns }()
			results[i] = p.compare(t, folder, codes)
		})
	}
	wait.Wait()
	var table strings.Builder
	fmt.Fprintf(&table, "%-28s %8s %8s %8s %8s\n", "read of", "Latchkey", "zbar", "ZXing", "gozxing")
	var sum [4]int
	all := 0
	for i, p := range corpus {
		r := results[i]
		fmt.Fprintf(&table, "%-28s", p.name)
		for n, got := range r.read {
			fmt.Fprintf(&table, " %5d/%d ", len(got), len(r.want))
			sum[n] += len(got)
		}
		all += len(r.want)
		table.WriteString("\n")
		for n, who := range []string{"zbar", "ZXing", "gozxing"} {
			for _, text := range r.read[n+1] {
				if !slices.Contains(r.read[0], text) {
					t.Errorf("%s: %s reads %.40q, Latchkey does not: %v", p.name, who, text, r.err)
				}
			}
		}
		if len(r.extra) > 0 {
			t.Errorf("%s: Latchkey reads what is not there: %q", p.name, r.extra)
		}
	}
	fmt.Fprintf(&table, "%-28s %8d %8d %8d %8d   of %d", "together", sum[0], sum[1], sum[2], sum[3], all)
	t.Log("\n" + table.String())
}

func needs(t testing.TB, commands ...string) {
	t.Helper()
	for _, c := range commands {
		if _, err := exec.LookPath(c); err != nil {
			t.Skipf("%s is missing; build/setup.sh test installs it", c)
		}
	}
}

// A result is what was read of a picture by Latchkey, zbar, ZXing and gozxing.
type result struct {
	want  []string
	read  [4][]string
	extra []string
	err   error
}

func (p picture) compare(t *testing.T, folder string, codes map[string]drawn) (r result) {
	path, want := p.draw(t, folder, codes)
	r.want = want
	data, err := os.ReadFile(path)
	if err != nil {
		t.Error(err)
		return r
	}
	var latchkey []string
	found, err := Decode(t.Context(), bytes.NewReader(data))
	r.err = err
	for _, c := range found.Codes {
		latchkey = append(latchkey, c.Text.Reveal())
	}
	for _, text := range latchkey {
		if !slices.Contains(want, text) {
			r.extra = append(r.extra, text)
		}
	}
	for n, read := range [][]string{latchkey, byZbar(t.Context(), path), byZXing(t.Context(), path), byGozxing(data)} {
		for _, text := range want {
			if slices.Contains(read, text) {
				r.read[n] = append(r.read[n], text)
			}
		}
	}
	return r
}

func byZbar(ctx context.Context, path string) []string {
	out, _ := exec.CommandContext(ctx, "zbarimg", "-q", "--raw", "--nodbus", "-Sdisable", "-Sqrcode.enable", path).Output()
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}

func byZXing(ctx context.Context, path string) (texts []string) {
	// It reads no kind but PNG, JPEG and BMP.
	if ext := filepath.Ext(path); ext == ".webp" || ext == ".gif" {
		png := path + ".png"
		if err := exec.CommandContext(ctx, "convert", path+"[0]", png).Run(); err != nil {
			return nil
		}
		path = png
	}
	out, _ := exec.CommandContext(ctx, "ZXingReader", "-format", "QRCode", path).Output()
	for line := range strings.Lines(string(out)) {
		if text, ok := strings.CutPrefix(strings.TrimSpace(line), `Text:       "`); ok {
			texts = append(texts, strings.TrimSuffix(text, `"`))
		}
	}
	return texts
}

func byGozxing(data []byte) []string {
	img, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return nil
	}
	bitmap, err := gozxing.NewBinaryBitmapFromImage(img)
	if err != nil {
		return nil
	}
	r, err := qrcode.NewQRCodeReader().Decode(bitmap, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_TRY_HARDER: true})
	if err != nil {
		return nil
	}
	return []string{r.GetText()}
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
	if out, err := cmd.CombinedOutput(); err != nil && !errors.Is(err, context.Canceled) {
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
