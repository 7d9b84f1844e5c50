package captcha

import (
	"bytes"
	"image"
	"image/png"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"latchkey/backend/internal/env"
)

func TestEveryCharacterCanBeDrawn(t *testing.T) {
	seen := map[string]rune{}
	for _, r := range alphabet {
		for _, look := range [][32]byte{{}, {1}, {255, 255}} {
			pic, err := paint(string(r), look)
			if err != nil {
				t.Fatalf("%c: %v", r, err)
			}
			if other, was := seen[string(pic)]; was {
				t.Errorf("%c looks like %c", r, other)
			}
			seen[string(pic)] = r
		}
	}
	for _, r := range "01BFGIOPQSVZ25680" {
		if strings.ContainsRune(alphabet, r) {
			t.Errorf("%c is in the alphabet, and looks like another", r)
		}
	}
}

// A picture that is asked for twice is the same; a text that comes twice is not.
func TestOneLookOnePicture(t *testing.T) {
	first, again, other := mustPaint(t, "ACDE", [32]byte{1}), mustPaint(t, "ACDE", [32]byte{1}), mustPaint(t, "ACDE", [32]byte{2})
	if !bytes.Equal(first, again) {
		t.Error("one challenge has two pictures")
	}
	if bytes.Equal(first, other) {
		t.Error("two challenges have one picture")
	}
}

// Asking for a picture again, even by many at once, draws nothing.
func TestAPictureIsDrawnOnce(t *testing.T) {
	book := NewBook(env.System())
	from := testAddress(1)
	id := book.Make("ann", from)
	pics := make([][]byte, 64)
	var all sync.WaitGroup
	for i := range pics {
		all.Go(func() {
			var err error
			if pics[i], err = book.Picture(id, from); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, pic := range pics {
		if len(pic) == 0 || &pic[0] != &pics[0][0] {
			t.Fatal("one challenge was drawn twice")
		}
	}
}

// However many ask, two are drawn at a time, and the others wait for them.
func TestTwoAreDrawnAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		book := NewBook(env.System())
		for range mostDrawn {
			book.drawing <- struct{}{}
		}
		drawn := make(chan struct{}, 8)
		for i := range cap(drawn) {
			from := testAddress(i)
			id := book.Make("", from)
			go func() {
				if _, err := book.Picture(id, from); err != nil {
					t.Error(err)
				}
				drawn <- struct{}{}
			}()
		}
		synctest.Wait()
		if len(drawn) > 0 {
			t.Errorf("%d were drawn though two others are", len(drawn))
		}
		<-book.drawing
		synctest.Wait()
		if len(drawn) != cap(drawn) {
			t.Errorf("%d were drawn when there was room again, want all %d", len(drawn), cap(drawn))
		}
	})
}

// What a full book keeps is bounded by how large a picture is.
func TestSizeOfAPicture(t *testing.T) {
	e := env.System()
	for range 200 {
		text, look := newText(e), [32]byte(e.Bytes(32))
		if size := len(mustPaint(t, text, look)); size > 8<<10 {
			t.Errorf("%s with the look %x has %d bytes", text, look, size)
		}
	}
}

// The text stays on the sheet: what is inked is in the middle, not at the edge,
// and neither little nor most of it.
func TestTheTextIsOnTheSheet(t *testing.T) {
	e := env.System()
	for range 100 {
		text, look := newText(e), [32]byte(e.Bytes(32))
		s := newSheet(newChance(look))
		for i, r := range text {
			if err := s.letter(newChance(look), r, i, len(text)); err != nil {
				t.Fatal(err)
			}
		}
		s.ink()
		inked := 0
		for i, a := range s.drawn.Pix {
			if a == 0 {
				continue
			}
			inked++
			if at := image.Pt(i%imageWidth, i/imageWidth); at.X == 0 || at.X == imageWidth-1 {
				t.Fatalf("%s with the look %x goes over the side", text, look)
			}
		}
		if all := imageWidth * imageHeight; inked < all/12 || inked > all/2 {
			t.Errorf("%s with the look %x: %d of %d pixels are inked", text, look, inked, all)
		}
	}
}

func TestTextsAreSpreadEvenly(t *testing.T) {
	e := env.System()
	count := map[rune]int{}
	const texts = 10_000
	for range texts {
		text := newText(e)
		if len(text) != length {
			t.Fatalf("%q is not %d long", text, length)
		}
		for _, r := range text {
			count[r]++
		}
	}
	each := texts * length / len(alphabet)
	for _, r := range alphabet {
		if count[r] < each*8/10 || count[r] > each*12/10 {
			t.Errorf("%c came %d times, want about %d", r, count[r], each)
		}
	}
}

func mustPaint(tb testing.TB, text string, look [32]byte) []byte {
	tb.Helper()
	pic, err := paint(text, look)
	if err != nil {
		tb.Fatal(err)
	}
	if _, err := png.Decode(bytes.NewReader(pic)); err != nil {
		tb.Fatal(err)
	}
	return pic
}

func BenchmarkPaint(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := paint("K7NW", [32]byte{1}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkFull is the worst case of a request: a full book.
func BenchmarkFull(b *testing.B) {
	book := NewBook(env.System())
	for i := range mostInAll {
		book.Make("", testAddress(i))
	}
	for b.Loop() {
		book.Make("ann", testAddress(0))
		book.Spend("ann", testAddress(0), "wrong")
	}
}

func testAddress(i int) netip.Addr {
	return netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})
}
