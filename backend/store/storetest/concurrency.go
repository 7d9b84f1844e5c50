package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"latchkey/backend/identity"
	"latchkey/backend/store"
)

func concurrency() []test {
	return []test{
		{"one winner", oneWinner},
		{"no lost update", noLostUpdate},
		{"exact reservations", exactReservations},
		{"exact limit", exactLimit},
		{"exact counts of uses", exactUses},
		{"refusals leave nothing to find", refusedTogether},
		{"one device", oneDevice},
		{"failures disturb nobody", failuresDisturbNobody},
		{"a panic disturbs nobody", panicDisturbsNobody},
		{"cancelled reads mix nothing up", cancelledReads},
	}
}

// together runs fn n times at once and counts the calls that return nil.
func together(n int, fn func(i int) error) int {
	var done atomic.Int64
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			if fn(i) == nil {
				done.Add(1)
			}
		})
	}
	all.Wait()
	return int(done.Load())
}

// oneWinner: of many that want the same thing at once, one gets it.
func oneWinner(t *testing.T, s store.Store) {
	u := newUser(t, s, "ann")
	must(t, s.SaveTOTP(t.Context(), identity.TOTP{User: u.ID, SealedSecret: []byte("s")}, []store.RecoveryHash{{1}}))
	openNth(t, s, u.ID, 1)
	errLost := errors.New("lost")
	for name, fn := range map[string]func(i int) error{
		"UpdateUser": func(i int) error {
			_, err := s.UpdateUser(t.Context(), u.ID, func(u identity.User) (identity.User, error) {
				if u.SSOID != "" {
					return u, errLost
				}
				u.SSOID = fmt.Sprint(i)
				return u, nil
			})
			return err
		},
		"CreateUser": func(int) error {
			_, err := s.CreateUser(t.Context(), identity.User{Username: "bob"})
			return err
		},
		"SpendTOTPStep":     func(int) error { return s.SpendTOTPStep(t.Context(), u.ID, 7) },
		"SpendRecoveryCode": func(int) error { return s.SpendRecoveryCode(t.Context(), u.ID, store.RecoveryHash{1}) },
		"CreateSSHKey": func(i int) error {
			k := sshKey(u.ID, 1)
			k.Title = fmt.Sprint(i)
			_, err := s.CreateSSHKey(t.Context(), k, 100)
			return err
		},
		"CreateUser with an e-mail address": func(i int) error {
			_, err := s.CreateUser(t.Context(), named(identity.Username(fmt.Sprint("eve", i)), "eve@example.com"))
			return err
		},
		"CreateUser with a name or an e-mail address": func(i int) error {
			u := named("zoe@example.com", "")
			if i%2 == 0 {
				u = named(identity.Username(fmt.Sprint("zoe", i)), "zoe@example.com")
			}
			_, err := s.CreateUser(t.Context(), u)
			return err
		},
		"UpdateAccessToken": func(int) error {
			_, err := s.UpdateAccessToken(t.Context(), tokenOf(1), func(k identity.AccessToken) (identity.AccessToken, error) {
				if k.Generation != 1 {
					return k, errLost
				}
				k.Generation++
				return k, nil
			})
			return err
		},
		"CreatePermission": func(int) error {
			_, err := s.CreatePermission(t.Context(), identity.PermissionInfo{Name: "p"}, 100)
			return err
		},
		"AddSetting": func(i int) error {
			mine := fmt.Sprint(i)
			kept, err := s.AddSetting(t.Context(), "name", []byte(mine))
			if err == nil && string(kept) != mine {
				return errLost
			}
			return err
		},
	} {
		if won := together(16, fn); won != 1 {
			t.Errorf("%s: %d winners, want 1", name, won)
		}
	}
}

func noLostUpdate(t *testing.T, s store.Store) {
	u := newUser(t, s, "ann")
	r := try(s.CreateRole(t.Context(), identity.Role{Name: "role"}))(t)
	const each = 20
	together(each, func(int) error {
		_, err := s.UpdateUser(t.Context(), u.ID, func(u identity.User) (identity.User, error) {
			u.SSOID += "x"
			return u, nil
		})
		return err
	})
	together(each, func(int) error {
		_, err := s.UpdateRole(t.Context(), r.ID, func(r identity.Role) (identity.Role, error) {
			r.Scopes = append(r.Scopes, identity.Scope{Path: "/"})
			return r, nil
		})
		return err
	})
	if n := len(try(s.User(t.Context(), u.ID))(t).SSOID); n != each {
		t.Errorf("%d updates of the user were kept, want %d", n, each)
	}
	if n := len(try(s.Role(t.Context(), r.ID))(t).Scopes); n != each {
		t.Errorf("%d updates of the role were kept, want %d", n, each)
	}
}

// exactReservations: parallel guesses never exceed a limit.
func exactReservations(t *testing.T, s store.Store) {
	const limit = 5
	keys := []identity.ThrottleKey{pair("ann"), {Scope: identity.ThrottleAccount, Account: "ann"}}
	allowed := together(40, func(int) error {
		return s.UpdateThrottles(t.Context(), keys, func(list []identity.Throttle) error {
			if list[0].Failures+list[0].Reserved >= limit {
				return errors.New("locked")
			}
			list[0].Reserved++
			list[1].Reserved++
			return nil
		})
	})
	if allowed != limit {
		t.Errorf("%d attempts were allowed, want %d", allowed, limit)
	}
	for _, c := range get(t, s, keys...) {
		if c.Reserved != limit {
			t.Errorf("%+v: want %d reserved", c, limit)
		}
	}
}

func exactLimit(t *testing.T, s store.Store) {
	u := newUser(t, s, "ann")
	const limit = 5
	made := together(20, func(i int) error {
		_, err := s.CreateSSHKey(t.Context(), sshKey(u.ID, i), limit)
		return err
	})
	if made != limit {
		t.Errorf("%d SSH keys were made, want %d", made, limit)
	}
	made = together(20, func(i int) error {
		_, err := s.CreateAPIKey(t.Context(), apiKey(u.ID, i), limit)
		return err
	})
	if made != limit {
		t.Errorf("%d API keys were made, want %d", made, limit)
	}
}

// exactUses: counts that are told at once add up, also of a day and an
// endpoint that nothing was told of before.
func exactUses(t *testing.T, s store.Store) {
	key := newAPIKey(t, s, apiKey(newUser(t, s, "ann").ID, 1)).ID
	const each = 20
	together(each, func(i int) error {
		return s.RecordKeyUses(t.Context(), []identity.KeyUse{
			use(key, 0, "/a", int64(i), 1), use(key, 0, "/a", 1, 0), use(key, 1, "/a", 2, 0),
		}, []store.KeyLastUse{{Key: key, At: now().Add(time.Duration(i) * time.Second)}})
	})
	const first = each*(each-1)/2 + each
	wantUsage(t, s, key, 0, identity.KeyUsage{
		Requests: first + 2*each, Errors: each,
		Days:      []identity.DayCount{{Day: days(0), Requests: first}, {Day: days(1), Requests: 2 * each}},
		Endpoints: []identity.EndpointCount{{Endpoint: "/a", Requests: first + 2*each}},
	})
	if got := try(s.APIKey(t.Context(), key))(t); !got.LastUsedAt.Equal(after((each - 1) * time.Second)) {
		t.Errorf("the key was last used at %v", got.LastUsedAt)
	}
}

// refusedTogether: of many that are made at once, those that are refused after
// all leave nothing behind, in lists, totals or what searches look in.
func refusedTogether(t *testing.T, s store.Store) {
	role := try(s.CreateRole(t.Context(), identity.Role{Name: "role"}))(t)
	const half = 12
	made := together(2*half, func(i int) error {
		u := named(identity.Username(fmt.Sprintf("kept%d", i)), identity.Email(fmt.Sprintf("kept%d@example.com", i)))
		u.Roles = []identity.RoleID{role.ID}
		if i%2 == 1 {
			u.Username, u.Roles = identity.Username(fmt.Sprintf("refused%d", i)), []identity.RoleID{role.ID, 99}
		}
		_, err := s.CreateUser(t.Context(), u)
		return err
	})
	if made != half {
		t.Errorf("%d users were made, want %d", made, half)
	}
	wantUsers(t, s, identity.UserFilter{Username: "refused"})
	for _, f := range []identity.UserFilter{{}, {Username: "kept"}, {Email: "kept"}} {
		list, total := tryPage(s.Users(t.Context(), f, identity.Page{Limit: 5}))(t)
		if len(list) != 5 || total != half {
			t.Errorf("%+v: %d of %d users, want %d in all", f, len(list), total, half)
		}
	}
	wantHolders(t, s, half)
	must(t, s.Check(t.Context()))
}

func oneDevice(t *testing.T, s store.Store) {
	u := newUser(t, s, "ann")
	const sessionsAtOnce = 20
	opened := together(sessionsAtOnce, func(i int) error {
		o := signIn(u.ID, i, 0)
		o.Device, o.MaxTokens = "the one", sessionsAtOnce
		_, err := s.OpenSession(t.Context(), o)
		return err
	})
	if opened != sessionsAtOnce {
		t.Errorf("%d of %d sign-ins worked", opened, sessionsAtOnce)
	}
	if list := try(s.SessionsOf(t.Context(), u.ID, now()))(t); len(list) != 1 {
		t.Errorf("%d sessions for one device", len(list))
	}
}

// failuresDisturbNobody: of many writes at once those that fail leave no trace,
// and the others are all kept.
func failuresDisturbNobody(t *testing.T, s store.Store) {
	u := newUser(t, s, "ann")
	errOdd := errors.New("odd")
	const writers, each = 8, 30
	together(writers, func(i int) error {
		for n := range each {
			key, name := pair(fmt.Sprint(i, " ", n)), identity.Username(hexID('u', i*each+n))
			err := s.UpdateThrottles(t.Context(), []identity.ThrottleKey{key}, func(list []identity.Throttle) error {
				list[0].Failures = 1
				if n%2 == 1 {
					return errOdd
				}
				return nil
			})
			if odd := n%2 == 1; errors.Is(err, errOdd) != odd || (err != nil) != odd {
				t.Errorf("counter %d of writer %d: %v", n, i, err)
			}
			role := []identity.RoleID{404} // is found missing after the user was put in
			if n%3 == 0 {
				role = nil
			}
			_, err = s.CreateUser(t.Context(), identity.User{Username: name, Roles: role})
			if missing := n%3 != 0; errors.Is(err, store.ErrNotFound) != missing || (err != nil) != missing {
				t.Errorf("user %d of writer %d: %v", n, i, err)
			}
			if _, err := s.UpdateUser(t.Context(), u.ID, func(u identity.User) (identity.User, error) {
				u.SSOID += "x"
				return u, nil
			}); err != nil {
				t.Errorf("update %d of writer %d: %v", n, i, err)
			}
		}
		return nil
	})
	if list := try(s.Throttles(t.Context(), identity.Page{}))(t); len(list) != writers*each/2 {
		t.Errorf("%d counters, want %d", len(list), writers*each/2)
	}
	if _, total := tryPage(s.Users(t.Context(), identity.UserFilter{}, identity.Page{Limit: 1}))(t); total != 1+writers*each/3 {
		t.Errorf("%d users, want %d", total, 1+writers*each/3)
	}
	if n := len(try(s.User(t.Context(), u.ID))(t).SSOID); n != writers*each {
		t.Errorf("%d updates were kept, want %d", n, writers*each)
	}
	must(t, s.Check(t.Context()))
}

// panicDisturbsNobody: a change that panics is not kept, its caller gets the
// panic, and everybody else goes on.
func panicDisturbsNobody(t *testing.T, s store.Store) {
	u := newUser(t, s, "ann")
	const writers = 16
	done := together(writers, func(i int) (err error) {
		defer func() {
			if got := recover(); got != nil {
				err = fmt.Errorf("panic: %v", got)
			}
		}()
		_, err = s.UpdateUser(t.Context(), u.ID, func(u identity.User) (identity.User, error) {
			u.SSOID += "x"
			if i%2 == 1 {
				panic("odd")
			}
			return u, nil
		})
		return err
	})
	if n := len(try(s.User(t.Context(), u.ID))(t).SSOID); done != writers/2 || n != writers/2 {
		t.Errorf("%d updates worked and %d were kept, want %d", done, n, writers/2)
	}
}

// cancelledReads: whatever a read returns without an error is what it asked for.
func cancelledReads(t *testing.T, s store.Store) {
	users := make([]identity.User, 8)
	for i := range users {
		users[i] = newUser(t, s, identity.Username(hexID('u', i)))
	}
	together(8, func(i int) error {
		for n := range 250 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Duration(n)*time.Microsecond)
			if u, err := s.User(ctx, users[i].ID); err == nil && u.Username != users[i].Username {
				t.Errorf("asked for %q, got %q", users[i].Username, u.Username)
			}
			if list, _, err := s.Users(ctx, identity.UserFilter{}, identity.Page{Offset: i, Limit: 1}); err == nil && (len(list) != 1 || list[0].ID != users[i].ID) {
				t.Errorf("asked for the page with %d, got %v", users[i].ID, userIDs(list))
			}
			cancel()
		}
		return nil
	})
	list, total := tryPage(s.Users(t.Context(), identity.UserFilter{}, identity.Page{}))(t)
	if len(list) != len(users) || total != len(users) {
		t.Errorf("%d users of %d, want %d", len(list), total, len(users))
	}
}
