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

func apiKeyList() []test {
	return []test{
		{"by part of the name", apiKeysByName},
		{"unknown status", apiKeysUnknownStatus},
		{"together", apiKeysTogether},
	}
}

func apiKeysByName(t *testing.T, s store.Store) {
	u := newUser(t, s, "ann")
	names := []string{"Backup", "BACKUP of photos", "100%", "a_b", "axb", `say "hi"`, "ÜBUNG", "übung", "日本語", `C:\x`, "'", "up"}
	for n, name := range names {
		k := apiKey(u.ID, n)
		k.Name = name
		newAPIKey(t, s, k)
	}
	for filter, want := range map[string][]string{
		"backup": {"Backup", "BACKUP of photos"}, "BACK": {"Backup", "BACKUP of photos"}, "UP": {"Backup", "BACKUP of photos", "up"},
		"%": {"100%"}, "00%": {"100%"}, "_": {"a_b"}, "a_b": {"a_b"}, `"`: {`say "hi"`}, `y "h`: {`say "hi"`}, `"HI"`: {`say "hi"`},
		"übung": {"ÜBUNG", "übung"}, "ÜB": {"ÜBUNG", "übung"}, "日本": {"日本語"}, "日本語": {"日本語"}, `\`: {`C:\x`}, `c:\X`: {`C:\x`},
		"'": {"'"}, "zzz": {}, "b OR c": {}, "": names,
	} {
		for _, user := range []identity.UserID{0, u.ID} {
			f := store.APIKeyFilter{Name: filter, User: user}
			list, total := tryPage(s.APIKeys(t.Context(), f, identity.Page{}))(t)
			same(t, fmt.Sprintf("%+v", f), ids(list, func(k identity.APIKey) string { return k.Name }), want)
			if total != len(want) {
				t.Errorf("%+v: total = %d, want %d", f, total, len(want))
			}
		}
	}
}

func apiKeysUnknownStatus(t *testing.T, s store.Store) {
	if list, total, err := s.APIKeys(t.Context(), store.APIKeyFilter{Status: "asleep"}, identity.Page{}); err == nil {
		t.Errorf("a status that there is not has %d of %d keys", len(list), total)
	}
}

// apiKeysTogether compares filters of every kind, page by page, with a search
// through all keys.
func apiKeysTogether(t *testing.T, s store.Store) {
	dice := rand.New(rand.NewPCG(3, 4))
	users := []identity.UserID{newUser(t, s, "ann").ID, newUser(t, s, "bob").ID}
	kinds := []identity.KeyKind{identity.KeyAPI, identity.KeyDev}
	words := []string{"", "Photo", "photo s", "ph", "S", "Kitchen"}
	var all []identity.APIKey
	for n := range 120 {
		k := apiKey(users[dice.IntN(2)], n)
		k.Kind, k.Name = kinds[dice.IntN(2)], fmt.Sprint(words[dice.IntN(6)], words[dice.IntN(6)], n)
		if dice.IntN(2) == 0 {
			k.ExpiresAt = now().Add(time.Duration(dice.IntN(3)-1) * time.Hour)
		}
		if dice.IntN(3) == 0 {
			k.DisabledAt = now()
		}
		all = append(all, newAPIKey(t, s, k))
	}
	for range 400 {
		f := store.APIKeyFilter{
			User: []identity.UserID{0, users[0], users[1], 99}[dice.IntN(4)],
			Kind: []identity.KeyKind{"", kinds[0], kinds[1]}[dice.IntN(3)],
			Name: words[dice.IntN(6)],
			Status: []identity.KeyStatus{
				"", identity.KeyActive, identity.KeyInactive, identity.KeyExpired,
			}[dice.IntN(4)],
			At: now(),
		}
		p := identity.Page{Offset: dice.IntN(3) * dice.IntN(9), Limit: dice.IntN(12)}
		var want []identity.APIKey
		for _, k := range all {
			if (f.User == 0 || k.User == f.User) && (f.Kind == "" || k.Kind == f.Kind) &&
				strings.Contains(strings.ToLower(k.Name), strings.ToLower(f.Name)) && (f.Status == "" || k.Status(after(0)) == f.Status) {
				want = append(want, k)
			}
		}
		list, total := tryPage(s.APIKeys(t.Context(), f, p))(t)
		if total != len(want) {
			t.Errorf("%+v, %+v: total = %d, want %d", f, p, total, len(want))
		}
		same(t, fmt.Sprintf("%+v, %+v", f, p), list, cut(want, p))
	}
}
