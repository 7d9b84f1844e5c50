package throttle

import (
	"context"
	"fmt"
	"time"

	"latchkey/backend/identity"
)

// nextEnd returns a channel that closes when an attempt ends. It is taken
// before looking at the counters, so that no end is missed.
func (s *Service) nextEnd() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ended
}

func (s *Service) announceEnd() {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.ended)
	s.ended = make(chan struct{})
}

// owe keeps an attempt whose end the store could not be told.
func (s *Service) owe(a *Attempt) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.owed = append(s.owed, a)
}

// settleOwed counts what is owed as failures, before anything else is tried.
func (s *Service) settleOwed(ctx context.Context) error {
	s.mu.Lock()
	owed := s.owed
	s.owed = nil
	s.mu.Unlock()
	if len(owed) == 0 {
		return nil
	}
	defer s.announceEnd()
	var err error
	for _, a := range owed {
		if err == nil {
			err = a.settle(ctx, func(cs []identity.Throttle, now time.Time) { a.countAll(cs, now) })
		}
		if err != nil {
			s.owe(a)
		}
	}
	return err
}

func (s *Service) wait(ctx context.Context, ended <-chan struct{}) error {
	s.mu.Lock()
	if s.waiting >= maxWaiting {
		s.mu.Unlock()
		return errBusy
	}
	s.waiting++
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		s.waiting--
		s.mu.Unlock()
	}()
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
		return errBusy.Because(ctx.Err())
	}
}

// spell writes a waiting time in words, rounded up.
func spell(d time.Duration) string {
	unit, word := time.Second, "second"
	switch {
	case d > 2*time.Hour:
		unit, word = time.Hour, "hour"
	case d > 2*time.Minute:
		unit, word = time.Minute, "minute"
	}
	n := int((d + unit - 1) / unit)
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}
