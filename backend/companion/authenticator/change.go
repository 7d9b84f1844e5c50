package authenticator

import (
	"context"
	"slices"
	"time"

	"latchkey/backend/companion/authenticator/otpauth"
)

// Edit gives an entry other details. Returns ErrUnknown and the refusals of
// otpauth.Entry.Tidy.
func (b *Book) Edit(ctx context.Context, id ID, d Details) (Entry, error) {
	return b.edit(ctx, id, func(_ *page, e *Entry) error {
		e.Issuer, e.Account, e.Tags, e.Pinned, e.Note = d.Issuer, d.Account, d.Tags, d.Pinned, d.Note
		var err error
		e.Entry, err = named(e.Entry)
		return err
	})
}

// named tidies an entry, and refuses one that nobody could find again.
func named(e otpauth.Entry) (otpauth.Entry, error) {
	e, _, err := e.Tidy()
	if err == nil && e.Name() == "" {
		err = otpauth.ErrNameless
	}
	return e, err
}

// edit changes one entry.
func (b *Book) edit(ctx context.Context, id ID, do func(p *page, e *Entry) error) (Entry, error) {
	var edited Entry
	err := b.change(ctx, func(p *page) error {
		e, err := p.find(id)
		if err != nil {
			return err
		}
		if err := do(p, &e); err != nil {
			return err
		}
		e.ChangedAt = p.now
		edited = e
		return p.keep(e)
	})
	if err != nil {
		return Entry{}, err
	}
	return edited, nil
}

// Move puts an entry at a place among those that are shown with it, pinned or
// not; 0 is the first, and a place beyond the last is the last.
func (b *Book) Move(ctx context.Context, id ID, to int) error {
	return b.change(ctx, func(p *page) error {
		e, err := p.find(id)
		if err != nil {
			return err
		}
		var group []Entry
		for _, other := range p.entries {
			if other.ID != id && other.Pinned == e.Pinned && !other.trashed() {
				group = append(group, other)
			}
		}
		group = slices.Insert(group, min(max(to, 0), len(group)), e)
		for i, member := range group {
			if member.order == i {
				continue
			}
			member.order = i
			if err := p.keep(member); err != nil {
				return err
			}
		}
		return nil
	})
}

// Link says for which account a code is, or with a zero Link for none. A link
// of another entry to that account ends.
func (b *Book) Link(ctx context.Context, id ID, l Link) (Entry, error) {
	return b.edit(ctx, id, func(p *page, e *Entry) error { return p.link(e, l) })
}

func (p *page) link(e *Entry, l Link) error {
	for _, other := range p.entries {
		if other.ID == e.ID || l.IsZero() || !other.Link.is(l) {
			continue
		}
		other.Link = Link{}
		if err := p.keep(other); err != nil {
			return err
		}
	}
	e.Link = l
	return nil
}

// Delete moves entries to the trash, where they stay for 30 days. One that is
// there already stays as it is.
func (b *Book) Delete(ctx context.Context, ids ...ID) error {
	return b.eachOf(ctx, ids, func(p *page, e Entry) error {
		if e.trashed() {
			return nil
		}
		return p.trash(e)
	})
}

func (p *page) trash(e Entry) error {
	e.DeletedAt = p.now
	return p.keep(e)
}

// Restore takes entries out of the trash, to where they were.
func (b *Book) Restore(ctx context.Context, ids ...ID) error {
	return b.eachOf(ctx, ids, func(p *page, e Entry) error {
		e.DeletedAt = time.Time{}
		return p.keep(e)
	})
}

// Destroy removes entries from the trash for good. Returns ErrNotTrashed for
// one that is not in it.
func (b *Book) Destroy(ctx context.Context, ids ...ID) error {
	return b.eachOf(ctx, ids, func(p *page, e Entry) error {
		if !e.trashed() {
			return ErrNotTrashed
		}
		p.drop(e.ID)
		return nil
	})
}

// eachOf does something with several entries, all or none.
func (b *Book) eachOf(ctx context.Context, ids []ID, do func(p *page, e Entry) error) error {
	return b.change(ctx, func(p *page) error {
		for _, id := range ids {
			e, err := p.find(id)
			if err != nil {
				return err
			}
			if err := do(p, e); err != nil {
				return err
			}
		}
		return nil
	})
}
