package app

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"latchkey/backend/companion/remote"
	"latchkey/backend/identity"
)

func TestAPanicIsAProblem(t *testing.T) {
	d := newTestDesk(t)
	for name, call := range map[string]func(){
		"text":        func() { panic("canary-5e1d") },
		"nil pointer": func() { var s *Server; _ = s.Name },
	} {
		err := do(d.desk, atOnce, func(context.Context) error { call(); return nil })
		checkProblem(t, name, err, "app_failed")
		if p := asProblem(err); p != nil && strings.Contains(p.Message+p.Details, "canary") {
			t.Errorf("%s: %+v tells what the panic held", name, p)
		}
	}
}

// A call that never returns is given up, and one that ends with its context
// says itself what happened.
func TestACallHasALimit(t *testing.T) {
	d := newTestDesk(t)
	let := make(chan struct{})
	defer close(let)
	err := do(d.desk, time.Millisecond, func(context.Context) error { <-let; return nil })
	checkProblem(t, "deaf", err, "app_slow")

	d.end()
	err = do(d.desk, time.Hour, func(ctx context.Context) error { <-ctx.Done(); return nil })
	if err != nil && asProblem(err).Code != "app_slow" {
		t.Errorf("program ends: %v", err)
	}
}

func TestProblems(t *testing.T) {
	refused := identity.NewError(identity.Throttled, "too_many_attempts", "Wait.").
		Because(&remote.RefusalError{Status: 200, Code: 429, Said: "Too many unsuccessful sign-in attempts"})
	refused.RetryAfter = 1500 * time.Millisecond
	for name, tc := range map[string]struct {
		err  error
		want Problem
	}{
		"ours":      {identity.InvalidField("name", "name_bad", "Bad."), Problem{Code: "name_bad", Message: "Bad.", Field: "name", Details: "name_bad"}},
		"a refusal": {refused, Problem{Code: "too_many_attempts", Message: "Wait.", RetryAfter: 2, Details: "too_many_attempts\nHTTP 200, code 429: Too many unsuccessful sign-in attempts"}},
		"a stranger": {errors.New("open /home/ann/canary: denied"),
			Problem{Code: "app_failed", Message: errFailed.Message, Details: "app_failed"}},
	} {
		text, ok := format(tc.err).(string)
		var got Problem
		if err := json.Unmarshal([]byte(text), &got); !ok || err != nil || got != tc.want {
			t.Errorf("%s: %s, %v; want %+v", name, text, err, tc.want)
		}
	}
	if got := asProblem(nil); got != nil {
		t.Errorf("no error: %+v", got)
	}
}
