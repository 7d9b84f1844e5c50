package apikey

import (
	"context"
	"log/slog"
	"net/netip"
	"time"

	"latchkey/backend/identity"
	"latchkey/backend/store"
)

const (
	// flushEvery is how often counts are written. A crash loses at most so much.
	flushEvery = 30 * time.Second
	// purgeEvery is how often what is too old is removed.
	purgeEvery = time.Hour
	// KeepUses is how long counts are kept.
	KeepUses = 400 * 24 * time.Hour
	// topEndpoints is how many endpoints a summary names.
	topEndpoints = 10
	// maxEndpoints bounds the endpoints that one key is counted at between two
	// writes; what comes beyond is counted together.
	maxEndpoints = 200
	elsewhere    = "…"
)

// A Use is a request that was made with a key.
type Use struct {
	Key      identity.APIKeyID
	Endpoint string // the route, not the path: routes are few
	Failed   bool
	Address  netip.Addr
}

// A tally is what was done with a key and is not written yet.
type tally struct {
	last   store.KeyLastUse
	counts map[place]count
}

// A place is an endpoint on a day.
type place struct {
	day      int64 // since 1970, UTC
	endpoint string
}

type count struct{ requests, errors int64 }

const day = 24 * time.Hour

// Note counts a use.
func (s *Service) Note(u Use) {
	now := s.Env.Now()
	at := place{now.Unix() / int64(day/time.Second), u.Endpoint}
	s.usesMu.Lock()
	defer s.usesMu.Unlock()
	t := s.uses[u.Key]
	if t == nil {
		t = &tally{counts: map[place]count{}}
		s.uses[u.Key] = t
	}
	t.last = store.KeyLastUse{Key: u.Key, At: now, Address: u.Address}
	if _, ok := t.counts[at]; !ok && len(t.counts) >= maxEndpoints {
		at.endpoint = elsewhere
	}
	c := t.counts[at]
	c.requests++
	if u.Failed {
		c.errors++
	}
	t.counts[at] = c
}

// withUses puts uses that are not written yet into keys that were read.
func (s *Service) withUses(list []identity.APIKey) []identity.APIKey {
	s.usesMu.Lock()
	defer s.usesMu.Unlock()
	for i := range list {
		if t := s.uses[list[i].ID]; t != nil && t.last.At.After(list[i].LastUsedAt) {
			list[i].LastUsedAt, list[i].LastAddress = t.last.At, t.last.Address
		}
	}
	return list
}

// Flush writes the counts gathered so far. If that fails they are kept for the
// next time.
func (s *Service) Flush(ctx context.Context) error {
	s.usesMu.Lock()
	uses := s.uses
	s.uses = make(map[identity.APIKeyID]*tally, len(uses))
	s.usesMu.Unlock()
	if len(uses) == 0 {
		return nil
	}
	var counts []identity.KeyUse
	var last []store.KeyLastUse
	for id, t := range uses {
		last = append(last, t.last)
		for at, c := range t.counts {
			counts = append(counts, identity.KeyUse{
				Key: id, Day: time.Unix(at.day*int64(day/time.Second), 0).UTC(), Endpoint: at.endpoint,
				Requests: c.requests, Errors: c.errors,
			})
		}
	}
	err := s.Store.RecordKeyUses(ctx, counts, last)
	if err != nil {
		s.takeBack(uses)
	}
	return err
}

// takeBack adds counts that could not be written to what came since.
func (s *Service) takeBack(uses map[identity.APIKeyID]*tally) {
	s.usesMu.Lock()
	defer s.usesMu.Unlock()
	for id, old := range uses {
		t := s.uses[id]
		if t == nil {
			s.uses[id] = old
			continue
		}
		for at, c := range old.counts {
			sum := t.counts[at]
			t.counts[at] = count{sum.requests + c.requests, sum.errors + c.errors}
		}
	}
}

// Usage sums up what was done with a key since a time, its whole day included.
func (s *Service) Usage(ctx context.Context, k identity.APIKey, since time.Time) (identity.KeyUsage, error) {
	if err := s.Flush(ctx); err != nil {
		s.Log.WarnContext(ctx, "count uses of keys", slog.Any("err", err)) // a sum a little behind is better than none
	}
	return s.Store.KeyUsage(ctx, k.ID, since.UTC().Truncate(day), topEndpoints)
}

// Run writes counts and removes what is too old, until ctx ends; then it
// writes what is left.
func (s *Service) Run(ctx context.Context) {
	flush, purge := time.NewTicker(flushEvery), time.NewTicker(purgeEvery)
	defer flush.Stop()
	defer purge.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			if err := s.Flush(context.WithoutCancel(ctx)); err != nil {
				s.Log.ErrorContext(ctx, "count uses of keys", slog.Any("err", err))
			}
			return
		case <-flush.C:
			err = s.Flush(ctx)
		case <-purge.C:
			_, err = s.Store.PurgeKeyUses(ctx, s.Env.Now().Add(-KeepUses))
		}
		if err != nil {
			s.Log.ErrorContext(ctx, "count uses of keys", slog.Any("err", err))
		}
	}
}
