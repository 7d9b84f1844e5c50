package app

import (
	"bytes"
	"encoding/binary"
)

// bmpOf makes a BMP file of a device-independent bitmap, as the clipboard of
// Windows has it: the header of the file is missing. One that names its colours
// the usual way is said to have none of its own, as readers of BMP know that
// better. What is not a bitmap comes back with a header before it, and is
// refused by who reads it.
func bmpOf(dib []byte) []byte {
	const (
		fileHeader = 14
		infoHeader = 40
		bitFields  = 3
	)
	if len(dib) < infoHeader {
		return append([]byte("BM"), dib...)
	}
	dib = bytes.Clone(dib)
	le := binary.LittleEndian
	header, bits, compression, colours := le.Uint32(dib), le.Uint16(dib[14:]), le.Uint32(dib[16:]), le.Uint32(dib[32:])
	masks := uint32(0)
	if header == infoHeader && compression == bitFields {
		const usual = "\x00\x00\xff\x00\x00\xff\x00\x00\xff\x00\x00\x00" // red, green and blue of 32 bits
		if bits == 32 && bytes.HasPrefix(dib[infoHeader:], []byte(usual)) {
			le.PutUint32(dib[16:], 0)
			dib = append(dib[:infoHeader], dib[infoHeader+len(usual):]...)
		} else {
			masks = 12
		}
	}
	if bits <= 8 && colours == 0 {
		colours = 1 << bits
	}
	if bits > 8 {
		colours = 0
	}
	file := make([]byte, fileHeader, fileHeader+len(dib))
	copy(file, "BM")
	le.PutUint32(file[2:], uint32(fileHeader+len(dib)))
	le.PutUint32(file[10:], fileHeader+header+masks+4*colours)
	return append(file, dib...)
}
