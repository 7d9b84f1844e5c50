package sqlite

import (
	"errors"
	"strings"
	"testing"
)

// TestCheckCounts: what triggers keep is compared with what it was made of.
func TestCheckCounts(t *testing.T) {
	for name, tc := range map[string]struct{ damage, want string }{
		"users":           {"UPDATE totals SET users = 9", "total of users is 5, not 9"},
		"disabled users":  {"UPDATE totals SET disabled_users = 9", "total of disabled users is "},
		"users to find":   {"DELETE FROM users_search_docsize WHERE id = 2", "total of users to search in is 5, not 4"},
		"search in users": {"DELETE FROM users_search_data WHERE id > 10", "users_search"},
		"keys":            {"UPDATE totals SET dev_keys = 9", "total of keys is 5, not 14"},
		"API keys":        {"UPDATE totals SET api_keys = 9", "total of API keys is 5, not 9"},
		"keys to find":    {"DELETE FROM api_keys_search_docsize WHERE id = 2", "total of keys to search in is 5, not 4"},
		"keys of a user":  {"UPDATE users SET api_keys = 9 WHERE id = 2", "total of API keys of user 2 is 1, not 9"},
		"their dev keys":  {"UPDATE users SET dev_keys = 9 WHERE id = 2", "total of dev keys of user 2 is 0, not 9"},
		"their SSH keys":  {"UPDATE users SET ssh_keys = 9 WHERE id = 2", "total of SSH keys of user 2 is 0, not 9"},
		"users of a role": {"UPDATE roles SET users = 9", "total of users of role 1 is 5, not 9"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := seeded(t, 5)
			if err := s.Check(t.Context()); err != nil {
				t.Fatal(err)
			}
			if _, err := rival(t, s).exec(tc.damage); err != nil {
				t.Fatal(err)
			}
			err := s.Check(t.Context())
			cause := errors.Unwrap(err)
			if !errors.Is(err, ErrDamaged) || cause == nil || !strings.Contains(cause.Error(), tc.want) {
				t.Errorf("error %v (%v), want %q", err, cause, tc.want)
			}
		})
	}
}
