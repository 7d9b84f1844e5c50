package batch_test

import (
	"slices"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"latchkey/backend/internal/batch"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestEverythingAddedIsWrittenOnceAndInOrder(t *testing.T) {
	const writers, each = 8, 500
	var got []int
	w := batch.NewWriter(16, func(items []int) {
		if len(items) > 16 {
			t.Errorf("a write of %d items, limit is 16", len(items))
		}
		got = append(got, items...)
	})
	var wg sync.WaitGroup
	for g := range writers {
		wg.Go(func() {
			for i := range each {
				w.Add(g*each + i)
			}
		})
	}
	wg.Wait()
	w.Close()
	for g := range writers {
		mine := slices.Collect(func(yield func(int) bool) {
			for _, v := range got {
				if v/each == g && !yield(v) {
					return
				}
			}
		})
		if len(mine) != each || !slices.IsSorted(mine) {
			t.Errorf("writer %d: %d items written, sorted %v; want %d in order", g, len(mine), slices.IsSorted(mine), each)
		}
	}
}

func TestItemsAddedDuringAWriteShareTheNext(t *testing.T) {
	started, release := make(chan struct{}), make(chan struct{})
	var writes [][]string
	w := batch.NewWriter(100, func(items []string) {
		writes = append(writes, items)
		if len(writes) == 1 {
			close(started)
			<-release
		}
	})
	w.Add("a")
	<-started
	w.Add("b")
	w.Add("c")
	close(release)
	w.Close()
	if len(writes) != 2 || !slices.Equal(writes[1], []string{"b", "c"}) {
		t.Errorf("writes = %q; want [a] then [b c]", writes)
	}
}
