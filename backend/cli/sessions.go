package cli

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"latchkey/backend/companion/remote"
	"latchkey/backend/identity"
	"latchkey/backend/internal/secret"
)

type deviceJSON struct {
	ID         identity.SessionID `json:"id"`
	Username   string             `json:"username,omitempty"` // with --all
	UserAgent  string             `json:"user_agent"`
	Kind       string             `json:"kind"`              // "device" or "sftp"
	SSHKey     string             `json:"ssh_key,omitempty"` // the title of the one that opened a connection over SFTP
	Address    string             `json:"address"`
	LastActive time.Time          `json:"last_active,omitzero"`
	Current    bool               `json:"current"` // this device
}

func (a *app) sessionsCommand() *cobra.Command {
	var all bool
	c := a.withJSON(&cobra.Command{
		Use:   "sessions [SERVER]",
		Short: "List the devices on which you are signed in, and your open SFTP connections",
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
	if !d.folderStdin {
		return d.Servers.Act(ctx, s.ID, call)
	}
	text, err := interruptible(ctx, func() (secret.Text, error) { return readLine(d.in, "password") })
	if err != nil {
		return err
	}
	return d.Servers.Act(ctx, s.ID, func(ctx context.Context, acc *remote.Account) error {
		acc.ShowFolderPassword(text)
		return call(ctx, acc)
	})
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
		out[i] = toDeviceJSON(v)
		program := orDash(short(v.UserAgent)) + over(v.SFTP, v.SSHKey)
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

func toDeviceJSON(v remote.Device) deviceJSON {
	kind := "device"
	if v.SFTP {
		kind = "sftp"
	}
	return deviceJSON{
		ID: v.ID, Username: v.Username, UserAgent: v.UserAgent, Kind: kind, SSHKey: v.SSHKey,
		Address: v.Address, LastActive: v.LastActive, Current: v.Current,
	}
}
