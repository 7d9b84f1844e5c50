package app

import (
	"context"

	"latchkey/backend/companion/remote"
	"latchkey/backend/companion/servers"
	"latchkey/backend/identity"
)

// Devices is the screen of where people are signed in on a server.
type Devices struct{ d *desk }

// A Device is one place where somebody is signed in, or one of their
// connections over SFTP, as the page sees it.
type Device struct {
	ID         string `json:"id"`
	UserID     int    `json:"userID"`   // in lists of everybody's
	Username   string `json:"username"` // in lists of everybody's; empty where it is not known
	Agent      string `json:"agent"`    // what the program calls itself
	Name       string `json:"name"`     // that in words; empty if it cannot be told
	Kind       string `json:"kind"`     // "computer", "phone", "program" or "unknown"
	Address    string `json:"address"`  // as the server shows it, usually masked
	LastActive int64  `json:"lastActive"`
	Current    bool   `json:"current"` // this one
	SFTP       bool   `json:"sftp"`    // it is a connection over SFTP, which is open
	SSHKey     string `json:"sshKey"`  // title of the key that opened it; empty: a password did
	Since      int64  `json:"since"`   // when it was opened
}

// A DeviceList is what a server told, and when.
type DeviceList struct {
	Devices []Device `json:"devices"`
	AsOf    int64    `json:"asOf"`
}

// A DeviceRef names a device on a server.
type DeviceRef struct {
	ID     string `json:"id"`
	Device string `json:"device"`
}

// List lists where the person is signed in: this device first, then the latest
// active.
func (s *Devices) List(id string) (DeviceList, error) {
	return s.list(id, (*remote.Account).Devices)
}

// ListAll lists where everybody is signed in, for an administrator.
func (s *Devices) ListAll(id string) (DeviceList, error) {
	return s.list(id, (*remote.Account).AllDevices)
}

func (s *Devices) list(id string, read func(*remote.Account, context.Context) ([]remote.Device, error)) (DeviceList, error) {
	return ask(s.d, byNet, func(ctx context.Context) (DeviceList, error) {
		var list []remote.Device
		err := s.d.companion.Servers.Act(ctx, servers.ID(id), func(ctx context.Context, a *remote.Account) (err error) {
			list, err = read(a, ctx)
			return err
		})
		if err != nil {
			return DeviceList{}, err
		}
		return s.d.toDevices(list), nil
	})
}

// End signs out one of the person's devices. For this one there is
// SignIn.SignOut, which also forgets the token.
func (s *Devices) End(r DeviceRef) error { return s.end(r, (*remote.Account).EndDevice) }

// EndAny signs out a device of anybody, for an administrator.
func (s *Devices) EndAny(r DeviceRef) error { return s.end(r, (*remote.Account).EndAnyDevice) }

func (s *Devices) end(r DeviceRef, end func(*remote.Account, context.Context, identity.SessionID) error) error {
	return do(s.d, byNet, func(ctx context.Context) error {
		return s.d.companion.Servers.Act(ctx, servers.ID(r.ID), func(ctx context.Context, a *remote.Account) error {
			return end(a, ctx, identity.SessionID(r.Device))
		})
	})
}

// EndOthers signs out all of the person's devices but this one, and returns how
// many.
func (s *Devices) EndOthers(id string) (int, error) {
	return ask(s.d, byNet, func(ctx context.Context) (n int, err error) {
		err = s.d.companion.Servers.Act(ctx, servers.ID(id), func(ctx context.Context, a *remote.Account) (err error) {
			n, err = a.EndOtherDevices(ctx)
			return err
		})
		return n, err
	})
}

func (d *desk) toDevices(list []remote.Device) DeviceList {
	d.mu.Lock()
	language := d.language
	d.mu.Unlock()
	out := DeviceList{Devices: make([]Device, len(list)), AsOf: millis(d.env.Now())}
	for i, r := range list {
		a := readAgent(r.UserAgent)
		out.Devices[i] = Device{
			ID: string(r.ID), UserID: int(r.User), Username: r.Username, Agent: r.UserAgent, Name: a.in(language), Kind: string(a.kind),
			Address: r.Address, LastActive: millis(r.LastActive), Current: r.Current,
			SFTP: r.SFTP, SSHKey: r.SSHKey, Since: millis(r.Since),
		}
	}
	return out
}
