package app

import (
	"cmp"
	"context"
	"slices"

	"latchkey/backend/companion/authenticator"
	"latchkey/backend/companion/authenticator/otpauth"
)

// Codes is the screen of two-factor codes. It belongs to no server. Codes cross
// to the page; what they are made from stays here, but for Codes.Reveal.
type Codes struct{ d *desk }

// A CodeEntry is one of the person's codes, as the page sees it: without its
// secret.
type CodeEntry struct {
	ID       string   `json:"id"`
	Issuer   string   `json:"issuer"`
	Account  string   `json:"account"`
	Kind     string   `json:"kind"` // "totp", "hotp" or "steam"
	Digits   int      `json:"digits"`
	Period   int      `json:"period"` // in seconds; 0 with HOTP
	Tags     []string `json:"tags"`
	Pinned   bool     `json:"pinned"`
	Note     string   `json:"note"`
	Letters  string   `json:"letters"`  // of its icon, one or two
	Colour   int      `json:"colour"`   // of its icon, from 0 to authenticator.Colours-1
	Server   string   `json:"server"`   // the account that it is linked to is on this one; empty: to none
	Username string   `json:"username"` // there
	GoneAt   int64    `json:"goneAt"`   // when it leaves the trash for good; 0: it is not in it
}

// A CodeBook is what the screen shows first.
type CodeBook struct {
	Entries []CodeEntry `json:"entries"`
	Codes   []Code      `json:"codes"`   // as Codes.Current gives them for all; none where codes are hidden until asked
	Trashed int         `json:"trashed"` // how many are in the trash
}

// A Code is the code of an entry, and the next one, so that the page needs no
// call to show it in time.
type Code struct {
	ID    string `json:"id"`
	Text  string `json:"text"`
	Next  string `json:"next"`  // empty with HOTP
	Step  int64  `json:"step"`  // the time step, or the counter with HOTP
	Until int64  `json:"until"` // when the next takes its place, by this computer's clock; 0 with HOTP
}

// A CodeCopy says which code to copy.
type CodeCopy struct {
	ID   string `json:"id"`
	Step int64  `json:"step"` // as of Code, or one more for the next; 0, and what has passed: the code of this moment
}

// List returns the entries in the order in which they are shown, and their
// codes with them: to show the first of them takes one call.
func (c *Codes) List() (CodeBook, error) {
	return ask(c.d, atOnce, func(ctx context.Context) (CodeBook, error) {
		out := CodeBook{Codes: []Code{}}
		list, trash, err := c.d.companion.Codes.All(ctx)
		if err != nil {
			return out, err
		}
		out.Entries, out.Trashed = toCodeEntries(list), len(trash)
		p, err := c.d.preferences()
		if err == nil && !p.HideCodes && len(list) > 0 {
			out.Codes, err = c.d.current(ctx)
		}
		return out, err
	})
}

// Trash returns what is in the trash, the latest first.
func (c *Codes) Trash() ([]CodeEntry, error) {
	return ask(c.d, atOnce, func(ctx context.Context) ([]CodeEntry, error) {
		list, err := c.d.companion.Codes.Trash(ctx)
		return toCodeEntries(list), err
	})
}

// Current returns the codes of this moment, of the entries that are named or
// else of all. Those of HOTP are not among them: Next makes them.
func (c *Codes) Current(ids []string) ([]Code, error) {
	return ask(c.d, atOnce, func(ctx context.Context) ([]Code, error) { return c.d.current(ctx, entryIDs(ids)...) })
}

func (d *desk) current(ctx context.Context, ids ...authenticator.ID) ([]Code, error) {
	codes, err := d.companion.Codes.Codes(ctx, d.clock(ctx), ids...)
	out := make([]Code, 0, len(codes))
	for id, code := range codes {
		out = append(out, toCode(id, code))
	}
	slices.SortFunc(out, func(a, b Code) int { return cmp.Compare(a.ID, b.ID) })
	return out, err
}

// Next makes the next code of a HOTP entry. Its counter has moved on, on the
// disk, before the page sees the code.
func (c *Codes) Next(id string) (Code, error) {
	return ask(c.d, atOnce, func(ctx context.Context) (Code, error) {
		code, err := c.d.companion.Codes.Count(ctx, authenticator.ID(id), c.d.clock(ctx))
		return toCode(authenticator.ID(id), code), err
	})
}

// Copy copies a code that is made of the time, without the page seeing it.
func (c *Codes) Copy(w CodeCopy) (Copied, error) {
	return ask(c.d, atOnce, func(ctx context.Context) (Copied, error) {
		id := authenticator.ID(w.ID)
		codes, err := c.d.companion.Codes.Codes(ctx, c.d.clock(ctx), id)
		if err != nil {
			return Copied{}, err
		}
		code, there := codes[id]
		if !there {
			return Copied{}, authenticator.ErrUnknown
		}
		text := code.Text
		if w.Step > 0 && uint64(w.Step) == code.Step+1 {
			text = code.Next
		}
		return c.d.copyText(text, true)
	})
}

func toCode(id authenticator.ID, c otpauth.Code) Code {
	return Code{ID: string(id), Text: c.Text, Next: c.Next, Step: int64(c.Step), Until: millis(c.Until)}
}

func toCodeEntries(list []authenticator.Entry) []CodeEntry {
	out := make([]CodeEntry, len(list))
	for i, e := range list {
		out[i] = toCodeEntry(e)
	}
	return out
}

func toCodeEntry(e authenticator.Entry) CodeEntry {
	icon := e.Icon()
	out := CodeEntry{
		ID: string(e.ID), Issuer: e.Issuer, Account: e.Account, Kind: string(e.Key.Kind), Digits: e.Key.Digits, Period: e.Key.Period,
		Tags: append([]string{}, e.Tags...), Pinned: e.Pinned, Note: e.Note, Letters: icon.Letters, Colour: icon.Colour,
		Server: e.Link.Server, Username: e.Link.Username,
	}
	if !e.DeletedAt.IsZero() {
		out.GoneAt = millis(e.DeletedAt.Add(authenticator.TrashTime))
	}
	return out
}

func entryIDs(ids []string) []authenticator.ID {
	out := make([]authenticator.ID, len(ids))
	for i, id := range ids {
		out[i] = authenticator.ID(id)
	}
	return out
}
