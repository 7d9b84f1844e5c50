package remote_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"latchkey/backend/companion/remote"
	"latchkey/backend/identity"
	"latchkey/backend/internal/secret"
)

func TestLatchkeyDevKeys(t *testing.T) {
	ways(t, func(t *testing.T, o remote.Options) {
		ctx := t.Context()
		a := signIn(t, open(t, o), credentials("admin"))
		if list, err := a.DevKeys(ctx); err != nil || len(list) != 0 {
			t.Errorf("DevKeys = %+v, %v", list, err)
		}
		made, text, err := a.MakeDevKey(ctx, remote.NewDevKey{Name: "cron 密钥", Days: 90})
		if err != nil || !strings.HasPrefix(text.Reveal(), made.Prefix) || len(made.Prefix) >= len(text.Reveal()) {
			t.Fatalf("MakeDevKey = %+v, %v", made, err)
		}
		if days := made.ExpiresAt.Sub(made.CreatedAt); days != 90*24*time.Hour {
			t.Errorf("it lasts for %v", days)
		}
		for code, n := range map[string]remote.NewDevKey{"dev_key_name_invalid": {}, "dev_key_life_invalid": {Name: "x", Days: -1}} {
			_, _, err := a.MakeDevKey(ctx, n)
			if e := refused(t, err, code); e.Field == "" {
				t.Errorf("%s belongs to no field", code)
			}
		}
		_, _, err = a.ReplaceDevKey(ctx, remote.DevKeyReplacement{ID: made.ID, Overlap: 31 * 24 * time.Hour})
		wants(t, err, "dev_key_overlap_invalid")
		next, nextText, err := a.ReplaceDevKey(ctx, remote.DevKeyReplacement{ID: made.ID, Overlap: 2 * time.Hour})
		if err != nil || nextText == text || next.Name != made.Name {
			t.Errorf("ReplaceDevKey = %+v, %v", next, err)
		}
		if err := a.DisableDevKey(ctx, next.ID); err != nil {
			t.Error(err)
		}
		list, err := a.DevKeys(ctx)
		if err != nil || len(list) != 2 || list[0].ID != made.ID || list[1].Status != identity.KeyInactive {
			t.Fatalf("DevKeys = %+v, %v", list, err)
		}
		if left := time.Until(list[0].ExpiresAt); left > 2*time.Hour || left < time.Hour || list[0].Status != identity.KeyActive {
			t.Errorf("the old one: %+v", list[0])
		}
		if err := a.EnableDevKey(ctx, next.ID); err != nil {
			t.Error(err)
		}
		_, _, err = a.ReplaceDevKey(ctx, remote.DevKeyReplacement{ID: made.ID})
		if err != nil {
			t.Error(err)
		}
		_, _, err = a.ReplaceDevKey(ctx, remote.DevKeyReplacement{ID: made.ID})
		wants(t, err, "dev_key_ended")
		if err := a.DeleteDevKey(ctx, made.ID); err != nil {
			t.Error(err)
		}
		wants(t, a.DeleteDevKey(ctx, made.ID), "dev_key_not_found")
		wants(t, a.EnableDevKey(ctx, made.ID), "dev_key_not_found")
		wants(t, a.DisableDevKey(ctx, -1), "dev_key_not_found")
		for err = nil; err == nil; {
			_, _, err = a.MakeDevKey(ctx, remote.NewDevKey{Name: "more"})
		}
		wants(t, err, "dev_key_limit")
	})
}

// A key is as good as its owner, so the server asks who wants one.
func TestDevKeysNeedProof(t *testing.T) {
	var later atomic.Int64
	s := latchkeyAt(t, nil, func() time.Time { return time.Now().Add(time.Duration(later.Load())) })
	a := signIn(t, open(t, options(t, s.Addresses().HTTP)), credentials("admin"))
	later.Store(int64(11 * time.Minute))
	ask := func(p remote.Proof) error {
		_, _, err := a.MakeDevKey(t.Context(), remote.NewDevKey{Name: "cron", Proof: p})
		return err
	}
	wants(t, ask(remote.Proof{}), "proof_needed")
	wants(t, ask(remote.Proof{Password: secret.New("wrong")}), "password_wrong")
	if err := ask(remote.Proof{Password: secret.New(password)}); err != nil {
		t.Error(err)
	}
	_, _, err := a.ReplaceDevKey(t.Context(), remote.DevKeyReplacement{ID: 1, Overlap: time.Hour})
	wants(t, err, "proof_needed")
	if err := a.DeleteDevKey(t.Context(), 1); err != nil {
		t.Errorf("ending one takes proof: %v", err)
	}
}

// devKeySays is an account on what says that it is Latchkey, and answers
// everything about developer keys with one text.
func devKeySays(t *testing.T, data string) *remote.Account {
	t.Helper()
	answers := map[string]string{
		"/api/public/settings": `{"latchkey_version":"1.0.0"}`, "/api/me": `{"id":3,"username":"bob","role":[3]}`,
	}
	c := open(t, options(t, serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/ping" {
			_, _ = io.WriteString(w, "pong")
			return
		}
		answer, ok := answers[r.URL.Path]
		if !ok {
			answer = data
		}
		_, _ = fmt.Fprintf(w, `{"code":200,"message":"success","data":%s}`, answer)
	}))))
	return account(t, c, grant())
}

// What a server makes up reaches neither a terminal nor a clipboard.
func TestDevKeysThatAreAbsurd(t *testing.T) {
	for _, text := range []string{``, `a b`, `a\u001b[2J`, `a\nrm -rf`, "密钥", strings.Repeat("x", 201)} {
		a := devKeySays(t, `{"id":1,"name":"x","key":"`+text+`"}`)
		_, _, err := a.MakeDevKey(t.Context(), remote.NewDevKey{Name: "x"})
		wants(t, err, "server_garbled")
	}
	list, err := devKeySays(t, `{"content":[
		{"id":-1,"name":"a\u001b[2J\u202eb","prefix":"\u0007","status":"\u0000","created_time":"x","expires_time":"9999-99-99","last_used_time":null,"last_ip":"\n"},
		{}
	]}`).DevKeys(t.Context())
	if err != nil || len(list) != 2 {
		t.Fatalf("DevKeys = %+v, %v", list, err)
	}
	k := list[0]
	if strings.ContainsAny(k.Name+k.Prefix+k.Address, "\x00\x07\n\x1b\u202e") || k.Status != identity.KeyActive || !k.CreatedAt.IsZero() || !k.ExpiresAt.IsZero() {
		t.Errorf("%+v", k)
	}
}
