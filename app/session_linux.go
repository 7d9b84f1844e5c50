package app

import (
	"context"
	"os"
	"syscall"

	"github.com/godbus/dbus/v5"

	"latchkey/backend/config"
)

// The names on the buses: of logind, and of what locks the screen.
const (
	logind        = "org.freedesktop.login1"
	logindPath    = dbus.ObjectPath("/org/freedesktop/login1")
	logindManager = logind + ".Manager"
	logindSession = logind + ".Session"
	saver         = "org.freedesktop.ScreenSaver"
	gnomeSaver    = "org.gnome.ScreenSaver"

	sleeping = "PrepareForSleep"
	locking  = "Lock"
	blanking = "ActiveChanged"
)

// watchSession calls away when the computer is about to sleep, when the person's
// session is locked, and when the screen is, until ctx ends. Where there is no
// bus, or nobody says such things on it, it never does.
func watchSession(ctx context.Context, away func()) {
	done := make(chan struct{}, 2)
	go func() { watchLogind(ctx, away); done <- struct{}{} }()
	go func() { watchScreen(ctx, away); done <- struct{}{} }()
	<-done
	<-done
}

func watchLogind(ctx context.Context, away func()) {
	bus, err := dbus.ConnectSystemBus(dbus.WithContext(ctx))
	if err != nil {
		return
	}
	defer func() { _ = bus.Close() }()
	signals := make(chan *dbus.Signal, 16)
	bus.Signal(signals)
	for _, of := range [][]dbus.MatchOption{
		{dbus.WithMatchInterface(logindManager), dbus.WithMatchMember(sleeping), dbus.WithMatchObjectPath(logindPath)},
		{dbus.WithMatchInterface(logindSession), dbus.WithMatchMember(locking)},
	} {
		// The bus keeps out what others say to everybody.
		if bus.AddMatchSignalContext(ctx, append(of, dbus.WithMatchSender(logind))...) != nil {
			return
		}
	}
	holds := delaySleep(ctx, bus)
	defer func() { release(holds) }()
	for s := range received(ctx, signals) {
		if !fromLogind(ctx, bus, s) {
			continue
		}
		switch {
		case s.Name == logindSession+"."+locking && ours(ctx, bus, s.Path):
			away()
		case s.Name == logindManager+"."+sleeping && says(s, true):
			away()
			release(holds)
			holds = -1
		case s.Name == logindManager+"."+sleeping && says(s, false):
			release(holds)
			holds = delaySleep(ctx, bus)
		}
	}
}

// fromLogind reports whether a signal is logind's: others can send their own
// straight to this program.
func fromLogind(ctx context.Context, bus *dbus.Conn, s *dbus.Signal) bool {
	var owner string
	call := bus.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.GetNameOwner", 0, logind)
	return call.Store(&owner) == nil && s.Sender == owner
}

// delaySleep has logind wait, some seconds at most, until the vault is locked.
// It returns what is closed then, or -1.
func delaySleep(ctx context.Context, bus *dbus.Conn) int {
	var fd dbus.UnixFD
	call := bus.Object(logind, logindPath).CallWithContext(ctx, logindManager+".Inhibit", 0, "sleep", "Latchkey", "The vault is locked first", "delay")
	if call.Store(&fd) != nil {
		return -1
	}
	return int(fd)
}

func release(fd int) {
	if fd >= 0 {
		_ = syscall.Close(fd)
	}
}

// ours reports whether a session belongs to who runs this program.
func ours(ctx context.Context, bus *dbus.Conn, session dbus.ObjectPath) bool {
	var user struct {
		UID  uint32
		Path dbus.ObjectPath
	}
	call := bus.Object(logind, session).CallWithContext(ctx, "org.freedesktop.DBus.Properties.Get", 0, logindSession, "User")
	var value dbus.Variant
	if call.Store(&value) != nil || value.Store(&user) != nil {
		return false
	}
	return int64(user.UID) == int64(os.Getuid())
}

func watchScreen(ctx context.Context, away func()) {
	if !config.SessionBus() {
		return
	}
	bus, err := dbus.ConnectSessionBus(dbus.WithContext(ctx))
	if err != nil {
		return
	}
	defer func() { _ = bus.Close() }()
	signals := make(chan *dbus.Signal, 16)
	bus.Signal(signals)
	for _, of := range []string{saver, gnomeSaver} {
		if bus.AddMatchSignalContext(ctx, dbus.WithMatchInterface(of), dbus.WithMatchMember(blanking)) != nil {
			return
		}
	}
	for s := range received(ctx, signals) {
		if (s.Name == saver+"."+blanking || s.Name == gnomeSaver+"."+blanking) && says(s, true) {
			away()
		}
	}
}

// received returns the signals until ctx or the bus ends.
func received(ctx context.Context, signals <-chan *dbus.Signal) func(yield func(*dbus.Signal) bool) {
	return func(yield func(*dbus.Signal) bool) {
		for {
			select {
			case <-ctx.Done():
				return
			case s, more := <-signals:
				if !more || !yield(s) {
					return
				}
			}
		}
	}
}

// says reports whether a signal carries that one value.
func says(s *dbus.Signal, value bool) bool {
	if len(s.Body) != 1 {
		return false
	}
	said, ok := s.Body[0].(bool)
	return ok && said == value
}
