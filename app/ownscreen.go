package app

import (
	"context"

	"latchkey/backend/companion/servers"
	"latchkey/backend/config"
	"latchkey/backend/identity"
)

// Own is the screen of the server on this computer.
type Own struct{ d *desk }

// Status tells how it stands.
func (s *Own) Status() (OwnStatus, error) {
	return ask(s.d, atOnce, func(context.Context) (OwnStatus, error) { return s.d.ownStatus(), nil })
}

// ChooseFolder lets the person choose the folder for files. It returns "" if
// they cancelled.
func (s *Own) ChooseFolder() (string, error) {
	return ask(s.d, byPerson, func(context.Context) (string, error) {
		return s.d.desktop.OpenFolder(dialog{Title: s.d.words().ChooseFolder})
	})
}

// Create begins the server, puts it on the list and signs its administrator
// in. If it is refused nothing has changed. Returns the errors of server.New,
// which name the fields username and password.
func (s *Own) Create(n NewOwn) (Server, error) {
	return ask(s.d, byNet, func(ctx context.Context) (Server, error) { return s.d.createOwn(ctx, n) })
}

// Start starts the server. Why it could not be started its state says.
func (s *Own) Start() (OwnStatus, error) {
	return ask(s.d, byNet, func(ctx context.Context) (OwnStatus, error) {
		err := s.d.own.start(ctx)
		return s.d.ownStatus(), err
	})
}

// Stop stops the server, unless it is another program's.
func (s *Own) Stop() (OwnStatus, error) {
	return ask(s.d, byNet, func(context.Context) (OwnStatus, error) {
		s.d.own.stop()
		return s.d.ownStatus(), nil
	})
}

// Configure changes the settings. If the server cannot run with them it goes on
// with those that it had, and the error says why.
func (s *Own) Configure(to OwnSettings) (OwnStatus, error) {
	return ask(s.d, byNet, func(ctx context.Context) (OwnStatus, error) {
		err := s.d.configureOwn(ctx, to)
		return s.d.ownStatus(), err
	})
}

func (d *desk) configureOwn(ctx context.Context, to OwnSettings) error {
	if err := to.check(); err != nil {
		return err
	}
	cfg, err := d.settings(nil)
	if err != nil {
		return err
	}
	_, at, _ := d.own.status()
	was, by := ownSettings(cfg, at), d.pinned()
	for field, refused := range map[string]bool{
		"lan":      to.LAN != was.LAN && by.LAN != "",
		"httpPort": to.HTTPPort != was.HTTPPort && by.HTTP != "",
		"sftpPort": to.SFTPPort != was.SFTPPort && by.SFTP != "",
	} {
		if refused {
			e := *errPinned
			e.Field = field
			return &e
		}
	}
	changes := to.changes(was, cfg)
	if by.HTTP != "" {
		delete(changes, "http")
	}
	if by.SFTP != "" {
		delete(changes, "sftp")
	}
	return d.own.configure(ctx, changes, func() error { return config.Edit(d.data, changes) })
}

// OpenFolder shows people's files in the file manager.
func (s *Own) OpenFolder() error {
	return do(s.d, atOnce, func(context.Context) error {
		cfg, err := s.d.settings(nil)
		if err != nil {
			return err
		}
		return s.d.reveal(cfg.FilesFolder())
	})
}

// Log returns the last lines of the server's log, the oldest first.
func (s *Own) Log() ([]LogLine, error) {
	return ask(s.d, atOnce, func(context.Context) ([]LogLine, error) {
		return append([]LogLine{}, s.d.own.book.lines()...), nil
	})
}

// Unlock lets a name sign in again at once, after too many failures: whoever
// sits at this computer can. Returns server_stopped while there is no server.
func (s *Own) Unlock(username string) error {
	return do(s.d, atOnce, func(ctx context.Context) error {
		in := s.d.own.now()
		if in == nil {
			return servers.ErrStopped
		}
		name, err := identity.ParseUsername(username)
		if err != nil {
			return err
		}
		_, err = in.core.Throttle.Clear(ctx, string(name))
		return err
	})
}
