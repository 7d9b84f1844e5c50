package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"latchkey/backend/identity"
)

func TestExitCodes(t *testing.T) {
	want := map[identity.Kind]int{
		identity.Internal:               1,
		identity.Invalid:                2,
		identity.Unauthenticated:        3,
		identity.PermissionDenied:       3,
		identity.NotFound:               1,
		identity.Conflict:               1,
		identity.Throttled:              3,
		identity.FactorRequired:         3,
		identity.CaptchaRequired:        3,
		identity.PasswordChangeRequired: 3,
		identity.Unavailable:            1,
	}
	for _, k := range identity.Kinds() {
		code, known := want[k]
		if got := exitCode(k); !known || got != code {
			t.Errorf("kind %d ends with %d, want %d (known: %v)", k, got, code, known)
		}
	}
}

func TestReport(t *testing.T) {
	cause := errors.New("secret cause")
	refused := identity.NewError(identity.NotFound, "gone", "It is gone. Look elsewhere.").Because(cause)
	for _, tc := range []struct {
		name  string
		err   error
		debug bool
		want  string
		code  int
	}{
		{"none", nil, false, "", 0},
		{"usage", usagef("Write it as: %s", "x\x1b"), false, "latchkey: Write it as: x\\x1b\n", 2},
		{"settings", &settingsError{errors.Join(errors.New("a: wrong"), errors.New("b: wrong"))}, false,
			"latchkey: a: wrong\nlatchkey: b: wrong\n", 2},
		{"refusal", fmt.Errorf("find it: %w", refused), false, "latchkey: It is gone. Look elsewhere.\n", 1},
		{"refusal, cause asked for", refused, true,
			"latchkey: It is gone. Look elsewhere.\ncause: gone: It is gone. Look elsewhere.: secret cause\n", 1},
		{"unreachable", identity.NewError(identity.Unavailable, "server_slow", "It is slow."), false, "latchkey: It is slow.\n", 4},
		{"reached, but failing", identity.NewError(identity.Unavailable, "server_failed", "It failed."), false, "latchkey: It failed.\n", 1},
		{"refusal beside another fault", errors.Join(refused, cause), false, "latchkey: It is gone. Look elsewhere.\n", 1},
		{"interrupted", fmt.Errorf("read: %w", context.Canceled), false, "latchkey: Interrupted before it was done.\n", 1},
		{"unknown", cause, false,
			"latchkey: That failed for a reason that only a developer can read. Run it again with --debug, and report what it says.\n", 1},
		{"unknown, cause asked for", cause, true,
			"latchkey: That failed for a reason that only a developer can read. Report the cause that follows.\ncause: secret cause\n", 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var out bytes.Buffer
			a := &app{err: &out, debug: tc.debug}
			if code := a.report(tc.err); code != tc.code || out.String() != tc.want {
				t.Errorf("got %d, %q, want %d, %q", code, out.String(), tc.code, tc.want)
			}
		})
	}
}

func TestReadLine(t *testing.T) {
	for _, tc := range []struct {
		name, in, want string
		ok             bool
	}{
		{"a line", "secret\n", "secret", true},
		{"without end", "secret", "secret", true},
		{"from Windows", "secret\r\n", "secret", true},
		{"space is part of it", " se cret \n", " se cret ", true},
		{"nothing", "", "", false},
		{"an empty line", "\n", "", false},
		{"two lines", "one\ntwo\n", "", false},
		{"a line and an empty one", "one\n\n", "", false},
		{"two lines of a Mac", "one\rtwo", "", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := readLine(strings.NewReader(tc.in), "password")
			if ok := err == nil; ok != tc.ok || ok && got.Reveal() != tc.want {
				t.Errorf("got %q, %v, want %q", got.Reveal(), err, tc.want)
			}
		})
	}
	if _, err := readLine(io.MultiReader(strings.NewReader("half"), broken{}), "password"); !errors.Is(err, errInput) {
		t.Errorf("a broken pipe is %v", err)
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// TestInterruptible shows that nobody waits for a person who does not answer.
func TestInterruptible(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	release := make(chan struct{})
	defer close(release)
	cancel()
	if _, err := interruptible(ctx, func() (int, error) { <-release; return 1, nil }); !errors.Is(err, errInterrupted) {
		t.Errorf("got %v", err)
	}
}
