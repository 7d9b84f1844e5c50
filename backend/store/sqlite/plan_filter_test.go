package sqlite

import (
	"slices"
	"testing"

	"latchkey/backend/identity"
	"latchkey/backend/store"
)

// TestUserPlans: a filter reads along the search index or that of a status,
// in the order of the page. Sorted are only the few who are locked or expired.
func TestUserPlans(t *testing.T) {
	const (
		status  = "SEARCH u USING COVERING INDEX users_status (disabled=?)"
		expiry  = "SEARCH u USING COVERING INDEX users_expiry (disabled=? AND expires_at>? AND expires_at<?)"
		found   = "SCAN s VIRTUAL TABLE INDEX 64:M2" // 64: in the order of the rows
		itsUser = "SEARCH u USING INTEGER PRIMARY KEY (rowid=?)"
		sort    = "USE TEMP B-TREE FOR ORDER BY"
	)
	locked := []string{
		"SEARCH t USING COVERING INDEX throttles_locked (scope=?)",
		"SEARCH u USING INDEX sqlite_autoindex_users_1 (username=?)",
	}
	page := func(list string, steps ...string) []string {
		return slices.Concat([]string{itsUser, list}, steps, []string{
			"SEARCH o USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN",
			"SEARCH r USING INDEX sqlite_autoindex_user_roles_1 (user_id=?) LEFT-JOIN",
		})
	}
	const first, second = "LIST SUBQUERY 1", "LIST SUBQUERY 2"
	list := []planned{
		{"activeTotal", activeTotal, slices.Concat(
			[]string{"SCAN totals", "SCALAR SUBQUERY 1", expiry, "SCALAR SUBQUERY 3"}, locked)},
		{"inactiveTotal", inactiveTotal, []string{"SCAN totals", "SCALAR SUBQUERY 1", expiry}},
		{"memberPage", memberPage, page(first, "SEARCH user_roles USING COVERING INDEX user_roles_member (role_id=?)")},
		{"memberTimes", memberTimes, []string{"SEARCH user_roles USING INDEX user_roles_member (role_id=?)"}},
		{"userByMail", userByMail, slices.Concat([]string{"SEARCH u USING INDEX users_email (email=?)"}, page("")[2:])},
		{"othersNamed", othersNamed, []string{
			"CO-ROUTINE named", "COMPOUND QUERY",
			"LEFT-MOST SUBQUERY", "SEARCH users USING COVERING INDEX sqlite_autoindex_users_1 (username=?)",
			"UNION ALL", "SEARCH users USING COVERING INDEX users_email (email=?)",
			"SCAN named",
		}},
	}
	for _, tc := range []struct {
		name   string
		filter identity.UserFilter
		want   []string
	}{
		{"found", identity.UserFilter{Username: "abc", Email: "xyz"}, page(first, found)},
		{"found and looked at", identity.UserFilter{Username: "abc", Email: "x"}, page(first, found, itsUser)},
		{"found inactive", identity.UserFilter{Username: "abc", Status: identity.UserInactive}, page(first, found, itsUser)},
		{"active", identity.UserFilter{Status: identity.UserActive},
			page(second, slices.Concat([]string{status, first}, locked, []string{"CREATE BLOOM FILTER"})...)},
		{"inactive", identity.UserFilter{Status: identity.UserInactive},
			page(second, "MERGE (UNION ALL)", "LEFT", status, "RIGHT", expiry, sort)},
		{"locked", identity.UserFilter{Status: identity.UserLocked}, page(first, append(locked, sort)...)},
	} {
		list = append(list, planned{tc.name, usersQuery(t, tc.filter), tc.want})
	}
	checkPlans(t, seeded(t, 10), list)
}

// TestAPIKeyPlans: no kind is both, which are merged.
func TestAPIKeyPlans(t *testing.T) {
	const (
		itsKey = "SEARCH k USING INTEGER PRIMARY KEY (rowid=?)"
		kind   = "SEARCH k USING COVERING INDEX api_keys_kind (kind=?)"
		uses   = "SEARCH api_key_uses USING INDEX sqlite_autoindex_api_key_uses_1 (key_id=? AND day>?)"
		expiry = "(kind=? AND expires_at>? AND expires_at<?)"
		first  = "LIST SUBQUERY 1"
		sort   = "USE TEMP B-TREE FOR ORDER BY"
	)
	list := []planned{
		{"apiKeyByHash", apiKeyByHash, []string{"SEARCH k USING INDEX sqlite_autoindex_api_keys_1 (hash=?)"}},
		{"usageSums", usageSums, []string{uses}},
		{"usageDays", usageDays, []string{uses}},
		{"usageEndpoints", usageEndpoints, []string{uses, "USE TEMP B-TREE FOR GROUP BY", sort}},
		{"purgeUses", purgeUses, []string{"SEARCH api_key_uses USING COVERING INDEX api_key_uses_day (day<?)"}},
		{"purgeDevKeys", purgeDevKeys, []string{
			"SEARCH api_keys USING COVERING INDEX api_keys_expiry " + expiry,
			"SEARCH api_key_uses USING COVERING INDEX sqlite_autoindex_api_key_uses_1 (key_id=?)",
		}},
	}
	for _, tc := range []struct {
		name   string
		filter store.APIKeyFilter
		want   []string
	}{
		{"all", store.APIKeyFilter{}, []string{itsKey, "LIST SUBQUERY 2", "MERGE (UNION ALL)", "LEFT", kind, "RIGHT", kind}},
		{"of a kind", store.APIKeyFilter{Kind: "api"}, []string{itsKey, first, kind}},
		{"of a user", store.APIKeyFilter{Kind: "api", User: 1},
			[]string{itsKey, first, "SEARCH k USING COVERING INDEX api_keys_user (user_id=? AND kind=?)"}},
		{"found", store.APIKeyFilter{Name: "abc"}, []string{itsKey, first, "SCAN s VIRTUAL TABLE INDEX 64:M1"}},
		{"found of a kind", store.APIKeyFilter{Kind: "api", Name: "abc"},
			[]string{itsKey, first, "SCAN s VIRTUAL TABLE INDEX 64:M1", itsKey}},
		{"active", store.APIKeyFilter{Kind: "api", Status: identity.KeyActive}, []string{itsKey, first, kind}},
		{"inactive", store.APIKeyFilter{Kind: "api", Status: identity.KeyInactive},
			[]string{itsKey, first, "SEARCH k USING COVERING INDEX api_keys_disabled (kind=?)"}},
		{"expired", store.APIKeyFilter{Kind: "api", Status: identity.KeyExpired},
			[]string{itsKey, first, "SEARCH k USING COVERING INDEX api_keys_expiry " + expiry, sort}},
	} {
		chosen, err := chooseAPIKeys(tc.filter)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, planned{tc.name, apiKeyPage(chosen), tc.want})
	}
	checkPlans(t, seeded(t, 10), list)
}
