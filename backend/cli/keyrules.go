package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"latchkey/backend/companion/remote"
	"latchkey/backend/identity"
	"latchkey/backend/server"
)

// keyRuleFlags say what a key is limited to.
type keyRuleFlags struct {
	expires, from, folder string
	readOnly              bool
}

func (f *keyRuleFlags) addTo(c *cobra.Command) {
	c.Flags().StringVar(&f.expires, "expires", neverWord, "take the key until the end of the day `DATE`, such as 2030-12-31")
	c.Flags().StringVar(&f.from, "from", anywhereWord, "take it from the addresses in `LIST` only, such as 192.168.1.0/24,!192.168.1.7,10.0.*")
	c.Flags().BoolVar(&f.readOnly, "read-only", false, "let it read files, and change nothing")
	c.Flags().StringVar(&f.folder, "folder", "", "let it open the folder `DIR` of the user only, such as /photos")
}

func (f *keyRuleFlags) rules() (identity.KeyRules, error) {
	out := identity.KeyRules{ReadOnly: f.readOnly, Folder: f.folder}
	if f.folder == "/" { // which is all there is
		out.Folder = ""
	}
	if f.expires != neverWord {
		day, err := time.ParseInLocation(time.DateOnly, f.expires, time.Local)
		if err != nil {
			return out, usagef("Write --expires as a day, such as 2030-12-31, or as never.")
		}
		out.ExpiresAt = day.AddDate(0, 0, 1)
	}
	if f.from == anywhereWord {
		return out, nil
	}
	var err error
	out.From, err = identity.ParseAddressPatterns(f.from)
	return out, err
}

// given reports whether a command was given any of the flags.
func (f *keyRuleFlags) given(c *cobra.Command) bool {
	return slices.ContainsFunc([]string{"expires", "from", "read-only", "folder"}, c.Flags().Changed)
}

// change returns what the flags that were given make of a key's rules.
func (f *keyRuleFlags) change(c *cobra.Command, rules identity.KeyRules) (identity.KeyRules, error) {
	given, err := f.rules()
	if c.Flags().Changed("expires") {
		rules.ExpiresAt = given.ExpiresAt
	}
	if c.Flags().Changed("from") {
		rules.From = given.From
	}
	if c.Flags().Changed("read-only") {
		rules.ReadOnly = given.ReadOnly
	}
	if c.Flags().Changed("folder") {
		rules.Folder = given.Folder
	}
	return rules, err
}

const limitHelp = "A flag sets its limit anew, and limits that no flag names stay as they are. A limit is lifted with\n" +
	"--expires never, --from anywhere, --read-only=false and --folder /. Connections that the key has opened\n" +
	"obey at once, and those that it would not open any more are closed."

// unchanged has the help of flags tell no default, where one that is not given
// leaves things as they are.
func unchanged(c *cobra.Command, flags ...string) {
	for _, name := range flags {
		c.Flags().Lookup(name).DefValue = ""
	}
}

func (f *keyRuleFlags) someGiven(c *cobra.Command) error {
	if !f.given(c) {
		return usagef("Say how to limit the key: --expires, --from, --read-only or --folder.")
	}
	return nil
}

// userKeyLimit limits a key of the server on this data folder.
func (a *app) userKeyLimit() *cobra.Command {
	var f keyRuleFlags
	c := &cobra.Command{
		Use:   "limit NAME ID|FINGERPRINT",
		Short: "Limit what an SSH key of a user opens",
		Long:  "Limit what an SSH key of a user opens.\n" + limitHelp,
		Args:  takes(2, 2),
	}
	c.RunE = a.onUser(func(ctx context.Context, core *server.Core, u identity.User, rest []string) error {
		if err := f.someGiven(c); err != nil {
			return err
		}
		k, err := findKey(ctx, core, u.ID, rest[0])
		if err != nil {
			return err
		}
		rules, err := f.change(c, k.Rules)
		if err != nil {
			return err
		}
		if err := core.Accounts.LimitSSHKey(ctx, u.ID, k.ID, rules, byHand()); err != nil {
			return err
		}
		a.done(ctx, "%s", a.limitedWords(k.Title, rules))
		return nil
	})
	f.addTo(c)
	unchanged(c, "expires", "from")
	return c
}

// keyLimit limits a key on a server of the person's list.
func (a *app) keyLimit() *cobra.Command {
	var f keyRuleFlags
	c := &cobra.Command{
		Use:   "limit TITLE|FINGERPRINT [SERVER]",
		Short: "Limit what a key opens on a Latchkey server",
		Long:  "Limit what a key opens on a Latchkey server.\n" + limitHelp,
		Args:  takes(1, 2),
	}
	c.RunE = a.onDesk(func(ctx context.Context, d *desk, args []string) error {
		if err := f.someGiven(c); err != nil {
			return err
		}
		var key remote.SSHKey
		var rules identity.KeyRules
		err := d.act(ctx, word(args, 1), func(ctx context.Context, acc *remote.Account) error {
			keys, err := acc.SSHKeys(ctx)
			if err != nil {
				return err
			}
			if key, err = findSSHKey(keys, args[0]); err != nil {
				return err
			}
			if rules, err = f.change(c, key.Rules); err != nil {
				return err
			}
			return acc.LimitSSHKey(ctx, key.ID, rules)
		})
		if err == nil {
			d.changed(ctx, "%s", a.limitedWords(key.Title, rules))
		}
		return err
	})
	f.addTo(c)
	unchanged(c, "expires", "from")
	return c
}

func (a *app) limitedWords(title string, rules identity.KeyRules) string {
	if rules == (identity.KeyRules{}) {
		return fmt.Sprintf("The key %q has no limits any more.", title)
	}
	return fmt.Sprintf("The key %q is limited now: %s.", title, a.ruleWords(rules))
}

// keyRulesJSON are the rules of a key where it has any.
type keyRulesJSON struct {
	ExpiresAt time.Time `json:"expires_at,omitzero"`
	From      string    `json:"from,omitempty"`
	ReadOnly  bool      `json:"read_only,omitempty"`
	Folder    string    `json:"folder,omitempty"`
}

func toKeyRulesJSON(r identity.KeyRules) keyRulesJSON {
	return keyRulesJSON{r.ExpiresAt, string(r.From), r.ReadOnly, r.Folder}
}

// ruleWords says in a table what a key is limited to.
func (a *app) ruleWords(r identity.KeyRules) string {
	var out []string
	switch {
	case r.Expired(a.env.Now()):
		out = append(out, "expired")
	case !r.ExpiresAt.IsZero():
		out = append(out, "until "+a.when(r.ExpiresAt))
	}
	if r.ReadOnly {
		out = append(out, "read only")
	}
	if r.Folder != "" {
		out = append(out, "in "+r.Folder)
	}
	if r.From != "" {
		out = append(out, "from "+string(r.From))
	}
	return orDash(strings.Join(out, ", "))
}
