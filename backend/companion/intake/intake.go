package intake

import (
	"context"
	"crypto/sha256"
	"image"
	"slices"
	"strconv"
	"sync"

	"latchkey/backend/companion/authenticator/otpauth"
	"latchkey/backend/companion/qr"
	"latchkey/backend/identity"
	"latchkey/backend/internal/secret"
)

// Bounds on what is held.
const (
	mostPieces = 1000
	mostBytes  = 128 << 20
)

// An Intake holds what was handed in. Its methods may be called from many
// goroutines.
type Intake struct {
	reading chan struct{} // has room for whoever is reading something

	mu      sync.Mutex
	pieces  []*piece // in the order in which they came; what is in them does not change
	last    int      // the number of the latest
	cleared int      // how often all was let go
}

// New returns an empty Intake.
func New() *Intake { return &Intake{reading: make(chan struct{}, 1)} }

// An ID names something that was handed in.
type ID string

// A Way is how something got here.
type Way string

// The ways in.
const (
	File   Way = "file"
	Paste  Way = "paste"
	Screen Way = "screen"
	Camera Way = "camera"
	Typed  Way = "type"
)

// A Source is where something comes from.
type Source struct {
	Way  Way
	Name string // of the file, as a person calls it; may be empty
}

// A piece is one thing that was handed in, and what it said.
type piece struct {
	id      ID
	from    Source
	sum     [sha256.Size]byte // of its content; zero where that does not matter
	picture bool

	texts   []secret.Text   // of the codes in a picture, or of lines
	rest    otpauth.Reading // of a backup, or of what was typed
	entries int             // in both
	plain   bool            // a backup that was not encrypted

	problem *identity.Error // why it was not understood at all; nil if it was, or waits
	waits   bool            // a backup, for its password
	content []byte          // of a backup that waits, or of a picture that said nothing
	image   image.Image     // instead of content
	size    image.Point     // of that picture; zero if it is none
}

// bytes is how much memory a piece takes, nearly.
func (p *piece) bytes() int {
	n := len(p.content) + p.entries<<9
	if p.image != nil {
		n += 4 * p.image.Bounds().Dx() * p.image.Bounds().Dy()
	}
	for _, t := range p.texts {
		n += len(t.Reveal())
	}
	return n
}

// count returns how many entries a piece has, those that were not understood
// included.
func (p *piece) count() int {
	n := len(p.rest.Found) + len(p.rest.Unread)
	if len(p.texts) > 0 {
		r := otpauth.Read(reveal(p.texts))
		n += len(r.Found) + len(r.Unread)
	}
	return n
}

// begin waits until nothing else is being read. Who calls it calls end.
func (in *Intake) begin(ctx context.Context) (end func(), err error) {
	select {
	case in.reading <- struct{}{}:
		return func() { <-in.reading }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// era returns how often all was let go so far. What was begun in another era is
// not added.
func (in *Intake) era() int {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.cleared
}

// add adds a piece. Its problem is the error, unless there is no room for it.
func (in *Intake) add(p piece, era int) error {
	p.entries = p.count()
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.cleared != era {
		return ErrCleared
	}
	entries := 0
	for _, other := range in.pieces {
		entries += other.entries
	}
	if len(in.pieces) >= mostPieces || entries > 0 && entries+p.entries > otpauth.MostEntries {
		return ErrFull
	}
	if !in.room(&p) {
		return ErrFull
	}
	in.last++
	p.id = ID(strconv.Itoa(in.last))
	in.pieces = append(in.pieces, &p)
	if p.problem != nil {
		return p.problem
	}
	return nil
}

// room makes room for a piece, by letting the oldest pictures go that said
// nothing; the new one's, if it takes that.
func (in *Intake) room(p *piece) bool {
	sum := p.bytes()
	for _, other := range in.pieces {
		sum += other.bytes()
	}
	for i := 0; sum > mostBytes && i < len(in.pieces); i++ {
		if other := in.pieces[i]; !other.waits && other.size != (image.Point{}) {
			bare := *other
			bare.content, bare.image, bare.size = nil, nil, image.Point{}
			sum += bare.bytes() - other.bytes()
			in.pieces[i] = &bare
		}
	}
	if sum > mostBytes && !p.waits {
		sum -= p.bytes()
		p.content, p.image, p.size = nil, nil, image.Point{}
		sum += p.bytes()
	}
	return sum <= mostBytes
}

// holds reports whether the same content is here already.
func (in *Intake) holds(sum [sha256.Size]byte) bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	return slices.ContainsFunc(in.pieces, func(p *piece) bool { return p.sum == sum })
}

// find returns a piece, or ErrGone.
func (in *Intake) find(id ID) (*piece, error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	for _, p := range in.pieces {
		if p.id == id {
			return p, nil
		}
	}
	return nil, ErrGone
}

// replace puts what has now been understood of a piece in its place.
func (in *Intake) replace(before *piece, now piece) error {
	now.entries = now.count()
	in.mu.Lock()
	defer in.mu.Unlock()
	i := slices.Index(in.pieces, before)
	if i < 0 {
		return ErrGone
	}
	in.pieces[i] = &now
	return nil
}

// Remove lets something go. What is not there is no error.
func (in *Intake) Remove(id ID) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.pieces = slices.DeleteFunc(in.pieces, func(p *piece) bool { return p.id == id })
}

// Clear lets everything go, also what is just being read.
func (in *Intake) Clear() {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.pieces, in.cleared = nil, in.cleared+1
}

// Settle lets everything go but the backups that wait for their passwords.
func (in *Intake) Settle() {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.pieces = slices.DeleteFunc(in.pieces, func(p *piece) bool { return !p.waits })
}

func reveal(texts []secret.Text) []string {
	out := make([]string, len(texts))
	for i, t := range texts {
		out[i] = t.Reveal()
	}
	return out
}

func hide(texts []string) []secret.Text {
	out := make([]secret.Text, len(texts))
	for i, t := range texts {
		out[i] = secret.New(t)
	}
	return out
}

func textsOf(codes []qr.Code) []secret.Text {
	out := make([]secret.Text, len(codes))
	for i, c := range codes {
		out[i] = c.Text
	}
	return out
}
