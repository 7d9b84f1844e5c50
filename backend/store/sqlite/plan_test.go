package sqlite

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"latchkey/backend/identity"
)

// TestPlans pins how the long lists are read: along an index up to the limit,
// then the rows of the page. A SCAN without LIMIT, or a sort of more than a
// page, would make a list slower the more it holds.
func TestPlans(t *testing.T) {
	s := seeded(t, 10)
	checkPlans(t, s, []planned{
		{"userPage", usersQuery(t, identity.UserFilter{}), []string{
			"SEARCH u USING INTEGER PRIMARY KEY (rowid=?)",
			"LIST SUBQUERY 1",
			"SCAN u",
			"SEARCH o USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN",
			"SEARCH r USING INDEX sqlite_autoindex_user_roles_1 (user_id=?) LEFT-JOIN",
		}},
		{"sessionPage", sessionPage, []string{
			"SEARCH sessions USING INDEX sqlite_autoindex_sessions_1 (id=?)",
			"LIST SUBQUERY 1",
			"SCAN sessions USING COVERING INDEX sessions_activity",
			"USE TEMP B-TREE FOR ORDER BY",
		}},
		{"sessionsOfUser", sessionsOfUser, []string{
			"SEARCH sessions USING INDEX sessions_user (user_id=? AND ended_at=?)",
			"USE TEMP B-TREE FOR ORDER BY",
		}},
		{"liveSessionsAt", liveSessionsAt, []string{
			"SCAN totals",
			"CORRELATED SCALAR SUBQUERY 1",
			"SEARCH sessions USING COVERING INDEX sessions_expiry (expires_at>? AND expires_at<?)",
			"CORRELATED SCALAR SUBQUERY 2",
			"SEARCH sessions USING COVERING INDEX sessions_expiry (expires_at>? AND expires_at<?)",
		}},
		{"sshKeyPage", sshKeyPage, []string{
			"SEARCH ssh_keys USING INTEGER PRIMARY KEY (rowid=?)",
			"LIST SUBQUERY 1",
			"SEARCH ssh_keys USING COVERING INDEX ssh_keys_user (user_id=?)",
		}},
		{"throttlePage", throttlePage, []string{
			"SEARCH throttles USING INTEGER PRIMARY KEY (rowid=?)",
			"LIST SUBQUERY 1",
			"SCAN throttles USING COVERING INDEX throttles_updated",
			"USE TEMP B-TREE FOR ORDER BY",
		}},
		{"auditPage", auditPage, []string{
			"SEARCH audit_events USING INTEGER PRIMARY KEY (rowid<?)",
		}},
	})
}

// A planned query and the steps that it has to take.
type planned struct {
	name, query string
	want        []string
}

func checkPlans(t *testing.T, s *Store, list []planned) {
	t.Helper()
	for _, p := range list {
		if diff := cmp.Diff(p.want, plan(t, s, p.query)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", p.name, diff)
		}
	}
}

func usersQuery(t *testing.T, f identity.UserFilter) string {
	t.Helper()
	chosen, err := chooseUsers(f)
	if err != nil {
		t.Fatal(err)
	}
	return userPage(chosen)
}

func plan(t *testing.T, s *Store, query string) (steps []string) {
	t.Helper()
	args := slices.Repeat([]any{5}, strings.Count(query, "?"))
	err := s.find(t.Context(), "explain", func(x *tx) (err error) {
		steps, err = collect(x, func(r scanner) (detail string, err error) {
			var id, parent, unused int
			err = r.Scan(&id, &parent, &unused, &detail)
			return detail, err
		}, "EXPLAIN QUERY PLAN "+query, args...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return steps
}
