package app

import (
	"syscall"
	"testing"
)

func TestTheOwnServerEndingByItself(t *testing.T) {
	d := newTestDesk(t)
	d.withOwn(t)
	shutListener(t, d.wantOwn(t, ownRunning, "").Settings.HTTPPort)
	until(t, "the server ends", func() bool { state, _ := d.own.standing(); return state == ownFailed })
	d.wantOwn(t, ownFailed, "own_server_ended")
	if st, err := d.ownScreen().Start(); err != nil || st.State != string(ownRunning) {
		t.Errorf("Start: %+v, %v", st, err)
	}
}

// shutListener has a listener of this process fail, as after a fault of the system.
func shutListener(t *testing.T, port int) {
	t.Helper()
	for fd := range 1024 {
		at, err := syscall.Getsockname(fd)
		if err != nil {
			continue
		}
		if in, ok := at.(*syscall.SockaddrInet4); ok && in.Port == port {
			if listening, err := syscall.GetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_ACCEPTCONN); err == nil && listening == 1 {
				if err := syscall.Shutdown(fd, syscall.SHUT_RDWR); err != nil {
					t.Fatal(err)
				}
				return
			}
		}
	}
	t.Fatalf("nothing listens on port %d", port)
}
