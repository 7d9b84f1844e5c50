package cli

import (
	"net/netip"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"latchkey/backend/account"
	"latchkey/backend/identity"
)

// personFlags say how a user can be reached, how long and from where their
// account can be used, and how much their files may take.
type personFlags struct {
	email, expires, from, storage string
}

func (f *personFlags) addTo(c *cobra.Command) {
	c.Flags().StringVar(&f.email, "email", "", "their e-mail `ADDRESS`, by which they can sign in too; empty for none")
	c.Flags().StringVar(&f.expires, "expires", neverWord, "let the account be used until the end of the day `DATE`, such as 2030-12-31, or never for without end")
	c.Flags().StringVar(&f.from, "allow-from", anywhereWord, "let it be used from the networks in `LIST` only, such as 192.168.1.0/24,10.0.0.7, or from anywhere")
	c.Flags().StringVar(&f.storage, "storage", noLimitWord, "let their files take `SIZE`, such as 500M or 20GB, or none for no limit")
}

// The words for no limit.
const (
	neverWord    = "never"
	anywhereWord = "anywhere"
)

// end reads when the account ends; zero: never.
func (f *personFlags) end() (time.Time, error) {
	if f.expires == neverWord {
		return time.Time{}, nil
	}
	day, err := time.ParseInLocation(time.DateOnly, f.expires, time.Local)
	if err != nil {
		return time.Time{}, usagef("Write --expires as a day, such as 2030-12-31, or as never.")
	}
	return day.AddDate(0, 0, 1), nil
}

// networks reads where the account can be used from; none: from anywhere.
func (f *personFlags) networks() ([]netip.Prefix, error) {
	if f.from == anywhereWord {
		return nil, nil
	}
	var out []netip.Prefix
	for text := range strings.SplitSeq(f.from, ",") {
		p, err := identity.ParseNetwork(strings.TrimSpace(text))
		if err != nil {
			return nil, usagef("Write --allow-from as networks with commas between, such as 192.168.1.0/24,10.0.0.7, or as anywhere.")
		}
		out = append(out, p)
	}
	return out, nil
}

// limit reads how many bytes the user's files may take; 0: no limit.
func (f *personFlags) limit() (int64, error) {
	n, ok := parseSize(f.storage)
	if !ok {
		return 0, usagef("Write --storage as a size, such as 500M or 20GB, or as none.")
	}
	return n, nil
}

// change is what the flags that were given change of a user.
func (f *personFlags) change(c *cobra.Command) (account.UserChange, error) {
	var out account.UserChange
	end, err := f.end()
	if err != nil {
		return out, err
	}
	networks, err := f.networks()
	if err != nil {
		return out, err
	}
	limit, err := f.limit()
	if c.Flags().Changed("storage") {
		out.StorageLimit = &limit
	}
	if c.Flags().Changed("email") {
		out.Email = &f.email
	}
	if c.Flags().Changed("expires") {
		out.ExpiresAt = &end
	}
	if c.Flags().Changed("allow-from") {
		out.AllowedFrom = &networks
	}
	return out, err
}

// fromWords writes where an account can be used from.
func fromWords(networks []netip.Prefix) string {
	if len(networks) == 0 {
		return anywhereWord
	}
	return strings.Join(networkTexts(networks), ", ")
}

func networkTexts(networks []netip.Prefix) []string {
	out := make([]string, len(networks))
	for i, p := range networks {
		out[i] = p.String()
		if p.IsSingleIP() {
			out[i] = p.Addr().String()
		}
	}
	return out
}
