package sshagent

import (
	"context"
	"errors"
	"net"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"

	"latchkey/backend/companion/sshkeys"
	"latchkey/backend/identity"
)

const (
	patience    = 10 * time.Second // for what needs no person
	maxLifetime = 10 * 365 * 24 * time.Hour
)

// An Agent is a connection to an agent.
type Agent struct {
	to   agent.Agent
	conn *watched // nil: it is spoken to by messages of the system
}

// Dial connects to the agent on a socket; on Windows the socket may be empty,
// and then Pageant and the agent of the system are asked. Errors: ErrNone and
// ErrGone.
func Dial(ctx context.Context, socket string) (*Agent, error) {
	if socket == "" {
		return ofSystem()
	}
	var d net.Dialer
	conn, err := d.DialContext(ctx, "unix", socket)
	if err != nil {
		return nil, ErrGone.Because(err)
	}
	w := &watched{Conn: conn}
	return &Agent{agent.NewClient(w), w}, nil
}

// A watched connection remembers that it broke, which the library tells by
// text alone.
type watched struct {
	net.Conn
	broken atomic.Bool
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.Conn.Read(p)
	if err != nil {
		w.broken.Store(true)
	}
	return n, err
}

// Close ends the connection; the keys stay in the agent.
func (a *Agent) Close() error {
	if a.conn == nil {
		return nil
	}
	return a.conn.Close()
}

// List returns the keys of the agent, with their comments. A locked agent has
// none. Errors: ErrSlow, ErrGone and ErrRefused.
func (a *Agent) List(ctx context.Context) ([]sshkeys.Public, error) {
	keys, err := ask(ctx, a, a.to.List)
	if err != nil {
		return nil, err
	}
	var out []sshkeys.Public
	for _, k := range keys {
		if p, err := sshkeys.ParsePublic([]byte(k.String())); err == nil { // a certificate is no key
			out = append(out, p)
		}
	}
	return out, nil
}

// Has reports whether the agent has a key. Errors are those of List.
func (a *Agent) Has(ctx context.Context, which identity.Fingerprint) (bool, error) {
	keys, err := a.List(ctx)
	return slices.ContainsFunc(keys, func(k sshkeys.Public) bool { return k.Fingerprint == which }), err
}

// An Addition is a key to put into the agent.
type Addition struct {
	Key      *sshkeys.Private
	Lifetime time.Duration // zero: as long as the agent runs
	Confirm  bool          // the agent asks before each use
}

// Add puts a key into the agent. Errors: ErrLifetime, ErrSlow, ErrGone and
// ErrRefused.
func (a *Agent) Add(ctx context.Context, n Addition) error {
	if n.Lifetime != 0 && (n.Lifetime < time.Second || n.Lifetime > maxLifetime) {
		return ErrLifetime
	}
	_, err := ask(ctx, a, func() (struct{}, error) {
		return struct{}{}, a.to.Add(agent.AddedKey{
			PrivateKey: n.Key.Crypto(), Comment: n.Key.Comment(),
			LifetimeSecs: uint32(n.Lifetime / time.Second), ConfirmBeforeUse: n.Confirm,
		})
	})
	return err
}

// Remove takes a key out of the agent. Errors: ErrNotThere and those of List.
func (a *Agent) Remove(ctx context.Context, which identity.Fingerprint) error {
	keys, err := ask(ctx, a, a.to.List)
	if err != nil {
		return err
	}
	for _, k := range keys {
		if identity.Fingerprint(ssh.FingerprintSHA256(k)) == which {
			_, err := ask(ctx, a, func() (struct{}, error) { return struct{}{}, a.to.Remove(k) })
			return err
		}
	}
	return ErrNotThere
}

// Signers returns what signs with the keys of the agent. A signature may wait
// for a person, so Close is what ends that.
func (a *Agent) Signers(ctx context.Context) ([]ssh.Signer, error) {
	return ask(ctx, a, a.to.Signers)
}

// ask makes a call that ends with ctx, or when patience does. After that the
// connection is of no use any more.
func ask[T any](ctx context.Context, a *Agent, call func() (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	type result struct {
		got T
		err error
	}
	done := make(chan result, 1)
	go func() {
		got, err := call()
		done <- result{got, err}
	}()
	select {
	case r := <-done:
		switch {
		case r.err == nil:
			return r.got, nil
		case a.conn != nil && a.conn.broken.Load():
			return r.got, ErrGone.Because(r.err)
		}
		return r.got, ErrRefused.Because(r.err)
	case <-ctx.Done():
		var none T
		return none, ErrSlow.Because(errors.Join(ctx.Err(), a.Close()))
	}
}
