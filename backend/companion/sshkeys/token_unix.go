//go:build unix

package sshkeys

import (
	"os/exec"
	"syscall"
)

// asksWithoutTerminal says that ssh-keygen can be given another program to ask.
const asksWithoutTerminal = true

// endTogether has what a program has started end with it.
func endTogether(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
