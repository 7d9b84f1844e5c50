package identity

import (
	"errors"
	"fmt"
	"testing"
	"time"
)

func TestErrorsMatchByCode(t *testing.T) {
	a := NewError(NotFound, "a", "A.")
	for _, tc := range []struct {
		err  error
		want bool
	}{
		{a, true},
		{a.Because(errors.New("x")), true},
		{fmt.Errorf("wrapped: %w", a), true},
		{errors.Join(errors.New("x"), a), true},
		{NewError(Invalid, "a", "Other words."), true},
		{NewError(NotFound, "b", "A."), false},
		{errors.New("a"), false},
		{nil, false},
	} {
		if got := errors.Is(tc.err, a); got != tc.want {
			t.Errorf("%v: %v", tc.err, got)
		}
	}
}

func TestBecauseLeavesTheOriginal(t *testing.T) {
	a := &Error{Kind: Throttled, Code: "a", Message: "A.", Field: "f", RetryAfter: time.Second}
	cause := errors.New("private")
	b := a.Because(cause)
	if a.Err != nil || !errors.Is(b, cause) || b.Kind != a.Kind || b.Field != a.Field || b.RetryAfter != a.RetryAfter {
		t.Errorf("a is %+v, b is %+v", a, b)
	}
}

// An error that nobody gave words to tells a stranger nothing.
func TestUnknownErrorsTellNothing(t *testing.T) {
	cause := errors.New("open /srv/secret: permission denied")
	e := AsError(fmt.Errorf("wrapped: %w", cause))
	if e.Kind != Internal || e.Code != "internal" || !errors.Is(e, cause) || e.Message == "" {
		t.Errorf("%+v", e)
	}
	if KindOf(cause) != Internal || KindOf(e) != Internal || KindOf(fmt.Errorf("x: %w", NewError(Conflict, "c", "C."))) != Conflict {
		t.Error("KindOf")
	}
	known := NewError(Conflict, "c", "C.")
	if AsError(fmt.Errorf("x: %w", known)) != known {
		t.Error("AsError does not find the error inside")
	}
}

// Dialects make tables of all kinds from this list.
func TestKindsAreComplete(t *testing.T) {
	kinds := Kinds()
	for i, k := range kinds {
		if int(k) != i {
			t.Errorf("kind %d is at place %d", k, i)
		}
	}
	if last := kinds[len(kinds)-1]; last != Unavailable {
		t.Errorf("the last kind listed is %d, want %d", last, Unavailable)
	}
}
