package intake

import (
	"fmt"
	"image"
	"slices"

	"latchkey/backend/companion/authenticator/otpauth"
)

// An Origin is where a thing was.
type Origin struct {
	Piece ID
	Source
	Code, Of    int // which code of a picture, from 1, and how many it has; 0 if it is none
	Part, Parts int // which part of an export it is, from 1; 0 unless that has several
}

// A FindID names something that was found. It stays the same while the piece is
// held.
type FindID string

// A Find is an entry that was understood.
type Find struct {
	otpauth.Found
	ID   FindID
	From Origin
}

// A Miss is something that was not understood. Its At is the line, or the entry
// of a backup; of a picture it is the code, or 0 if it has none.
type Miss struct {
	otpauth.Unread
	From    Origin
	Picture image.Point // how large the picture is that can be shown and cropped; zero if there is none
}

// A Waiting is a backup that waits for its password.
type Waiting struct {
	Piece ID
	From  Source
}

// A Reading is what all that was handed in says, in the order in which it came.
type Reading struct {
	Found   []Find
	Missed  []Miss
	Batches []otpauth.Batch // those in more than one part
	Waiting []Waiting
	Plain   []Source // files that hold secrets for everybody who gets them
}

// Reading returns what was understood so far. The parts of an export belong
// together, however they were handed in.
func (in *Intake) Reading() Reading {
	in.mu.Lock()
	pieces := slices.Clone(in.pieces)
	in.mu.Unlock()

	s := sorter{found: make([][]Find, len(pieces)), missed: make([][]Miss, len(pieces)), counts: map[textOf]int{}}
	s.texts(pieces)
	for n, p := range pieces {
		s.rest(n, p)
	}
	s.out.Found, s.out.Missed = slices.Concat(s.found...), slices.Concat(s.missed...)
	return s.out
}

// A sorter puts together what pieces say, in their order.
type sorter struct {
	out    Reading
	found  [][]Find // by the number of the piece
	missed [][]Miss
	counts map[textOf]int // how many entries each text has so far
}

// A textOf names one of the texts; the rest of a piece is text 0.
type textOf struct{ piece, at int }

// A place is where a text stands.
type place struct {
	piece int // its number
	at    int // which of its texts, from 1
	Origin
}

// texts reads the texts of all pieces as one.
func (s *sorter) texts(pieces []*piece) {
	var texts []string
	var places []place
	for n, p := range pieces {
		for i, t := range p.texts {
			texts, places = append(texts, t.Reveal()), append(places, place{n, i + 1, p.origin(i)})
		}
	}
	r := otpauth.Read(texts)
	for _, f := range r.Found {
		at := places[f.At-1]
		f.At = at.at
		s.find(at, f)
	}
	for _, u := range r.Unread {
		at := places[u.At-1]
		u.At = at.at
		s.missed[at.piece] = append(s.missed[at.piece], Miss{u, at.Origin, pieces[at.piece].size})
	}
	s.out.Batches = r.Batches
}

// rest adds what else a piece says.
func (s *sorter) rest(n int, p *piece) {
	at := place{piece: n, Origin: Origin{Piece: p.id, Source: p.from}}
	for _, f := range p.rest.Found {
		s.find(at, f)
	}
	for _, u := range p.rest.Unread {
		s.missed[n] = append(s.missed[n], Miss{u, at.Origin, image.Point{}})
	}
	for _, b := range p.rest.Batches {
		s.batch(b)
	}
	switch {
	case p.problem != nil:
		s.missed[n] = append(s.missed[n], Miss{otpauth.Unread{Err: p.problem}, at.Origin, p.size})
	case p.waits:
		s.out.Waiting = append(s.out.Waiting, Waiting{p.id, p.from})
	case p.plain:
		s.out.Plain = append(s.out.Plain, p.from)
	}
}

// find adds an entry, under a name that does not depend on other pieces.
func (s *sorter) find(at place, f otpauth.Found) {
	t := textOf{at.piece, at.at}
	s.counts[t]++
	id := FindID(fmt.Sprintf("%s.%d.%d", at.Piece, at.at, s.counts[t]))
	s.found[at.piece] = append(s.found[at.piece], Find{f, id, at.Origin})
}

// batch adds an export in several parts; of one that is there already, parts
// that are missing in both are.
func (s *sorter) batch(b otpauth.Batch) {
	for i, there := range s.out.Batches {
		if there.ID == b.ID && there.Size == b.Size {
			s.out.Batches[i].Missing = slices.DeleteFunc(slices.Clone(there.Missing), func(n int) bool { return !slices.Contains(b.Missing, n) })
			return
		}
	}
	s.out.Batches = append(s.out.Batches, b)
}

// origin says where one of a piece's texts was.
func (p *piece) origin(i int) Origin {
	o := Origin{Piece: p.id, Source: p.from}
	if p.picture {
		o.Code, o.Of = i+1, len(p.texts)
	}
	if part, err := otpauth.ParseMigration(p.texts[i].Reveal()); err == nil && part.Size > 1 {
		o.Part, o.Parts = part.Index+1, part.Size
	}
	return o
}
