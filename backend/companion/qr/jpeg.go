package qr

import "encoding/binary"

// segment is one of the parts of a JPEG before its pixels (ITU-T T.81, B.1.1).
type segment struct {
	marker byte
	data   []byte
}

// jpegSegments lists the segments up to the first scan, as far as they are
// whole.
func jpegSegments(data []byte) (out []segment) {
	const startOfScan = 0xda
	for at := 2; at+4 <= len(data) && data[at] == 0xff; {
		marker := data[at+1]
		if marker == 0xff { // fill
			at++
			continue
		}
		length := int(binary.BigEndian.Uint16(data[at+2:]))
		if marker == startOfScan || length < 2 || at+2+length > len(data) {
			break
		}
		out = append(out, segment{marker, data[at+4 : at+2+length]})
		at += 2 + length
	}
	return out
}

// unfoldedJPEG returns how many bytes decoding a JPEG takes: one for each
// sample, and in a progressive one four more for its coefficient.
func unfoldedJPEG(data []byte) int {
	const baseline, extended, progressive = 0xc0, 0xc1, 0xc2
	for _, s := range jpegSegments(data) {
		if s.marker != baseline && s.marker != extended && s.marker != progressive || len(s.data) < 6 {
			continue
		}
		h, w := int(binary.BigEndian.Uint16(s.data[1:])), int(binary.BigEndian.Uint16(s.data[3:]))
		var samples, most int // per unit of pixels
		for c := s.data[6:]; len(c) >= 3; c = c[3:] {
			n := int(c[1]>>4) * int(c[1]&15)
			samples, most = samples+n, max(most, n)
		}
		if most == 0 {
			return 0
		}
		each := 1
		if s.marker == progressive {
			each = 5
		}
		return w * h / most * samples * each
	}
	return 0
}

// turnedJPEG returns how a JPEG is to be turned (Exif 2.32, 4.6.4 A, tag 274).
func turnedJPEG(data []byte) orientation {
	const app1 = 0xe1
	for _, s := range jpegSegments(data) {
		if s.marker == app1 && begins(s.data, "Exif\x00\x00") {
			return exifOrientation(s.data[6:])
		}
	}
	return upright
}

// exifOrientation finds the orientation in a TIFF header's first directory.
func exifOrientation(tiff []byte) orientation {
	const tag, short = 0x112, 3
	if len(tiff) < 8 {
		return upright
	}
	var order binary.ByteOrder = binary.BigEndian
	if tiff[0] == 'I' {
		order = binary.LittleEndian
	}
	at := uint64(order.Uint32(tiff[4:]))
	if at+2 > uint64(len(tiff)) {
		return upright
	}
	entries := tiff[at+2:]
	for n := order.Uint16(tiff[at:]); n > 0 && len(entries) >= 12; n-- {
		if order.Uint16(entries) == tag && order.Uint16(entries[2:]) == short {
			if o := orientation(order.Uint16(entries[8:])); o > upright && o <= leftDown {
				return o
			}
			return upright
		}
		entries = entries[12:]
	}
	return upright
}
