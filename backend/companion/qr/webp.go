package qr

import (
	"bytes"
	"encoding/binary"
	"slices"

	"golang.org/x/image/webp"
)

// chunk is one part of a RIFF file: four letters and what they stand for.
type chunk struct {
	name string
	data []byte
}

// webpPicture returns a WebP that holds one picture and nothing else: that of
// the file, or the first of a moving one, which the decoder does not know. It
// says its size once, so that none can stand in the file that is not the
// picture's. Where there is none it returns nil.
func webpPicture(data []byte) []byte {
	chunks := riffChunks(data[12:])
	if i := slices.IndexFunc(chunks, func(c chunk) bool { return c.name == "ANMF" && len(c.data) > frameHeader }); i >= 0 {
		chunks = riffChunks(chunks[i].data[frameHeader:])
	}
	var alpha, picture *chunk
	for _, c := range chunks {
		if c.name == "ALPH" && alpha == nil {
			alpha = &c
		}
		if c.name == "VP8 " || c.name == "VP8L" {
			picture = &c
			break
		}
	}
	if picture == nil {
		return nil
	}
	bare := webpFile(*picture)
	if alpha == nil || picture.name == "VP8L" { // which has its own
		return bare
	}
	config, err := webp.DecodeConfig(bytes.NewReader(bare))
	if err != nil {
		return bare
	}
	const hasAlpha = 1 << 4
	size := func(n int) []byte { return binary.LittleEndian.AppendUint32(nil, uint32(n-1))[:3] }
	header := append([]byte{hasAlpha, 0, 0, 0}, append(size(config.Width), size(config.Height)...)...)
	return webpFile(chunk{"VP8X", header}, *alpha, *picture)
}

// frameHeader is how many bytes of a moving picture's frame come before its
// chunks.
const frameHeader = 16

// riffChunks lists the first chunks as far as they are there; the last may be
// cut off.
func riffChunks(data []byte) (out []chunk) {
	const most = 100
	for len(data) >= 8 && len(out) < most {
		size := uint64(binary.LittleEndian.Uint32(data[4:]))
		name := string(data[:4])
		data = data[8:]
		here := min(size, uint64(len(data)))
		out = append(out, chunk{name, data[:here]})
		data = data[min(size+size%2, uint64(len(data))):]
	}
	return out
}

func webpFile(chunks ...chunk) []byte {
	out := []byte("RIFF\x00\x00\x00\x00WEBP")
	for _, c := range chunks {
		out = append(out, c.name...)
		out = binary.LittleEndian.AppendUint32(out, uint32(len(c.data)))
		out = append(out, c.data...)
		if len(c.data)%2 == 1 {
			out = append(out, 0)
		}
	}
	binary.LittleEndian.PutUint32(out[4:], uint32(len(out)-8))
	return out
}
