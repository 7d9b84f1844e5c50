// Package reqctx carries the two things that travel in a request's context:
// the id of the request and the principal who sent it. The transport puts them
// there, handlers and logs read them. Services get what they need as arguments
// and never look here.
package reqctx

import (
	"context"

	"latchkey/backend/identity"
)

// A request is a context with the two in it. Being the context itself rather
// than a value in one, it costs one allocation per request.
type request struct {
	context.Context
	id  string
	who identity.Principal
}

type key struct{}

func (r *request) Value(k any) any {
	if k == (key{}) {
		return r
	}
	return r.Context.Value(k)
}

func find(ctx context.Context) *request {
	r, _ := ctx.Value(key{}).(*request)
	return r
}

// WithID returns the context of a request that has an id.
func WithID(ctx context.Context, id string) context.Context {
	return &request{Context: ctx, id: id}
}

// ID returns the id of the request, and whether there is one.
func ID(ctx context.Context) (string, bool) {
	r := find(ctx)
	if r == nil {
		return "", false
	}
	return r.id, r.id != ""
}

// WithPrincipal returns a context that carries who is acting. It is ctx itself
// if that is of a request in which nobody acts yet; so it is for the transport
// to call, once, before a handler has the context.
func WithPrincipal(ctx context.Context, who identity.Principal) context.Context {
	r := find(ctx)
	switch {
	case r == nil:
		return &request{Context: ctx, who: who}
	case r.who.User.ID != 0:
		return &request{Context: ctx, id: r.id, who: who}
	}
	r.who = who
	return ctx
}

// Principal returns who is acting: the zero Principal, which holds no
// permission, if nobody was authenticated.
func Principal(ctx context.Context) identity.Principal {
	if r := find(ctx); r != nil {
		return r.who
	}
	return identity.Principal{}
}
