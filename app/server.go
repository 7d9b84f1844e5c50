package app

import (
	"context"
	"time"

	"latchkey/backend/companion/remote"
	"latchkey/backend/companion/servers"
)

// A Server is one of the person's servers and how it stands, as the page sees it.
type Server struct {
	ID           string       `json:"id"`
	Name         string       `json:"name"`
	Address      string       `json:"address"`
	Own          bool         `json:"own"`
	Kind         string       `json:"kind"`
	Version      string       `json:"version"`
	Plain        bool         `json:"plain"`
	SFTP         SFTP         `json:"sftp"`
	Username     string       `json:"username"`
	CodeExpected bool         `json:"codeExpected"`
	Pin          string       `json:"pin"`
	State        string       `json:"state"`
	Since        int64        `json:"since"`
	Problem      *Problem     `json:"problem"`
	Next         int64        `json:"next"`
	Drift        float64      `json:"drift"` // seconds by which the server's clock is ahead
	Checked      bool         `json:"checked"`
	LockedUntil  int64        `json:"lockedUntil"`
	Me           *Me          `json:"me"`
	Can          Capabilities `json:"can"`
}

// SFTP is where a server's files are reached.
type SFTP struct {
	Host string `json:"host"`
	Port int    `json:"port"`
}

// Me is who is signed in on a server.
type Me struct {
	ID                 int      `json:"id"`
	Username           string   `json:"username"`
	Admin              bool     `json:"admin"`
	Roles              []string `json:"roles"`
	BasePath           string   `json:"basePath"`
	SFTP               bool     `json:"sftp"`
	SecondFactor       bool     `json:"secondFactor"`
	MustChangePassword bool     `json:"mustChangePassword"`
}

// Capabilities are what a server can do.
type Capabilities struct {
	Devices       bool `json:"devices"`
	SSHKeys       bool `json:"sshKeys"`
	KeyRules      bool `json:"keyRules"`
	FactorOff     bool `json:"factorOff"`
	RecoveryCodes bool `json:"recoveryCodes"`
	DevKeys       bool `json:"devKeys"`
	Trash         bool `json:"trash"`
	Storage       bool `json:"storage"`
	Proof         bool `json:"proof"`
}

// servers returns all servers as the page sees them.
func (d *desk) servers(ctx context.Context) ([]Server, error) {
	list, err := d.companion.Servers.List(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]Server, 0, len(list))
	for _, s := range list {
		st, err := d.companion.Servers.Status(ctx, s.ID)
		if err != nil {
			return nil, err
		}
		out = append(out, d.named(toServer(s, st)))
	}
	return out, nil
}

// server returns one server as the page sees it.
func (d *desk) server(ctx context.Context, id servers.ID) (Server, error) {
	s, err := d.companion.Servers.Server(ctx, id)
	if err != nil {
		return Server{}, err
	}
	st, err := d.companion.Servers.Status(ctx, id)
	return d.named(toServer(s, st)), err
}

// named calls the own server what the page's language calls it, unless the
// person has given it a name.
func (d *desk) named(s Server) Server {
	for _, language := range []string{"en", "zh-CN"} {
		if s.Own && s.Name == wordsIn(language).ThisComputer {
			s.Name = d.words().ThisComputer
			break
		}
	}
	return s
}

func toServer(s servers.Server, st servers.Status) Server {
	out := Server{
		ID: string(s.ID), Name: s.Name, Address: s.Base.String(), Own: s.Own, Kind: string(s.Kind), Version: s.Version,
		Plain: s.Plain(), SFTP: SFTP{Host: s.SFTP.Host, Port: s.SFTP.Port},
		Username: s.Username, CodeExpected: s.CodeExpected, Pin: string(s.Pin), LockedUntil: millis(s.LockedUntil),
		State: string(st.State), Since: millis(st.Since), Problem: problemOf(st.Err), Next: millis(st.Next),
		Drift: st.Drift.Ahead.Seconds(), Checked: st.State != servers.Unknown,
		Can: toCapabilities(remote.Server{Kind: s.Kind, Version: s.Version}.Capabilities()),
	}
	if st.Me.Username != "" {
		out.Me = toMe(st.Me)
	}
	return out
}

func toMe(m remote.Me) *Me {
	return &Me{
		ID: int(m.ID), Username: m.Username, Admin: m.Admin, Roles: append([]string{}, m.Roles...), BasePath: m.BasePath,
		SFTP: m.SFTP(), SecondFactor: m.SecondFactor, MustChangePassword: m.MustChangePassword,
	}
}

func toCapabilities(c remote.Capabilities) Capabilities {
	return Capabilities{
		Devices: c.Devices, SSHKeys: c.SSHKeys, KeyRules: c.KeyRules, FactorOff: c.FactorOff, RecoveryCodes: c.RecoveryCodes, DevKeys: c.DevKeys, Trash: c.Trash, Storage: c.Storage, Proof: c.Proof,
	}
}

// millis is how the page gets times: milliseconds of Unix time, 0 for none.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
