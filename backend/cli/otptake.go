package cli

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"latchkey/backend/companion/authenticator"
	"latchkey/backend/companion/authenticator/otpauth"
	"latchkey/backend/companion/intake"
	"latchkey/backend/identity"
)

// taking is how a command takes in what was read, wherever that came from.
type taking struct {
	yes, preview, replace, keepBoth bool
	trusted                         bool // what is new need not be confirmed
}

func (t *taking) addFlags(c *cobra.Command) {
	f := c.Flags()
	f.BoolVarP(&t.yes, "yes", "y", false, "do not ask")
	f.BoolVar(&t.preview, "preview", false, "show what would be added, and add nothing")
	f.BoolVar(&t.replace, "replace", false, "where a code of that name is there, put it into the trash and the new one in its place")
	f.BoolVar(&t.keepBoth, "keep-both", false, "where a code of that name is there, keep both")
}

func (t *taking) check() error {
	if t.replace && t.keepBoth {
		return usagef("Use either --replace or --keep-both.")
	}
	return nil
}

// any reports whether something was said about how to add.
func (t *taking) any() bool { return t.yes || t.preview || t.replace || t.keepBoth }

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
func (d *desk) takeIn(ctx context.Context, r intake.Reading, how taking) error {
	all, err := intake.Compare(ctx, d.Codes, r.Found)
	if err != nil {
		return err
	}
	d.showRead(r, all)
	items, err := how.choose(all)
	if err != nil && !how.preview {
		return err
	}
	out := toTakenJSON(r, all)
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
	if len(r.Found) == 0 && len(r.Missed) > 0 {
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
func (t taking) choose(all []intake.Candidate) ([]authenticator.Item, error) {
	var choices []intake.Choice
	for _, c := range all {
		choice := intake.Choice{ID: c.ID, Issuer: c.Entry.Issuer, Account: c.Entry.Account}
		switch c.State {
		case authenticator.Known, authenticator.Repeated:
			continue
		case authenticator.Namesake:
			if !t.replace && !t.keepBoth {
				return nil, usagef("There is another code for %s, with another secret. Say what to do: --replace or --keep-both.", c.Entry.Name())
			}
			if t.replace {
				choice.Replaces = c.Existing
			}
		case authenticator.Fresh:
		}
		choices = append(choices, choice)
	}
	if len(choices) == 0 {
		return nil, nil
	}
	return intake.Items(all, choices)
}

func (d *desk) confirmIntake(ctx context.Context, items []authenticator.Item, all []intake.Candidate, how taking) error {
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
func (d *desk) showRead(r intake.Reading, all []intake.Candidate) {
	if len(all) > 1 || len(all) == 1 && picture(all[0].From.Source) != "" {
		_ = printTable(d.err, rowsOf(all))
	} else if len(all) == 1 && all[0].State != authenticator.Fresh {
		d.say("%s: %s", all[0].Entry.Name(), stateWords(all[0]))
	}
	d.sayMissed(r)
}

// rowsOf makes a table of what was read, with the pictures that it was read
// from.
func rowsOf(all []intake.Candidate) [][]string {
	rows := [][]string{{"SERVICE", "ACCOUNT", "KIND", ""}}
	for _, c := range all {
		rows = append(rows, []string{orDash(short(c.Entry.Issuer)), orDash(short(c.Entry.Account)), strings.ToUpper(string(c.Entry.Key.Kind)), stateWords(c)})
	}
	if picture(all[0].From.Source) == "" {
		return rows
	}
	rows[0] = append([]string{"PICTURE"}, rows[0]...)
	for n, c := range all {
		rows[n+1] = append([]string{place(c.From)}, rows[n+1]...)
	}
	return rows
}

// place says where something was: in which file, and where in that.
func place(o intake.Origin) string {
	text := picture(o.Source)
	if o.Of > 1 {
		text += fmt.Sprintf(", code %d", o.Code)
	}
	if o.Parts > 1 {
		text += fmt.Sprintf(", part %d of %d", o.Part, o.Parts)
	}
	return text
}

// picture names the file, or the monitor of the screen, that something was read
// from; empty if it was neither.
func picture(from intake.Source) string {
	if from.Way == intake.Screen {
		return strings.TrimSpace("screen " + from.Name)
	}
	return from.Name
}

// sayMissed tells what was not read, and which parts of an export are missing.
func (d *desk) sayMissed(r intake.Reading) {
	for _, m := range r.Missed {
		d.say("Not read (%s): %s", whereMissed(m), m.Err.Message)
	}
	for _, b := range r.Batches {
		if len(b.Missing) > 0 {
			d.say("The export has %s, of which these were not read: %s.", count(b.Size, "part"), numbers(b.Missing))
		}
	}
}

// whereMissed names a place in what was read.
func whereMissed(m intake.Miss) string {
	text := strconv.Itoa(m.At)
	if picture(m.From.Source) != "" {
		text = place(m.From)
	}
	if m.Name != "" {
		text += ", " + m.Name
	}
	return text
}

func stateWords(c intake.Candidate) string {
	var words []string
	switch c.State {
	case authenticator.Fresh:
		words = append(words, "new")
	case authenticator.Known:
		known := "is there already"
		if c.Called != c.Entry.Name() {
			known += " as " + short(c.Called)
		}
		words = append(words, known)
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

func toTakenJSON(r intake.Reading, all []intake.Candidate) takenJSON {
	out := takenJSON{Found: []foundJSON{}, Unread: []unreadJSON{}, Missing: []missingJSON{}, AddedIDs: []string{}}
	for _, c := range all {
		out.Found = append(out.Found, foundJSON{toPlaceJSON(c.From), c.Entry.Issuer, c.Entry.Account, c.Entry.Key.Kind, c.State, c.Cleaned})
	}
	for _, m := range r.Missed {
		out.Unread = append(out.Unread, unreadJSON{toPlaceJSON(m.From), m.At, m.Name, m.Err.Code, m.Err.Message})
	}
	for _, b := range r.Batches {
		for _, n := range b.Missing {
			out.Missing = append(out.Missing, missingJSON{n, b.Size})
		}
	}
	return out
}

func toPlaceJSON(o intake.Origin) placeJSON {
	return placeJSON{File: picture(o.Source), Part: o.Part, Of: o.Parts}
}

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
