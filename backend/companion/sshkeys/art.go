package sshkeys

import (
	"crypto/sha256"
	"fmt"
	"strings"
)

// The field of the picture, and what a place looks like that was visited none
// times, once, and so on; the last two are the start and the end.
const (
	artWidth  = 17
	artHeight = 9
	artSteps  = " .o+=*BOX@%&#/^SE"
)

// Art returns the picture of the key's SHA-256 fingerprint that ssh-keygen -lv
// shows: 11 lines without a line end behind the last. A person tells two such
// pictures apart at a glance.
//
// The walk is that of D. Loss, T. Limmer and A. von Gernler, "The drunken
// bishop: An analysis of the OpenSSH fingerprint visualization algorithm",
// 2009.
func (p Public) Art() string {
	field := walk(sha256.Sum256(p.key.Marshal()))
	var b strings.Builder
	b.WriteString(border(fmt.Sprintf("[%s %d]", p.Algorithm, p.Bits)) + "\n")
	for _, row := range field {
		b.WriteByte('|')
		for _, visits := range row {
			b.WriteByte(artSteps[visits])
		}
		b.WriteString("|\n")
	}
	return b.String() + border("[SHA256]")
}

// walk takes two bits of the hash for each step.
func walk(hash [sha256.Size]byte) (field [artHeight][artWidth]int) {
	const start, end = len(artSteps) - 2, len(artSteps) - 1
	x, y := artWidth/2, artHeight/2
	for _, b := range hash {
		for range 4 {
			x = min(max(x+int(b&1)*2-1, 0), artWidth-1)
			y = min(max(y+int(b&2)-1, 0), artHeight-1)
			field[y][x] = min(field[y][x]+1, start-1)
			b >>= 2
		}
	}
	field[artHeight/2][artWidth/2] = start
	field[y][x] = end
	return field
}

func border(title string) string {
	left := (artWidth - len(title)) / 2
	return "+" + strings.Repeat("-", left) + title + strings.Repeat("-", artWidth-left-len(title)) + "+"
}
