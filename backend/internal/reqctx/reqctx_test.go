package reqctx

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"

	"latchkey/backend/identity"
)

func TestEmptyContext(t *testing.T) {
	if id, ok := ID(t.Context()); ok || id != "" {
		t.Errorf("ID of an empty context = %q, %v", id, ok)
	}
	if p := Principal(t.Context()); p.Can(identity.AnyAccount) || p.User.ID != 0 {
		t.Errorf("Principal of an empty context = %+v", p)
	}
}

func TestCarries(t *testing.T) {
	want := identity.Principal{User: identity.User{ID: 7, Username: "ann"}, Session: "s"}
	ctx := WithPrincipal(WithID(t.Context(), "r-1"), want)
	if id, ok := ID(ctx); !ok || id != "r-1" {
		t.Errorf("ID = %q, %v, want r-1", id, ok)
	}
	if got := Principal(ctx); got.User.ID != want.User.ID || got.Session != want.Session {
		t.Errorf("Principal = %+v, want %+v", got, want)
	}
}

func TestASecondPrincipalLeavesTheFirstAlone(t *testing.T) {
	ann := identity.Principal{User: identity.User{ID: 7}}
	bob := identity.Principal{User: identity.User{ID: 8}}
	for _, ctx := range []context.Context{t.Context(), WithID(t.Context(), "r-1")} {
		first := WithPrincipal(ctx, ann)
		second := WithPrincipal(first, bob)
		if a, b := Principal(first).User.ID, Principal(second).User.ID; a != 7 || b != 8 {
			t.Errorf("principals %d and %d, want 7 and 8", a, b)
		}
		before, _ := ID(first)
		if after, _ := ID(second); after != before {
			t.Errorf("the id %q became %q", before, after)
		}
	}
}

func TestOtherValuesAreReached(t *testing.T) {
	type other struct{}
	ctx, cancel := context.WithCancel(context.WithValue(t.Context(), other{}, "kept"))
	ctx = WithPrincipal(WithID(ctx, "r-1"), identity.Principal{})
	cancel()
	if ctx.Value(other{}) != "kept" || ctx.Err() == nil {
		t.Errorf("value %v, error %v", ctx.Value(other{}), ctx.Err())
	}
}

func TestLogHandlerAddsRequestID(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(LogHandler(slog.NewTextHandler(&out, nil))).With("a", 1)
	log.InfoContext(WithID(t.Context(), "r-9"), "inside")
	log.InfoContext(t.Context(), "outside")
	lines := strings.Split(out.String(), "\n")
	if !strings.Contains(lines[0], "a=1 request_id=r-9") {
		t.Errorf("inside a request: %s", lines[0])
	}
	if strings.Contains(lines[1], "request_id") {
		t.Errorf("outside a request: %s", lines[1])
	}
	out.Reset()
	log.WithGroup("g").InfoContext(WithID(t.Context(), "r-9"), "grouped")
	if !strings.Contains(out.String(), "request_id=r-9") {
		t.Errorf("in a group: %s", out.String())
	}
}
