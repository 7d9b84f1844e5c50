package token_test

import (
	"strings"
	"testing"

	"latchkey/backend/identity"
	"latchkey/backend/internal/env"
	"latchkey/backend/token"
)

func TestOpaque(t *testing.T) {
	made, err := token.NewOpaque(env.System())
	if err != nil {
		t.Fatal(err)
	}
	id, ok := token.OpaqueID(made, "xswitch")
	if !ok {
		t.Fatalf("%q is no opaque token", made)
	}
	if _, err := identity.ParseSessionID(string(id)); err != nil || strings.Contains(made, string(id)) {
		t.Errorf("the id is %q", id)
	}
	if other, _ := token.OpaqueID(made, "iam"); other == id {
		t.Error("a token is good for another dialect")
	}
	if again, _ := token.NewOpaque(env.System()); again == made {
		t.Error("two tokens are the same")
	}
	for _, raw := range []string{
		"", "x", strings.ToUpper(made), "{" + made + "}", "urn:uuid:" + made, strings.ReplaceAll(made, "-", ""), made + " ", " " + made,
		"00000000-0000-0000-0000-000000000000", "cde1f2e1-4930-11c1-a883-0bca35de7ea6", strings.Repeat("a", 1<<20),
	} {
		if id, ok := token.OpaqueID(raw, "xswitch"); ok {
			t.Errorf("%.60q is taken for an opaque token, id %s", raw, id)
		}
	}
}

func FuzzOpaqueID(f *testing.F) {
	f.Add("cde1f2e1-4930-41c1-a883-0bca35de7ea6")
	f.Add("CDE1F2E1-4930-41C1-A883-0BCA35DE7EA6")
	f.Fuzz(func(t *testing.T, raw string) {
		id, ok := token.OpaqueID(raw, "xswitch")
		if !ok {
			return
		}
		if _, err := identity.ParseSessionID(string(id)); err != nil || strings.ToLower(raw) != raw || len(raw) != 36 {
			t.Errorf("OpaqueID(%q) = %q", raw, id)
		}
	})
}
