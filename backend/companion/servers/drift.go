package servers

import (
	"context"
	"time"

	"latchkey/backend/companion/remote"
)

// Drift returns how a server's clock compared when it last told the time, be it
// in an earlier run of the program. The own server's clock is this computer's.
func (b *Book) Drift(ctx context.Context, id ID) (remote.Drift, error) {
	s, err := b.Server(ctx, id)
	if err != nil || s.Own {
		return remote.Drift{}, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	e := b.entry(id)
	var latest remote.Drift
	if e.client != nil {
		latest = e.client.Drift()
	}
	return firstKnown(latest, e.status.Drift, s.Drift), nil
}

func firstKnown(drifts ...remote.Drift) remote.Drift {
	for _, d := range drifts {
		if !d.At.IsZero() {
			return d
		}
	}
	return remote.Drift{}
}

// What is kept of a drift is a little out of date, so that the list is not
// written each minute.
const (
	keptDrift = 2 * time.Second
	keptFor   = time.Hour
)

// worthKeeping reports whether a drift says something new beside the one that
// is kept.
func worthKeeping(kept, now remote.Drift) bool {
	if now.At.IsZero() {
		return false
	}
	return (now.Ahead-kept.Ahead).Abs() > keptDrift || now.At.Sub(kept.At).Abs() >= keptFor
}
