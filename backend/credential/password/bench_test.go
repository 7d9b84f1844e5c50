package password_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"latchkey/backend/credential/password"
	"latchkey/backend/internal/env"
)

const signIns = 64

func BenchmarkVerify(b *testing.B) {
	h := password.NewHasher(env.System(), password.Floor(), 1)
	for b.Loop() {
		if _, err := h.Verify(b.Context(), "", password.DigestOf("x")); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCheckNew(b *testing.B) {
	for b.Loop() {
		if err := password.CheckNew("correct staple pony attic", "ann", 8); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkPing measures a small request over a real socket: alone, beside 64
// sign-ins that hash on every core, and the same with one thread more for each
// hash. The last is how the server runs: a goroutine that hashes otherwise
// keeps its processor for 10 ms at a time, and no other looks at the network.
func BenchmarkPing(b *testing.B) {
	cores := runtime.GOMAXPROCS(0)
	for _, bc := range []struct {
		name           string
		hashes, thread int
	}{
		{"alone", 0, cores},
		{"hashing", signIns, cores},
		{"hashing-spare-threads", signIns, 2 * cores},
	} {
		b.Run(bc.name, func(b *testing.B) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(bc.thread))
			stop := keepHashing(b, password.NewHasher(env.System(), password.Floor(), cores), bc.hashes)
			defer stop()
			ping(b)
		})
	}
}

// keepHashing verifies passwords, n at a time, until stopped.
func keepHashing(b *testing.B, h *password.Hasher, n int) (stop func()) {
	ctx, cancel := context.WithCancel(b.Context())
	var all sync.WaitGroup
	for range n {
		all.Go(func() {
			for ctx.Err() == nil {
				_, _ = h.Verify(ctx, "", password.DigestOf("x"))
			}
		})
	}
	return func() { cancel(); all.Wait() }
}

func ping(b *testing.B) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"ok":true}`)
	}))
	defer srv.Close()
	var took []time.Duration
	for b.Loop() {
		start := time.Now()
		res, err := srv.Client().Get(srv.URL)
		if err != nil {
			b.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, res.Body)
		_ = res.Body.Close()
		took = append(took, time.Since(start))
		time.Sleep(2 * time.Millisecond) // so that each one finds the server at work
	}
	slices.Sort(took)
	b.ReportMetric(took[len(took)*99/100].Seconds()*1e3, "p99-ms")
}

// BenchmarkMemory reports resident memory before, at the peak of, and after
// 64 sign-ins at once.
func BenchmarkMemory(b *testing.B) {
	h := password.NewHasher(env.System(), password.Floor(), runtime.GOMAXPROCS(0))
	debug.FreeOSMemory()  // what other benchmarks have left
	const resetPeak = "5" // proc_pid_clear_refs(5)
	if err := os.WriteFile("/proc/self/clear_refs", []byte(resetPeak), 0o600); err != nil {
		b.Skipf("no resident memory to read here: %v", err)
	}
	before := resident(b, "VmRSS")
	for b.Loop() {
		var all sync.WaitGroup
		for range signIns {
			all.Go(func() { _, _ = h.Verify(b.Context(), "", password.DigestOf("x")) })
		}
		all.Wait()
	}
	b.ReportMetric(before, "before-MiB")
	b.ReportMetric(resident(b, "VmHWM"), "peak-MiB")
	time.Sleep(2 * time.Second) // until the memory is given back
	b.ReportMetric(resident(b, "VmRSS"), "after-MiB")
}

func resident(b *testing.B, field string) float64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(status), field+":")
	var kib float64
	if _, err := fmt.Sscan(rest, &kib); err != nil {
		b.Fatal(err)
	}
	return kib / 1024
}
