package authenticator

import (
	"testing"

	"latchkey/backend/companion/authenticator/otpauth"
	"latchkey/backend/companion/vault"
)

// What was read is let go of when the vault is locked, also by whoever was just
// reading; and a record is never taken for what it was before, nor for another.
func TestMemory(t *testing.T) {
	record := func(id ID, issuer string) vault.Record {
		k, err := otpauth.Fields{Secret: "JBSWY3DPEHPK3PXP"}.Key()
		if err != nil {
			t.Fatal(err)
		}
		content, err := encode(Entry{Entry: otpauth.Entry{Issuer: issuer, Key: k}, ID: id})
		if err != nil {
			t.Fatal(err)
		}
		return vault.Record{Name: string(id), Content: content}
	}
	var m memory
	read := func(turn int, records ...vault.Record) []Entry {
		t.Helper()
		got, err := m.all(turn, records)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	read(m.turn(), record("a", "GitHub"), record("b", "GitHub"))
	if len(m.known) != 2 {
		t.Errorf("%d entries are known, want 2", len(m.known))
	}
	got := read(m.turn(), record("b", "Forge"))
	if got[0].ID != "b" || got[0].Issuer != "Forge" || len(m.known) != 1 {
		t.Errorf("after a change: %+v, %d known", got, len(m.known))
	}
	if e, err := m.one(record("b", "Elsewhere")); err != nil || e.Issuer != "Elsewhere" {
		t.Errorf("after another: %+v, %v", e, err)
	}
	if _, err := m.all(m.turn(), []vault.Record{{Name: "b", Content: []byte("{")}}); err == nil {
		t.Error("a damaged record is taken for what it was")
	}
	under := m.turn()
	m.forget()
	if len(read(under, record("a", "GitHub"))) != 1 || m.known != nil {
		t.Errorf("%d entries are known after they were forgotten", len(m.known))
	}
}
