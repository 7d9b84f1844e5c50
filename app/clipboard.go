package app

import (
	"crypto/sha256"
	"sync"
	"time"
)

// A clipboard copies texts, and takes secret ones away again after a while if
// they are still there.
type clipboard struct {
	d *desk

	mu    sync.Mutex
	ours  [sha256.Size]byte // of the secret text that was copied last
	timer *time.Timer       // runs while there is one
}

func newClipboard(d *desk) *clipboard { return &clipboard{d: d} }

// copy copies a text, and returns when it will be taken away, if it will.
func (c *clipboard) copy(text string, secret bool) (clearsAt time.Time, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	put := c.d.desktop.SetClipboard
	if secret {
		put = c.d.desktop.SetSecret
	}
	if err := put(text); err != nil {
		return time.Time{}, err
	}
	c.stop()
	seconds := c.d.notebook.read().Preferences.ClipboardSeconds
	if !secret || seconds == 0 {
		return time.Time{}, nil
	}
	c.ours = sha256.Sum256([]byte(text))
	after := time.Duration(seconds) * time.Second
	c.timer = time.AfterFunc(after, c.clear)
	return c.d.env.Now().Add(after), nil
}

// clear takes the secret text away, unless something else was copied since. At
// the end it is called while the window is there, so that what keeps a history
// hears of it too.
func (c *clipboard) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.timer == nil {
		return
	}
	c.stop()
	text, err := c.d.desktop.Clipboard()
	if err == nil && sha256.Sum256([]byte(text)) == c.ours {
		_ = c.d.desktop.SetSecret("") // which waits for it; there is nobody to tell
	}
	c.d.desktop.Emit(eventClipboard, nil)
}

// stop forgets the text. The caller holds mu.
func (c *clipboard) stop() {
	if c.timer != nil {
		c.timer.Stop()
		c.timer = nil
	}
}
