package folderpassword

import (
	"context"
	"encoding/binary"
	"maps"
	"net/netip"
	"slices"
	"sync"
	"time"

	"latchkey/backend/identity"
)

const (
	// rememberFor is how long a password that was right need not be hashed again.
	rememberFor = 10 * time.Minute
	// maxKnown bounds how many are remembered, and how many of the wrong ones.
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

// A wrong is a password that somebody has shown at an address and that is not
// the one. Its digest is of the hash, too, so it stays wrong for as long as that
// is the folder's.
type wrong struct {
	visitor

	from   netip.Addr
	digest [32]byte
}

// refused remembers wrong passwords, so that a program that goes on with one
// counts as one failure, however many requests it sends, in a row or at once. No
// guess is made by what was refused already.
type refused struct {
	mu    sync.Mutex
	all   map[wrong]bool
	tried map[wrong]chan struct{} // being checked just now; closed when that is over
}

func (r *refused) has(w wrong) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.all[w]
}

// once does a check unless its password is known to be wrong, and waits while
// the same one is being checked.
func (r *refused) once(ctx context.Context, w wrong, check func() (fits bool, err error)) (fits bool, err error) {
	for {
		r.mu.Lock()
		over, busy := r.tried[w]
		known := r.all[w]
		if !busy && !known {
			r.tried[w] = make(chan struct{})
		}
		r.mu.Unlock()
		if known {
			return false, nil
		}
		if !busy {
			break
		}
		select {
		case <-over:
		case <-ctx.Done():
			return false, ctx.Err()
		}
	}
	is := false // a panic proves nothing
	defer func() { r.over(w, is) }()
	fits, err = check()
	is = err == nil && !fits
	return fits, err
}

func (r *refused) over(w wrong, is bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if is {
		if len(r.all) >= maxKnown {
			clear(r.all)
		}
		r.all[w] = true
	}
	close(r.tried[w])
	delete(r.tried, w)
}
