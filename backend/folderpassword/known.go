package folderpassword

import (
	"encoding/binary"
	"maps"
	"slices"
	"sync"
	"time"

	"latchkey/backend/identity"
)

const (
	// rememberFor is how long a password that was right need not be hashed again.
	rememberFor = 10 * time.Minute
	// maxKnown bounds how many are remembered.
	maxKnown = 10_000
)

// A visitor is somebody at a password, which has a mark.
type visitor struct {
	user identity.UserID
	mark string
}

// known remembers who has just shown the right password, by digests that only
// this server can make. Whoever shows another one is forgotten with it, so
// nobody can try guesses against it that are not counted.
type known struct {
	mu   sync.Mutex
	last map[visitor]shown
}

// shown is a password that was right.
type shown struct {
	digest [32]byte
	until  time.Time
}

// digest is of a password and of the hash that it was checked against, so a
// folder's new password is not known.
func (s *Service) digest(h identity.PasswordHash, plain string) [32]byte {
	data := binary.BigEndian.AppendUint64(nil, uint64(len(h)))
	data = append(append(data, h...), plain...)
	return s.Signer.MAC("known folder password", data)
}

// has reports whether one of the digests is the last that was right.
func (k *known) has(v visitor, digests [][32]byte, now time.Time) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	last, ok := k.last[v]
	left := last.until.Sub(now)
	if ok && left > 0 && left <= rememberFor && slices.Contains(digests, last.digest) { // a clock set back stretches nothing
		return true
	}
	delete(k.last, v)
	return false
}

func (k *known) add(v visitor, digest [32]byte, now time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.last) >= maxKnown {
		maps.DeleteFunc(k.last, func(_ visitor, s shown) bool { return !now.Before(s.until) })
	}
	if len(k.last) >= maxKnown {
		clear(k.last)
	}
	k.last[v] = shown{digest, now.Add(rememberFor)}
}
