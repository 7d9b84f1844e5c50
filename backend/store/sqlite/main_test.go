package sqlite_test

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

// TestMain runs the tests, or is the program that the crash test kills.
func TestMain(m *testing.M) {
	if path := os.Getenv(victimPath); path != "" {
		os.Exit(victim(path))
	}
	goleak.VerifyTestMain(m)
}
