package app

import (
	"cmp"
	"context"
	"maps"
	"net"
	"strconv"

	"latchkey/backend/config"
	"latchkey/backend/identity"
)

// OwnSettings are what the page can set of the own server.
type OwnSettings struct {
	LAN      bool `json:"lan"`
	HTTPPort int  `json:"httpPort"` // 0: off
	SFTPPort int  `json:"sftpPort"`
}

// Pinned tells which settings the page cannot set, and by what they are: such
// as "LATCHKEY_LAN" or "--http". Empty: it can.
type Pinned struct {
	LAN   string `json:"lan"`
	HTTP  string `json:"http"`
	SFTP  string `json:"sftp"`
	Files string `json:"files"`
}

var (
	errOwnElsewhere = identity.NewError(identity.Conflict, "own_server_elsewhere",
		"Another program serves this data folder. Stop it there before you change the settings.")
	errPort = identity.NewError(identity.Invalid, "port_invalid",
		"A port is a number from 1 to 65535.")
	errPortsSame = identity.InvalidField("sftpPort", "ports_same", "HTTP and SFTP cannot share a port. Choose another one.")
	errPortsOff  = identity.InvalidField("httpPort", "ports_off", "With both turned off there is nothing to serve. Leave one of them on.")
	errPinned    = identity.NewError(identity.Conflict, "setting_pinned",
		"That setting comes from the command line or the environment, so it cannot be changed here.")
	errSettings = identity.NewError(identity.Invalid, "settings_invalid", "The server's settings have a mistake in them.")
)

// settings are the server's settings as they stand now, but for changes.
func (d *desk) settings(changes map[string]string) (config.Config, error) {
	said := maps.Clone(changes)
	if said == nil {
		said = map[string]string{}
	}
	maps.Copy(said, d.conf.Settings)
	cfg, err := config.Load(said)
	if err != nil {
		e := errSettings.Because(err)
		e.Message += " " + err.Error()
		return cfg, e
	}
	return cfg, nil
}

// pinned tells which settings no file decides.
func (d *desk) pinned() Pinned {
	by := config.Overrides(d.conf.Settings)
	all := by["config"] // that file is the person's own
	return Pinned{
		LAN: cmp.Or(by["lan"], all), HTTP: cmp.Or(by["http"], all), SFTP: cmp.Or(by["sftp"], all), Files: cmp.Or(by["files"], all),
	}
}

func (s OwnSettings) check() error {
	for field, port := range map[string]int{"httpPort": s.HTTPPort, "sftpPort": s.SFTPPort} {
		if port < 0 || port > 65535 {
			e := *errPort
			e.Field = field
			return &e
		}
	}
	switch {
	case s.HTTPPort == 0 && s.SFTPPort == 0:
		return errPortsOff
	case s.HTTPPort == s.SFTPPort:
		return errPortsSame
	}
	return nil
}

// changes returns what must be set for s to hold instead of was, in the words
// of config. What a person has set by hand stays unless it is in the way.
func (s OwnSettings) changes(was OwnSettings, cfg config.Config) map[string]string {
	out := map[string]string{}
	if s.LAN != was.LAN {
		out["lan"] = strconv.FormatBool(s.LAN)
	}
	for name, l := range map[string]struct {
		addr      string
		port, old int
	}{
		"http": {cfg.HTTP, s.HTTPPort, was.HTTPPort},
		"sftp": {cfg.SFTP, s.SFTPPort, was.SFTPPort},
	} {
		if l.port != l.old || s.LAN != was.LAN {
			out[name] = listen(l.addr, l.port, s.LAN, s.LAN != was.LAN)
		}
	}
	return out
}

// listen returns the address to listen on: at the same host unless who may
// reach the server has changed.
func listen(addr string, port int, lan, moved bool) string {
	if port == 0 {
		return config.Off
	}
	host, _, err := net.SplitHostPort(addr)
	if err != nil || moved {
		host = "127.0.0.1"
		if lan {
			host = ""
		}
	}
	return net.JoinHostPort(host, strconv.Itoa(port))
}

// configure changes the settings. A server that runs is started again with
// them; if it cannot be, it goes on with those that it had, which stay.
func (o *own) configure(ctx context.Context, changes map[string]string, save func() error) error {
	o.turn.Lock()
	defer o.turn.Unlock()
	state, _ := o.standing()
	switch {
	case o.closed:
		return errOwnClosed
	case state == ownElsewhere:
		return errOwnElsewhere
	case state == ownAbsent || state == ownStopped:
		return save()
	}
	if o.serving() {
		o.leave(ownStarting)
	} else {
		o.set(ownStarting, nil)
	}
	err := o.run(ctx, changes, nil)
	if err == nil {
		if err = save(); err == nil {
			return nil
		}
		o.leave(ownStarting)
	}
	if back := o.run(context.WithoutCancel(ctx), nil, nil); back != nil {
		o.set(ownFailed, back)
	}
	return err
}
