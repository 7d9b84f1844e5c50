package cli

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"latchkey/backend/companion/remote"
	"latchkey/backend/identity"
)

type deviceJSON struct {
	ID         identity.SessionID `json:"id"`
	Username   string             `json:"username,omitempty"` // with --all
	UserAgent  string             `json:"user_agent"`
	Address    string             `json:"address"`
	LastActive time.Time          `json:"last_active,omitzero"`
	Current    bool               `json:"current"` // this device
}

func (a *app) sessionsCommand() *cobra.Command {
	var all bool
	c := a.withJSON(&cobra.Command{
		Use:   "sessions [SERVER]",
		Short: "List the devices on which you are signed in",
		Args:  takes(0, 1),
		RunE: a.onDesk(func(ctx context.Context, d *desk, args []string) error {
			var devices []remote.Device
			err := d.act(ctx, word(args, 0), func(ctx context.Context, acc *remote.Account) (err error) {
				devices, err = devicesOf(ctx, acc, all)
				return err
			})
			if err != nil {
				return err
			}
			return d.listDevices(devices, all)
		}),
	})
	c.Flags().BoolVar(&all, "all", false, "list everybody's, as an administrator")
	return c
}

// act calls the server that was named as who is signed in there.
func (d *desk) act(ctx context.Context, named string, call func(context.Context, *remote.Account) error) error {
	s, err := d.choose(ctx, named)
	if err != nil {
		return err
	}
	if err := d.openVault(ctx); err != nil {
		return err
	}
	return d.Servers.Act(ctx, s.ID, call)
}

func devicesOf(ctx context.Context, acc *remote.Account, all bool) ([]remote.Device, error) {
	if all {
		return acc.AllDevices(ctx)
	}
	return acc.Devices(ctx)
}

func (d *desk) listDevices(devices []remote.Device, all bool) error {
	t := table{head: []string{"ID", "LAST ACTIVE", "ADDRESS", "PROGRAM"}, empty: "No device is signed in."}
	if all {
		t.head = append([]string{"USER"}, t.head...)
	}
	out := make([]deviceJSON, len(devices))
	for i, v := range devices {
		out[i] = deviceJSON{v.ID, v.Username, v.UserAgent, v.Address, v.LastActive, v.Current}
		program := orDash(short(v.UserAgent))
		if v.Current {
			program += "  (this device)"
		}
		cells := []string{string(v.ID), d.when(v.LastActive), orDash(v.Address), program}
		if all {
			cells = append([]string{orDash(v.Username)}, cells...)
		}
		t.add(cells...)
	}
	return d.list(t, out)
}
