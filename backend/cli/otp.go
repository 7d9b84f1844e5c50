package cli

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"latchkey/backend/companion/authenticator"
	"latchkey/backend/companion/authenticator/otpauth"
	"latchkey/backend/companion/servers"
	"latchkey/backend/identity"
)

func (a *app) otpCommand() *cobra.Command {
	return group(&cobra.Command{
		Use:   "otp",
		Short: "Keep the codes of two-factor sign-in",
		Long: "Keep the codes of two-factor sign-in in the vault. They come in by add, scan or import, and code\n" +
			"prints the one of this moment:\n\n" +
			"  latchkey otp scan screenshot.png --add\n" +
			"  latchkey otp code github\n\n" +
			"A code is named by its service, as SERVICE:ACCOUNT where one service has several, or by the\n" +
			"beginning of its id.",
	}, a.otpAdd(), a.otpScan(), a.otpList(), a.otpShow(), a.otpCode(), a.otpImport(), a.otpExport(), a.otpEdit(), a.otpLink(),
		a.otpDelete(), a.otpRestore(), a.otpUndo())
}

// otpJSON is an entry without its secret.
type otpJSON struct {
	ID        authenticator.ID  `json:"id"`
	Issuer    string            `json:"issuer"`
	Account   string            `json:"account"`
	Kind      otpauth.Kind      `json:"kind"`
	Algorithm otpauth.Algorithm `json:"algorithm"`
	Digits    int               `json:"digits"`
	Period    int               `json:"period,omitempty"`  // in seconds
	Counter   uint64            `json:"counter,omitempty"` // of the next code
	Tags      []string          `json:"tags"`
	Pinned    bool              `json:"pinned"`
	Note      string            `json:"note,omitempty"`
	Server    string            `json:"server,omitempty"` // for whose account it is
	Username  string            `json:"username,omitempty"`
	AddedAt   time.Time         `json:"added_at"`
	DeletedAt time.Time         `json:"deleted_at,omitzero"`
}

func toOTPJSON(e authenticator.Entry, list []servers.Server) otpJSON {
	out := otpJSON{
		ID: e.ID, Issuer: e.Issuer, Account: e.Account, Kind: e.Key.Kind, Algorithm: e.Key.Algorithm, Digits: e.Key.Digits,
		Period: e.Key.Period, Counter: e.Key.Counter, Tags: e.Tags, Pinned: e.Pinned, Note: e.Note, AddedAt: e.AddedAt, DeletedAt: e.DeletedAt,
	}
	if out.Tags == nil {
		out.Tags = []string{}
	}
	for _, s := range list {
		if e.Link.Server == string(s.ID) {
			out.Server, out.Username = s.Name, e.Link.Username
		}
	}
	return out
}

func (o otpJSON) linked() string {
	if o.Server == "" {
		return ""
	}
	return o.Username + " on " + o.Server
}

func (a *app) otpList() *cobra.Command {
	var trash bool
	c := a.withJSON(&cobra.Command{
		Use:   "list [WORD]...",
		Short: "List your codes, or those that have every word in them",
		Args:  takes(0, -1),
		RunE: a.onDesk(func(ctx context.Context, d *desk, args []string) error {
			entries, err := d.entries(ctx, trash)
			if err != nil {
				return err
			}
			empty := "There are no codes. Add one with: " + d.command("otp add")
			switch {
			case len(args) > 0:
				empty = "No code has that in it."
			case trash:
				empty = "The trash is empty."
			}
			return d.listEntries(ctx, authenticator.Search(entries, strings.Join(args, " ")), empty)
		}),
	})
	c.Flags().BoolVar(&trash, "trash", false, "list what was deleted in the last 30 days")
	return c
}

// entries opens the vault and returns what is in the book, or in its trash.
func (d *desk) entries(ctx context.Context, trash bool) ([]authenticator.Entry, error) {
	if err := d.openVault(ctx); err != nil {
		return nil, err
	}
	if trash {
		return d.Codes.Trash(ctx)
	}
	return d.Codes.List(ctx)
}

func (d *desk) listEntries(ctx context.Context, entries []authenticator.Entry, empty string) error {
	known, err := d.Servers.List(ctx)
	if err != nil {
		return err
	}
	t := table{head: []string{"ID", "SERVICE", "ACCOUNT", "KIND", "TAGS", "LINKED TO"}, empty: empty}
	out := make([]otpJSON, len(entries))
	for i, e := range entries {
		out[i] = toOTPJSON(e, known)
		t.add(shortID(e.ID), orDash(short(e.Issuer)), orDash(short(e.Account)), strings.ToUpper(string(e.Key.Kind)),
			orDash(short(strings.Join(e.Tags, ", "))), orDash(out[i].linked()))
	}
	return d.list(t, out)
}

// shortID is enough of an id to name an entry by.
func shortID(id authenticator.ID) string {
	const enough = 8
	return string(id[:min(len(id), enough)])
}

// entry opens the vault and finds the entry that was typed.
func (d *desk) entry(ctx context.Context, typed string, trash bool) (authenticator.Entry, error) {
	entries, err := d.entries(ctx, trash)
	if err != nil {
		return authenticator.Entry{}, err
	}
	return d.findEntry(entries, typed, trash)
}

// findEntry tries the ways to name an entry, the most certain first. What fits
// several in one way is tried in no other.
func (d *desk) findEntry(entries []authenticator.Entry, typed string, trash bool) (authenticator.Entry, error) {
	for _, fits := range []func(authenticator.Entry) bool{
		func(e authenticator.Entry) bool { return strings.EqualFold(e.Issuer+":"+e.Account, typed) },
		func(e authenticator.Entry) bool { return strings.EqualFold(e.Name(), typed) },
		func(e authenticator.Entry) bool { return strings.EqualFold(e.Issuer, typed) },
		func(e authenticator.Entry) bool { return strings.EqualFold(e.Account, typed) },
		func(e authenticator.Entry) bool { return len(typed) >= 4 && strings.HasPrefix(string(e.ID), typed) },
	} {
		found := slices.DeleteFunc(slices.Clone(entries), func(e authenticator.Entry) bool { return typed == "" || !fits(e) })
		switch len(found) {
		case 0:
			continue
		case 1:
			return found[0], nil
		}
		return authenticator.Entry{}, usagef("%s fit %q: %s. Name one as SERVICE:ACCOUNT, or by its id.", count(len(found), "code"), typed, someNames(found))
	}
	return authenticator.Entry{}, d.noEntry(entries, typed, trash)
}

func (d *desk) noEntry(entries []authenticator.Entry, typed string, trash bool) error {
	e := *authenticator.ErrUnknown
	where, list := "", "otp list"
	if trash {
		where, list = " in the trash", "otp list --trash"
	}
	e.Message = "There is no code " + strconv.Quote(typed) + where + "."
	var names []string
	for _, x := range entries {
		names = append(names, x.Issuer)
	}
	if near := nearest(typed, names); near != "" {
		e.Message += " Did you mean " + strconv.Quote(near) + "?"
	} else {
		e.Message += " See them with: " + d.command(list)
	}
	return &e
}

// someNames writes names with ids, as many as a sentence holds.
func someNames(entries []authenticator.Entry) string {
	const most = 5
	var out []string
	for _, e := range entries[:min(len(entries), most)] {
		out = append(out, e.Name()+" "+shortID(e.ID))
	}
	if len(entries) > most {
		out = append(out, "and more")
	}
	return strings.Join(out, ", ")
}

var errExists = identity.NewError(identity.Conflict, "file_exists",
	"There is a file of that name already, and it was left as it is. Choose another name.")
