package cli

import (
	"context"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"latchkey/backend/companion/remote"
	"latchkey/backend/identity"
)

func (a *app) evictCommand() *cobra.Command {
	var others, anyone, yes bool
	c := &cobra.Command{
		Use:   "evict DEVICE [SERVER] | --others [SERVER]",
		Short: "Sign one of your devices out, or all but this one",
		Long: "Sign one of your devices out, or all but this one. Name it by its id, or the beginning of that;\n" +
			"see them with: " + a.program + " sessions\n" +
			"A connection over SFTP is closed at once. Its key opens another one until it is deleted.",
		Args: func(cmd *cobra.Command, args []string) error {
			switch {
			case others && anyone:
				return usagef("With --others only devices of your own are signed out. Leave one of the two flags out.")
			case others:
				return takes(0, 1)(cmd, args)
			case len(args) == 0:
				return usagef("Say which devices: one id, or --others.")
			}
			return takes(1, 2)(cmd, args)
		},
		RunE: a.onDesk(func(ctx context.Context, d *desk, args []string) error {
			if others {
				return d.endOthers(ctx, word(args, 0), yes)
			}
			return d.endDevice(ctx, args, anyone)
		}),
	}
	c.Flags().BoolVar(&others, "others", false, "sign out all your devices but this one")
	c.Flags().BoolVar(&anyone, "anyone", false, "look among everybody's devices, as an administrator")
	c.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return c
}

func (d *desk) endOthers(ctx context.Context, named string, yes bool) error {
	s, err := d.choose(ctx, named)
	if err != nil {
		return err
	}
	if err := d.confirm(ctx, yes, "Sign out all your devices on "+s.Name+" but this one?"); err != nil {
		return err
	}
	n := 0
	err = d.act(ctx, named, func(ctx context.Context, acc *remote.Account) (err error) {
		n, err = acc.EndOtherDevices(ctx)
		return err
	})
	if err == nil || n > 0 {
		d.changed(ctx, "Signed out: %s.", count(n, "device"))
	}
	return err
}

// endDevice signs out the device that the first argument names, on the server
// that the second one names.
func (d *desk) endDevice(ctx context.Context, args []string, anyone bool) error {
	var device remote.Device
	err := d.act(ctx, word(args, 1), func(ctx context.Context, acc *remote.Account) error {
		devices, err := devicesOf(ctx, acc, anyone)
		if err != nil {
			return err
		}
		if device, err = findDevice(devices, args[0]); err != nil || device.Current {
			return err
		}
		if anyone {
			return acc.EndAnyDevice(ctx, device.ID)
		}
		return acc.EndDevice(ctx, device.ID)
	})
	if err == nil && device.Current {
		err = d.Servers.SignOut(ctx, d.at.ID) // the token goes with it
	}
	if err == nil {
		d.changed(ctx, "Signed out: %s", orDash(short(device.UserAgent))+over(device.SFTP, device.SSHKey))
	}
	return err
}

// leastPrefix is how much of an id must be typed.
const leastPrefix = 4

// findDevice finds a device by its id, or by how the id begins if no other
// begins so.
func findDevice(devices []remote.Device, typed string) (remote.Device, error) {
	var found []remote.Device
	for _, v := range devices {
		if string(v.ID) == typed {
			return v, nil
		}
		if len(typed) >= leastPrefix && strings.HasPrefix(string(v.ID), typed) {
			found = append(found, v)
		}
	}
	switch len(found) {
	case 0:
		return remote.Device{}, identity.NewError(identity.NotFound, "session_not_found",
			"There is no device "+strconv.Quote(typed)+". It may have been signed out already.")
	case 1:
		return found[0], nil
	}
	return remote.Device{}, usagef("The ids of %s begin with %q. Type more of it.", count(len(found), "device"), typed)
}
