package servers

import (
	"context"
	"errors"
	"sync"
	"time"

	"latchkey/backend/companion/remote"
	"latchkey/backend/identity"
)

// Found is a server that answers at an address that somebody typed.
type Found struct {
	Base     remote.Base
	Server   remote.Server
	Name     string // one that is free
	Username string // if one was typed

	// Certificate is what the server shows, if it has TLS. With a Doubt the
	// person must accept its fingerprint before the server can be used.
	Certificate remote.Certificate

	// Plain says that everybody on the network can read what is sent, and
	// TriedTLS that https was tried first and no such server found.
	Plain, TriedTLS bool
}

// probeTime bounds each request of a search.
const probeTime = 5 * time.Second

// Find looks for a server at an address. All candidates by https are tried,
// and only if none is one of these servers those by plain HTTP, which remote
// allows on private networks only. Nothing secret is sent. The error is that
// of the candidate that answered best.
func (b *Book) Find(ctx context.Context, a Address) (Found, error) {
	var errs []error
	for _, secure := range []bool{true, false} {
		found, failed := b.probeAll(ctx, origins(a, secure))
		errs = append(errs, failed...)
		if found == nil {
			continue
		}
		found.Plain = Server{Base: found.Base}.Plain()
		found.TriedTLS = !secure && len(origins(a, true)) > 0
		found.Username = a.Username
		list, err := b.List(ctx)
		found.Name = freeName(list, suggestion(*found))
		return *found, err
	}
	return Found{}, best(errs)
}

// origins groups the candidates of one scheme by where they connect to.
func origins(a Address, secure bool) [][]remote.Base {
	var out [][]remote.Base
	for _, c := range a.Candidates() {
		switch last := len(out) - 1; {
		case c.Secure() != secure:
		case last >= 0 && out[last][0].SameOrigin(c):
			out[last] = append(out[last], c)
		default:
			out = append(out, []remote.Base{c})
		}
	}
	return out
}

// probeAll looks at all origins at once and returns the first, in their order,
// that has a server.
func (b *Book) probeAll(ctx context.Context, origins [][]remote.Base) (*Found, []error) {
	found, errs := make([]*Found, len(origins)), make([]error, len(origins))
	var wg sync.WaitGroup
	for i, paths := range origins {
		wg.Go(func() { found[i], errs[i] = b.probe(ctx, paths) })
	}
	wg.Wait()
	for _, f := range found {
		if f != nil {
			return f, errs
		}
	}
	return nil, errs
}

// probe looks at the paths of one origin in turn.
func (b *Book) probe(ctx context.Context, paths []remote.Base) (*Found, error) {
	o := remote.Options{Base: paths[0], UserAgent: b.c.UserAgent, Roots: b.c.Roots, Timeout: probeTime, Env: b.c.Env}
	var shown remote.Certificate
	if o.Base.Secure() {
		var err error
		if shown, err = remote.Inspect(ctx, o); err != nil {
			return nil, err
		}
		if shown.Doubt != remote.NoDoubt {
			o.Pin = shown.Fingerprint // what was looked at is what answers
		}
	}
	var errs []error
	for _, o.Base = range paths {
		c := remote.New(o)
		s, err := c.Detect(ctx)
		c.Close()
		if err == nil {
			return &Found{Base: o.Base, Server: s, Certificate: shown}, nil
		}
		errs = append(errs, err)
	}
	return nil, best(errs)
}

// best returns the error that tells most: one from something that answered,
// and of those the first.
func best(errs []error) error {
	var out error
	rank := -1
	for _, err := range errs {
		if err == nil {
			continue
		}
		if r := telling(err); r > rank {
			out, rank = err, r
		}
	}
	if out == nil {
		return errAddress
	}
	return out
}

func telling(err error) int {
	e, _ := errors.AsType[*identity.Error](err)
	if e == nil {
		return 0
	}
	switch e.Code {
	case "server_starting":
		return 4
	case "server_not_alist", "server_speaks_http", "server_connection_lost", "server_wants_https":
		return 2
	case "server_unreachable", "server_name_unknown", "server_slow":
		return 1
	case "plain_http_public":
		return 0
	}
	return 3
}

// suggestion is a name for a server: its title, if somebody gave it one.
func suggestion(f Found) string {
	switch f.Server.Title {
	case "", string(remote.Latchkey), string(remote.AList), string(remote.OpenList):
		return f.Base.Host()
	}
	return f.Server.Title
}
