package server_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"latchkey/backend/config"
)

// inRAM returns a folder whose files are in memory, where the system has one.
func inRAM(b *testing.B) string {
	b.Helper()
	if _, err := os.Stat("/dev/shm"); err != nil {
		return b.TempDir()
	}
	dir, err := os.MkdirTemp("/dev/shm", "latchkey-bench-") //nolint:usetesting // b.TempDir is on a disk
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// theFile is how large a file the benchmarks move, in bytes.
const theFile = 1 << 30

// copied returns how long io.Copy takes from one file to another over a TCP
// connection of the loopback.
func copied(b *testing.B, from, to string) time.Duration {
	b.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer ln.Close()
	begin := time.Now()
	sent := make(chan error, 1)
	go func() {
		c, err := net.Dial("tcp", ln.Addr().String())
		if err == nil {
			err = move(c, from)
		}
		sent <- err
	}()
	c, err := ln.Accept()
	if err != nil {
		b.Fatal(err)
	}
	save(b, c, to)
	if err := <-sent; err != nil {
		b.Fatal(err)
	}
	return time.Since(begin)
}

func move(c net.Conn, from string) error {
	defer c.Close()
	f, err := os.Open(from)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.Copy(c, f)
	return err
}

func save(b *testing.B, from io.ReadCloser, to string) {
	b.Helper()
	defer from.Close()
	f, err := os.Create(to)
	if err != nil {
		b.Fatal(err)
	}
	n, err := io.Copy(f, from)
	if err == nil {
		err = f.Close()
	}
	if err != nil || n != theFile {
		b.Fatal(n, err)
	}
}

// BenchmarkFiles compares a put and a get of 1 GiB with io.Copy over loopback
// TCP to a file, all of it in memory. The bar is 0.80 for each. Each of the three
// makes a file where the one before it was just removed: memory that a system
// has not used for a while comes several times as slowly, which would be most of
// what is measured.
func BenchmarkFiles(b *testing.B) {
	dir := inRAM(b)
	source, target := filepath.Join(dir, "source"), filepath.Join(dir, "target")
	if err := os.WriteFile(source, make([]byte, theFile), 0o600); err != nil {
		b.Fatal(err)
	}
	cfg := settings(b, b.TempDir())
	cfg.Files = filepath.Join(dir, "files")
	s := startFS(b, cfg)
	put := func() {
		f, err := os.Open(source)
		if err != nil {
			b.Fatal(err)
		}
		if a, err := s.ask(http.MethodPut, "/api/fs/put", map[string]string{"File-Path": "/f"}, f); err != nil || a.Code != http.StatusOK {
			b.Fatal(a, err)
		}
	}
	remove := func(path string) {
		if err := os.Remove(path); err != nil {
			b.Fatal(err)
		}
	}
	copied(b, source, target)
	put()
	var puts, gets []float64
	for b.Loop() {
		remove(target)
		bare := copied(b, source, target)

		remove(s.at("f"))
		begin := time.Now()
		put()
		puts = append(puts, bare.Seconds()/time.Since(begin).Seconds())

		remove(target)
		begin = time.Now()
		a, err := s.ask(http.MethodPost, "/api/fs/get", nil, strings.NewReader(`{"path":"/f"}`))
		if err != nil {
			b.Fatal(err)
		}
		r, err := http.NewRequestWithContext(context.Background(), http.MethodGet, a.Data.RawURL, nil)
		if err != nil {
			b.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			b.Fatal(err)
		}
		save(b, resp.Body, target)
		_ = resp.Body.Close()
		gets = append(gets, bare.Seconds()/time.Since(begin).Seconds())
	}
	b.ReportMetric(median(puts), "put-of-copy")
	b.ReportMetric(median(gets), "get-of-copy")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkList lists a folder of 10,000 files, until all of the answer is
// there, and compares that with reading the folder alone. On a machine that does
// nothing else the bar is 100 ms.
func BenchmarkList(b *testing.B) {
	cfg := settings(b, b.TempDir())
	cfg.Files = inRAM(b)
	fill(b, cfg)
	s := startFS(b, cfg)
	var times, lists []float64
	for b.Loop() {
		begin := time.Now()
		entries, err := os.ReadDir(filepath.Join(cfg.Files, "many"))
		if err != nil {
			b.Fatal(err)
		}
		for _, e := range entries {
			if _, err := e.Info(); err != nil {
				b.Fatal(err)
			}
		}
		bare := time.Since(begin)
		begin = time.Now()
		resp, err := s.send(http.MethodPost, "/api/fs/list", nil, strings.NewReader(`{"path":"/many","per_page":-1}`))
		if err != nil {
			b.Fatal(err)
		}
		answer, err := io.ReadAll(resp.Body)
		took := time.Since(begin)
		_ = resp.Body.Close()
		if err != nil || bytes.Count(answer, []byte(`"name":"file-`)) != 10_000 {
			b.Fatal(len(answer), err)
		}
		times, lists = append(times, took.Seconds()/bare.Seconds()), append(lists, took.Seconds()*1000)
	}
	b.ReportMetric(median(times), "x-readdir")
	b.ReportMetric(median(lists), "ms/list")
	b.ReportMetric(0, "ns/op")
}

func fill(b *testing.B, cfg config.Config) {
	b.Helper()
	if err := os.Mkdir(filepath.Join(cfg.Files, "many"), 0o700); err != nil {
		b.Fatal(err)
	}
	for i := range 10_000 {
		if err := os.WriteFile(filepath.Join(cfg.Files, "many", fmt.Sprintf("file-%05d.jpg", i)), nil, 0o600); err != nil {
			b.Fatal(err)
		}
	}
}
