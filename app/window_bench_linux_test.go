//go:build e2e

package app

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// BenchmarkWindow measures Latchkey's window beside the smallest one that Wails
// makes, in turns: how long it takes until it is on the screen, what memory it
// takes with all its processes, and what it does while nobody does anything.
func BenchmarkWindow(b *testing.B) {
	programs := map[string]string{"latchkey": build(b, ".."), "bare": build(b, "testdata/bare")}
	got := map[string][]measured{}
	for range 5 {
		for name, program := range programs {
			got[name] = append(got[name], measure(b, program))
		}
	}
	for b.Loop() {
	}
	ours, bare := median(got["latchkey"]), median(got["bare"])
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(ours.start.Milliseconds()), "ms-start")
	b.ReportMetric(float64(ours.start)/float64(bare.start), "start/bare")
	b.ReportMetric(float64(ours.memory)/(1<<20), "MB")
	b.ReportMetric(float64(ours.memory)/float64(bare.memory), "memory/bare")
	b.ReportMetric(100*ours.busy.Seconds()/idleFor.Seconds(), "idle-CPU-%")
}

// measured is what a window took.
type measured struct {
	start  time.Duration
	memory int64 // bytes, shared pages in parts
	busy   time.Duration
}

// idleFor is how long an idle window is watched.
const idleFor = 5 * time.Second

func measure(b *testing.B, program string) measured {
	s := openSeat(b, false)
	var m measured
	from := time.Now()
	p := s.run(b, s.command(program))
	for s.command("xdotool", "search", "--onlyvisible", "--name", "^Latchkey$").Run() != nil {
		if time.Since(from) > 30*time.Second {
			b.Fatal("no window")
		}
	}
	m.start = time.Since(from)
	s.latchkey = p
	s.settle(b)
	time.Sleep(2 * time.Second)
	group := processes(b, p)
	for _, pid := range group {
		m.memory += proportional(pid)
		m.busy -= worked(pid)
	}
	time.Sleep(idleFor)
	for _, pid := range group {
		m.busy += worked(pid)
	}
	p.kill()
	return m
}

func median(of []measured) measured {
	pick := func(less func(a, b measured) int) measured {
		sorted := slices.SortedFunc(slices.Values(of), less)
		return sorted[len(sorted)/2]
	}
	return measured{
		start:  pick(func(a, b measured) int { return int(a.start - b.start) }).start,
		memory: pick(func(a, b measured) int { return int(a.memory - b.memory) }).memory,
		busy:   pick(func(a, b measured) int { return int(a.busy - b.busy) }).busy,
	}
}

// proportional is what memory a process takes, its part of what it shares
// included. One that has ended takes none.
func proportional(pid int) int64 {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "Pss:"); ok {
			kb, _ := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return kb << 10
		}
	}
	return 0
}

// worked is the CPU time of a process. The kernel counts hundredths of a second.
func worked(pid int) time.Duration {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	fields := strings.Fields(string(afterName(text)))
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.ParseInt(fields[11], 10, 64)
	system, _ := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * 10 * time.Millisecond
}
