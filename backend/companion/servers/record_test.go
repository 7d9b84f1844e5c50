package servers

import (
	"bytes"
	"errors"
	"testing"
)

// FuzzRecord: what can be read can be written and read again, and what cannot
// is said to be damaged or newer, never taken for an empty list.
func FuzzRecord(f *testing.F) {
	f.Add([]byte(`{"version":1,"servers":[{"id":"00000000000000000000000000000001","name":"n","address":"https://nas","sftp_host":"nas","sftp_port":1,"client_id":"00000000000000000000000000000002","last_state":"offline","last_state_at":"2026-11-20T12:00:00Z"}]}`))
	f.Add([]byte(`{"version":1,"servers":[]}`))
	f.Add([]byte(`{"version":2}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, record []byte) {
		list, err := decode(record)
		if err != nil {
			if list != nil || !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrNewer) {
				t.Errorf("%q: %v, %v", record, list, err)
			}
			return
		}
		if len(list) == 0 && len(record) > 0 && !bytes.Contains(bytes.ToLower(record), []byte("version")) {
			t.Errorf("%q is an empty list", record)
		}
		text, err := encode(list)
		if err != nil {
			t.Fatalf("%q: %v", record, err)
		}
		again, err := decode(text)
		if err != nil || len(again) != len(list) {
			t.Fatalf("%q became %q: %v", record, text, err)
		}
		for i := range list {
			if !list[i].LastAt.Equal(again[i].LastAt) || !list[i].LockedUntil.Equal(again[i].LockedUntil) {
				t.Errorf("%q became %q", record, text)
			}
			again[i].LastAt, again[i].LockedUntil = list[i].LastAt, list[i].LockedUntil
			if list[i] != again[i] {
				t.Errorf("%+v became %+v", list[i], again[i])
			}
		}
	})
}
