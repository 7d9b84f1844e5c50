package storetest

import (
	"testing"

	"latchkey/backend/identity"
	"latchkey/backend/store"
)

func userNames() []test {
	return []test{
		{"find by e-mail", findByEmail},
		{"an address is one user's", emailTaken},
		{"an address is nobody else's name", emailIsName},
		{"one's own name and address", emailIsOwnName},
		{"addresses are set free", emailFreed},
	}
}

// named is a new user with a name and an address.
func named(name identity.Username, email identity.Email) identity.User {
	return identity.User{Username: name, Email: email, BasePath: "/", CreatedAt: now()}
}

// rename is a change of a user's name and address.
func rename(name identity.Username, email identity.Email) func(identity.User) (identity.User, error) {
	return func(u identity.User) (identity.User, error) {
		u.Username, u.Email = name, email
		return u, nil
	}
}

func findByEmail(t *testing.T, s store.Store) {
	newUser(t, s, "bare")
	ann := try(s.CreateUser(t.Context(), named("ann", "ann@example.com")))(t)
	same(t, "found", try(s.UserByEmail(t.Context(), "ann@example.com"))(t), ann)
	for _, email := range []identity.Email{"", "bob@example.com", "Ann@example.com", "ann@example_com", "ann", "%"} {
		_, err := s.UserByEmail(t.Context(), email)
		is(t, string(email), err, store.ErrNotFound)
	}
}

func emailTaken(t *testing.T, s store.Store) {
	ann := try(s.CreateUser(t.Context(), named("ann", "ann@example.com")))(t)
	bob := newUser(t, s, "bob")
	newUser(t, s, "eve") // has none either
	_, err := s.CreateUser(t.Context(), named("anna", "ann@example.com"))
	exists(t, "create", err, "email")
	_, err = s.CreateUser(t.Context(), named("ann", "ann@example.com"))
	exists(t, "create with both taken", err, "username")
	_, err = s.UpdateUser(t.Context(), bob.ID, rename("bob", "ann@example.com"))
	exists(t, "update", err, "email")
	same(t, "bob", try(s.User(t.Context(), bob.ID))(t), bob)
	same(t, "still ann's", try(s.UserByEmail(t.Context(), "ann@example.com"))(t), ann)
}

// emailIsName: who signs in with an address must not be another one than who
// signs in with the same text as a name.
func emailIsName(t *testing.T, s store.Store) {
	try(s.CreateUser(t.Context(), named("ann@example.com", "")))(t)
	try(s.CreateUser(t.Context(), named("bob", "bob@example.com")))(t)
	eve := newUser(t, s, "eve")
	_, err := s.CreateUser(t.Context(), named("new", "ann@example.com"))
	exists(t, "create with a name as address", err, "email")
	_, err = s.CreateUser(t.Context(), named("bob@example.com", ""))
	exists(t, "create with an address as name", err, "username")
	_, err = s.UpdateUser(t.Context(), eve.ID, rename("eve", "ann@example.com"))
	exists(t, "update to a name as address", err, "email")
	_, err = s.UpdateUser(t.Context(), eve.ID, rename("bob@example.com", ""))
	exists(t, "update to an address as name", err, "username")
	same(t, "eve", try(s.User(t.Context(), eve.ID))(t), eve)
}

func emailIsOwnName(t *testing.T, s store.Store) {
	u := try(s.CreateUser(t.Context(), named("ann@example.com", "ann@example.com")))(t)
	u = try(s.UpdateUser(t.Context(), u.ID, rename("bob@example.com", "ann@example.com")))(t)
	u = try(s.UpdateUser(t.Context(), u.ID, rename("ann@example.com", "bob@example.com")))(t)
	same(t, "found by name", try(s.UserByName(t.Context(), "ann@example.com"))(t), u)
	same(t, "found by e-mail", try(s.UserByEmail(t.Context(), "bob@example.com"))(t), u)
}

func emailFreed(t *testing.T, s store.Store) {
	ann := try(s.CreateUser(t.Context(), named("ann", "ann@example.com")))(t)
	try(s.UpdateUser(t.Context(), ann.ID, rename("ann", "")))(t)
	bob := try(s.CreateUser(t.Context(), named("bob", "ann@example.com")))(t)
	must(t, s.DeleteUser(t.Context(), bob.ID))
	try(s.UpdateUser(t.Context(), ann.ID, rename("ann@example.com", "ann@example.com")))(t)
}
