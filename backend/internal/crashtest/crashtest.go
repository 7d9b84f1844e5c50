// Package crashtest ends processes as a power cut does, for tests. The process is
// the test's own program, told by its environment to do something for ever.
package crashtest

import (
	"bufio"
	"bytes"
	"fmt"
	"iter"
	"os"
	"os/exec"
	"testing"
	"time"
)

// begun is the first line of a child.
const begun = "begun"

// Begin is what the child calls when it is about to do what is to be cut off.
// From then on every line that it prints is something that has been done.
func Begin() { fmt.Println(begun) }

// Delays gives times after which to kill a child: n of them, each a step longer
// than the one before. After them come ever longer ones for as long as done says
// that no child has done anything, as on a machine that is very busy.
func Delays(n int, first, step time.Duration, done func() bool) iter.Seq[time.Duration] {
	return func(yield func(time.Duration) bool) {
		after := first
		for range n {
			if !yield(after) {
				return
			}
			after += step
		}
		for ; !done() && after < time.Minute; after *= 2 {
			if !yield(after) {
				return
			}
		}
	}
}

// Kill starts a child with more in its environment, kills it a time after it
// has begun, and returns what it printed since. It fails the test if the child
// ends by itself or has anything to complain about.
func Kill(t testing.TB, after time.Duration, more ...string) (done []string) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), more...)
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	said, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(said)
	if lines.Scan() && lines.Text() == begun {
		defer time.AfterFunc(after, func() { _ = cmd.Process.Kill() }).Stop()
	}
	for lines.Scan() {
		done = append(done, lines.Text())
	}
	if err := cmd.Wait(); err == nil || complaint.Len() > 0 {
		t.Fatalf("the child was not killed: %v\n%s", err, complaint.String())
	}
	return done
}
