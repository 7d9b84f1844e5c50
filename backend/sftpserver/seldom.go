package sftpserver

import (
	"sync"
	"time"
)

// A seldom lets through one of many things that come in quick succession.
type seldom struct {
	mu   sync.Mutex
	last time.Time
}

// due reports whether a minute has passed since it last said so.
func (s *seldom) due(now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if since := now.Sub(s.last); !s.last.IsZero() && since >= 0 && since < time.Minute {
		return false
	}
	s.last = now
	return true
}
