package sqlite

import (
	"context"
	"fmt"
	"slices"

	"latchkey/backend/identity"
)

// What the status of a user u means at a time. Who is disabled or expired is
// not also locked.
const (
	userDisabled = "u.disabled = TRUE"
	userExpired  = "u.disabled = FALSE AND u.expires_at > 0 AND u.expires_at <= ?"
	userInactive = "(u.disabled = TRUE OR u.expires_at > 0 AND u.expires_at <= ?)"
	userUsable   = "u.disabled = FALSE AND (u.expires_at = 0 OR u.expires_at > ?)"
	accountShut  = "t.scope = 'account' AND (t.needs_unlock OR t.locked_until > 0) AND (t.needs_unlock OR t.locked_until > ?)"

	everybody   = "SELECT u.id AS id FROM users AS u"
	foundIDs    = "SELECT s.rowid AS id FROM users_search AS s"
	foundUsers  = "SELECT s.rowid AS id FROM users_search AS s CROSS JOIN users AS u ON u.id = s.rowid"
	shutUsers   = "SELECT u.id AS id FROM throttles AS t CROSS JOIN users AS u ON u.username = t.account"
	lockedUsers = shutUsers + " WHERE " + accountShut + " AND " + userUsable
)

// Totals that no row of the long table is counted for.
const (
	expiredTotal  = "(SELECT count(*) FROM users AS u WHERE " + userExpired + ")"
	userTotal     = "SELECT users FROM totals"
	activeTotal   = "SELECT users - disabled_users - " + expiredTotal + " - (SELECT count(*) FROM (" + lockedUsers + ") AS l) FROM totals"
	inactiveTotal = "SELECT disabled_users + " + expiredTotal + " FROM totals"
)

// Users implements store.Users.
func (s *Store) Users(ctx context.Context, f identity.UserFilter, p identity.Page) (list []identity.User, total int, err error) {
	chosen, err := chooseUsers(f)
	if err != nil {
		return nil, 0, err
	}
	err = s.snapshot(ctx, "list users", func(t *tx) (err error) {
		limit, offset := bounds(p)
		list, err = usersIn(t, userPage(chosen), append(slices.Clip(chosen.args), limit, offset)...)
		if err != nil {
			return err
		}
		total, err = totalOf(p, len(list), func() (int, error) { return countUsers(t, f, chosen) })
		return err
	})
	return list, total, err
}

func userPage(chosen selection) string {
	return selectUsers + "WHERE u.id IN (" + chosen.page() + ") ORDER BY u.id, r.position"
}

// chooseUsers begins with the few who are locked if it is about them, or else
// with the search index where that helps, or else with the index of a status.
func chooseUsers(f identity.UserFilter) (chosen selection, err error) {
	at := micros(f.At)
	texts := []part{{"u.username", f.Username}, {"u.email", f.Email}}
	match, others := matching(texts...)
	rows, where := everybody, condition{}.within(others...)
	if match != "" {
		rows, where = foundUsers, condition{}.and("s.users_search MATCH ?", match).within(others...)
		if f.Status == "" && len(where.terms) == 1 {
			rows = foundIDs
		}
	}
	switch f.Status {
	case "":
		chosen.add(rows, where)
	case identity.UserActive:
		chosen.add(rows, where.and(userUsable, at).and("u.id NOT IN ("+lockedUsers+")", at, at))
	case identity.UserInactive:
		if match != "" {
			chosen.add(rows, where.and(userInactive, at))
			break
		}
		chosen.add(rows, where.and(userDisabled))
		chosen.add(rows, where.and(userExpired, at))
	case identity.UserLocked:
		chosen.add(shutUsers, condition{}.within(texts...).and(accountShut, at).and(userUsable, at))
	default:
		return selection{}, fmt.Errorf("list users: unknown status %q", f.Status)
	}
	return chosen, nil
}

func countUsers(t *tx, f identity.UserFilter, chosen selection) (n int, err error) {
	at := micros(f.At)
	switch {
	case f.Username != "" || f.Email != "" || f.Status == identity.UserLocked:
		return chosen.count(t)
	case f.Status == identity.UserActive:
		err = t.row(activeTotal, at, at, at).Scan(&n)
	case f.Status == identity.UserInactive:
		err = t.row(inactiveTotal, at).Scan(&n)
	default:
		err = t.row(userTotal).Scan(&n)
	}
	return n, err
}
