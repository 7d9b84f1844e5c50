package authenticator

import (
	"crypto/sha256"
	"sync"

	"latchkey/backend/companion/vault"
)

// A memory holds the entries that were read last, by what their records were:
// of a thousand entries few have changed since, and to decode the others again
// is most of the work. What a record says now is never taken from before, so
// nothing that another program has written is missed.
type memory struct {
	mu    sync.Mutex
	known map[[sha256.Size]byte]Entry
	turns int // grows with each forget, so that what was under way is not kept
}

func (m *memory) turn() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.turns
}

func (m *memory) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.known = nil
	m.turns++
}

// all decodes the records of the whole book, which are what is known from then
// on.
func (m *memory) all(turn int, records []vault.Record) ([]Entry, error) {
	out := make([]Entry, len(records))
	known := make(map[[sha256.Size]byte]Entry, len(records))
	for i, r := range records {
		sum, e, err := m.find(r)
		if err != nil {
			return nil, err
		}
		out[i], known[sum] = e, e
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.turns == turn {
		m.known = known
	}
	return out, nil
}

// one decodes a record.
func (m *memory) one(r vault.Record) (Entry, error) {
	_, e, err := m.find(r)
	return e, err
}

// find decodes a record that is not known.
func (m *memory) find(r vault.Record) (sum [sha256.Size]byte, e Entry, err error) {
	h := sha256.New()
	h.Write([]byte(r.Name + "\x00"))
	h.Write(r.Content)
	h.Sum(sum[:0])
	m.mu.Lock()
	e, known := m.known[sum]
	m.mu.Unlock()
	if !known {
		e, err = decode(r)
	}
	return sum, e, err
}
