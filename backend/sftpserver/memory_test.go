package sftpserver

import (
	"crypto/sha256"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/metrics"
	"testing"
	"time"
)

// Transferring a file takes little memory, however long the file is, and
// changes nothing in it.
func TestMemory(t *testing.T) {
	const size, most = 128 << 20, 40 << 20
	r := start(t, newWorld(), Limits{})
	o := r.outsider(t, "ann")
	big, err := os.Create(filepath.Join(o.dir, "big"))
	if err != nil {
		t.Fatal(err)
	}
	if err := big.Truncate(size); err != nil {
		t.Fatal(err)
	}
	if _, err := big.WriteAt([]byte("the end"), size-7); err != nil {
		t.Fatal(err)
	}
	if err := big.Close(); err != nil {
		t.Fatal(err)
	}
	o.must("pwd")
	for _, command := range []string{"put big", "get big back"} {
		runtime.GC()
		idle, ended := heap(), make(chan struct{})
		highest := make(chan uint64)
		go func() {
			peak, tick := uint64(0), time.NewTicker(time.Millisecond)
			defer tick.Stop()
			for {
				peak = max(peak, heap())
				select {
				case <-ended:
					highest <- peak
					return
				case <-tick.C:
				}
			}
		}()
		o.must(command)
		close(ended)
		if peak := <-highest; peak > idle+most {
			t.Errorf("%s: the heap grew from %d to %d MiB", command, idle>>20, peak>>20)
		}
	}
	if a, b := sum(t, filepath.Join(o.dir, "big")), sum(t, filepath.Join(o.dir, "back")); a != b {
		t.Error("what came back is another file")
	}
}

// heap is what the heap takes of the memory, in bytes.
func heap() uint64 {
	s := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/heap/unused:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64() + s[1].Value.Uint64()
}

func sum(t *testing.T, path string) (out [sha256.Size]byte) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Error(err)
		return out
	}
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		t.Error(err)
	}
	_ = f.Close()
	return [sha256.Size]byte(h.Sum(nil))
}
