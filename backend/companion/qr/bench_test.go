package qr

import (
	"bytes"
	"errors"
	"image"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"
)

// BenchmarkDecode reads large pictures beside zbarimg, in turns and on one core,
// and reports the medians, and how many times as long it takes as "ratio".
// zbarimg is a program that has to start, which takes it some ten milliseconds.
func BenchmarkDecode(b *testing.B) {
	needs(b, "qrencode", "convert", "zbarimg")
	folder := b.TempDir()
	codes := drawCodes(b, folder)
	for _, p := range []picture{
		{"photo-12.jpg", "-size 1000x750 plasma:sienna-tan ( @totp -resize 225x225 -background none -rotate 11 ) -geometry +375+225 -composite -attenuate 0.3 +noise Gaussian -filter triangle -resize 400% -sampling-factor 2x2 -quality 88"},
		{"photo-12-far.jpg", "-size 1000x750 plasma:sienna-tan -attenuate 0.3 +noise Gaussian -filter triangle -resize 400% ( @totp -filter triangle -resize 240x240 -background none -rotate 33 ) -geometry +2700+1800 -composite -sampling-factor 2x2 -quality 85"},
		{"photo-12-without.jpg", "-size 1000x750 plasma:sienna-tan -attenuate 0.3 +noise Gaussian -filter triangle -resize 400% -sampling-factor 2x2 -quality 85"},
		{"screen-4k.png", "-size 3840x2160 xc:#101014 -fill #ccc -pointsize 26 -annotate +80+90 %text ( @totp -filter triangle -resize 220x220 ) -geometry +3100+900 -composite -depth 8 -type TrueColor"},
		{"screen-4k-two.png", "-size 3840x2160 xc:#f4f4f4 -fill #222 -pointsize 26 -annotate +80+90 %text ( @totp -filter triangle -resize 1200x1200 ) -geometry +2200+500 -composite ( @second -filter triangle -resize 130x130 ) -geometry +200+1900 -composite -depth 8 -type TrueColor"},
		{"screen-4k-without.png", "-size 3840x2160 xc:#101014 -fill #ccc -pointsize 26 -annotate +80+90 %text -depth 8 -type TrueColor"},
	} {
		b.Run(p.name, func(b *testing.B) {
			path, want := p.draw(b, folder, codes)
			data, err := os.ReadFile(path)
			if err != nil {
				b.Fatal(err)
			}
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
			var ours, theirs []time.Duration
			for b.Loop() {
				start := time.Now()
				found, err := Decode(b.Context(), bytes.NewReader(data))
				ours = append(ours, time.Since(start))
				if len(found.Codes) != len(want) || len(want) > 0 && err != nil {
					b.Fatalf("%d codes, %v", len(found.Codes), err)
				}
				start = time.Now()
				_ = exec.CommandContext(b.Context(), "zbarimg", "-q", "--nodbus", "-Sdisable", "-Sqrcode.enable", filepath.Clean(path)).Run()
				theirs = append(theirs, time.Since(start))
			}
			report(b, ours, theirs)
		})
	}
}

func report(b *testing.B, ours, theirs []time.Duration) {
	slices.Sort(ours)
	slices.Sort(theirs)
	o, t := ours[len(ours)/2], theirs[len(theirs)/2]
	b.ReportMetric(float64(o)/float64(t), "ratio")
	b.ReportMetric(float64(o.Microseconds())/1000, "ours-ms")
	b.ReportMetric(float64(t.Microseconds())/1000, "zbarimg-ms")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkNothing looks for a code in what is worst to look through: pixels at
// random, and a page that is all finders.
func BenchmarkNothing(b *testing.B) {
	chance := rand.New(rand.NewPCG(1, 2))
	noise := func(w, h, each int) image.Image {
		img := image.NewGray(image.Rect(0, 0, w, h))
		for y := range h {
			for x := range w {
				if x%each == 0 && y%each == 0 {
					img.Pix[y*w+x] = byte(255 * chance.IntN(2))
				} else {
					img.Pix[y*w+x] = img.Pix[(y-y%each)*w+x-x%each]
				}
			}
		}
		return img
	}
	finders := image.NewGray(image.Rect(0, 0, 4000, 3000))
	for y := range 3000 {
		for x := range 4000 {
			if ring := max(abs(x%27-12)/3, abs(y%27-12)/3); ring == 2 || ring == 4 {
				finders.Pix[y*4000+x] = 255
			}
		}
	}
	for _, bc := range []struct {
		name string
		img  image.Image
	}{
		{"noise-1", noise(1000, 1000, 1)}, {"noise-of-threes-1", noise(1000, 1000, 3)}, {"noise-12", noise(4000, 3000, 1)},
		{"noise-of-threes-12", noise(4000, 3000, 3)}, {"finders-12", finders},
	} {
		b.Run(bc.name, func(b *testing.B) {
			for b.Loop() {
				if _, err := Read(b.Context(), bc.img); !errors.Is(err, ErrNone) && !errors.Is(err, ErrUnreadable) {
					b.Fatal(err)
				}
			}
		})
	}
}

func abs(n int) int { return max(n, -n) }
