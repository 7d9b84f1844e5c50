package httpapi

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"time"

	"latchkey/backend/identity"
	"latchkey/backend/internal/env"
)

// BenchmarkKitOverBare asks a bare net/http handler and the same handler
// behind the whole kit for one small JSON body, by turns over real
// connections, and reports the rate of the kit as a share of the bare one's.
func BenchmarkKitOverBare(b *testing.B) {
	answer := func(w http.ResponseWriter, _ *http.Request) error {
		return WriteJSON(w, http.StatusOK, envelope{Code: "ok", Message: "success", Data: "ann"})
	}
	bare := serveBare(b, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _ = answer(w, r) }))
	kit := serveKit(b, answer)
	const batch = 2000
	var spent [2]time.Duration
	for range b.N {
		for i, clients := range [][]*benchClient{bare, kit} {
			begin := time.Now()
			askAll(b, clients, batch)
			spent[i] += time.Since(begin)
		}
	}
	b.ReportMetric(spent[0].Seconds()/spent[1].Seconds(), "kit/bare")
	b.ReportMetric(float64(b.N*batch)/spent[1].Seconds(), "kit-req/s")
	b.ReportMetric(float64(b.N*batch)/spent[0].Seconds(), "bare-req/s")
}

func serveBare(b *testing.B, h http.Handler) []*benchClient {
	b.Helper()
	ln := listen(b)
	srv := &http.Server{Handler: h}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(ln) }()
	b.Cleanup(func() {
		_ = srv.Close()
		<-done
	})
	return connect(b, ln.Addr().String())
}

func serveKit(b *testing.B, answer Handler) []*benchClient {
	b.Helper()
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	m := NewMux(testDialect("x"))
	m.Handle("GET /me", identity.OwnAccount, answer, doc)
	srv := NewServer(NewGuard(GuardConfig{Env: env.System(), Log: log}, NewRouter(log, nil, Mount{"/x", m}, Mount{"", m})), nil, nil, log)
	ln := listen(b)
	ctx, cancel := context.WithCancel(b.Context())
	done := make(chan error, 1)
	go func() { done <- srv.Serve(ctx, ln) }()
	b.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			b.Error(err)
		}
	})
	return connect(b, ln.Addr().String())
}

func listen(b *testing.B) net.Listener {
	b.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	return ln
}

// A benchClient sends the same request again and again with as little work
// of its own as possible.
type benchClient struct {
	net.Conn
	r       *bufio.Reader
	request []byte
}

func connect(b *testing.B, addr string) []*benchClient {
	b.Helper()
	var out []*benchClient
	for range 8 {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = c.Close() })
		request := "GET /me HTTP/1.1\r\nHost: " + addr + "\r\nAuthorization: ann\r\n\r\n"
		out = append(out, &benchClient{c, bufio.NewReader(c), []byte(request)})
	}
	return out
}

// ask sends the request and reads past an answer of 200.
func (c *benchClient) ask() error {
	if _, err := c.Write(c.request); err != nil {
		return err
	}
	status, err := c.r.ReadSlice('\n')
	if err != nil || !bytes.HasPrefix(status, []byte("HTTP/1.1 200 ")) {
		return fmt.Errorf("answer %q: %w", status, err)
	}
	size := 0
	for {
		line, err := c.r.ReadSlice('\n')
		if err != nil {
			return err
		}
		if len(line) <= 2 {
			break
		}
		if digits, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			if size, err = strconv.Atoi(string(bytes.TrimSpace(digits))); err != nil {
				return err
			}
		}
	}
	_, err = c.r.Discard(size)
	return err
}

func askAll(b *testing.B, clients []*benchClient, n int) {
	b.Helper()
	var wg sync.WaitGroup
	for _, c := range clients {
		wg.Go(func() {
			for range n / len(clients) {
				if err := c.ask(); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
}
