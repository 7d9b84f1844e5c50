package account_test

import (
	"testing"

	"latchkey/backend/account"
	"latchkey/backend/identity"
	"latchkey/backend/internal/testkit"
)

// Nobody takes a name by which others would think that they run the server,
// however it is written and whether or not somebody has it.
func TestReservedNames(t *testing.T) {
	c := testkit.Open(t, testkit.Options{Registration: true})
	_, err := c.Accounts.UpdateOwn(t.Context(), identity.Principal{User: identity.User{ID: identity.AdminID}}, account.OwnChange{
		Username: ptr("captain"), Proof: proof(testkit.Password, ""),
	}, testkit.Origin())
	must(t, err)
	for _, name := range []string{"admin", " Admin ", "ＲＯＯＴ", "guest", "system"} {
		n := account.NewUser{Username: name, Email: "ann@example.com", Password: testkit.Password}
		_, err := c.Accounts.Register(t.Context(), n, identity.Origin{Address: testkit.Address(1)})
		wantCode(t, name, err, "username_reserved")
	}
	n := account.NewUser{Username: "adminton", Email: "ann@example.com", Password: testkit.Password}
	_, err = c.Accounts.Register(t.Context(), n, identity.Origin{Address: testkit.Address(1)})
	wantCode(t, "a name that only begins so", err, "")
	_, err = c.Accounts.CreateUser(t.Context(), account.NewUser{Username: "root", Password: testkit.Password}, testkit.Origin())
	wantCode(t, "by the administrator", err, "")
}
