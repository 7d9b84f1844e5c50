package sqlite

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"latchkey/backend/identity"
	"latchkey/backend/store"
)

// What the status of a key k means at a time, and where to look for keys.
const (
	keyActive   = "k.disabled_at = 0 AND (k.expires_at = 0 OR k.expires_at > ?)"
	keyInactive = "k.disabled_at > 0 AND (k.expires_at = 0 OR k.expires_at > ?)"
	keyExpired  = "k.expires_at > 0 AND k.expires_at <= ?"

	everyKey    = "SELECT k.id AS id FROM api_keys AS k"
	foundKeys   = "SELECT s.rowid AS id FROM api_keys_search AS s CROSS JOIN api_keys AS k ON k.id = s.rowid"
	foundKeyIDs = "SELECT s.rowid AS id FROM api_keys_search AS s"
)

// Totals by kind, which is asked for once for each of them. No kind is both.
const (
	keyTotal       = "SELECT api_keys * (? <> 'dev') + dev_keys * (? <> 'api') FROM totals"
	keyTotalOfUser = "SELECT coalesce(max(api_keys * (? <> 'dev') + dev_keys * (? <> 'api')), 0) FROM users WHERE id = ?"
)

// APIKeys implements store.APIKeys.
func (s *Store) APIKeys(ctx context.Context, f store.APIKeyFilter, p identity.Page) (list []identity.APIKey, total int, err error) {
	chosen, err := chooseAPIKeys(f)
	if err != nil {
		return nil, 0, err
	}
	err = s.snapshot(ctx, "list api keys", func(t *tx) (err error) {
		limit, offset := bounds(p)
		list, err = collect(t, scanAPIKey, apiKeyPage(chosen), append(slices.Clip(chosen.args), limit, offset)...)
		if err != nil {
			return err
		}
		total, err = totalOf(p, len(list), func() (int, error) { return countAPIKeys(t, f, chosen) })
		return err
	})
	return list, total, err
}

func apiKeyPage(chosen selection) string {
	return selectAPIKeys + "WHERE k.id IN (" + chosen.page() + ") ORDER BY k.id"
}

// chooseAPIKeys begins with the search index where that helps, unless it is
// about the few keys of a user, or else with an index of each kind.
func chooseAPIKeys(f store.APIKeyFilter) (chosen selection, err error) {
	where := condition{}
	if f.User != 0 {
		where = where.and("k.user_id = ?", f.User)
	}
	switch f.Status {
	case "":
	case identity.KeyActive:
		where = where.and(keyActive, micros(f.At))
	case identity.KeyInactive:
		where = where.and(keyInactive, micros(f.At))
	case identity.KeyExpired:
		where = where.and(keyExpired, micros(f.At))
	default:
		return selection{}, fmt.Errorf("list api keys: unknown status %q", f.Status)
	}
	name := part{"k.small_name", strings.ToLower(f.Name)}
	if match, _ := matching(name); match != "" && f.User == 0 {
		return foundAPIKeys(f, match, where), nil
	}
	kinds := []identity.KeyKind{identity.KeyAPI, identity.KeyDev}
	if f.Kind != "" {
		kinds = []identity.KeyKind{f.Kind}
	}
	for _, kind := range kinds {
		chosen.add(everyKey, where.and("k.kind = ?", kind).within(name))
	}
	return chosen, nil
}

func foundAPIKeys(f store.APIKeyFilter, match string, where condition) (chosen selection) {
	if f.Kind != "" {
		where = where.and("k.kind = ?", f.Kind)
	}
	rows := foundKeys
	if len(where.terms) == 0 {
		rows = foundKeyIDs
	}
	chosen.add(rows, where.and("s.api_keys_search MATCH ?", match))
	return chosen
}

// countAPIKeys counts by what triggers keep where it can. Of all keys most are
// active, so that those are what is left.
func countAPIKeys(t *tx, f store.APIKeyFilter, chosen selection) (n int, err error) {
	switch {
	case f.Name != "" || f.Status != "" && (f.User != 0 || f.Status != identity.KeyActive):
		return chosen.count(t)
	case f.User != 0:
		err = t.row(keyTotalOfUser, f.Kind, f.Kind, f.User).Scan(&n)
		return n, err
	}
	if err := t.row(keyTotal, f.Kind, f.Kind).Scan(&n); err != nil || f.Status == "" {
		return n, err
	}
	for _, f.Status = range []identity.KeyStatus{identity.KeyInactive, identity.KeyExpired} {
		others, err := chooseAPIKeys(f)
		if err != nil {
			return 0, err
		}
		m, err := others.count(t)
		if err != nil {
			return 0, err
		}
		n -= m
	}
	return n, nil
}
