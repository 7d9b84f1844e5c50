package identity

import (
	"strings"
	"testing"
)

func TestParseSessionID(t *testing.T) {
	good := "0123456789abcdef0123456789abcdef"
	if id, err := ParseSessionID(good); err != nil || string(id) != good {
		t.Errorf("%q, %v", id, err)
	}
	for _, bad := range []string{
		"", good[1:], good + "0", strings.ToUpper(good), " " + good[1:], good[:31] + "g", good[:31] + "\n",
		good[:31] + "\x00", strings.Repeat("é", 16), "' OR 1=1 --0123456789abcdef01234", strings.Repeat("0", 1<<20),
	} {
		if id, err := ParseSessionID(bad); err == nil || id != "" {
			t.Errorf("ParseSessionID(%.40q) = %q, %v", bad, id, err)
		}
	}
}

func FuzzParseSessionID(f *testing.F) {
	f.Add("0123456789abcdef0123456789abcdef")
	f.Add("0123456789ABCDEF0123456789ABCDEF")
	f.Fuzz(func(t *testing.T, s string) {
		id, err := ParseSessionID(s)
		if err == nil && (string(id) != s || len(s) != 32 || strings.Trim(s, "0123456789abcdef") != "") {
			t.Errorf("ParseSessionID(%q) = %q", s, id)
		}
	})
}
