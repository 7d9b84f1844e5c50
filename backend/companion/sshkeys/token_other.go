//go:build !unix

package sshkeys

import "os/exec"

// asksWithoutTerminal says that ssh-keygen asks on a terminal alone.
const asksWithoutTerminal = false

func endTogether(*exec.Cmd) {}
