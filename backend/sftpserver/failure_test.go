package sftpserver

import (
	"os"
	"testing"
	"time"

	"github.com/pkg/sftp"

	"latchkey/backend/identity"
)

// A write that failed leaves an old file whole, whatever the client does then,
// and of a new one what arrived before, so that it can be resumed.
func TestFailedWrite(t *testing.T) {
	type step func(f *sftp.File, refused func(func()))
	at := func(f *sftp.File, text string, off int64) { _, _ = f.WriteAt([]byte(text), off) }
	for name, tc := range map[string]struct {
		flags int
		do    step
		fresh string // what a new file is then; "-" for none
	}{
		"at the end": {0, func(f *sftp.File, refused func(func())) {
			at(f, "half", 0)
			refused(func() { at(f, "more", 4) })
		}, "half"},
		"in the middle": {0, func(f *sftp.File, refused func(func())) {
			at(f, "half", 0)
			refused(func() { at(f, "more", 4) })
			at(f, "last", 8)
		}, "half"},
		"with the end there": {0, func(f *sftp.File, refused func(func())) {
			at(f, "last", 8)
			refused(func() { at(f, "half", 0) })
		}, "-"},
		"made long first": {0, func(f *sftp.File, refused func(func())) {
			_ = f.Truncate(12)
			at(f, "half", 0)
			refused(func() { at(f, "more", 4) })
		}, "-"},
		"made long first, cut off then": {0, func(f *sftp.File, refused func(func())) {
			_ = f.Truncate(12)
			at(f, "half", 0)
			refused(func() { at(f, "more", 4) })
			_ = f.Truncate(4)
		}, "half"},
		"appending": {os.O_APPEND, func(f *sftp.File, refused func(func())) {
			at(f, "half", 0)
			refused(func() { at(f, "more", 0) })
		}, "half"},
		"the first": {0, func(f *sftp.File, refused func(func())) {
			refused(func() { at(f, "half", 0) })
			at(f, "half", 0)
		}, "-"},
		"cutting off": {0, func(f *sftp.File, refused func(func())) {
			at(f, "half", 0)
			refused(func() { _ = f.Truncate(2) })
		}, "half"},
		"too long": {0, func(f *sftp.File, _ func(func())) {
			at(f, "half", 0)
			_ = f.Truncate(1 << 62)
		}, "half"},
	} {
		t.Run(name, func(t *testing.T) {
			r := start(t, newWorld(), Limits{})
			c, ann := r.join("ann", everything)
			r.write(r.home("ann", "old"), "the old content")
			refused := func(do func()) {
				rights := func(p identity.PathPermission) { r.change(func() { ann.Roles[0].Scopes[0].Permission = p }) }
				rights(identity.PathSFTPRead)
				do()
				rights(everything)
			}
			for path, want := range map[string]string{"old": "the old content", "new": tc.fresh} {
				f, err := c.OpenFile("/"+path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC|tc.flags)
				if err != nil {
					t.Fatal(err)
				}
				tc.do(f, refused)
				if err := f.Close(); err == nil {
					t.Errorf("%s: closed well", path)
				}
				if got := r.content(r.home("ann", path)); got != want {
					t.Errorf("%s is %q, want %q", path, got, want)
				}
			}
		})
	}
}

// What has arrived is kept also when the person must be confirmed once more,
// after the server has ended the connection and its context.
func TestLostConnectionIsConfirmed(t *testing.T) {
	r := start(t, newWorld(), Limits{Recheck: time.Hour})
	f, err := r.sftp(r.signIn("ann")).Create("/new")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write([]byte("half")); err != nil {
		t.Fatal(err)
	}
	for _, c := range r.srv.all() {
		c.confirming.Lock() // holds back who asks until the context has ended
		r.change(func() {})
		c.close("idle")
		c.confirming.Unlock()
	}
	r.eventually("the connection is gone", func() bool { return r.connections() == 0 })
	if got := r.content(r.home("ann", "new")); got != "half" {
		t.Errorf("the file is %q", got)
	}
}
