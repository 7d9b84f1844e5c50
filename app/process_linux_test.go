//go:build e2e

package app

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// processes returns the processes of programs, with all that they started.
func processes(t testing.TB, of ...*program) []int {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	children := map[int][]int{}
	for _, name := range stats {
		pid, parent := 0, 0
		if text, err := os.ReadFile(name); err == nil {
			_, _ = fmt.Sscan(string(text), &pid)
			_, _ = fmt.Sscanf(string(afterName(text)), " %c %d", new(rune), &parent)
			children[parent] = append(children[parent], pid)
		}
	}
	var out []int
	for _, p := range of {
		out = append(out, p.cmd.Process.Pid)
	}
	for i := 0; i < len(out); i++ {
		out = append(out, children[out[i]]...)
	}
	return out
}

// awake reports whether a thread of processes is at work: it runs, waits for
// its turn to, or for the disk. One that waits for anything else sleeps.
func awake(of []int) bool {
	for _, pid := range of {
		tasks := fmt.Sprintf("/proc/%d/task", pid)
		threads, _ := os.ReadDir(tasks) // none are of what has ended
		for _, thread := range threads {
			text, _ := os.ReadFile(filepath.Join(tasks, thread.Name(), "stat"))
			if state := bytes.TrimSpace(afterName(text)); len(state) > 0 && strings.ContainsRune("RD", rune(state[0])) {
				return true
			}
		}
	}
	return false
}

// afterName is what stands behind the name in /proc/PID/stat, in which there
// may be anything.
func afterName(stat []byte) []byte { return stat[bytes.LastIndexByte(stat, ')')+1:] }
