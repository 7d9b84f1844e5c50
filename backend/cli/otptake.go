package cli

import (
	"context"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"latchkey/backend/companion/authenticator"
	"latchkey/backend/companion/authenticator/otpauth"
	"latchkey/backend/identity"
)

// intake is how a command takes in what was read, wherever that came from.
type intake struct {
	yes, preview, replace, keepBoth bool
	trusted                         bool    // what is new need not be confirmed
	places                          []place // where each text was; empty unless from pictures
}

func (i *intake) addFlags(c *cobra.Command) {
	f := c.Flags()
	f.BoolVarP(&i.yes, "yes", "y", false, "do not ask")
	f.BoolVar(&i.preview, "preview", false, "show what would be added, and add nothing")
	f.BoolVar(&i.replace, "replace", false, "where a code of that name is there, put it into the trash and the new one in its place")
	f.BoolVar(&i.keepBoth, "keep-both", false, "where a code of that name is there, keep both")
}

func (i *intake) check() error {
	if i.replace && i.keepBoth {
		return usagef("Use either --replace or --keep-both.")
	}
	return nil
}

// any reports whether something was said about how to add.
func (i *intake) any() bool { return i.yes || i.preview || i.replace || i.keepBoth }

// place returns where a text was, from 1.
func (i *intake) place(at int) (place, bool) {
	if at < 1 || at > len(i.places) {
		return place{}, false
	}
	return i.places[at-1], true
}

type (
	takenJSON struct {
		Found    []foundJSON   `json:"found"`
		Unread   []unreadJSON  `json:"unread"`
		Missing  []missingJSON `json:"missing_parts"`
		Added    int           `json:"added"`
		AddedIDs []string      `json:"added_ids"`
	}
	placeJSON struct {
		File string `json:"file,omitempty"`
		Part int    `json:"part,omitempty"` // of an export in several
		Of   int    `json:"of,omitempty"`
	}
	foundJSON struct {
		placeJSON
		Issuer  string              `json:"issuer"`
		Account string              `json:"account"`
		Kind    otpauth.Kind        `json:"kind"`
		State   authenticator.State `json:"state,omitempty"` // empty if it was not compared with what is there
		Cleaned bool                `json:"cleaned"`         // hidden characters were taken out of its names
	}
	unreadJSON struct {
		placeJSON
		At      int    `json:"at,omitempty"` // which text, line or entry, from 1; of a picture, which code, if it has any
		Name    string `json:"name,omitempty"`
		Code    string `json:"code"`
		Message string `json:"message"`
	}
	missingJSON struct {
		Part int `json:"part"`
		Of   int `json:"of"`
	}
)

// takeIn shows what was read, has it confirmed, and stores what is new.
func (d *desk) takeIn(ctx context.Context, r otpauth.Reading, how intake) error {
	all, err := d.Codes.Preview(ctx, r.Found)
	if err != nil {
		return err
	}
	d.showRead(r, all, how)
	items, err := how.choose(all)
	if err != nil && !how.preview {
		return err
	}
	out := toTakenJSON(r, all, how)
	if len(items) > 0 && !how.preview {
		if err := d.confirmIntake(ctx, items, all, how); err != nil {
			return err
		}
		added, err := d.Codes.Add(ctx, items)
		if err != nil {
			return err
		}
		for _, e := range added {
			out.AddedIDs = append(out.AddedIDs, string(e.ID))
		}
		out.Added = len(added)
		d.sayAdded(added)
	}
	if d.json {
		return d.printJSON(out)
	}
	if len(r.Found) == 0 && len(r.Unread) > 0 {
		return errNothingRead
	}
	if len(items) == 0 && !how.preview {
		d.say("There was nothing new in it.")
	}
	return nil
}

var errNothingRead = identity.NewError(identity.Invalid, "otp_nothing_read", "There was no code in it that could be added.")

// choose turns what is new into items. That a name is taken somebody has to
// decide about: it may be a renewed code, or one that pretends to be.
func (i intake) choose(all []authenticator.Candidate) ([]authenticator.Item, error) {
	var items []authenticator.Item
	for _, c := range all {
		item := authenticator.Item{Entry: c.Entry}
		switch c.State {
		case authenticator.Known, authenticator.Repeated:
			continue
		case authenticator.Namesake:
			if !i.replace && !i.keepBoth {
				return nil, usagef("There is another code for %s, with another secret. Say what to do: --replace or --keep-both.", c.Entry.Name())
			}
			if i.replace {
				item.Replaces = c.Existing
			}
		case authenticator.Fresh:
		}
		items = append(items, item)
	}
	return dropTwice(items), nil
}

// dropTwice lets only the first of several replace one that is there.
func dropTwice(items []authenticator.Item) []authenticator.Item {
	replaced := map[authenticator.ID]bool{}
	for i, item := range items {
		if replaced[item.Replaces] {
			items[i].Replaces = ""
		}
		replaced[item.Replaces] = item.Replaces != ""
	}
	return items
}

func (d *desk) confirmIntake(ctx context.Context, items []authenticator.Item, all []authenticator.Candidate, how intake) error {
	if how.trusted && len(all) == 1 {
		return nil
	}
	what := count(len(items), "code")
	if len(items) == 1 && items[0].Entry.Name() != "" {
		what = items[0].Entry.Name()
	}
	return d.confirm(ctx, how.yes, "Add "+what+"?")
}

// showRead tells a person what was read.
func (d *desk) showRead(r otpauth.Reading, all []authenticator.Candidate, how intake) {
	if len(all) > 1 || len(all) == 1 && len(how.places) > 0 {
		_ = printTable(d.err, how.rows(all))
	} else if len(all) == 1 && all[0].State != authenticator.Fresh {
		d.say("%s: %s", all[0].Entry.Name(), stateWords(all[0]))
	}
	d.sayUnread(r, how)
}

// rows makes a table of what was read, with the pictures that it was read from.
func (i *intake) rows(all []authenticator.Candidate) [][]string {
	rows := [][]string{{"SERVICE", "ACCOUNT", "KIND", ""}}
	for _, c := range all {
		rows = append(rows, []string{orDash(short(c.Entry.Issuer)), orDash(short(c.Entry.Account)), strings.ToUpper(string(c.Entry.Key.Kind)), stateWords(c)})
	}
	if len(i.places) == 0 {
		return rows
	}
	rows[0] = append([]string{"PICTURE"}, rows[0]...)
	for n, c := range all {
		p, _ := i.place(c.At)
		rows[n+1] = append([]string{p.String()}, rows[n+1]...)
	}
	return rows
}

// sayUnread tells what was not read, and which parts of an export are missing.
func (d *desk) sayUnread(r otpauth.Reading, how intake) {
	for _, u := range r.Unread {
		d.say("Not read (%s): %s", how.where(u), u.Err.Message)
	}
	for _, b := range r.Batches {
		if len(b.Missing) > 0 {
			d.say("The export has %s, of which these were not read: %s.", count(b.Size, "part"), numbers(b.Missing))
		}
	}
}

// where names a place in what was read.
func (i *intake) where(u otpauth.Unread) string {
	text := strconv.Itoa(u.At)
	if p, ok := i.place(u.At); ok {
		text = p.String()
	}
	if u.Name != "" {
		text += ", " + u.Name
	}
	return text
}

func stateWords(c authenticator.Candidate) string {
	var words []string
	switch c.State {
	case authenticator.Fresh:
		words = append(words, "new")
	case authenticator.Known:
		words = append(words, "is there already")
	case authenticator.Repeated:
		words = append(words, "stands twice in it")
	case authenticator.Namesake:
		words = append(words, "another code has that name")
	}
	if c.Cleaned {
		words = append(words, "its name had hidden characters, which were taken out")
	}
	return strings.Join(words, "; ")
}

func numbers(list []int) string {
	var out []string
	for _, n := range list {
		out = append(out, strconv.Itoa(n))
	}
	return strings.Join(out, ", ")
}

func (d *desk) sayAdded(added []authenticator.Entry) {
	if len(added) == 1 {
		d.say("%s has been added.", added[0].Name())
		return
	}
	d.say("%s have been added. To take that back: %s", count(len(added), "code"), d.command("otp undo"))
}

func toTakenJSON(r otpauth.Reading, all []authenticator.Candidate, how intake) takenJSON {
	out := takenJSON{Found: []foundJSON{}, Unread: []unreadJSON{}, Missing: []missingJSON{}, AddedIDs: []string{}}
	for _, c := range all {
		p, _ := how.place(c.At)
		out.Found = append(out.Found, foundJSON{p.json(), c.Entry.Issuer, c.Entry.Account, c.Entry.Key.Kind, c.State, c.Cleaned})
	}
	for _, u := range r.Unread {
		at := u.At
		p, ok := how.place(at)
		if ok {
			at = p.code
		}
		out.Unread = append(out.Unread, unreadJSON{p.json(), at, u.Name, u.Err.Code, u.Err.Message})
	}
	for _, b := range r.Batches {
		for _, n := range b.Missing {
			out.Missing = append(out.Missing, missingJSON{n, b.Size})
		}
	}
	return out
}

func (p place) json() placeJSON { return placeJSON{File: p.file, Part: p.part, Of: p.parts} }

func (a *app) otpUndo() *cobra.Command {
	var yes bool
	c := &cobra.Command{
		Use:   "undo",
		Short: "Take back the last addition or import as a whole",
		Args:  takes(0, 0),
		RunE: a.onDesk(func(ctx context.Context, d *desk, _ []string) error {
			if err := d.openVault(ctx); err != nil {
				return err
			}
			last, err := d.Codes.LastAdd(ctx)
			if err != nil {
				return err
			}
			if err := d.confirm(ctx, yes, "Take back what was added "+d.when(last.At)+", "+count(last.Count, "code")+"?"); err != nil {
				return err
			}
			if err := d.Codes.UndoAdd(ctx); err != nil {
				return err
			}
			d.say("Taken back: %s. What was changed or used since is in the trash.", count(last.Count, "code"))
			return nil
		}),
	}
	c.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return c
}
