package app

import (
	"context"
	"time"

	"latchkey/backend/companion/remote"
	"latchkey/backend/companion/servers"
	"latchkey/backend/identity"
)

// Servers is the screen of the person's servers.
type Servers struct{ d *desk }

// List returns all servers in the order in which they were added.
func (s *Servers) List() ([]Server, error) { return ask(s.d, atOnce, s.d.servers) }

// Select notes which server is in view.
func (s *Servers) Select(id string) error {
	return do(s.d, atOnce, func(ctx context.Context) error {
		there, err := s.d.companion.Servers.Server(ctx, servers.ID(id))
		if err == nil {
			s.d.companion.Use(there.ID)
		}
		return err
	})
}

// Find looks for a server at an address as somebody typed it.
func (s *Servers) Find(address string) (Found, error) {
	return ask(s.d, byNet, func(ctx context.Context) (Found, error) {
		a, err := servers.ParseAddress(address)
		if err != nil {
			return Found{}, err
		}
		f, err := s.d.companion.Servers.Find(ctx, a)
		if err != nil {
			return Found{}, err
		}
		return toFound(f), nil
	})
}

// Add puts a server on the list and looks at it.
func (s *Servers) Add(n NewServer) (Server, error) {
	return ask(s.d, byNet, func(ctx context.Context) (Server, error) {
		base, err := remote.ParseBase(n.Address)
		if err != nil {
			return Server{}, err
		}
		pin, err := remote.PinOf(n.Fingerprint)
		if err != nil {
			return Server{}, err
		}
		added, err := s.d.companion.Servers.Add(ctx, servers.NewServer{Name: n.Name, Base: base, Pin: pin, Username: n.Username})
		return s.d.seen(ctx, added, err)
	})
}

// Rename gives a server another name.
func (s *Servers) Rename(c NameChange) (Server, error) {
	return ask(s.d, atOnce, func(ctx context.Context) (Server, error) {
		named, err := s.d.companion.Servers.Rename(ctx, servers.ID(c.ID), c.Name)
		return s.d.edited(ctx, named, err)
	})
}

// SetSFTP changes where a server's files are reached.
func (s *Servers) SetSFTP(c SFTPChange) (Server, error) {
	return ask(s.d, atOnce, func(ctx context.Context) (Server, error) {
		set, err := s.d.companion.Servers.SetSFTP(ctx, servers.ID(c.ID), servers.SFTP{Host: c.Host, Port: c.Port})
		return s.d.edited(ctx, set, err)
	})
}

// Move changes a server's address. The fingerprint is that of the certificate
// there, if the person has accepted it; one that was accepted before stays if
// there is one, because it proves that it is the same server.
func (s *Servers) Move(c AddressChange) (Server, error) {
	return ask(s.d, byNet, func(ctx context.Context) (Server, error) {
		base, err := remote.ParseBase(c.Address)
		if err != nil {
			return Server{}, err
		}
		pin, err := remote.PinOf(c.Fingerprint)
		if err != nil {
			return Server{}, err
		}
		moved, err := s.d.companion.Servers.Move(ctx, servers.ID(c.ID), base)
		if err == nil && moved.Pin == "" && pin != "" {
			moved, err = s.d.companion.Servers.Accept(ctx, moved.ID, pin)
		}
		return s.d.seen(ctx, moved, err)
	})
}

var errForgetOwn = identity.NewError(identity.Conflict, "server_own_stays",
	"The server of this computer stays on the list while its data is there. Stop it if you do not need it.")

// farewell bounds how long a server that is to be forgotten is asked to end
// this device's session.
const farewell = 5 * time.Second

// Forget takes a server off the list, and signs out there if it can be reached.
func (s *Servers) Forget(id string) error {
	return do(s.d, byNet, func(ctx context.Context) error {
		forgotten, err := s.d.companion.Servers.Server(ctx, servers.ID(id))
		if err != nil {
			return err
		}
		if forgotten.Own {
			return errForgetOwn
		}
		leaving, cancel := context.WithTimeout(ctx, farewell)
		defer cancel()
		_ = s.d.companion.Servers.SignOut(leaving, forgotten.ID) // it is forgotten in any case
		err = s.d.companion.Servers.Remove(ctx, forgotten.ID)
		s.d.nudge()
		return err
	})
}

// Check looks at a server now.
func (s *Servers) Check(id string) (Server, error) {
	return ask(s.d, byNet, func(ctx context.Context) (Server, error) {
		return s.d.seen(ctx, servers.Server{ID: servers.ID(id)}, nil)
	})
}

// Inspect returns the certificate that a server shows now.
func (s *Servers) Inspect(id string) (Certificate, error) {
	return ask(s.d, byNet, func(ctx context.Context) (Certificate, error) {
		c, err := s.d.companion.Servers.Inspect(ctx, servers.ID(id))
		return toCertificate(c), err
	})
}

// Accept accepts the certificate that was shown, at first sight.
func (s *Servers) Accept(a Acceptance) (Server, error) {
	return ask(s.d, byNet, func(ctx context.Context) (Server, error) {
		trusted, err := s.d.companion.Servers.Accept(ctx, servers.ID(a.ID), remote.Fingerprint(a.Shown))
		return s.d.seen(ctx, trusted, err)
	})
}

// Replace accepts the certificate that was shown in the place of another one.
func (s *Servers) Replace(a Acceptance) (Server, error) {
	return ask(s.d, byNet, func(ctx context.Context) (Server, error) {
		trusted, err := s.d.companion.Servers.Replace(ctx, servers.ID(a.ID),
			servers.Replacement{Accepted: remote.Fingerprint(a.Accepted), Shown: remote.Fingerprint(a.Shown)})
		return s.d.seen(ctx, trusted, err)
	})
}

// SetAside gives a list that cannot be read another name, which it returns, so
// that a new one can be begun.
func (s *Servers) SetAside() (string, error) {
	return ask(s.d, atOnce, func(ctx context.Context) (string, error) {
		name, err := s.d.companion.List.SetAside(ctx)
		s.d.spawn(s.d.lookAtOwn)
		s.d.nudge()
		return name, err
	})
}

// edited returns a server that was changed, and tells of it.
func (d *desk) edited(ctx context.Context, s servers.Server, err error) (Server, error) {
	if err != nil {
		return Server{}, err
	}
	d.nudge()
	return d.server(ctx, s.ID)
}

// seen is edited for what concerns the connection: it looks at the server first.
func (d *desk) seen(ctx context.Context, s servers.Server, err error) (Server, error) {
	if err == nil {
		_, err = d.companion.Servers.Check(ctx, s.ID)
	}
	return d.edited(ctx, s, err)
}
