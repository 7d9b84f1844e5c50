package authenticator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"latchkey/backend/companion/authenticator/otpauth"
	"latchkey/backend/companion/vault"
	"latchkey/backend/identity"
)

// A State says how something that was read stands to what is in the book.
type State string

// The states of what was read.
const (
	Fresh    State = "new"
	Known    State = "known"    // the same code is there already
	Namesake State = "namesake" // another code has the same name: it was renewed, or somebody pretends so
	Repeated State = "repeated" // it stands twice in what was read
)

// A Candidate is an entry that can be added.
type Candidate struct {
	otpauth.Found
	State    State
	Existing ID     // what is Known, or has the name
	Called   string // what that is called
}

// An Item is an entry to add. One that is Known or Repeated is one that the
// person wants twice.
type Item struct {
	Entry    otpauth.Entry
	Replaces ID   // this entry goes to the trash, and the new one takes its place; may be ""
	Link     Link // for which account it is; zero: that of what it replaces, if any
}

// Preview says of all that was read how it stands to the book, in its order.
// Nothing changes.
func (b *Book) Preview(ctx context.Context, found []otpauth.Found) ([]Candidate, error) {
	list, err := b.List(ctx)
	if err != nil {
		return nil, err
	}
	keys, names, read := map[otpauth.Key]Entry{}, map[string]Entry{}, map[otpauth.Key]bool{}
	for _, e := range list {
		keys[uncounted(e.Key)] = e
		names[nameOf(e.Entry)] = e
	}
	out := make([]Candidate, len(found))
	for i, f := range found {
		k := uncounted(f.Entry.Key)
		c := Candidate{Found: f, State: Fresh}
		if e, known := keys[k]; known {
			c.State, c.Existing, c.Called = Known, e.ID, e.Name()
		} else if read[k] {
			c.State = Repeated
		} else if e, taken := names[nameOf(f.Entry)]; taken {
			c.State, c.Existing, c.Called = Namesake, e.ID, e.Name()
		}
		read[k] = true
		out[i] = c
	}
	return out, nil
}

// uncounted is the key by which codes are the same, as Key.Same has it.
func uncounted(k otpauth.Key) otpauth.Key {
	k.Counter = 0
	return k
}

// nameOf is the name by which people would take one entry for another.
func nameOf(e otpauth.Entry) string { return strings.ToLower(e.Issuer + "\n" + e.Account) }

// Add stores entries behind those that are there, all or none, and remembers
// what UndoAdd has to take back. Returns ErrUnknown if one is to replace what
// has gone, ErrFull, and the refusals of otpauth.Entry.Tidy and ErrNameless.
func (b *Book) Add(ctx context.Context, items []Item) ([]Entry, error) {
	var added []Entry
	err := b.change(ctx, func(p *page) error {
		if len(p.entries)+len(items) > mostEntries {
			return ErrFull
		}
		added = nil
		done := wireUndo{Version: recordVersion, At: p.now}
		for _, item := range items {
			e, err := p.add(item, ID(b.env.ID()))
			if err != nil {
				return err
			}
			added = append(added, e)
			done.Added = append(done.Added, wireAdded{e.ID, item.Replaces})
		}
		if len(added) == 0 {
			return nil
		}
		return p.remember(done)
	})
	if err != nil {
		return nil, err
	}
	return added, nil
}

func (p *page) add(item Item, id ID) (Entry, error) {
	tidy, err := named(item.Entry)
	if err != nil {
		return Entry{}, err
	}
	e := Entry{Entry: tidy, ID: id, AddedAt: p.now, ChangedAt: p.now, order: p.last()}
	if item.Replaces != "" {
		if err := p.replace(item.Replaces, &e); err != nil {
			return Entry{}, err
		}
	}
	if !item.Link.IsZero() {
		if err := p.link(&e, item.Link); err != nil {
			return Entry{}, err
		}
	}
	return e, p.keep(e)
}

// replace puts a new entry in the place of an old one, with what the person
// has written about that.
func (p *page) replace(old ID, e *Entry) error {
	before, err := p.find(old)
	switch {
	case err != nil:
		return err
	case before.trashed():
		return ErrUnknown
	}
	e.order, e.Pinned, e.Link = before.order, before.Pinned || e.Pinned, before.Link
	if len(e.Tags) == 0 {
		e.Tags = before.Tags
	}
	if e.Note == "" {
		e.Note = before.Note
	}
	before.Link = Link{}
	return p.trash(before)
}

func (p *page) remember(done wireUndo) error {
	record, err := json.Marshal(done)
	if err != nil {
		return fmt.Errorf("encode undo: %w", err)
	}
	return p.tx.Put(undo, lastUndo, record)
}

// An Addition is the last one, which can be taken back.
type Addition struct {
	At    time.Time
	Count int // of entries
}

// LastAdd returns what UndoAdd would take back, or ErrNoUndo.
func (b *Book) LastAdd(ctx context.Context) (Addition, error) {
	record, err := b.vault.Get(ctx, undo, lastUndo)
	done, err := decodeUndo(record, err)
	return Addition{done.At, len(done.Added)}, err
}

func decodeUndo(record []byte, err error) (wireUndo, error) {
	if errors.Is(err, vault.ErrNoRecord) {
		return wireUndo{}, ErrNoUndo
	}
	if err != nil {
		return wireUndo{}, err
	}
	var done wireUndo
	if err := json.Unmarshal(record, &done); err != nil || done.Version != recordVersion {
		return wireUndo{}, ErrNoUndo.Because(err)
	}
	return done, nil
}

// UndoAdd takes back the whole of the last addition: what it has added goes,
// and what was replaced returns with its links. What the person has changed
// since goes to the trash instead, as does a HOTP entry that was used. Returns
// ErrNoUndo.
func (b *Book) UndoAdd(ctx context.Context) error {
	return b.change(ctx, func(p *page) error {
		record, err := p.tx.Get(undo, lastUndo)
		done, err := decodeUndo(record, err)
		if err != nil {
			return err
		}
		for _, a := range slices.Backward(done.Added) {
			if err := p.takeBack(a, done.At); err != nil {
				return err
			}
		}
		p.tx.Delete(undo, lastUndo)
		return nil
	})
}

func (p *page) takeBack(a wireAdded, at time.Time) error {
	link := Link{}
	e, err := p.find(a.ID)
	switch {
	case err != nil: // deleted for good
	case e.ChangedAt.After(at):
		link, e.Link = e.Link, Link{}
		err = p.trash(e)
	default:
		link = e.Link
		p.drop(e.ID)
	}
	if err != nil && identity.KindOf(err) != identity.NotFound {
		return err
	}
	before, err := p.find(a.Replaced)
	if a.Replaced == "" || err != nil {
		return nil //nolint:nilerr // what was replaced has been deleted for good
	}
	before.DeletedAt, before.Link = time.Time{}, link
	return p.keep(before)
}
