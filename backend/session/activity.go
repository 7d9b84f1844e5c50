package session

import (
	"cmp"
	"context"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"latchkey/backend/identity"
	"latchkey/backend/store"
)

const (
	// flushEvery is how often gathered activity is written. A crash loses at
	// most so much of it; nothing else depends on it.
	flushEvery = 30 * time.Second
	// keepEnded is how long an ended session is remembered, to tell its
	// device why. Few tokens live longer.
	keepEnded = 7 * 24 * time.Hour
	// purgeEvery is how often what is over is removed.
	purgeEvery = 10 * time.Minute
	// maxUserAgent bounds what is kept of a user agent, in bytes.
	maxUserAgent = 512
)

// note remembers that a session is in use.
func (s *Service) note(id identity.SessionID, c Client) {
	now := s.env.Now()
	s.seenM.Lock()
	s.seen[id] = store.Activity{Session: id, At: now, UserAgent: clip(c.UserAgent), Address: c.Address}
	s.seenM.Unlock()
}

// withActivity brings a list up to date with activity that is not written yet.
func (s *Service) withActivity(list []identity.Session) []identity.Session {
	s.seenM.Lock()
	for i := range list {
		if a, ok := s.seen[list[i].ID]; ok && a.At.After(list[i].LastActive) {
			list[i].LastActive, list[i].UserAgent, list[i].Address = a.At, a.UserAgent, a.Address
		}
	}
	s.seenM.Unlock()
	slices.SortStableFunc(list, func(a, b identity.Session) int {
		return cmp.Compare(b.LastActive.UnixMicro(), a.LastActive.UnixMicro())
	})
	return list
}

// Flush writes the activity gathered so far. If that fails it is kept for the
// next time.
func (s *Service) Flush(ctx context.Context) error {
	s.seenM.Lock()
	seen := s.seen
	s.seen = make(map[identity.SessionID]store.Activity, len(seen))
	s.seenM.Unlock()
	if len(seen) == 0 {
		return nil
	}
	err := s.store.TouchSessions(ctx, slices.Collect(maps.Values(seen)))
	if err != nil {
		s.takeBack(seen)
	}
	return err
}

// takeBack keeps activity that could not be written, unless there is newer.
func (s *Service) takeBack(seen map[identity.SessionID]store.Activity) {
	s.seenM.Lock()
	defer s.seenM.Unlock()
	for id, a := range seen {
		if _, newer := s.seen[id]; !newer {
			s.seen[id] = a
		}
	}
}

// Run writes activity and removes what is over, until ctx ends; then it writes
// what is left.
func (s *Service) Run(ctx context.Context, log *slog.Logger) {
	flush, purge := time.NewTicker(flushEvery), time.NewTicker(purgeEvery)
	defer flush.Stop()
	defer purge.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			if err := s.Flush(context.WithoutCancel(ctx)); err != nil {
				log.ErrorContext(ctx, "write activity", slog.Any("err", err))
			}
			return
		case <-flush.C:
			err = s.Flush(ctx)
		case <-purge.C:
			_, err = s.store.PurgeSessions(ctx, s.env.Now().Add(-keepEnded))
		}
		if err != nil {
			log.ErrorContext(ctx, "keep sessions", slog.Any("err", err))
		}
	}
}

// clip bounds a user agent, and drops what is not UTF-8.
func clip(s string) string {
	return strings.ToValidUTF8(s[:min(len(s), maxUserAgent)], "")
}
