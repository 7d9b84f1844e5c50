package qr

import (
	"bytes"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestWhatIsDrawnReads(t *testing.T) {
	for _, text := range []string{
		"1", "HELLO WORLD", "otpauth://totp/ACME:ann?secret=JBSWY3DPEHPK3PXP&issuer=ACME",
		"otpauth://totp/Bäckerei:жанна 王?secret=JBSWY3DPEHPK3PXP", strings.Repeat("a", 2331), "\x00\x1b[2J",
	} {
		d, err := Draw(text)
		if err != nil {
			t.Fatalf("%.20q: %v", text, err)
		}
		sizes := []int{0, 400}
		if len(text) == 1 {
			sizes = append(sizes, 1<<30)
		}
		for _, px := range sizes {
			b, err := d.PNG(px)
			if err != nil {
				t.Fatal(err)
			}
			config, err := png.DecodeConfig(bytes.NewReader(b))
			if err != nil || config.Width%d.Side() != 0 || config.Width > max(mostDrawn, d.Side()) || px == 400 && config.Width > 400 {
				t.Errorf("%.20q in %d pixels is %d wide, %v", text, px, config.Width, err)
			}
			if got := texts(t, b); len(got) != 1 || got[0] != text {
				t.Errorf("%.20q in %d pixels reads %.20q", text, px, got)
			}
		}
	}
}

func TestDrawingHasItsQuietZone(t *testing.T) {
	d, err := Draw("HELLO WORLD")
	if err != nil {
		t.Fatal(err)
	}
	for y := -1; y <= d.Side(); y++ {
		for x := -1; x <= d.Side(); x++ {
			if outside := min(x, y) < 4 || max(x, y) >= d.Side()-4; outside && d.Dark(x, y) {
				t.Errorf("the module at %d, %d is dark", x, y)
			}
		}
	}
	if !d.Dark(4, 4) {
		t.Error("the finder is not where the quiet zone ends")
	}
}

func TestTextsThatFitNoCode(t *testing.T) {
	_, err := Draw("")
	wantError(t, err, ErrTextEmpty)
	_, err = Draw(strings.Repeat("a", 2332))
	wantError(t, err, ErrTextLong)
}

// Others read it too.
func TestOthersReadWhatIsDrawn(t *testing.T) {
	needs(t, "zbarimg")
	text := "otpauth://totp/Müller:ann?secret=JBSWY3DPEHPK3PXP"
	d, err := Draw(text)
	if err != nil {
		t.Fatal(err)
	}
	b, err := d.PNG(300)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "a.png")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if got := byZbar(t.Context(), path); len(got) != 1 || got[0] != text {
		t.Errorf("zbar reads %q", got)
	}
}

// The drawing for paper has the modules of the code, and no other.
func TestSVGHasTheModules(t *testing.T) {
	d, err := Draw("otpauth://totp/ACME:ann?secret=JBSWY3DPEHPK3PXP")
	if err != nil {
		t.Fatal(err)
	}
	_, path, _ := strings.Cut(d.SVG(), `<path d="`)
	path, _, _ = strings.Cut(path, `"`)
	painted := map[[2]int]bool{}
	for _, run := range strings.SplitAfter(path, "z") {
		var x, y, wide, back int
		if n, _ := fmt.Sscanf(run, "M%d %dh%dv1h-%dz", &x, &y, &wide, &back); n != 4 && run != "" || wide != back {
			t.Fatalf("%q is no run of modules", run)
		}
		for i := range wide {
			painted[[2]int{x + i, y}] = true
		}
	}
	for y := range d.Side() {
		for x := range d.Side() {
			if painted[[2]int{x, y}] != d.Dark(x, y) {
				t.Errorf("the module at %d, %d is painted: %v", x, y, painted[[2]int{x, y}])
			}
		}
	}
}
