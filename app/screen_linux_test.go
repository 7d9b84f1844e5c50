//go:build e2e

package app

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A screen is a real X server with a window manager, a session bus and, if
// wanted, an unlocked keyring: the desktop of somebody who has just logged in.
type screen struct {
	home string
	env  []string
}

// openScreen starts a desktop that ends with the test.
func openScreen(t testing.TB, keyring bool) *screen {
	t.Helper()
	s := &screen{home: t.TempDir()}
	s.env = append(os.Environ(), "HOME="+s.home, "XDG_CONFIG_HOME="+filepath.Join(s.home, ".config"),
		"XDG_DATA_HOME="+filepath.Join(s.home, ".local"), "XDG_CACHE_HOME="+filepath.Join(s.home, ".cache"),
		"XDG_RUNTIME_DIR="+s.home, "LANG=C.UTF-8", "WAYLAND_DISPLAY=", "GTK_A11Y=none", "LIBGL_ALWAYS_SOFTWARE=1",
		"LATCHKEY_HTTP=127.0.0.1:0", "LATCHKEY_SFTP=127.0.0.1:0")

	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	xvfb := s.command("Xvfb", "-displayfd", "3", "-screen", "0", "1280x900x24", "-nolisten", "tcp")
	xvfb.ExtraFiles = []*os.File{w}
	s.run(t, xvfb)
	_ = w.Close()
	s.env = append(s.env, "DISPLAY=:"+firstLine(t, r))

	bus := s.command("dbus-daemon", "--session", "--nofork", "--print-address")
	out, err := bus.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	s.run(t, bus)
	s.env = append(s.env, "DBUS_SESSION_BUS_ADDRESS="+firstLine(t, out))
	if keyring {
		ring := s.command("gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets")
		ring.Stdin = strings.NewReader("a password")
		s.run(t, ring)
		s.waitFor(t, "the keyring", func() bool {
			return s.command("dbus-send", "--session", "--print-reply", "--dest=org.freedesktop.secrets", "/org/freedesktop/secrets",
				"org.freedesktop.DBus.Peer.Ping").Run() == nil
		})
	}
	s.run(t, s.command("openbox"))
	return s
}

// firstLine reads the line in which a server says where it is.
func firstLine(t testing.TB, from io.Reader) string {
	t.Helper()
	line := make(chan string, 1)
	go func() {
		var text []byte
		for b := make([]byte, 1); ; text = append(text, b[0]) {
			if _, err := from.Read(b); err != nil || b[0] == '\n' {
				break
			}
		}
		line <- string(text)
	}()
	select {
	case text := <-line:
		return text
	case <-time.After(10 * time.Second):
		t.Fatal("a server of the desktop did not say where it is")
	}
	return ""
}

func (s *screen) command(name string, args ...string) *exec.Cmd {
	c := exec.Command(name, args...)
	c.Env = s.env
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	c.WaitDelay = 5 * time.Second
	return c
}

// run starts a program that is killed, with its children, when the test ends.
func (s *screen) run(t testing.TB, c *exec.Cmd) *program {
	t.Helper()
	p := &program{cmd: c, done: make(chan struct{})}
	c.Stderr = &p.said
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { p.err = c.Wait(); close(p.done) }()
	t.Cleanup(func() { p.kill() })
	return p
}

// A program runs on a screen.
type program struct {
	cmd  *exec.Cmd
	said bytes.Buffer // read it when done
	err  error
	done chan struct{}
}

func (p *program) kill() {
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
	<-p.done
}

// quit asks the program to end, as the end of a session does.
func (p *program) quit(t testing.TB) {
	t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	select {
	case <-p.done:
	case <-time.After(20 * time.Second):
		t.Error("the program does not end")
		p.kill()
	}
}

// waitFor waits until something is so.
func (s *screen) waitFor(t testing.TB, what string, so func() bool) {
	t.Helper()
	for range 300 {
		if so() {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	s.picture(t, "failed")
	t.Fatalf("waited in vain: %s", what)
}

// window waits for the window to be shown, and gives it the keyboard.
func (s *screen) window(t testing.TB) {
	t.Helper()
	s.waitFor(t, "the window", func() bool {
		return s.command("xdotool", "search", "--onlyvisible", "--name", "^Latchkey$", "windowactivate", "--sync").Run() == nil
	})
	s.settle(t)
}

// press presses keys, each as xdotool names them, once what is on the screen
// has settled.
func (s *screen) press(t testing.TB, keys ...string) {
	t.Helper()
	for _, key := range keys {
		if out, err := s.command("xdotool", "key", "--clearmodifiers", key).CombinedOutput(); err != nil {
			t.Fatalf("press %s: %v: %s", key, err, out)
		}
		s.settle(t)
	}
}

// enter types a text.
func (s *screen) enter(t testing.TB, text string) {
	t.Helper()
	if out, err := s.command("xdotool", "type", "--delay", "15", text).CombinedOutput(); err != nil {
		t.Fatalf("type: %v: %s", err, out)
	}
	s.settle(t)
}

// settle waits until the picture stands still: what a key began has ended. A
// cursor that blinks is two pictures, so the last few are compared.
func (s *screen) settle(t testing.TB) {
	t.Helper()
	seen := map[[sha256.Size]byte]int{}
	for range 60 {
		time.Sleep(120 * time.Millisecond)
		sum := sha256.Sum256(s.shot(t))
		if seen[sum]++; seen[sum] == 3 {
			return
		}
	}
}

func (s *screen) shot(t testing.TB) []byte {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	c := exec.CommandContext(ctx, "import", "-window", "root", "rgb:-")
	c.Env = s.env
	out, err := c.Output()
	if err != nil && !errors.Is(err, context.Canceled) {
		t.Fatalf("take a picture: %v", err)
	}
	return out
}

// picturesEnv names the folder that pictures are kept in, for people to look at.
const picturesEnv = "LATCHKEY_PICTURES"

// picture keeps what is on the screen, if somebody wants to see it.
func (s *screen) picture(t testing.TB, name string) {
	t.Helper()
	folder := os.Getenv(picturesEnv)
	if folder == "" {
		return
	}
	file := filepath.Join(folder, strings.ReplaceAll(t.Name(), "/", "-")+"-"+name+".png")
	if out, err := s.command("import", "-window", "root", file).CombinedOutput(); err != nil {
		t.Errorf("keep a picture: %v: %s", err, out)
	}
}

// build builds a program with the tags of the desktop edition, and returns its path.
func build(t testing.TB, folder string) string {
	t.Helper()
	if _, err := os.Stat("../frontend/dist/index.html"); err != nil {
		t.Fatal("the page is not built: make page")
	}
	program := filepath.Join(t.TempDir(), "latchkey")
	c := exec.CommandContext(t.Context(), "go", "build", "-tags", "desktop,production,webkit2_41", "-ldflags", "-X main.version=1.2.3", "-o", program, ".")
	c.Dir = folder
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return program
}
