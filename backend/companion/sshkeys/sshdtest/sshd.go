// Package sshdtest runs OpenSSH's server for tests of what signs in to one.
package sshdtest

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"latchkey/backend/companion/sshkeys"
	"latchkey/backend/internal/env"
)

// A Server is a running sshd with one account: that of who runs the test.
type Server struct {
	Port int
	User string
}

// Start runs sshd until the test ends. SFTP begins in home, and keys is the file
// of keys that open it. More are further lines of its configuration. Without an
// sshd the test is skipped.
func Start(t *testing.T, home, keys, more string) Server {
	t.Helper()
	sshd, err := exec.LookPath("sshd")
	if err != nil {
		sshd = "/usr/sbin/sshd"
	}
	if _, err := os.Stat(sshd); err != nil {
		t.Skip("there is no sshd here")
	}
	if os.Getuid() == 0 {
		must(t, os.MkdirAll("/run/sshd", 0o755))
	}
	who, err := user.Current()
	must(t, err)
	dir := t.TempDir()
	host, err := sshkeys.NewWorkshop(env.System()).Make(t.Context(), sshkeys.Request{Folder: dir, Name: "host"})
	must(t, err)
	l, err := net.Listen("tcp", "127.0.0.1:0") // sshd does not tell a port that it has chosen
	must(t, err)
	port := l.Addr().(*net.TCPAddr).Port
	must(t, l.Close())
	config := fmt.Sprintf("ListenAddress 127.0.0.1\nPort %d\nHostKey %s\nPidFile none\nUsePAM no\nStrictModes no\nPermitRootLogin yes\n"+
		"AuthorizedKeysFile %s\nSubsystem sftp internal-sftp -d %s\n%s", port, host.Path, keys, home, more)
	must(t, os.WriteFile(filepath.Join(dir, "config"), []byte(config), 0o600))
	cmd := exec.Command(sshd, "-D", "-e", "-f", filepath.Join(dir, "config"))
	said := &log{}
	cmd.Stderr = said
	must(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("sshd said:\n%s", said)
		}
	})
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for range 6000 {
		if c, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port))); err == nil {
			must(t, c.Close())
			return Server{port, who.Username}
		}
		<-tick.C
	}
	t.Fatal("sshd does not come")
	return Server{}
}

// A log is what a program has said.
type log struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
