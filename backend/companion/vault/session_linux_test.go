package vault

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
	"golang.org/x/sys/unix"

	"latchkey/backend/internal/env"
	"latchkey/backend/internal/secret"
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

const secretService = "org.freedesktop.secrets"

// A session is a session bus of its own, with the real gnome-keyring on it, in
// a home folder of its own.
type session struct {
	*bench
	dir     string
	stopBus func()
}

// newSession starts the bus, and returns a vault that is not made yet, on the
// system's keyring.
func newSession(t *testing.T) *session {
	t.Helper()
	for command, pkg := range map[string]string{"dbus-daemon": "dbus-daemon", "gnome-keyring-daemon": "gnome-keyring"} {
		if _, err := exec.LookPath(command); err != nil {
			t.Skipf("%s is not installed (Debian package %s)", command, pkg)
		}
	}
	dir := t.TempDir()
	for _, name := range []string{"HOME", "XDG_RUNTIME_DIR", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"} {
		t.Setenv(name, dir)
	}
	for _, name := range []string{"DISPLAY", "WAYLAND_DISPLAY", "GNOME_KEYRING_CONTROL"} {
		t.Setenv(name, "")
	}
	s := &session{bench: &bench{t: t, file: filepath.Join(dir, "vault.db")}, dir: dir}
	s.startBus()
	s.Vault = s.onSystem()
	return s
}

// onSystem opens the vault with the system's keyring.
func (s *session) onSystem() *Vault {
	s.t.Helper()
	v, err := Open(s.file, Options{Env: env.System(), Keyring: SystemKeyring{}, Costs: cheap()})
	s.must(err)
	return v
}

func (s *session) startBus() {
	s.t.Helper()
	config := filepath.Join(s.dir, "bus.conf")
	s.must(os.WriteFile(config, []byte(busConfig), 0o600))
	address := "unix:path=" + filepath.Join(s.dir, "bus")
	s.t.(*testing.T).Setenv("DBUS_SESSION_BUS_ADDRESS", address)
	cmd := exec.Command("dbus-daemon", "--nofork", "--nosyslog", "--print-address", "--config-file="+config, "--address="+address)
	out, err := cmd.StdoutPipe()
	s.must(err)
	end := s.start(cmd)
	_, err = bufio.NewReader(out).ReadString('\n') // it listens
	s.must(err)
	conn, err := dbus.SessionBus() // the one that the library is going to use
	s.must(err)
	s.stopBus = func() {
		end()
		<-conn.Context().Done()
	}
	s.t.Cleanup(s.stopBus)
}

// start starts a command, which ends when end is called, or with the test.
func (s *session) start(cmd *exec.Cmd) (end func()) {
	s.t.Helper()
	s.must(cmd.Start())
	end = sync.OnceFunc(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	s.t.Cleanup(end)
	return end
}

// keyring starts the keyring, unlocked if there is a password, and returns its
// process.
func (s *session) keyring(password string) *os.Process {
	s.t.Helper()
	cmd := exec.Command("gnome-keyring-daemon", "--foreground", "--components=secrets")
	if password != "" {
		cmd.Args = append(cmd.Args, "--unlock")
	}
	cmd.Stdin = strings.NewReader(password)
	s.start(cmd)
	s.waitForService()
	return cmd.Process
}

func (s *session) waitForService() {
	s.t.Helper()
	conn, err := dbus.SessionBus()
	s.must(err)
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(2 * time.Millisecond) {
		var there bool
		s.must(conn.BusObject().Call("org.freedesktop.DBus.NameHasOwner", 0, secretService).Store(&there))
		if there {
			return
		}
		if time.Now().After(deadline) {
			s.t.Fatal("the keyring does not come")
		}
	}
}

const loginPassword = "login password"

func TestSystemKeyring(t *testing.T) {
	s := newSession(t)
	s.keyring(loginPassword)
	s.must(s.ProbeKeyring(s.ctx(), Briefly))
	s.create(WithKeyring(Briefly))
	s.put(s.Vault, "nas", "one")
	v := s.onSystem()
	s.must(v.Unlock(s.ctx(), WithKeyring(Briefly)))
	s.wantRecord(v, "nas", "one")

	entry := v.opened.header.protection.entryName()
	s.must(v.Move(s.ctx(), WithKeyring(Briefly)))
	_, err := SystemKeyring{}.Get(entry)
	s.want(err, ErrKeyringMissing) // the old entry is gone
	entry = v.opened.header.protection.entryName()

	s.must(SystemKeyring{}.Set(entry, secret.New("not a key")))
	s.want(s.onSystem().Unlock(s.ctx(), WithKeyring(Briefly)), ErrKeyMismatch)
	s.must(SystemKeyring{}.Set(entry, entryText(key{1})))
	s.want(s.onSystem().Unlock(s.ctx(), WithKeyring(Briefly)), ErrKeyMismatch)
	s.must(SystemKeyring{}.Delete(entry))
	s.want(s.onSystem().Unlock(s.ctx(), WithKeyring(Briefly)), ErrKeyringMissing)
	s.want(SystemKeyring{}.Delete(entry), ErrKeyringMissing)

	s.must(v.Unlock(s.ctx(), WithRecovery(s.recovery)))
	s.must(v.Move(s.ctx(), WithKeyring(Briefly)))
	s.must(s.onSystem().Unlock(s.ctx(), WithKeyring(Briefly)))
	s.must(v.Move(s.ctx(), WithPassphrase(secret.New(passphrase))))
	_, err = SystemKeyring{}.Get(v.opened.header.protection.entryName())
	s.want(err, ErrKeyringMissing)
}

// A keyring that was never unlocked, where nobody can be asked.
func TestSystemKeyringLocked(t *testing.T) {
	s := newSession(t)
	s.keyring("")
	within(t, func() {
		s.want(s.ProbeKeyring(s.ctx(), Briefly), ErrKeyringLocked)
		_, err := s.Create(s.ctx(), WithKeyring(Briefly))
		s.want(err, ErrKeyringLocked)
	})
	s.wantState(s.Vault, New)
	s.create(WithPassphrase(secret.New(passphrase)))
}

func TestSystemKeyringHangs(t *testing.T) {
	s := newSession(t)
	daemon := s.keyring(loginPassword)
	s.create(WithKeyring(Briefly))
	s.must(daemon.Signal(unix.SIGSTOP))
	v := s.onSystem()
	soon := WithKeyring(Patience(100 * time.Millisecond))
	for range 5 {
		s.want(v.Unlock(s.ctx(), soon), ErrKeyringSilent)
	}
	s.must(v.Unlock(s.ctx(), WithRecovery(s.recovery)))
	s.must(daemon.Signal(unix.SIGCONT))
	s.must(v.Unlock(s.ctx(), WithKeyring(Asked))) // back without a restart
}

// The keyring ends in the middle of a call, and another one comes.
func TestSystemKeyringEnds(t *testing.T) {
	s := newSession(t)
	daemon := s.keyring(loginPassword)
	s.create(WithKeyring(Briefly))
	s.must(daemon.Signal(unix.SIGSTOP))
	result := make(chan error)
	go func() { result <- s.Unlock(s.ctx(), WithKeyring(Asked)) }()
	s.must(daemon.Kill())
	if err := <-result; err == nil {
		t.Error("it opens without a keyring")
	}
	within(t, func() { s.want(s.Unlock(s.ctx(), WithKeyring(Briefly)), ErrKeyringAbsent) })
	s.must(s.Check(s.ctx(), WithRecovery(s.recovery)))
	s.keyring(loginPassword)
	s.must(s.Unlock(s.ctx(), WithKeyring(Briefly)))
}

// The bus ends in the middle of a call, and another one comes.
func TestSessionBusEnds(t *testing.T) {
	s := newSession(t)
	daemon := s.keyring(loginPassword)
	s.create(WithKeyring(Briefly))
	s.must(daemon.Signal(unix.SIGSTOP))
	result := make(chan error)
	go func() { result <- s.Unlock(s.ctx(), WithKeyring(Asked)) }()
	s.stopBus()
	if err := <-result; err == nil {
		t.Error("it opens without a bus")
	}
	within(t, func() { s.want(s.Unlock(s.ctx(), WithKeyring(Briefly)), ErrKeyringAbsent) })
	s.must(s.Check(s.ctx(), WithRecovery(s.recovery)))
	s.must(daemon.Kill())
	s.startBus()
	s.keyring(loginPassword)
	s.must(s.Unlock(s.ctx(), WithKeyring(Briefly)))
}

// A babbler is a keyring that asks, and then says what makes no sense.
type babbler struct{ conn *dbus.Conn }

func (babbler) OpenSession(string, dbus.Variant) (dbus.Variant, dbus.ObjectPath, *dbus.Error) {
	return dbus.MakeVariant(""), "/session", nil
}

func (babbler) Unlock([]dbus.ObjectPath) ([]dbus.ObjectPath, dbus.ObjectPath, *dbus.Error) {
	return nil, "/prompt", nil
}

func (b babbler) Prompt(string) *dbus.Error {
	_ = b.conn.Emit("/prompt", "org.freedesktop.Secret.Prompt.Completed")
	return nil
}

// The library panics on an answer like that.
func TestSecretServiceBabbles(t *testing.T) {
	s := newSession(t)
	conn, err := dbus.ConnectSessionBus()
	s.must(err)
	defer conn.Close()
	s.must(conn.Export(babbler{conn}, "/org/freedesktop/secrets", "org.freedesktop.Secret.Service"))
	s.must(conn.Export(babbler{conn}, "/prompt", "org.freedesktop.Secret.Prompt"))
	_, err = conn.RequestName(secretService, dbus.NameFlagDoNotQueue)
	s.must(err)
	within(t, func() { err = s.ProbeKeyring(s.ctx(), Asked) })
	s.want(err, ErrKeyringFailing)
	if !strings.Contains(err.Error(), "panic") {
		t.Errorf("%v: the library does not panic any more", err)
	}
	s.wantState(s.Vault, New)
}

func TestNoSecretService(t *testing.T) {
	s := newSession(t)
	s.want(s.ProbeKeyring(s.ctx(), Briefly), ErrKeyringAbsent)
	_, err := s.Create(s.ctx(), WithKeyring(Briefly))
	s.want(err, ErrKeyringAbsent)
	s.wantState(s.Vault, New)
}

func TestNoSessionBus(t *testing.T) {
	s := newSession(t)
	s.stopBus()
	t.Setenv("PATH", "/nonexistent") // or dbus-launch could start a bus
	for address, want := range map[string]error{
		"unix:path=/nonexistent": ErrKeyringAbsent,
		"unix:path=" + s.dir:     ErrKeyringAbsent,
		"nonsense":               ErrKeyringFailing,
	} {
		t.Setenv("DBUS_SESSION_BUS_ADDRESS", address)
		s.want(s.ProbeKeyring(s.ctx(), Briefly), want)
	}
	s.wantState(s.Vault, New)
}
