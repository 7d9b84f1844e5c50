// Package batch turns many small writes into few: whatever is added while one
// write is under way goes into the next. Nobody waits, and under load the
// writes grow instead of queueing.
package batch

import "sync"

// A Writer collects items and hands them to one write function in order.
type Writer[T any] struct {
	write func([]T)
	mu    sync.Mutex
	room  sync.Cond // signalled when pending is taken
	items []T
	limit int
	wake  chan struct{}
	done  chan struct{}
}

// NewWriter starts a writer. More than limit items in waiting make Add wait,
// so that memory stays bounded when writing is slower than adding.
func NewWriter[T any](limit int, write func([]T)) *Writer[T] {
	w := &Writer[T]{write: write, limit: limit, wake: make(chan struct{}, 1), done: make(chan struct{})}
	w.room.L = &w.mu
	go w.run()
	return w
}

// Add hands over an item. It must not be called after Close.
func (w *Writer[T]) Add(item T) {
	w.mu.Lock()
	for len(w.items) >= w.limit {
		w.room.Wait()
	}
	w.items = append(w.items, item)
	w.mu.Unlock()
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// Close writes what is left and stops.
func (w *Writer[T]) Close() {
	close(w.wake)
	<-w.done
}

func (w *Writer[T]) run() {
	defer close(w.done)
	for range w.wake {
		w.flush()
	}
	w.flush()
}

func (w *Writer[T]) flush() {
	w.mu.Lock()
	items := w.items
	w.items = nil
	w.room.Broadcast()
	w.mu.Unlock()
	if len(items) > 0 {
		w.write(items)
	}
}
