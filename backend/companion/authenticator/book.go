package authenticator

import (
	"context"
	"errors"
	"slices"
	"time"

	"latchkey/backend/companion/authenticator/otpauth"
	"latchkey/backend/companion/vault"
	"latchkey/backend/internal/env"
)

// TrashTime is how long an entry stays in the trash.
const TrashTime = 30 * 24 * time.Hour

// mostEntries is how many there may be, those in the trash included.
const mostEntries = otpauth.MostEntries

// A Book is the person's codes. Its methods may be called from many goroutines,
// and beside other programs that use the same vault. All their errors are
// identity.Errors; those of the vault, such as vault.ErrLocked, come as they
// are.
type Book struct {
	vault *vault.Vault
	env   env.Env
	read  memory
}

// NewBook returns the book in a vault, which need not be open yet.
func NewBook(v *vault.Vault, e env.Env) *Book { return &Book{vault: v, env: e} }

// Forget lets go of the entries that were read. They come back when they are
// needed; whoever locks the vault calls it.
func (b *Book) Forget() { b.read.forget() }

// List returns the entries that are not in the trash, pinned ones first and
// otherwise in the order that the person gave them.
func (b *Book) List(ctx context.Context) ([]Entry, error) {
	kept, _, err := b.All(ctx)
	return kept, err
}

// Trash returns those that are, the latest first. After 30 days in it they are
// gone.
func (b *Book) Trash(ctx context.Context) ([]Entry, error) {
	_, trash, err := b.All(ctx)
	return trash, err
}

// All returns what List and Trash do, of one moment.
func (b *Book) All(ctx context.Context) (kept, trash []Entry, err error) {
	all, err := b.all(ctx)
	for _, e := range all {
		switch {
		case !e.trashed():
			kept = append(kept, e)
		case !b.expired(e):
			trash = append(trash, e)
		}
	}
	slices.SortStableFunc(trash, func(a, b Entry) int { return b.DeletedAt.Compare(a.DeletedAt) })
	return kept, trash, err
}

// Find returns one entry, which may be in the trash, or ErrUnknown.
func (b *Book) Find(ctx context.Context, id ID) (Entry, error) {
	e, err := b.get(ctx, id)
	if err == nil && b.expired(e) {
		return Entry{}, ErrUnknown
	}
	return e, err
}

func (b *Book) get(ctx context.Context, id ID) (Entry, error) {
	record, err := b.vault.Get(ctx, codes, string(id))
	switch {
	case errors.Is(err, vault.ErrNoRecord):
		return Entry{}, ErrUnknown
	case err != nil:
		return Entry{}, err
	}
	return b.read.one(vault.Record{Name: string(id), Content: record})
}

func (b *Book) all(ctx context.Context) ([]Entry, error) {
	turn := b.read.turn()
	records, err := b.vault.List(ctx, codes)
	if err != nil {
		return nil, err
	}
	all, err := b.read.all(turn, records)
	return sorted(all), err
}

func indexOf(entries []Entry, id ID) int {
	return slices.IndexFunc(entries, func(e Entry) bool { return e.ID == id })
}

func (e Entry) trashed() bool { return !e.DeletedAt.IsZero() }

// expired reports whether an entry was in the trash for its time.
func (b *Book) expired(e Entry) bool {
	return e.trashed() && b.env.Now().Sub(e.DeletedAt) >= TrashTime
}

// A page is the book within one change of the vault.
type page struct {
	tx      *vault.Tx
	now     time.Time
	entries []Entry // in the order in which they are shown
}

// change reads the newest entries and writes those that do keeps. What was in
// the trash for its time is removed first. An error changes nothing.
func (b *Book) change(ctx context.Context, do func(p *page) error) error {
	turn := b.read.turn()
	return b.vault.Update(ctx, func(tx *vault.Tx) error {
		all, err := b.read.all(turn, tx.List(codes))
		if err != nil {
			return err
		}
		p := &page{tx: tx, now: b.env.Now().UTC()}
		for _, e := range all {
			if b.expired(e) {
				tx.Delete(codes, string(e.ID))
				continue
			}
			p.entries = append(p.entries, e)
		}
		sorted(p.entries)
		return do(p)
	})
}

// find returns an entry, or ErrUnknown.
func (p *page) find(id ID) (Entry, error) {
	i := indexOf(p.entries, id)
	if i < 0 {
		return Entry{}, ErrUnknown
	}
	return p.entries[i], nil
}

// keep writes an entry that has changed, or is new.
func (p *page) keep(e Entry) error {
	record, err := encode(e)
	if err != nil {
		return err
	}
	defer clear(record)
	if i := indexOf(p.entries, e.ID); i >= 0 {
		p.entries[i] = e
	} else {
		p.entries = append(p.entries, e)
	}
	return p.tx.Put(codes, string(e.ID), record)
}

// drop removes an entry for good.
func (p *page) drop(id ID) {
	p.entries = slices.DeleteFunc(p.entries, func(e Entry) bool { return e.ID == id })
	p.tx.Delete(codes, string(id))
}

// last returns the place behind all others.
func (p *page) last() int {
	last := 0
	for _, e := range p.entries {
		last = max(last, e.order+1)
	}
	return last
}
