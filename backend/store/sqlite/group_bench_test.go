package sqlite

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"latchkey/backend/identity"
	"latchkey/backend/store"
)

// BenchmarkGroups opens sessions from some callers at once, in a store that
// lets them share a commit and in one that does not, turn by turn. The bar is
// 2,000 writes a second for eight callers, and a ratio of 1 for one.
func BenchmarkGroups(b *testing.B) {
	for _, callers := range []int{1, 8, 64} {
		b.Run(fmt.Sprint("callers=", callers), func(b *testing.B) {
			shared, apart := seeded(b, few), seeded(b, few)
			apart.groups = nil
			const writes = 256
			var together, alone []time.Duration
			for n := 0; b.Loop(); n += writes {
				together = append(together, openSessions(b, shared, callers, n, writes))
				alone = append(alone, openSessions(b, apart, callers, n, writes))
			}
			fast, slow := median(together).Seconds(), median(alone).Seconds()
			b.ReportMetric(writes/fast, "writes/s")
			b.ReportMetric(writes/slow, "writes/s-apart")
			b.ReportMetric(slow/fast, "ratio")
		})
	}
}

// openSessions opens some sessions with numbers from first on.
func openSessions(b *testing.B, s *Store, callers, first, writes int) time.Duration {
	var next atomic.Int64
	var all sync.WaitGroup
	start := time.Now()
	for range callers {
		all.Go(func() {
			for n := int(next.Add(1)); n <= writes; n = int(next.Add(1)) {
				id := fmt.Sprint(first + n)
				_, err := s.OpenSession(b.Context(), store.OpenSession{
					New:    identity.Session{ID: identity.SessionID("s" + id), User: 1, CreatedAt: time.UnixMicro(seededAt)},
					Device: id,
					Token:  identity.AccessToken{ID: identity.TokenID("t" + id), User: 1, ExpiresAt: time.UnixMicro(4)},
				})
				if err != nil {
					b.Error(err)
				}
			}
		})
	}
	all.Wait()
	return time.Since(start)
}
