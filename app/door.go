package app

import (
	"net/http"
	"sync"
)

// A door lets requests of this process in to the own server. Its listeners wait
// for the requests that came through them before the server closes; the door
// does so for the others.
type door struct {
	mu      sync.RWMutex // held to read while a request is inside
	handler http.Handler // nil: shut
}

// ServeHTTP implements http.Handler.
func (d *door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if d.handler == nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	d.handler.ServeHTTP(w, r)
}

// shut waits for the requests inside and lets no more in.
func (d *door) shut() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.handler = nil
}
