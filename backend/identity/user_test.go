package identity

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

// A hash reaches no log, however carelessly it or its user is written there.
func TestPasswordHashIsMasked(t *testing.T) {
	const planted = "$argon2id$planted"
	u := User{Username: "ann", PasswordHash: planted}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%10.3s", "%T %v"} {
		for _, v := range []any{u.PasswordHash, &u, u, []User{u}, map[string]User{"x": u}, Principal{User: u}} {
			if text := fmt.Sprintf(verb, v); leaks(text, planted) {
				t.Errorf("%s of %T: %s", verb, v, text)
			}
		}
	}
	var out bytes.Buffer
	for _, h := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		slog.New(h).Info("x", slog.Any("hash", u.PasswordHash), slog.Any("user", u))
	}
	text, err := json.Marshal(u)
	if err != nil || leaks(out.String(), planted) || leaks(string(text), planted) {
		t.Errorf("%s%s, %v", out.String(), text, err)
	}
	if string(u.PasswordHash) != planted {
		t.Error("the hash itself cannot be read")
	}
}

func leaks(text, planted string) bool {
	text = strings.ToLower(text)
	return strings.Contains(text, planted) || strings.Contains(text, fmt.Sprintf("%x", planted)) ||
		strings.Contains(text, planted[10:])
}

func TestBuiltIns(t *testing.T) {
	for id, want := range map[UserID]bool{0: false, AdminID: true, GuestID: true, 3: false} {
		if got := (User{ID: id}).IsBuiltIn(); got != want {
			t.Errorf("user %d: %v", id, got)
		}
	}
	for id, want := range map[RoleID]bool{RoleGuest: true, RoleAdmin: true, RoleGeneral: true, 4: false} {
		if got := (Role{ID: id}).IsBuiltIn(); got != want {
			t.Errorf("role %d: %v", id, got)
		}
	}
}
