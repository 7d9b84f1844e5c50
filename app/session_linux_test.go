package app

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/godbus/dbus/v5"
)

const testBusConfig = `<busconfig>
  <type>session</type>
  <listen>unix:path=/replaced/by/--address</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>`

// startBus runs a real bus until the test ends, and returns its address.
func startBus(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("dbus-daemon"); err != nil {
		t.Skip("dbus-daemon is not installed")
	}
	dir := t.TempDir()
	config := filepath.Join(dir, "bus.conf")
	if err := os.WriteFile(config, []byte(testBusConfig), 0o600); err != nil {
		t.Fatal(err)
	}
	bus := exec.Command("dbus-daemon", "--config-file="+config, "--address=unix:path="+filepath.Join(dir, "bus"), "--nofork", "--print-address")
	out, err := bus.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := bus.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = bus.Process.Kill(); _ = bus.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(line)
}

// A fakeLogind answers as logind does, for two sessions: one is of who runs the
// test, the other of somebody else.
type fakeLogind struct {
	bus   *dbus.Conn
	waits chan *os.File // what is closed once the vault is locked
}

const (
	ourSession   = dbus.ObjectPath("/org/freedesktop/login1/session/_31")
	theirSession = dbus.ObjectPath("/org/freedesktop/login1/session/_32")
)

func (l *fakeLogind) Inhibit(what, _, _, mode string) (dbus.UnixFD, *dbus.Error) {
	r, w, err := os.Pipe()
	if err != nil || what != "sleep" || mode != "delay" {
		return 0, dbus.MakeFailedError(os.ErrInvalid)
	}
	l.waits <- r
	return dbus.UnixFD(w.Fd()), nil // the program holds a copy; w goes with the garbage
}

type fakeSession struct{ uid uint32 }

func (s fakeSession) Get(_, name string) (dbus.Variant, *dbus.Error) {
	if name != "User" {
		return dbus.Variant{}, dbus.MakeFailedError(os.ErrInvalid)
	}
	return dbus.MakeVariant(struct {
		UID  uint32
		Path dbus.ObjectPath
	}{s.uid, "/"}), nil
}

func dialBus(t *testing.T, address string) *dbus.Conn {
	t.Helper()
	bus, err := dbus.Connect(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = bus.Close() })
	return bus
}

// Sleep, and the lock of the person's session or screen, are heard on real
// buses; that somebody else's is locked, and who only pretends to be logind, are
// not.
func TestSessionIsWatched(t *testing.T) {
	system, session := startBus(t), startBus(t)
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", system)
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", session)
	l := &fakeLogind{bus: dialBus(t, system), waits: make(chan *os.File, 4)}
	for path, of := range map[dbus.ObjectPath]any{ourSession: fakeSession{uint32(os.Getuid())}, theirSession: fakeSession{uint32(os.Getuid()) + 1}} {
		if err := l.bus.Export(of, path, "org.freedesktop.DBus.Properties"); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.bus.Export(l, logindPath, logindManager); err != nil {
		t.Fatal(err)
	}
	if _, err := l.bus.RequestName(logind, dbus.NameFlagDoNotQueue); err != nil {
		t.Fatal(err)
	}
	screen, stranger := dialBus(t, session), dialBus(t, system)

	ctx, cancel := context.WithCancel(t.Context())
	var times atomic.Int32
	ended := make(chan struct{})
	go func() { watchSession(ctx, func() { times.Add(1) }); close(ended) }()
	held := <-l.waits // so it listens to logind

	emit := func(bus *dbus.Conn, path dbus.ObjectPath, name string, values ...any) {
		t.Helper()
		if err := bus.Emit(path, name, values...); err != nil {
			t.Fatal(err)
		}
	}
	// Not to everybody, but to each that is on the bus.
	whisper := func(path dbus.ObjectPath, member string, values ...any) {
		t.Helper()
		var names []string
		if err := stranger.BusObject().Call("org.freedesktop.DBus.ListNames", 0).Store(&names); err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			m := &dbus.Message{Type: dbus.TypeSignal, Flags: dbus.FlagNoReplyExpected, Body: values, Headers: map[dbus.HeaderField]dbus.Variant{
				dbus.FieldDestination: dbus.MakeVariant(name), dbus.FieldPath: dbus.MakeVariant(path),
				dbus.FieldInterface: dbus.MakeVariant(logindManager), dbus.FieldMember: dbus.MakeVariant(member),
				dbus.FieldSignature: dbus.MakeVariant(dbus.SignatureOf(values...)),
			}}
			if call := stranger.Send(m, nil); call != nil && call.Err != nil {
				t.Fatal(call.Err)
			}
		}
	}
	var want int32
	heard := func(what string) {
		t.Helper()
		want++
		until(t, what, func() bool { return times.Load() == want })
	}
	// What is not to be heard comes before something that is: buses keep the order.
	emit(stranger, logindPath, logindManager+"."+sleeping, true)
	whisper(logindPath, sleeping, true)
	emit(stranger, ourSession, logindSession+"."+locking)
	emit(l.bus, theirSession, logindSession+"."+locking)
	emit(l.bus, logindPath, logindManager+"."+sleeping, "nonsense")
	emit(l.bus, ourSession, logindSession+"."+locking)
	heard("the session is locked")
	emit(l.bus, logindPath, logindManager+"."+sleeping, true)
	heard("the computer is about to sleep")
	emit(l.bus, logindPath, logindManager+"."+sleeping, false)
	again := <-l.waits // the next sleep waits too
	_ = held.Close()
	_ = again.Close()

	for _, of := range []struct {
		path dbus.ObjectPath
		name string
	}{{"/org/freedesktop/ScreenSaver", saver}, {"/org/gnome/ScreenSaver", gnomeSaver}} {
		before := times.Load()
		until(t, "the screen is listened to, and is locked: "+of.name, func() bool {
			emit(screen, of.path, of.name+"."+blanking, false)
			emit(screen, of.path, of.name+"."+blanking, true)
			return times.Load() > before
		})
	}
	cancel()
	<-ended
}

// Where there is no bus nothing is started, and nothing is heard.
func TestNoBus(t *testing.T) {
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path="+filepath.Join(t.TempDir(), "none"))
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "")
	watchSession(t.Context(), func() { t.Error("heard something") })
}
