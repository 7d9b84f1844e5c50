package storetest

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"latchkey/backend/identity"
	"latchkey/backend/store"
)

func userFilters() []test {
	return []test{
		{"by part of the name", filterByName},
		{"text is not syntax", filterText},
		{"follow changes", filterFollows},
		{"by status", filterByStatus},
		{"unknown status", filterUnknownStatus},
		{"together", filterTogether},
	}
}

// wantUsers checks which users a filter chooses, and their total, also where
// the page does not show it.
func wantUsers(t *testing.T, s store.Store, f identity.UserFilter, want ...identity.UserID) {
	t.Helper()
	list, total := tryPage(s.Users(t.Context(), f, identity.Page{}))(t)
	same(t, fmt.Sprintf("%+v", f), userIDs(list), append([]identity.UserID{}, want...))
	_, counted := tryPage(s.Users(t.Context(), f, identity.Page{Limit: 1}))(t)
	if total != len(want) || counted != total {
		t.Errorf("%+v: total = %d, of a page %d, want %d", f, total, counted, len(want))
	}
}

func filterByName(t *testing.T, s store.Store) {
	ann := newUser(t, s, "ann.marie").ID
	marie := try(s.CreateUser(t.Context(), named("marie", "m@example.com")))(t).ID
	li := newUser(t, s, "李雷雷雷b").ID
	for text, want := range map[string][]identity.UserID{
		"marie": {ann, marie}, "ann.marie": {ann}, "n.m": {ann}, "arie": {ann, marie}, "marie2": {}, "Marie": {}, " marie": {},
		"a": {ann, marie}, "nn": {ann}, "z": {}, "雷": {li}, "李雷": {li}, "雷雷雷": {li}, "雷雷雷b": {li}, "雷雷雷雷": {},
		"m@e": {}, strings.Repeat("x", 10_000): {},
	} {
		wantUsers(t, s, identity.UserFilter{Username: text}, want...)
	}
	for text, want := range map[string][]identity.UserID{
		"m@e": {marie}, "@": {marie}, "example.com": {marie}, "m@example.com": {marie}, "example.comx": {}, "marie": {},
	} {
		wantUsers(t, s, identity.UserFilter{Email: text}, want...)
	}
	wantUsers(t, s, identity.UserFilter{Username: "mar", Email: "exa"}, marie)
	wantUsers(t, s, identity.UserFilter{Username: "m", Email: "exa"}, marie)
	wantUsers(t, s, identity.UserFilter{Username: "mar", Email: "m"}, marie)
	wantUsers(t, s, identity.UserFilter{Username: "m", Email: "m"}, marie)
	wantUsers(t, s, identity.UserFilter{Username: "ann", Email: "exa"})
}

// filterText: what means something in a pattern or a question to a search
// index is text like any other.
func filterText(t *testing.T, s store.Store) {
	texts := []string{
		`"`, `""`, `"""`, `a"b"c`, `%`, `%%%`, `_`, `___`, `*`, `***`, `abc*`, `\`, `\\\`, `'''`, `a OR b`, ` AND `, ` NOT `,
		`NEAR(ab cd)`, `username : abc`, `{username}:x`, `- abc`, `^abc`, `(abc)`, `+++`, `a+b`, `?`, `???`, `$1$`, ":1:", "a\x00b", "\x00\x00\x00",
		"\xff\xfe\xfd", "ab\xff", "\uFFFD\uFFFD\uFFFD", "a\uFFFEb", "\n\n\n", "é\u0301\u0301", "ßßß", "ſſſ", "😀😀😀", "ab😀",
	}
	all := make([]identity.UserID, len(texts))
	for i, text := range texts {
		all[i] = try(s.CreateUser(t.Context(), named(identity.Username("<"+text+">"), identity.Email("["+text+"]"))))(t).ID
	}
	for _, filter := range append(texts, "abd", "ann* OR", `x" OR username : "<`) {
		want := []identity.UserID{}
		for i, text := range texts {
			if strings.Contains(text, filter) {
				want = append(want, all[i])
			}
		}
		wantUsers(t, s, identity.UserFilter{Username: filter}, want...)
		wantUsers(t, s, identity.UserFilter{Email: filter}, want...)
	}
}

func filterFollows(t *testing.T, s store.Store) {
	u := try(s.CreateUser(t.Context(), named("before", "before@example.com")))(t)
	try(s.UpdateUser(t.Context(), u.ID, rename("later", "before@example.com")))(t)
	wantUsers(t, s, identity.UserFilter{Username: "before"})
	wantUsers(t, s, identity.UserFilter{Username: "later"}, u.ID)
	wantUsers(t, s, identity.UserFilter{Email: "before"}, u.ID)
	try(s.UpdateUser(t.Context(), u.ID, rename("later", "")))(t)
	wantUsers(t, s, identity.UserFilter{Email: "before"})
	wantUsers(t, s, identity.UserFilter{Username: "later"}, u.ID)
	_, err := s.UpdateUser(t.Context(), u.ID, func(u identity.User) (identity.User, error) {
		u.Username, u.Roles = "never", []identity.RoleID{99}
		return u, nil
	})
	is(t, "unknown role", err, store.ErrNotFound)
	wantUsers(t, s, identity.UserFilter{Username: "never"})
	wantUsers(t, s, identity.UserFilter{Username: "later"}, u.ID)
	must(t, s.DeleteUser(t.Context(), u.ID))
	wantUsers(t, s, identity.UserFilter{Username: "later"})
	must(t, s.Check(t.Context()))
}

// lockAccount makes the counter of an account say that it is locked.
func lockAccount(t *testing.T, s store.Store, account string, until time.Time, needsUnlock bool) {
	t.Helper()
	set(t, s, identity.Throttle{
		Key:      identity.ThrottleKey{Scope: identity.ThrottleAccount, Account: account},
		Failures: 1, LockedUntil: until, NeedsUnlock: needsUnlock,
	})
}

func filterByStatus(t *testing.T, s store.Store) {
	create := func(name identity.Username, disabled bool, expires time.Time) identity.UserID {
		u := named(name, "")
		u.Disabled, u.ExpiresAt = disabled, expires
		return try(s.CreateUser(t.Context(), u))(t).ID
	}
	var never time.Time
	plain := create("plain", false, never)
	expiring := create("expiring", false, now().Add(time.Hour))
	off := create("off", true, never)
	offLater := create("off later", true, now().Add(time.Hour))
	locked, shut := create("locked", false, never), create("shut", false, now().Add(time.Hour))
	offLocked := create("off locked", true, never)
	lockAccount(t, s, "locked", now().Add(time.Minute), false)
	lockAccount(t, s, "shut", never, true)
	lockAccount(t, s, "off locked", never, true)
	lockAccount(t, s, "plain", never, false) // failures alone
	lockAccount(t, s, "nobody", never, true)
	set(t, s, identity.Throttle{Key: pair("plain"), Failures: 1, NeedsUnlock: true}) // from one address only

	at := func(d time.Duration, active, inactive, locked []identity.UserID) {
		t.Helper()
		for status, want := range map[identity.UserStatus][]identity.UserID{
			identity.UserActive: active, identity.UserInactive: inactive, identity.UserLocked: locked,
		} {
			wantUsers(t, s, identity.UserFilter{Status: status, At: now().Add(d)}, want...)
		}
		wantUsers(t, s, identity.UserFilter{At: now().Add(d)}, plain, expiring, off, offLater, locked[0], shut, offLocked)
	}
	type set = []identity.UserID
	at(0, set{plain, expiring}, set{off, offLater, offLocked}, set{locked, shut})
	lockAccount(t, s, "locked", never, true)
	at(time.Hour-time.Microsecond, set{plain, expiring}, set{off, offLater, offLocked}, set{locked, shut})
	at(time.Hour, set{plain}, set{expiring, off, offLater, shut, offLocked}, set{locked})

	lockAccount(t, s, "locked", now().Add(time.Minute), false)
	wantUsers(t, s, identity.UserFilter{Status: identity.UserLocked, At: now().Add(time.Minute)}, shut)
	must(t, s.DeleteUser(t.Context(), off))
	setDisabled(t, s, plain, true)
	setDisabled(t, s, offLater, false)
	wantUsers(t, s, identity.UserFilter{Status: identity.UserActive, At: now()}, expiring, offLater)
	wantUsers(t, s, identity.UserFilter{Status: identity.UserInactive, At: now()}, plain, offLocked)
}

func setDisabled(t *testing.T, s store.Store, id identity.UserID, to bool) {
	t.Helper()
	try(s.UpdateUser(t.Context(), id, func(u identity.User) (identity.User, error) {
		u.Disabled = to
		return u, nil
	}))(t)
}

func filterUnknownStatus(t *testing.T, s store.Store) {
	if list, total, err := s.Users(t.Context(), identity.UserFilter{Status: "asleep"}, identity.Page{}); err == nil {
		t.Errorf("a status that there is not has %d of %d users", len(list), total)
	}
}

// filterTogether compares filters of every kind, page by page, with a search
// through all users.
func filterTogether(t *testing.T, s store.Store) {
	dice := rand.New(rand.NewPCG(1, 2))
	syllables := []string{"an", "na", "ann", "bo", "b", "é"}
	word := func() (out string) {
		for range dice.IntN(4) {
			out += syllables[dice.IntN(len(syllables))]
		}
		return out
	}
	var all []identity.User
	locked := map[identity.Username]bool{}
	for i := range 120 {
		u := named(identity.Username(fmt.Sprint(word(), i)), "")
		if dice.IntN(3) > 0 {
			u.Email = identity.Email(fmt.Sprintf("%s%d@%s.example", word(), i, word()))
		}
		u.Disabled = dice.IntN(4) == 0
		if dice.IntN(3) == 0 {
			u.ExpiresAt = now().Add(time.Duration(dice.IntN(3)-1) * time.Hour)
		}
		if locked[u.Username] = dice.IntN(4) == 0; locked[u.Username] {
			lockAccount(t, s, string(u.Username), now().Add(time.Hour), false)
		}
		all = append(all, try(s.CreateUser(t.Context(), u))(t))
	}
	statuses := []identity.UserStatus{"", identity.UserActive, identity.UserInactive, identity.UserLocked}
	for range 400 {
		f := identity.UserFilter{Username: word(), Email: word(), Status: statuses[dice.IntN(4)], At: now()}
		p := identity.Page{Offset: dice.IntN(3) * dice.IntN(9), Limit: dice.IntN(12)}
		var want []identity.UserID
		for _, u := range all {
			if strings.Contains(string(u.Username), f.Username) && strings.Contains(string(u.Email), f.Email) &&
				(f.Status == "" || f.Status == statusOf(u, locked[u.Username])) {
				want = append(want, u.ID)
			}
		}
		list, total := tryPage(s.Users(t.Context(), f, p))(t)
		if total != len(want) {
			t.Errorf("%+v, %+v: total = %d, want %d", f, p, total, len(want))
		}
		same(t, fmt.Sprintf("%+v, %+v", f, p), userIDs(list), cut(want, p))
	}
}

// statusOf is the status of a user in the tests' time.
func statusOf(u identity.User, locked bool) identity.UserStatus {
	switch {
	case u.Disabled || !u.ExpiresAt.IsZero() && !u.ExpiresAt.After(after(0)):
		return identity.UserInactive
	case locked:
		return identity.UserLocked
	}
	return identity.UserActive
}

// cut returns a page of a list.
func cut[T any](list []T, p identity.Page) []T {
	list = append([]T{}, list...)[min(p.Offset, len(list)):]
	if p.Limit > 0 {
		list = list[:min(p.Limit, len(list))]
	}
	return list
}
