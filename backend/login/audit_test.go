package login_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"latchkey/backend/identity"
	"latchkey/backend/internal/testkit"
	"latchkey/backend/login"
)

func TestSignInsAreRecorded(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	ann := c.User("ann")
	must(t, try(c, "ann", testkit.Password))
	want(t, "nobody", try(c, "nobody", "wrong"), login.ErrCredentials)
	wrong(t, c, "ann", 5)
	wantKind(t, "locked", try(c, "ann", "wrong"), identity.Throttled)

	events := c.Events(identity.AuditSignIn)
	if len(events) != 7 {
		t.Fatalf("%d sign-ins are recorded, want 7", len(events))
	}
	for i, e := range events {
		actor, outcome, reason := ann.ID, identity.AuditRefused, "credentials_wrong"
		switch i {
		case 6:
			outcome, reason = identity.AuditDone, ""
		case 5:
			actor = 0
		}
		if e.Actor != actor || e.Outcome != outcome || e.Reason != reason || e.Door != "test" ||
			e.Address != testkit.Address(1) || !e.At.Equal(c.Clock.Now()) || e.Target != "" {
			t.Errorf("event %d is %+v", i, e)
		}
	}
}

func TestLocksAreRecordedOnce(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	ann := c.User("ann")
	wrong(t, c, "ann", 5)
	for range 5 {
		wantKind(t, "locked", try(c, "ann", "wrong"), identity.Throttled)
	}
	events := c.Events(identity.AuditLocked)
	if len(events) != 1 || events[0].Actor != ann.ID || events[0].Outcome != identity.AuditDone {
		t.Errorf("locks are recorded as %+v, want one of ann", events)
	}
}

// Nothing that proves who somebody is stands in the database, in its log, or
// in the program's log.
func TestSecretsAreNowhere(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	c.User("ann")
	in := c.MustSignIn("ann", "phone")
	secret, recovery := c.EnableTOTP(in.Token)
	planted := map[string]string{
		"password": testkit.Password, "wrong password": "a wrong but telling guess", "token": in.Token,
		"TOTP secret": secret, "recovery code": recovery[0],
		"bare recovery code":  strings.ReplaceAll(recovery[1], "-", ""),
		"password for a name": "My Password! in the wrong field",
	}
	want(t, "wrong", try(c, "ann", planted["wrong password"]), login.ErrCredentials)
	want(t, "wrong field", try(c, planted["password for a name"], ""), login.ErrCredentials)
	must(t, with(c, "ann", recovery[0]))
	must(t, with(c, "ann", c.Code(secret)))
	c.Store.FailWith(func(method string) error {
		if method == "AppendAudit" {
			return os.ErrClosed
		}
		return nil
	})
	c.Clock.Add(time.Minute)
	must(t, with(c, "ann", c.Code(secret)))
	texts := map[string][]byte{"log": nil}
	for _, file := range []string{"latchkey.db", "latchkey.db-wal"} {
		text, err := os.ReadFile(filepath.Join(c.Dir, file))
		must(t, err)
		texts[file] = text
	}
	c.Close()
	texts["log"] = []byte(c.Logged())
	for where, text := range texts {
		if len(text) == 0 && where != "log" {
			t.Fatalf("%s is empty, so this proves nothing", where)
		}
		for what, s := range planted {
			if bytes.Contains(bytes.ToLower(text), []byte(strings.ToLower(s))) {
				t.Errorf("the %s stands in %s", what, where)
			}
		}
	}
}
