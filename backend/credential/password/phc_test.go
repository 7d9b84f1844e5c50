package password

import (
	"testing"

	"latchkey/backend/identity"
)

func FuzzParseRecord(f *testing.F) {
	f.Add("$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$KSYq5DzU3cdPgIo0FiZg1gYyZRgRv5BQ9jUwdz0E1xI")
	f.Add("$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$")
	f.Fuzz(func(t *testing.T, in string) {
		r, err := parseRecord(identity.PasswordHash(in))
		if err != nil {
			return
		}
		if got := string(r.encode()); got != in {
			t.Errorf("%q reads as %q", in, got)
		}
		if r.params.MemoryKiB > 64*1024 || r.params.Passes > 10 || r.params.Lanes > 4 {
			t.Errorf("%q asks for too much", in)
		}
	})
}
