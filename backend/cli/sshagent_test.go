package cli

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// sshAgent starts the real ssh-agent for the script.
func (w *world) sshAgent([]string) {
	dir, err := os.MkdirTemp("", "a")
	w.ts.Check(err)
	w.ts.Defer(func() { _ = os.RemoveAll(dir) })
	socket := filepath.Join(dir, "s")
	w.background(exec.Command("ssh-agent", "-D", "-a", socket))
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for range patience / (5 * time.Millisecond) {
		if conn, err := net.Dial("unix", socket); err == nil {
			w.ts.Check(conn.Close())
			w.ts.Setenv("SSH_AUTH_SOCK", socket)
			return
		}
		<-tick.C
	}
	w.ts.Fatalf("the agent does not come")
}

// changeHost has the first host of known_hosts known by another key:
// changehost KNOWN_HOSTS PUBLIC.
func (w *world) changeHost(args []string) {
	w.arg(args, 2, "changehost KNOWN_HOSTS PUBLIC")
	host, _, _ := strings.Cut(w.ts.ReadFile(args[0]), " ")
	w.ts.Check(os.WriteFile(w.ts.MkAbs(args[0]), []byte(host+" "+w.ts.ReadFile(args[1])), 0o600))
}
