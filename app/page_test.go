package app

import (
	"strings"
	"testing"
)

// The page runs what comes with it, and reaches nothing else.
func TestThePageIsShutIn(t *testing.T) {
	policy := pageHeaders()["Content-Security-Policy"]
	for _, want := range []string{"default-src 'none'", "script-src 'self';", "style-src 'self';", "connect-src 'self';", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("no %q in %q", want, policy)
		}
	}
	for _, bad := range []string{"script-src 'self' ", "unsafe", "*", "http"} {
		if strings.Contains(policy, bad) {
			t.Errorf("%q in %q", bad, policy)
		}
	}
}

// Each data folder has one window, whatever the folder is called.
func TestOneWindowPerDataFolder(t *testing.T) {
	a, b := newTestDesk(t), newTestDesk(t)
	if a.instance() == b.instance() || a.instance() != openTestDesk(t, a.data).instance() {
		t.Errorf("%s, %s", a.instance(), b.instance())
	}
	if strings.Trim(a.instance(), "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		t.Errorf("%s is no name for a bus", a.instance())
	}
}
