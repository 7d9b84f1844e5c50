package authenticator

import (
	"context"
	"errors"
	"math"
	"slices"
	"time"

	"latchkey/backend/companion/authenticator/otpauth"
)

// A Clock says by how much the clock for the code of an account is ahead of
// this computer's. The zero Link is that of an entry that is linked to none. A
// nil Clock is this computer's.
type Clock func(Link) time.Duration

// code makes the code of a moment. It ends by this computer's clock.
func (c Clock) code(e Entry, now time.Time) otpauth.Code {
	if c == nil {
		return e.Key.At(now)
	}
	ahead := c(e.Link)
	code := e.Key.At(now.Add(ahead))
	code.Until = code.Until.Add(-ahead)
	return code
}

// Codes returns the codes of this moment, of the entries that are named or else
// of all, by their ids. Those of HOTP are not among them, as each look at one
// uses it; nor is what is in the trash or not there.
func (b *Book) Codes(ctx context.Context, by Clock, ids ...ID) (map[ID]otpauth.Code, error) {
	list, err := b.some(ctx, ids)
	if err != nil {
		return nil, err
	}
	now := b.env.Now()
	out := make(map[ID]otpauth.Code, len(list))
	for _, e := range list {
		if e.Key.Kind != otpauth.HOTP && !e.trashed() {
			out[e.ID] = by.code(e, now)
		}
	}
	return out, nil
}

// some reads the entries that are named, as far as they are there, and no
// others: who looks at a few each second need not pay for a thousand.
func (b *Book) some(ctx context.Context, ids []ID) ([]Entry, error) {
	if len(ids) == 0 {
		return b.all(ctx)
	}
	var out []Entry
	for _, id := range ids {
		e, err := b.get(ctx, id)
		switch {
		case errors.Is(err, ErrUnknown):
			continue
		case err != nil:
			return nil, err
		}
		out = append(out, e)
	}
	return out, nil
}

// Count returns the next code of a HOTP entry. The counter has moved on, on the
// disk, before it returns. For another entry it is the code of this moment.
func (b *Book) Count(ctx context.Context, id ID, by Clock) (otpauth.Code, error) {
	e, err := b.Find(ctx, id)
	if err != nil {
		return otpauth.Code{}, err
	}
	if e.Key.Kind != otpauth.HOTP {
		return by.code(e, b.env.Now()), nil
	}
	var code otpauth.Code
	_, err = b.edit(ctx, id, func(_ *page, e *Entry) error {
		code, err = e.count()
		return err
	})
	if err != nil {
		return otpauth.Code{}, err
	}
	return code, nil
}

// count takes a code of a HOTP entry, which is still to be kept.
func (e *Entry) count() (otpauth.Code, error) {
	if e.Key.Counter == math.MaxInt64 {
		return otpauth.Code{}, ErrCounterEnd
	}
	code := e.Key.Counted(e.Key.Counter)
	e.Key.Counter++
	return code, nil
}

// implausible is how many time steps ahead a code cannot have been given: then
// a clock was wrong, and what was given could not be used.
const implausible = 10

// Spend takes the code for a sign-in from the entry that is linked to the
// account. It is noted, on the disk, that it was taken: the code of a time step
// is given once, because servers take it once. Returns ErrNotLinked, and
// ErrSpent with the time until the next code.
func (b *Book) Spend(ctx context.Context, l Link, by Clock) (Entry, otpauth.Code, error) {
	linked, err := b.Linked(ctx, l)
	if err != nil {
		return Entry{}, otpauth.Code{}, err
	}
	var code otpauth.Code
	linked, err = b.edit(ctx, linked.ID, func(p *page, e *Entry) error {
		if e.Key.Kind == otpauth.HOTP {
			code, err = e.count()
			return err
		}
		code = by.code(*e, p.now)
		if code.Step <= e.spent && e.spent-code.Step < implausible {
			spent := *ErrSpent
			spent.RetryAfter = code.Left + time.Duration(e.spent-code.Step)*time.Duration(e.Key.Period)*time.Second
			return &spent
		}
		e.spent = code.Step
		return nil
	})
	if err != nil {
		return Entry{}, otpauth.Code{}, err
	}
	return linked, code, nil
}

// Linked returns the entry that is linked to an account, or ErrNotLinked.
func (b *Book) Linked(ctx context.Context, l Link) (Entry, error) {
	list, err := b.List(ctx)
	if err != nil {
		return Entry{}, err
	}
	i := slices.IndexFunc(list, func(e Entry) bool { return !e.Link.IsZero() && e.Link.is(l) })
	if i < 0 {
		return Entry{}, ErrNotLinked
	}
	return list[i], nil
}
