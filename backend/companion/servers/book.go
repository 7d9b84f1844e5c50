package servers

import (
	"cmp"
	"context"
	"crypto/x509"
	"fmt"
	"net/http"
	"slices"
	"sync"

	"latchkey/backend/companion/remote"
	"latchkey/backend/identity"
	"latchkey/backend/internal/env"
)

// A Store keeps the list, as one record. [File] is one.
type Store interface {
	// Load returns the record, and nothing if there is none yet.
	Load(ctx context.Context) ([]byte, error)
	// Update replaces the record by what change makes of it, with nobody in
	// between. An error of change is returned and leaves all as it is.
	Update(ctx context.Context, change func(old []byte) ([]byte, error)) error
}

// A Vault keeps tokens, each as a named record.
type Vault interface {
	// Get returns a record, or an error of the kind NotFound.
	Get(ctx context.Context, name string) ([]byte, error)
	Put(ctx context.Context, name string, record []byte) error
	// Delete removes a record. It is no error, or one of the kind NotFound, if
	// there is none.
	Delete(ctx context.Context, name string) error
}

// Config is what a Book needs.
type Config struct {
	Store     Store
	Vault     Vault
	Env       env.Env
	UserAgent string         // what the servers' lists of devices show
	Roots     *x509.CertPool // who vouches for certificates; nil: the system's

	// Own returns the transport to the server in this process, or nil while
	// there is none. It may be nil itself.
	Own func() http.RoundTripper

	// Changed is told each new status. It must not call the Book. It may be nil.
	Changed func(Status)
}

// A Book is the list of the person's servers. Its methods may be called from
// many goroutines. All their errors are identity.Errors, or of the Store.
type Book struct {
	c    Config
	wake chan struct{} // Run looks again at what is due

	mu      sync.Mutex
	entries map[ID]*entry
}

// New returns a book. It reaches for nothing yet.
func New(c Config) *Book {
	if c.Own == nil {
		c.Own = func() http.RoundTripper { return nil }
	}
	if c.Changed == nil {
		c.Changed = func(Status) {}
	}
	return &Book{c: c, wake: make(chan struct{}, 1), entries: map[ID]*entry{}}
}

// Close closes idle connections, and forgets the tokens that were read. Both
// come back when they are needed.
func (b *Book) Close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, e := range b.entries {
		e.close()
	}
}

// List returns the servers in the order in which they were added.
func (b *Book) List(ctx context.Context) ([]Server, error) {
	record, err := b.c.Store.Load(ctx)
	if err != nil {
		return nil, fmt.Errorf("load servers: %w", err)
	}
	return decode(record)
}

// Server returns one server, or server_unknown.
func (b *Book) Server(ctx context.Context, id ID) (Server, error) {
	list, err := b.List(ctx)
	if err != nil {
		return Server{}, err
	}
	i := indexOf(list, id)
	if i < 0 {
		return Server{}, errUnknown
	}
	return list[i], nil
}

// A NewServer is what is needed to add one.
type NewServer struct {
	Name     string
	Base     remote.Base
	SFTP     SFTP               // zero: the host of Base, and the port that the server tells or the usual one
	Pin      remote.Fingerprint // of a certificate that the person has accepted
	Username string             // for the first sign-in; may be empty
	Seen     remote.Server      // as found; may be zero
}

// Add puts a server on the list. Returns server_name_taken, and errors about
// the single fields. Whether it is there is not asked; see Find.
func (b *Book) Add(ctx context.Context, n NewServer) (Server, error) {
	return b.add(ctx, n, false)
}

// AddOwn puts the server of this process on the list, or returns the one that
// is there.
func (b *Book) AddOwn(ctx context.Context, name string) (Server, error) {
	base, err := remote.ParseBase("http://localhost")
	if err != nil {
		return Server{}, errAddress
	}
	return b.add(ctx, NewServer{Name: name, Base: base, Seen: remote.Server{Kind: remote.Latchkey}}, true)
}

func (b *Book) add(ctx context.Context, n NewServer, own bool) (Server, error) {
	name, err := ParseName(n.Name)
	if err != nil {
		return Server{}, err
	}
	if n.Base.IsZero() {
		return Server{}, errNoAddress
	}
	chosen := n.SFTP != (SFTP{})
	if !chosen {
		n.SFTP = SFTP{Host: n.Base.Host(), Port: cmp.Or(n.Seen.SFTP.Port, sftpPort)}
	}
	if n.SFTP, err = parseSFTP(n.SFTP); err != nil {
		return Server{}, err
	}
	s := Server{
		ID: ID(b.c.Env.ID()), Name: name, Base: n.Base, SFTP: n.SFTP, SFTPChosen: chosen, Own: own,
		Kind: n.Seen.Kind, Version: n.Seen.Version, Username: n.Username, ClientID: b.c.Env.ID(), Pin: n.Pin,
	}
	err = b.change(ctx, func(list []Server) ([]Server, error) {
		if i := slices.IndexFunc(list, func(there Server) bool { return own && there.Own }); i >= 0 {
			s = list[i]
			return list, nil
		}
		if taken(list, name, "") {
			return nil, ErrNameTaken
		}
		if len(list) >= maxServers {
			return nil, errTooMany
		}
		return append(list, s), nil
	})
	b.nudge()
	return s, err
}

// Rename gives a server another name. Returns server_name_taken.
func (b *Book) Rename(ctx context.Context, id ID, name string) (Server, error) {
	name, err := ParseName(name)
	if err != nil {
		return Server{}, err
	}
	return b.edit(ctx, id, func(list []Server, s *Server) error {
		if taken(list, name, id) {
			return ErrNameTaken
		}
		s.Name = name
		return nil
	})
}

// SetSFTP changes where a server's files are reached, whatever it tells itself.
func (b *Book) SetSFTP(ctx context.Context, id ID, to SFTP) (Server, error) {
	to, err := parseSFTP(to)
	if err != nil {
		return Server{}, err
	}
	return b.edit(ctx, id, func(_ []Server, s *Server) error { s.SFTP, s.SFTPChosen = to, true; return nil })
}

// Move changes a server's address. The token and the accepted certificate stay
// if that certificate is to prove that it is the same server; otherwise both
// are forgotten, because they would go to a stranger.
func (b *Book) Move(ctx context.Context, id ID, to remote.Base) (Server, error) {
	s, err := b.Server(ctx, id)
	switch {
	case err != nil:
		return s, err
	case to.IsZero():
		return s, errNoAddress
	case s.Own:
		return s, errOwn
	}
	if !s.sameAt(to) {
		if err := b.forget(ctx, id); err != nil {
			return s, err
		}
	}
	moved, err := b.edit(ctx, id, func(_ []Server, s *Server) error {
		if !s.sameAt(to) {
			s.Pin, s.Kind, s.Version = "", "", ""
		}
		if s.SFTP.Host == s.Base.Host() {
			s.SFTP.Host = to.Host()
		}
		s.Base = to
		return nil
	})
	b.restart(id)
	return moved, err
}

// sameAt reports whether what answers at an address can only be the same
// server: the certificate proves it, or the address is but for the path.
func (s Server) sameAt(to remote.Base) bool {
	return s.Base.SameOrigin(to) || s.Pin != "" && s.Base.Secure() && to.Secure()
}

var errOwn = identity.NewError(identity.Invalid, "server_is_own",
	"The server of this computer has no address that could be changed. Change its settings instead.")

// Remove takes a server off the list and forgets its token. It asks nothing,
// and does not sign out at the server.
func (b *Book) Remove(ctx context.Context, id ID) error {
	if _, err := b.Server(ctx, id); err != nil {
		return err
	}
	if err := b.forget(ctx, id); err != nil {
		return err
	}
	err := b.change(ctx, func(list []Server) ([]Server, error) {
		return slices.DeleteFunc(list, func(s Server) bool { return s.ID == id }), nil
	})
	b.drop(id)
	return err
}

func (b *Book) change(ctx context.Context, change func([]Server) ([]Server, error)) error {
	err := b.c.Store.Update(ctx, func(old []byte) ([]byte, error) {
		list, err := decode(old)
		if err != nil {
			return nil, err
		}
		if list, err = change(list); err != nil {
			return nil, err
		}
		return encode(list)
	})
	if err != nil {
		return fmt.Errorf("change servers: %w", err)
	}
	return nil
}

// edit changes one server. It returns server_unknown if that has gone.
func (b *Book) edit(ctx context.Context, id ID, change func(list []Server, s *Server) error) (Server, error) {
	var edited Server
	err := b.change(ctx, func(list []Server) ([]Server, error) {
		i := indexOf(list, id)
		if i < 0 {
			return nil, errUnknown
		}
		if err := change(list, &list[i]); err != nil {
			return nil, err
		}
		edited = list[i]
		return list, nil
	})
	return edited, err
}

func indexOf(list []Server, id ID) int {
	return slices.IndexFunc(list, func(s Server) bool { return s.ID == id })
}

// taken reports whether a server other than one has a name.
func taken(list []Server, name string, but ID) bool {
	return slices.ContainsFunc(list, func(s Server) bool { return s.ID != but && sameName(s.Name, name) })
}

// freeName returns a name, with a number behind it if it is taken.
func freeName(list []Server, name string) string {
	if parsed, err := ParseName(name); err == nil {
		name = parsed
	} else {
		name = "Server"
	}
	free := name
	for n := 2; taken(list, free, ""); n++ {
		free = fmt.Sprintf("%.*s %d", maxName-4, name, n)
	}
	return free
}
