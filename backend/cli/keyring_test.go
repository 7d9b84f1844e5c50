package cli

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"
)

// busConfig is a session bus that starts no services by itself.
const busConfig = `<busconfig>
  <type>session</type>
  <listen>unix:path=/replaced/by/--address</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>`

// hasKeyring reports whether the programs of a desktop's keyring are here.
func hasKeyring() bool {
	_, bus := exec.LookPath("dbus-daemon")
	_, ring := exec.LookPath("gnome-keyring-daemon")
	return bus == nil && ring == nil
}

// keyring starts a session bus of the script's own, with the real
// gnome-keyring on it, unlocked.
func (w *world) keyring([]string) {
	home := filepath.Join(w.dir, "desktop")
	w.ts.Check(os.Mkdir(home, 0o700))
	config := filepath.Join(home, "bus.conf")
	w.ts.Check(os.WriteFile(config, []byte(busConfig), 0o600))
	address := "unix:path=" + filepath.Join(home, "bus")
	bus := exec.Command("dbus-daemon", "--nofork", "--nosyslog", "--print-address", "--config-file="+config, "--address="+address)
	out, err := bus.StdoutPipe()
	w.ts.Check(err)
	w.background(bus)
	_, err = bufio.NewReader(out).ReadString('\n') // it listens
	w.ts.Check(err)

	ring := exec.Command("gnome-keyring-daemon", "--foreground", "--components=secrets", "--unlock")
	ring.Stdin = strings.NewReader("login password")
	ring.Env = append(os.Environ(), "HOME="+home, "XDG_RUNTIME_DIR="+home, "XDG_DATA_HOME="+home, "XDG_CACHE_HOME="+home,
		"XDG_CONFIG_HOME="+home, "DISPLAY=", "WAYLAND_DISPLAY=", "GNOME_KEYRING_CONTROL=", "DBUS_SESSION_BUS_ADDRESS="+address)
	w.background(ring)
	w.awaitSecrets(address)
	w.ts.Setenv("DBUS_SESSION_BUS_ADDRESS", address)
}

// background starts a command that ends with the script.
func (w *world) background(c *exec.Cmd) {
	w.ts.Check(c.Start())
	w.ts.Defer(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	})
}

// awaitSecrets waits until the keyring is on the bus.
func (w *world) awaitSecrets(address string) {
	conn, err := dbus.Connect(address)
	w.ts.Check(err)
	defer func() { _ = conn.Close() }()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for range patience / (5 * time.Millisecond) {
		var there bool
		w.ts.Check(conn.BusObject().Call("org.freedesktop.DBus.NameHasOwner", 0, "org.freedesktop.secrets").Store(&there))
		if there {
			return
		}
		<-tick.C
	}
	w.ts.Fatalf("the keyring does not come")
}
