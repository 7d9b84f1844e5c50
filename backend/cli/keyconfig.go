package cli

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"latchkey/backend/companion/sshkeys"
	"latchkey/backend/companion/sshkeys/sshconfig"
)

func (a *app) keyConfig() *cobra.Command {
	var e sshconfig.Entry
	var remove, yes bool
	c := a.withJSON(&cobra.Command{
		Use:   "config --host ALIAS",
		Short: "Write a short name for a server into your ssh config, or take it out",
		Long: "Write a short name for a server into your ssh config, so that `sftp ALIAS` is enough, or take it out.\n" +
			"The change is shown first. Everything else in the file stays byte for byte, and the file as it was\n" +
			"is kept beside it.",
		Args: takes(0, 0),
		RunE: a.onDesk(func(ctx context.Context, d *desk, _ []string) error {
			if e.HostName == "" && !remove {
				return usagef("Say which server the short name is for: --hostname NAME.")
			}
			folder, err := sshkeys.Folder()
			if err != nil {
				return err
			}
			change, err := planConfig(sshconfig.Folder(folder), e, remove)
			if err != nil {
				return err
			}
			if change.After == change.Before {
				d.say("That entry stands in %s already.", change.Path)
				return d.tell(configJSON{Path: change.Path, Alias: e.Alias})
			}
			if err := d.showConfigChange(change); err != nil {
				return err
			}
			if err := d.confirm(ctx, yes, "Write that to "+change.Path+"?"); err != nil {
				return err
			}
			if err := change.Write(); err != nil {
				return err
			}
			if remove {
				d.say("The entry %q is gone from %s.", e.Alias, change.Path)
			} else {
				d.say("Connect with: sftp %s", e.Alias)
			}
			return d.tell(configJSON{change.Path, e.Alias, true, remove, change.Diff()})
		}),
	})
	f := c.Flags()
	f.StringVar(&e.Alias, "host", "", "the short name: `ALIAS`")
	f.StringVar(&e.HostName, "hostname", "", "the server's name or address: `NAME`")
	f.IntVarP(&e.Port, "port", "p", 0, "its port for SFTP: `N` (default 22)")
	f.StringVarP(&e.User, "user", "u", "", "sign in there as `NAME`")
	f.StringVarP(&e.Identity, "identity", "i", "", "with the private key in `FILE`")
	f.BoolVar(&remove, "remove", false, "take the entry out that was written before")
	f.BoolVarP(&yes, "yes", "y", false, "do not ask")
	return c
}

// configJSON says what became of an entry.
type configJSON struct {
	Path    string `json:"path"` // of the config
	Alias   string `json:"alias"`
	Changed bool   `json:"changed"` // it was not as it should be, and is now
	Removed bool   `json:"removed"`
	Diff    string `json:"diff,omitempty"` // lines with "+ ", "- " or "  " before them
}

// showConfigChange shows a change before it is made: as the result, unless a program
// reads that.
func (d *desk) showConfigChange(change sshconfig.Change) error {
	to := d.out
	if d.json {
		to = d.err
	}
	for line := range strings.Lines(change.Diff()) {
		if _, err := fmt.Fprintln(to, printable(strings.TrimSuffix(line, "\n"))); err != nil {
			return err
		}
	}
	return nil
}

func planConfig(folder sshconfig.Folder, e sshconfig.Entry, remove bool) (sshconfig.Change, error) {
	if remove {
		return sshconfig.Remove(folder, e.Alias)
	}
	if e.Identity != "" {
		path, err := filepath.Abs(strings.TrimSuffix(e.Identity, ".pub"))
		if err != nil {
			return sshconfig.Change{}, sshconfig.ErrIdentity.Because(err)
		}
		e.Identity = path
	}
	return sshconfig.Set(folder, e)
}
