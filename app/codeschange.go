package app

import (
	"context"

	"latchkey/backend/companion/authenticator"
)

// A CodeEdit gives an entry other details, all of them.
type CodeEdit struct {
	ID      string   `json:"id"`
	Issuer  string   `json:"issuer"`
	Account string   `json:"account"`
	Tags    []string `json:"tags"`
	Pinned  bool     `json:"pinned"`
	Note    string   `json:"note"`
}

// A CodeMove puts an entry at a place among those that are as pinned as it is.
type CodeMove struct {
	ID string `json:"id"`
	To int    `json:"to"` // from 0
}

// A CodeLink says for which account a code is.
type CodeLink struct {
	ID       string `json:"id"`
	Server   string `json:"server"` // empty: for none
	Username string `json:"username"`
}

// A CodeSetup is what another authenticator takes an entry in from.
type CodeSetup struct {
	Secret string   `json:"secret"` // base32, to be typed
	QR     []string `json:"qr"`     // rows of modules, '1' dark, without the light border
}

// Edit changes what the person calls an entry.
func (c *Codes) Edit(e CodeEdit) (CodeEntry, error) {
	return c.change(func(ctx context.Context, b *authenticator.Book) (authenticator.Entry, error) {
		return b.Edit(ctx, authenticator.ID(e.ID), authenticator.Details{
			Issuer: e.Issuer, Account: e.Account, Tags: e.Tags, Pinned: e.Pinned, Note: e.Note,
		})
	})
}

// Link says for which account on a server a code is. A link of another entry to
// that account ends.
func (c *Codes) Link(l CodeLink) (CodeEntry, error) {
	return c.change(func(ctx context.Context, b *authenticator.Book) (authenticator.Entry, error) {
		return b.Link(ctx, authenticator.ID(l.ID), authenticator.Link{Server: l.Server, Username: l.Username})
	})
}

func (c *Codes) change(edit func(context.Context, *authenticator.Book) (authenticator.Entry, error)) (CodeEntry, error) {
	return ask(c.d, atOnce, func(ctx context.Context) (CodeEntry, error) {
		e, err := edit(ctx, c.d.companion.Codes)
		if err != nil {
			return CodeEntry{}, err
		}
		c.d.codesChanged()
		return toCodeEntry(e), nil
	})
}

// Move puts an entry elsewhere in the list.
func (c *Codes) Move(m CodeMove) error {
	return c.act(func(ctx context.Context, b *authenticator.Book) error {
		return b.Move(ctx, authenticator.ID(m.ID), m.To)
	})
}

// Delete moves entries to the trash.
func (c *Codes) Delete(ids []string) error {
	return c.act(func(ctx context.Context, b *authenticator.Book) error { return b.Delete(ctx, entryIDs(ids)...) })
}

// Restore takes entries out of the trash, to where they were.
func (c *Codes) Restore(ids []string) error {
	return c.act(func(ctx context.Context, b *authenticator.Book) error { return b.Restore(ctx, entryIDs(ids)...) })
}

// Destroy removes entries from the trash for good.
func (c *Codes) Destroy(ids []string) error {
	return c.act(func(ctx context.Context, b *authenticator.Book) error { return b.Destroy(ctx, entryIDs(ids)...) })
}

// UndoAdd takes back the whole of the last addition.
func (c *Codes) UndoAdd() error {
	return c.act(func(ctx context.Context, b *authenticator.Book) error { return b.UndoAdd(ctx) })
}

func (c *Codes) act(change func(context.Context, *authenticator.Book) error) error {
	return do(c.d, atOnce, func(ctx context.Context) error {
		err := change(ctx, c.d.companion.Codes)
		if err == nil {
			c.d.codesChanged()
		}
		return err
	})
}

// Reveal returns what an entry's codes are made from, for the person who has
// asked to see it.
func (c *Codes) Reveal(id string) (CodeSetup, error) {
	return ask(c.d, atOnce, func(ctx context.Context) (CodeSetup, error) {
		e, err := c.d.companion.Codes.Find(ctx, authenticator.ID(id))
		if err != nil {
			return CodeSetup{}, err
		}
		modules, err := qrModules(e.URI())
		return CodeSetup{Secret: e.Key.Secret.Base32(), QR: modules}, err
	})
}

// codesChanged has the page read the entries again.
func (d *desk) codesChanged() { d.desktop.Emit(eventCodes, nil) }
