package apikey_test

import (
	"testing"

	"latchkey/backend/identity"
	"latchkey/backend/internal/testkit"
)

// Who looks after the keys of others cannot revive one that may do more than
// they may: they could have its text.
func TestEnableKeyOfSomebodyElse(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	wide, _ := make1(t, c, "admin", "admin")
	narrow, _ := make1(t, c, "admin", "user.read")
	role, err := c.Accounts.CreateRole(t.Context(), identity.Role{
		Name: "keeper", Grants: []identity.Permission{identity.APIKeyManage, identity.UserRead},
	}, testkit.Origin())
	must(t, err)
	keeper := identity.Principal{User: identity.User{ID: 99, Roles: []identity.RoleID{role.ID}}, Roles: []identity.Role{role}}
	o := identity.Origin{Actor: keeper.User.ID, Rights: keeper.Rights(), Door: "test"}
	for _, k := range []identity.APIKey{wide, narrow} {
		if _, err := c.Keys.SetEnabled(t.Context(), k, false, o); err != nil {
			t.Fatal(err)
		}
	}
	_, err = c.Keys.SetEnabled(t.Context(), wide, true, o)
	wantCode(t, "a key that may do more", err, "permission_not_held")
	if _, err := c.Keys.SetEnabled(t.Context(), narrow, true, o); err != nil {
		t.Errorf("a key that may do no more: %v", err)
	}
	o = identity.Origin{Actor: wide.User, Door: "test"}
	if _, err := c.Keys.SetEnabled(t.Context(), wide, true, o); err != nil {
		t.Errorf("one's own key: %v", err)
	}
}

func TestListRefusesAStatusThatThereIsNot(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	_, _, err := c.Keys.List(t.Context(), identity.APIKeyFilter{Status: "gone"}, identity.Page{})
	wantCode(t, "a status that there is not", err, "api_key_status_invalid")
}
