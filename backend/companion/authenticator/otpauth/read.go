package otpauth

import (
	"slices"

	"latchkey/backend/identity"
)

// A Found is an entry that was understood.
type Found struct {
	At      int // where it was, as in Unread
	Entry   Entry
	Cleaned bool // its names had something in them that does not show, which was taken out
}

// An Unread is something that was not, and why.
type Unread struct {
	At   int    // which one it was, from 1: the text, the line, or the entry of the file
	Name string // what it is called, if that could be told
	Err  *identity.Error
}

// A Batch is an export of Google Authenticator in several QR codes.
type Batch struct {
	ID      int32
	Size    int   // how many there are
	Missing []int // those that have not been read, from 1
}

// A Reading is what was understood of what a person gave.
type Reading struct {
	Found   []Found
	Unread  []Unread
	Batches []Batch // those in more than one part
}

// Read reads texts, as from QR codes: each a URI of either kind. Nothing that
// it meets keeps it from the rest.
func Read(texts []string) Reading {
	var r Reading
	parts := map[string]bool{}
	for i, text := range texts {
		if i == MostEntries || len(r.Found)+len(r.Unread) >= MostEntries {
			r.Unread = append(r.Unread, Unread{At: i + 1, Err: ErrTooMany})
			break
		}
		r.read(i+1, text, parts)
	}
	return r
}

// read reads one text. Parts of an export are noted by their texts, because
// somebody may scan one again.
func (r *Reading) read(at int, text string, parts map[string]bool) {
	switch content := Recognise(text); {
	case content == Setup:
		e, err := parseURI(text)
		r.Add(at, e, err)
	case content != Migration:
		r.Add(at, Entry{}, content.refusal())
	case !parts[text]:
		parts[text] = true
		r.addPart(at, text)
	}
}

// Add sorts an entry in: to those that were found, or to the others if there
// was an error or its names cannot be kept.
func (r *Reading) Add(at int, e Entry, err error) {
	tidy, cleaned, tooLong := e.Tidy()
	if err == nil {
		err = tooLong
	}
	if err == nil {
		r.Found = append(r.Found, Found{at, tidy, cleaned})
		return
	}
	r.Unread = append(r.Unread, Unread{At: at, Name: tidy.Name(), Err: identity.AsError(err)})
}

// addPart adds the keys of one part of an export.
func (r *Reading) addPart(at int, text string) {
	p, err := ParseMigration(text)
	if err != nil {
		r.Add(at, Entry{}, err)
		return
	}
	for _, f := range p.Found {
		f.At = at
		r.Found = append(r.Found, f)
	}
	for _, u := range p.Unread {
		u.At = at
		r.Unread = append(r.Unread, u)
	}
	if p.Size > 1 {
		r.note(p)
	}
}

// note takes a part off those that are missing of its batch.
func (r *Reading) note(p Part) {
	i := slices.IndexFunc(r.Batches, func(b Batch) bool { return b.ID == p.Batch && b.Size == p.Size })
	if i < 0 {
		b := Batch{ID: p.Batch, Size: p.Size}
		for n := range p.Size {
			b.Missing = append(b.Missing, n+1)
		}
		i = len(r.Batches)
		r.Batches = append(r.Batches, b)
	}
	b := &r.Batches[i]
	b.Missing = slices.DeleteFunc(b.Missing, func(n int) bool { return n == p.Index+1 })
}
