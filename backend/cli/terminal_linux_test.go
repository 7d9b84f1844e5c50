package cli

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestPasswordIsNotShown types a password as a person does: after the prompt.
func TestPasswordIsNotShown(t *testing.T) {
	p := askForPassword(t)
	p.expect("New password for admin: ")
	p.hidden()
	p.typed("battery-horse-staple\n")
	p.expect("The same again: ")
	p.hidden()
	p.typed("battery-horse-staple\n")
	p.expect("The password of admin has been changed")
	if err := p.cmd.Wait(); err != nil {
		t.Error(err)
	}
	if strings.Contains(p.seen, "battery") {
		t.Errorf("the terminal shows %q", p.seen)
	}
	if !p.echoes() {
		t.Error("what is typed afterwards is not shown")
	}
}

// TestInterruptedPrompt leaves the terminal as it was.
func TestInterruptedPrompt(t *testing.T) {
	p := askForPassword(t)
	p.expect("New password for admin: ")
	p.hidden()
	p.typed("\x03")
	p.expect("latchkey: Interrupted before it was done.")
	if err := p.cmd.Wait(); err == nil || p.cmd.ProcessState.ExitCode() != exitFailed {
		t.Errorf("it ended with %v", err)
	}
	if !p.echoes() {
		t.Error("what is typed afterwards is not shown")
	}
}

// A person sits at a terminal.
type person struct {
	t    *testing.T
	hand *os.File // the side of the person
	tty  *os.File // the side of the program
	cmd  *exec.Cmd
	seen string
}

// askForPassword starts a command that asks the person for one.
func askForPassword(t *testing.T) *person {
	data := filepath.Join(t.TempDir(), "data")
	env := append(os.Environ(), "LATCHKEY_DATA="+data, "LATCHKEY_ADMIN_PASSWORD=correct-horse-battery")
	server, err := startProcess(env, t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	server.end()

	p := &person{t: t, cmd: exec.Command("latchkey", "user", "passwd", "admin")}
	p.open()
	p.cmd.Env = env
	p.cmd.Stdin, p.cmd.Stdout, p.cmd.Stderr = p.tty, p.tty, p.tty
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.cmd.Process.Kill() })
	return p
}

// open opens a pseudo-terminal.
func (p *person) open() {
	var err error
	if p.hand, err = os.OpenFile("/dev/ptmx", os.O_RDWR, 0); err != nil {
		p.t.Skipf("this machine has no pseudo-terminals: %v", err)
	}
	p.t.Cleanup(func() { _ = p.hand.Close() })
	if err := unix.IoctlSetPointerInt(int(p.hand.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		p.t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(p.hand.Fd()), unix.TIOCGPTN)
	if err != nil {
		p.t.Fatal(err)
	}
	if p.tty, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|syscall.O_NOCTTY, 0); err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { _ = p.tty.Close() })
}

// expect reads what the terminal shows until it shows text.
func (p *person) expect(text string) {
	p.t.Helper()
	buf := make([]byte, 1024)
	for from := len(p.seen); !strings.Contains(p.seen[from:], text); {
		n, err := p.hand.Read(buf)
		if err != nil {
			p.t.Fatalf("waiting for %q: %v; seen %q", text, err, p.seen)
		}
		p.seen += string(buf[:n])
	}
}

func (p *person) typed(text string) {
	if _, err := p.hand.WriteString(text); err != nil {
		p.t.Fatal(err)
	}
}

func (p *person) echoes() bool {
	state, err := unix.IoctlGetTermios(int(p.hand.Fd()), unix.TCGETS)
	if err != nil {
		p.t.Fatal(err)
	}
	return state.Lflag&unix.ECHO != 0
}

// hidden waits until the terminal does not show what is typed.
func (p *person) hidden() {
	p.t.Helper()
	deadline := time.After(patience)
	for p.echoes() {
		select {
		case <-deadline:
			p.t.Fatal("the terminal shows what is typed")
		case <-time.After(time.Millisecond):
		}
	}
}
