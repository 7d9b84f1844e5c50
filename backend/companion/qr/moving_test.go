package qr

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"image"
	"image/color"
	"image/gif"
	"testing"
)

// movie returns a GIF whose frames are blank but for those that are given.
func movie(t testing.TB, frames int, shown map[int]image.Image, r image.Rectangle) []byte {
	t.Helper()
	g := &gif.GIF{Config: image.Config{Width: r.Dx(), Height: r.Dy()}}
	for n := range frames {
		frame := image.NewPaletted(r, color.Palette{color.White, color.Black})
		if img := shown[n]; img != nil {
			repaint(frame, img)
		}
		g.Image, g.Delay, g.Disposal = append(g.Image, frame), append(g.Delay, 4), append(g.Disposal, gif.DisposalBackground)
	}
	var out bytes.Buffer
	if err := gif.EncodeAll(&out, g); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestMovingPictures(t *testing.T) {
	img := code(t)
	for at := range mostFrames {
		if got := texts(t, movie(t, mostFrames+5, map[int]image.Image{at: img}, img.Rect)); len(got) != 1 {
			t.Errorf("a code in frame %d reads as %q", at, got)
		}
	}
	_, err := Decode(t.Context(), bytes.NewReader(movie(t, mostFrames+5, map[int]image.Image{mostFrames: img}, img.Rect)))
	wantError(t, err, ErrNone)
}

// Of a picture with thousands of frames, or a few large ones, the first are
// unpacked and no more.
func TestMovieIsCut(t *testing.T) {
	small := image.Rect(0, 0, 64, 64)
	for _, tc := range []struct {
		frames, want int
		r            image.Rectangle
	}{{3, 3, small}, {5_000, mostFrames, small}, {4, 3, image.Rect(0, 0, 5_000, 3_500)}} {
		g, err := gif.DecodeAll(bytes.NewReader(gifHead(movie(t, tc.frames, nil, tc.r))))
		if err != nil || len(g.Image) != tc.want {
			t.Errorf("%d frames of %v: %d are left, %v", tc.frames, tc.r.Max, len(g.Image), err)
		}
	}
}

// A frame may be a part of the picture, put on what was there before.
func TestCodeInTwoFrames(t *testing.T) {
	img := code(t)
	half := img.Rect
	half.Max.X /= 2
	palette := color.Palette{color.White, color.Black}
	left := repaint(image.NewPaletted(half, palette), img)
	rest := image.NewPaletted(image.Rect(half.Max.X, 0, img.Rect.Max.X, img.Rect.Max.Y), palette)
	for y := range img.Rect.Dy() {
		for x := half.Max.X; x < img.Rect.Max.X; x++ {
			rest.Set(x, y, img.At(x, y))
		}
	}
	var out bytes.Buffer
	err := gif.EncodeAll(&out, &gif.GIF{
		Image: []*image.Paletted{left.(*image.Paletted), rest}, Delay: []int{0, 0},
		Config: image.Config{Width: img.Rect.Dx(), Height: img.Rect.Dy()},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := texts(t, out.Bytes()); len(got) != 1 || got[0] != text {
		t.Errorf("reads %q", got)
	}
}

// webpCode is text's code as WebP, which Go reads and does not write: the
// drawing at four pixels a module, made by ImageMagick.
const webpCode = "UklGRu4AAABXRUJQVlA4TOEAAAAvo8AoAA8w//M///MfeIAUSZIjKRkEf5bBIE7LOvGM6P8E9KH882xTQFvbPMESUUrriGk6ZDrv" +
	"cKFwy1gru6OUAZV1wzbfuO2G51I0e/ECc+ZgseUJiyoUCm9QNpgxGZ3ACGiglCfMBgtbgxtSUIlt2Q2wkBTnbpixOaAUbwDNtjZn" +
	"J2g0tgSaJ8xEhhuMTjCLNbdlnoAbrSCNThCSmsXYDeFy5IadsRAYMPGEsekA3bZOeD5AwpwnbNMNMpVOsISG086Yjirc1h3NNJiH" +
	"0FY+v6KkmpQ7YpsuyW3kCR/5vwMA"

// lossless returns text's code as WebP.
func lossless(t testing.TB) []byte {
	t.Helper()
	data, err := base64.StdEncoding.DecodeString(webpCode)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// animated puts a WebP's picture into the first frame of a moving one.
func animated(still []byte, w, h int) []byte {
	size := func(n int) []byte { return binary.LittleEndian.AppendUint32(nil, uint32(n-1))[:3] }
	canvas := append(size(w), size(h)...)
	frame := append(make([]byte, 6), canvas...)
	frame = append(append(frame, 0, 0, 0, 0), still[12:]...)
	return webpFile(
		chunk{"VP8X", append([]byte{2, 0, 0, 0}, canvas...)},
		chunk{"ANIM", make([]byte, 6)},
		chunk{"ANMF", frame},
		chunk{"ANMF", frame[:20]},
	)
}

func TestMovingWebP(t *testing.T) {
	still := lossless(t)
	if got := texts(t, animated(still, 164, 164)); len(got) != 1 || got[0] != text {
		t.Errorf("reads %q", got)
	}
}

// What the file says of its size does not count, only what the picture says.
func TestWebPThatSaysTwoSizes(t *testing.T) {
	still := lossless(t)
	liar := webpFile(append([]chunk{{"VP8X", []byte{0, 0, 0, 0, 0, 0, 0, 0, 0, 0}}}, riffChunks(still[12:])...)...)
	if got := texts(t, liar); len(got) != 1 || got[0] != text {
		t.Errorf("reads %q", got)
	}
	// VP8L: a byte, then 14 bits of width and of height, each less one.
	picture := binary.LittleEndian.AppendUint32([]byte{0x2f}, 16383|16383<<14)
	_, err := Decode(t.Context(), bytes.NewReader(webpFile(chunk{"VP8X", []byte{0, 0, 0, 0, 9, 0, 0, 9, 0, 0}}, chunk{"VP8L", picture})))
	wantError(t, err, ErrLarge)
}
