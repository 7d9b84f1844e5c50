package storetest

import (
	"context"
	"testing"

	"latchkey/backend/identity"
	"latchkey/backend/store"
)

func lifecycle() []test {
	return []test{
		{"a cancelled write keeps nothing", cancelledWrite},
		{"a panic in an updater keeps nothing", panicInUpdater},
		{"check", checkStore},
		{"close", closeStore},
	}
}

func cancelledWrite(t *testing.T, s store.Store) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := s.CreateUser(ctx, identity.User{Username: "ann"})
	is(t, "write", err, context.Canceled)
	_, err = s.UserByName(t.Context(), "ann")
	is(t, "user", err, store.ErrNotFound)
	_, _, err = s.Users(ctx, identity.UserFilter{}, identity.Page{})
	is(t, "list", err, context.Canceled)
	newUser(t, s, "ann")
}

func panicInUpdater(t *testing.T, s store.Store) {
	u := newUser(t, s, "ann")
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		_, _ = s.UpdateUser(t.Context(), u.ID, func(identity.User) (identity.User, error) { panic("defect") })
	}()
	same(t, "user", try(s.User(t.Context(), u.ID))(t), u)
	newUser(t, s, "bob")
}

func checkStore(t *testing.T, s store.Store) {
	newStage(t, s)
	must(t, s.Check(t.Context()))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if s.Check(ctx) == nil {
		t.Error("a cancelled check finds nothing wrong")
	}
}

func closeStore(t *testing.T, s store.Store) {
	u := newUser(t, s, "ann")
	must(t, s.Close())
	must(t, s.Close())
	if _, err := s.User(t.Context(), u.ID); err == nil {
		t.Error("a closed store reads")
	}
	if s.DeleteUser(t.Context(), u.ID) == nil {
		t.Error("a closed store writes")
	}
	if s.Check(t.Context()) == nil {
		t.Error("a closed store checks")
	}
}
