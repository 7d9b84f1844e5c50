package servers

import (
	"context"
	"errors"
	"time"

	"latchkey/backend/companion/remote"
	"latchkey/backend/identity"
	"latchkey/backend/internal/secret"
)

// An entry is what is known of a server only while the program runs. Book.mu
// guards it.
type entry struct {
	reach    reach
	client   *remote.Client
	account  *remote.Account // of client and token
	token    secret.Text
	epoch    int // grows when what was under way has lost its meaning
	status   Status
	failures int       // checks in a row that did not reach the server
	due      time.Time // when Run checks next
	checking *flight[Status]
	signing  *signing
	folders  *remote.FolderPasswords // that were typed since the vault was opened and somebody signed in
}

// reach is what a client depends on.
type reach struct {
	base     remote.Base
	pin      remote.Fingerprint
	clientID string
}

func (e *entry) close() {
	e.folders = nil
	if e.client != nil {
		e.client.Close()
		e.client, e.account, e.token = nil, nil, secret.Text{}
	}
}

// entry returns what is known of a server. The caller holds mu.
func (b *Book) entry(id ID) *entry {
	e := b.entries[id]
	if e == nil {
		e = &entry{status: Status{Server: id, State: Unknown}}
		b.entries[id] = e
	}
	return e
}

// ErrStopped says that the server of this computer cannot be reached.
var ErrStopped = identity.NewError(identity.Unavailable, "server_stopped",
	"The server on this computer is not running. Start it and try again.")

// client returns the client of a server, which keeps its connections.
func (b *Book) client(s Server) (*remote.Client, error) {
	o := remote.Options{
		Base: s.Base, ClientID: s.ClientID, UserAgent: b.c.UserAgent, Pin: s.Pin, Roots: b.c.Roots, Env: b.c.Env,
	}
	if s.Own {
		if o.Transport = b.c.Own(); o.Transport == nil {
			return nil, ErrStopped
		}
		return remote.New(o), nil // in this process there is nothing to keep
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	e := b.entry(s.ID)
	if r := (reach{s.Base, s.Pin, s.ClientID}); e.client == nil || e.reach != r {
		e.close()
		e.client, e.reach = remote.New(o), r
	}
	return e.client, nil
}

// account returns the client of a server with the kept token. While that is the
// same it is the same account, which knows already that the server takes it.
func (b *Book) account(ctx context.Context, s Server) (*remote.Account, remote.Grant, error) {
	g, err := b.grant(ctx, s.ID)
	if err != nil {
		return nil, g, err
	}
	c, err := b.client(s)
	if err != nil {
		return nil, g, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	e := b.entry(s.ID)
	if e.account != nil && e.client == c && e.token == g.Token {
		return e.account, g, nil
	}
	a, err := c.Account(g)
	if err != nil {
		return nil, g, err
	}
	if e.folders == nil {
		e.folders = remote.NewFolderPasswords()
	}
	a.Use(e.folders)
	if e.client == c {
		e.account, e.token = a, g.Token
	}
	return a, g, nil
}

// Ask calls a server without signing in.
func (b *Book) Ask(ctx context.Context, id ID, call func(context.Context, *remote.Client) error) error {
	s, err := b.Server(ctx, id)
	if err != nil {
		return err
	}
	c, err := b.client(s)
	if err != nil {
		return err
	}
	return call(ctx, c)
}

// Act calls a server as who is signed in there. What the outcome says of the
// connection is noted; if the server refuses the token, that is forgotten.
// Returns not_signed_in without a token, the vault's errors, and those of the
// call.
func (b *Book) Act(ctx context.Context, id ID, call func(context.Context, *remote.Account) error) error {
	s, epoch, known, err := b.begun(ctx, id)
	if err != nil {
		return err
	}
	a, g, err := b.account(ctx, s)
	if err != nil {
		return err
	}
	if err = call(ctx, a); err != nil {
		b.noteFailure(context.WithoutCancel(ctx), s, epoch, g, err)
	} else if !known {
		b.lookNow(id) // it works, so it does not stand as it is thought to
	}
	return err
}

// begun returns a server that is about to be asked something. The epoch is read
// before the server, so that a change in between is seen.
func (b *Book) begun(ctx context.Context, id ID) (s Server, epoch int, known bool, err error) {
	epoch, known = b.epochOf(id)
	s, err = b.Server(ctx, id)
	if errors.Is(err, errUnknown) {
		b.drop(id)
	}
	return s, epoch, known, err
}

// epochOf also tells whether somebody is known to be signed in.
func (b *Book) epochOf(id ID) (epoch int, known bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	e := b.entry(id)
	return e.epoch, e.status.State == SignedIn
}

// lookNow lets Run look at a server without waiting.
func (b *Book) lookNow(id ID) {
	b.mu.Lock()
	b.entry(id).due = time.Time{}
	b.mu.Unlock()
	b.nudge()
}

// restart lets go of the connections to a server and looks at it anew.
func (b *Book) restart(id ID) {
	b.mu.Lock()
	e := b.entry(id)
	e.close()
	e.epoch++
	e.failures, e.due = 0, time.Time{}
	b.mu.Unlock()
	b.nudge()
}

// drop lets go of a server that was removed.
func (b *Book) drop(id ID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	e := b.entry(id)
	e.close()
	e.epoch++
	delete(b.entries, id)
}

// nudge lets Run look again at what is due.
func (b *Book) nudge() {
	select {
	case b.wake <- struct{}{}:
	default:
	}
}
