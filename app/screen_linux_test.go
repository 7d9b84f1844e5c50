//go:build e2e

package app

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
)

// A seat is a real X server with a window manager, a session bus and, if
// wanted, an unlocked keyring: the desktop of somebody who has just logged in.
type seat struct {
	home     string
	env      []string
	running  []*program
	latchkey *program // the last of them that has a window
	x        *xgb.Conn
}

// openSeat starts a desktop that ends with the test.
func openSeat(t testing.TB, keyring bool) *seat {
	t.Helper()
	s := &seat{home: t.TempDir()}
	s.env = append(os.Environ(), "HOME="+s.home, "XDG_CONFIG_HOME="+filepath.Join(s.home, ".config"),
		"XDG_DATA_HOME="+filepath.Join(s.home, ".local"), "XDG_CACHE_HOME="+filepath.Join(s.home, ".cache"),
		"XDG_RUNTIME_DIR="+s.home, "LANG=C.UTF-8", "WAYLAND_DISPLAY=", "GTK_A11Y=none", "LIBGL_ALWAYS_SOFTWARE=1",
		"LATCHKEY_HTTP=127.0.0.1:0", "LATCHKEY_SFTP=127.0.0.1:0")

	s.still(t)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	xvfb := s.command("Xvfb", "-displayfd", "3", "-screen", "0", "1280x900x24", "-nolisten", "tcp")
	xvfb.ExtraFiles = []*os.File{w}
	s.run(t, xvfb)
	_ = w.Close()
	display := ":" + firstLine(t, r)
	s.env = append(s.env, "DISPLAY="+display)
	s.look(t, display)

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
		s.waitFor(t, "the keyring", s.unlocked)
	}
	s.run(t, s.command("openbox"))
	return s
}

// unlocked reports whether the keyring is there and open. Who it is that has its
// name is asked first: another message would start one that is locked.
func (s *seat) unlocked() bool {
	ask := func(service, object, method string, args ...string) string {
		out, _ := s.output("dbus-send", append([]string{"--session", "--print-reply", "--dest=" + service, object, method}, args...)...)
		return out
	}
	return strings.Contains(ask("org.freedesktop.DBus", "/org/freedesktop/DBus",
		"org.freedesktop.DBus.NameHasOwner", "string:org.freedesktop.secrets"), "boolean true") &&
		strings.Contains(ask("org.freedesktop.secrets", "/org/freedesktop/secrets/aliases/default",
			"org.freedesktop.DBus.Properties.Get", "string:org.freedesktop.Secret.Collection", "string:Locked"), "boolean false")
}

// still has nothing on the screen move by itself: a caret that blinks would
// look like an answer to a key.
func (s *seat) still(t testing.TB) {
	t.Helper()
	settings := filepath.Join(s.home, ".config", "gtk-3.0", "settings.ini")
	if err := os.MkdirAll(filepath.Dir(settings), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(settings, []byte("[Settings]\ngtk-cursor-blink=0\n"), 0o600); err != nil {
		t.Fatal(err)
	}
}

// look opens the connection over which pictures are taken.
func (s *seat) look(t testing.TB, display string) {
	t.Helper()
	xgb.Logger.SetOutput(io.Discard) // it speaks of the cookie that this server does not ask for
	x, err := xgb.NewConnDisplay(display)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(x.Close)
	s.x = x
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
	case <-time.After(longest):
		t.Fatal("a server of the desktop did not say where it is")
	}
	return ""
}

func (s *seat) command(name string, args ...string) *exec.Cmd {
	c := exec.Command(name, args...)
	c.Dir, c.Env = s.home, s.env
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	c.WaitDelay = 5 * time.Second
	return c
}

// run starts a program that is killed, with its children, when the test ends.
func (s *seat) run(t testing.TB, c *exec.Cmd) *program {
	t.Helper()
	p := &program{cmd: c, done: make(chan struct{})}
	c.Stderr = &p.said
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { p.err = c.Wait(); close(p.done) }()
	t.Cleanup(func() { p.kill() })
	s.running = append(s.running, p)
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
		return
	case <-time.After(longest):
	}
	_ = p.cmd.Process.Signal(syscall.SIGQUIT) // has it say where it stands
	select {
	case <-p.done:
	case <-time.After(10 * time.Second):
		p.kill()
	}
	t.Errorf("the program does not end:\n%s", &p.said)
}

// longest is how long something may take on a machine that is very busy.
const longest = 2 * time.Minute

// waitFor waits until something is so.
func (s *seat) waitFor(t testing.TB, what string, so func() bool) {
	t.Helper()
	for end := time.Now().Add(longest); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if so() {
			return
		}
	}
	s.picture(t, "failed")
	t.Fatalf("waited in vain: %s", what)
}

// open starts a program, waits for its window, and gives that the keyboard.
func (s *seat) open(t testing.TB, path string) *program {
	t.Helper()
	s.latchkey = s.run(t, s.command(path))
	s.toFront(t)
	return s.latchkey
}

// toFront waits for the window, and gives it the keyboard.
func (s *seat) toFront(t testing.TB) {
	t.Helper()
	s.waitFor(t, "the window", func() bool {
		return s.command("xdotool", "search", "--onlyvisible", "--name", "^Latchkey$", "windowactivate", "--sync").Run() == nil
	})
	s.settle(t)
}

// awayAndBack does something for which the window goes away, and waits until it
// is in front again. How long it is gone nobody can say, so the X server tells.
func (s *seat) awayAndBack(t testing.TB, do func()) {
	t.Helper()
	out, err := s.command("xdotool", "search", "--onlyvisible", "--name", "^Latchkey$").Output()
	if err != nil {
		t.Fatal(err)
	}
	id, err := strconv.ParseUint(strings.TrimSpace(string(out)), 10, 32)
	if err != nil {
		t.Fatal(err)
	}
	window := xproto.Window(id)
	if err := xproto.ChangeWindowAttributesChecked(s.x, window, xproto.CwEventMask, []uint32{xproto.EventMaskStructureNotify}).Check(); err != nil {
		t.Fatal(err)
	}
	do()
	gone := false
	s.waitFor(t, "the window has gone away and is back", func() bool {
		for e, err := s.x.PollForEvent(); e != nil || err != nil; e, err = s.x.PollForEvent() {
			switch e.(type) {
			case xproto.UnmapNotifyEvent:
				gone = true
			case xproto.MapNotifyEvent:
				if gone {
					return true
				}
			}
		}
		return false
	})
	s.toFront(t)
}

// press presses keys, each as xdotool names them, one after the other: the next
// when the one before has been answered on the screen, and all it began is done.
func (s *seat) press(t testing.TB, keys ...string) {
	t.Helper()
	for _, key := range keys {
		s.answered(t, key, "key", "--clearmodifiers", key)
	}
}

// enter types a text.
func (s *seat) enter(t testing.TB, text string) {
	t.Helper()
	s.answered(t, "typing", "type", "--delay", "15", text)
}

func (s *seat) answered(t testing.TB, what string, args ...string) {
	t.Helper()
	before := s.shot(t)
	if out, err := s.command("xdotool", args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v: %s", what, err, out)
	}
	s.waitFor(t, "an answer to "+what, func() bool { return !bytes.Equal(before, s.shot(t)) })
	s.settle(t)
}

// settle waits until what a key began has ended: at some looks in a row nothing
// on the desktop runs or would if it got to, and the picture is the same. The
// picture alone says little on a busy machine, where it stands still because
// nobody gets to draw. The program under test has clocks of its own that tick,
// so it only has to be seen asleep meanwhile.
func (s *seat) settle(t testing.TB) {
	t.Helper()
	ours := s.latchkey.cmd.Process.Pid
	rest := slices.DeleteFunc(processes(t, s.running...), func(pid int) bool { return pid == ours })
	var before []byte
	var quiet, asleep int
	s.waitFor(t, "the desktop comes to rest", func() bool {
		if awake(rest) {
			quiet, asleep = 0, 0
			return false
		}
		if quiet == 0 {
			before = s.shot(t)
		}
		quiet++
		if !awake([]int{ours}) {
			asleep++
		}
		if quiet < 5 || asleep < 2 {
			return false
		}
		quiet, asleep = 0, 0
		return bytes.Equal(before, s.shot(t))
	})
}

// shot is what is on the screen now.
func (s *seat) shot(t testing.TB) []byte {
	t.Helper()
	root := xproto.Setup(s.x).DefaultScreen(s.x)
	picture, err := xproto.GetImage(s.x, xproto.ImageFormatZPixmap, xproto.Drawable(root.Root), 0, 0,
		root.WidthInPixels, root.HeightInPixels, ^uint32(0)).Reply()
	if err != nil {
		t.Fatalf("take a picture: %v", err)
	}
	return picture.Data
}

// picturesEnv names the folder that pictures are kept in, for people to look at.
const picturesEnv = "LATCHKEY_PICTURES"

// picture keeps what is on the screen, if somebody wants to see it.
func (s *seat) picture(t testing.TB, name string) {
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
