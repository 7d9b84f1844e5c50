package cli

import (
	"bufio"
	"database/sql"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	_ "modernc.org/sqlite"
)

// patience is how long a script waits for what must happen. It is a guard
// against waiting for ever and measures nothing.
const patience = time.Minute

// A process is a server that runs beside a script.
type process struct {
	cmd    *exec.Cmd
	errors *os.File
	ready  string
	ended  chan error
}

// serve starts the server on free ports and waits for its line: serve FLAG...
// It sets HTTP and SFTP, and ADMIN_PASSWORD if one is shown. What the server
// prints is in the files serve.out and serve.err.
func (w *world) serve(args []string) {
	p, err := startProcess(environment(w.ts), w.dir, args)
	w.ts.Check(err)
	w.server = p
	w.ts.Defer(p.end)
	at := p.addresses()
	if at == nil {
		p.end()
		w.ts.Fatalf("the server said %q, then: %s", p.ready, p.said())
	}
	w.ts.Check(os.WriteFile(filepath.Join(w.dir, "serve.out"), []byte(p.ready), 0o600))
	w.ts.Setenv("HTTP", at[1])
	w.ts.Setenv("SFTP", at[2])
	if _, port, err := net.SplitHostPort(at[2]); err == nil {
		w.ts.Setenv("SFTP_PORT", port)
	}
	if password := find(w.ts, `password   (\S+)`, p.said()); password != "" {
		w.ts.Setenv("ADMIN_PASSWORD", password)
	}
	w.tlsPin = find(w.ts, `TLS certificate  (\S+)`, p.said())
}

func startProcess(env []string, dir string, args []string) (*process, error) {
	args = append([]string{"serve", "--http", "127.0.0.1:0", "--sftp", "127.0.0.1:0"}, args...)
	said, err := os.Create(filepath.Join(dir, "serve.err"))
	if err != nil {
		return nil, err
	}
	program, err := exec.LookPath("latchkey")
	if err != nil {
		return nil, err
	}
	p := &process{cmd: exec.Command(program, args...), errors: said, ended: make(chan error, 1)}
	p.cmd.Dir, p.cmd.Stderr, p.cmd.Env = dir, said, env
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewReader(out)
	p.ready, _ = lines.ReadString('\n') // empty if it ended
	go func() {
		rest, _ := io.ReadAll(lines)
		err := p.cmd.Wait()
		if len(rest) > 0 {
			err = fmt.Errorf("it printed more than the one line: %q (%w)", rest, err)
		}
		p.ended <- err
	}()
	return p, nil
}

// environment is the script's own.
func environment(ts *testscript.TestScript) []string {
	var out []string
	for _, name := range []string{
		"PATH", "HOME", "TMPDIR", "XDG_CONFIG_HOME", "LATCHKEY_DATA", "LATCHKEY_ADMIN_PASSWORD", "LATCHKEY_HTTP", "GOCOVERDIR",
	} {
		if v := ts.Getenv(name); v != "" {
			out = append(out, name+"="+v)
		}
	}
	return out
}

// addresses returns the line that says that the server is ready, the address of
// its HTTP listener and that of its SFTP listener; or nil.
func (p *process) addresses() []string {
	return regexp.MustCompile(`^ready http=(\S+) sftp=(\S+)\n$`).FindStringSubmatch(p.ready)
}

func (p *process) said() string {
	text, _ := os.ReadFile(p.errors.Name())
	return string(text)
}

// wait waits for the end.
func (p *process) wait() error {
	select {
	case err := <-p.ended:
		p.ended <- err // for whoever asks next
		return err
	case <-time.After(patience):
		return fmt.Errorf("it does not end")
	}
}

// end makes sure that nothing is left of the process.
func (p *process) end() {
	_ = p.cmd.Process.Kill()
	_ = p.wait()
	_ = p.errors.Close()
}

// halt asks the server to end, and checks that it did so in good order:
// halt [INT].
func (w *world) halt(args []string) {
	sig := syscall.SIGTERM
	if len(args) == 1 && args[0] == "INT" {
		sig = syscall.SIGINT
	}
	w.ts.Check(w.server.cmd.Process.Signal(sig))
	if err := w.server.wait(); err != nil {
		w.ts.Fatalf("the server ended with %v and said: %s", err, w.server.said())
	}
}

// kill9 ends the server as a power cut would.
func (w *world) kill9([]string) { w.server.end() }

// insist sends signals until the server ends, which must be by a signal: the
// server has something under way that it waits for, but not twice.
func (w *world) insist([]string) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		_ = w.server.cmd.Process.Signal(syscall.SIGTERM) // fails when it has ended
		select {
		case err := <-w.server.ended:
			w.server.ended <- err
			state, ok := w.server.cmd.ProcessState.Sys().(syscall.WaitStatus)
			w.must(ok && state.Signaled(), "the server ended with %v", err)
			return
		case <-tick.C:
		}
	}
}

// hang begins a request that does not end.
func (w *world) hang([]string) {
	conn, err := net.Dial("tcp", strings.TrimPrefix(w.ts.Getenv("HTTP"), "http://"))
	w.ts.Check(err)
	w.ts.Defer(func() { _ = conn.Close() })
	_, err = fmt.Fprintf(conn, "POST /api/auth/login HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\n"+
		"Expect: 100-continue\r\nContent-Length: 100\r\n\r\n", conn.RemoteAddr())
	w.ts.Check(err)
	line, err := bufio.NewReader(conn).ReadString('\n') // the handler reads the body
	if err != nil || !strings.Contains(line, "100 Continue") {
		w.ts.Fatalf("the server answered %q, %v", line, err)
	}
}

// listen takes a port and sets TAKEN to its address.
func (w *world) listen([]string) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	w.ts.Check(err)
	w.ts.Defer(func() { _ = ln.Close() })
	w.ts.Setenv("TAKEN", ln.Addr().String())
}

// sql runs a statement on the database, behind the program's back.
func (w *world) sql(args []string) {
	w.arg(args, 1, "sql STATEMENT")
	db, err := sql.Open("sqlite", filepath.Join(w.dir, "data", "latchkey.db")+"?_pragma=busy_timeout(30000)")
	w.ts.Check(err)
	defer func() { _ = db.Close() }()
	_, err = db.Exec(args[0])
	w.ts.Check(err)
}

// find returns what the first group of a pattern matches, or "".
func find(ts *testscript.TestScript, pattern, text string) string {
	re, err := regexp.Compile("(?m)" + pattern)
	ts.Check(err)
	if m := re.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	return ""
}
