package companion

import (
	"runtime"
	"strings"
	"testing"
)

func TestUserAgent(t *testing.T) {
	for _, tc := range []struct{ version, host, want string }{
		{"v1.2.3", "desk", "Latchkey/1.2.3 (Linux; desk)"},
		{"1.2.3", "desk.home.arpa", "Latchkey/1.2.3 (Linux; desk.home.arpa)"},
		{"dev", "", "Latchkey/dev (Linux)"},
		{"", "desk", "Latchkey (Linux; desk)"},
		{"v1.0-3-gabc", "Ann's MacBook Pro", "Latchkey/1.0-3-gabc (Linux; Ann-s-MacBook-Pro)"},
		{"v1", "a\r\nX: b", "Latchkey/1 (Linux; a-X-b)"},
		{"v1", "安的电脑", "Latchkey/1 (Linux)"},
		{"v1", "安-desk", "Latchkey/1 (Linux; desk)"},
		{"v1", strings.Repeat("a", 500), "Latchkey/1 (Linux; " + strings.Repeat("a", maxWord) + ")"},
	} {
		if got := userAgent(tc.version, system("linux"), tc.host); got != tc.want {
			t.Errorf("%q on %q is %q, want %q", tc.version, tc.host, got, tc.want)
		}
	}
	if got := UserAgent("v1"); !strings.HasPrefix(got, "Latchkey/1 ("+system(runtime.GOOS)) {
		t.Errorf("here it is %q", got)
	}
}
