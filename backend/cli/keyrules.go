package cli

import (
	"strings"
	"time"

	"github.com/spf13/cobra"

	"latchkey/backend/identity"
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
