package cli

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/png"
	"os"
	"strings"
	"testing"

	"latchkey/backend/companion/qr"
)

// picture draws QR codes side by side, one for what each text file has in it:
// picture FILE.png TEXT...
func (w *world) picture(args []string) {
	if len(args) < 2 {
		w.ts.Fatalf("usage: picture FILE.png TEXT...")
	}
	var drawn []func(x, y int) bool
	side := 0
	for _, name := range args[1:] {
		d, err := qr.Draw(strings.TrimSpace(w.ts.ReadFile(name)))
		w.ts.Check(err)
		drawn, side = append(drawn, d.Dark), max(side, d.Side())
	}
	img := paint(side*len(drawn), side, func(x, y int) bool { return drawn[x/side](x%side, y) })
	var out bytes.Buffer
	w.ts.Check(png.Encode(&out, img))
	w.ts.Check(os.WriteFile(w.ts.MkAbs(args[0]), out.Bytes(), 0o600))
}

// paint makes a picture with 4 by 4 pixels for each module.
func paint(width, height int, dark func(x, y int) bool) image.Image {
	const each = 4
	img := image.NewGray(image.Rect(0, 0, width*each, height*each))
	for y := range height * each {
		for x := range width * each {
			if !dark(x/each, y/each) {
				img.SetGray(x, y, color.Gray{Y: 255})
			}
		}
	}
	return img
}

// setups are texts of the length that they mostly have, and of the greatest.
func setups() []string {
	return []string{
		"otpauth://totp/GitHub:ann?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=GitHub&algorithm=SHA256&digits=8&period=60",
		"otpauth://totp/%E4%BE%8B:ann?secret=" + strings.Repeat("GEZDGNBV", 51) + "&issuer=%E4%BE%8B",
	}
}

// TestBlocksAreRead scans what a terminal shows.
func TestBlocksAreRead(t *testing.T) {
	for _, setup := range setups() {
		drawing, err := qr.Draw(setup)
		if err != nil {
			t.Fatal(err)
		}
		lines := cells(t, blocks(drawing))
		img := paint(len(lines[0]), 2*len(lines), func(x, y int) bool {
			return lines[y/2][x] == '█' || lines[y/2][x] == [...]rune{'▀', '▄'}[y%2]
		})
		codes, err := qr.Read(context.Background(), img)
		if err != nil || len(codes) != 1 || codes[0].Text.Reveal() != setup {
			t.Errorf("%.30s: read %d codes, %v", setup, len(codes), err)
		}
	}
}

// cells returns the cells of lines that are each black on white to their end.
func cells(t *testing.T, text string) (lines [][]rune) {
	t.Helper()
	for line := range strings.Lines(text) {
		inside, begins := strings.CutPrefix(line, "\x1b[38;5;16;48;5;231m")
		inside, ends := strings.CutSuffix(inside, "\x1b[0m\n")
		if !begins || !ends || strings.Contains(inside, "\x1b") {
			t.Fatalf("a line is not black on white: %q", line)
		}
		lines = append(lines, []rune(inside))
	}
	return lines
}
