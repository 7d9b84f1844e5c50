package server_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"latchkey/backend/identity"
	"latchkey/backend/session"
)

// clients is how many connections a benchmark keeps busy.
const clients = 8

// hammer sends n requests over some connections and returns how long it took.
func hammer(b *testing.B, url, token string, n int) time.Duration {
	b.Helper()
	return hammerAs(b, url, credential{"Authorization", token}, n)
}

// A credential is how a request says who sends it.
type credential struct{ header, value string }

func hammerAs(b *testing.B, url string, as credential, n int) time.Duration {
	b.Helper()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: clients}}
	defer client.CloseIdleConnections()
	var wg sync.WaitGroup
	start := time.Now()
	for range clients {
		wg.Go(func() {
			for range n / clients {
				if err := fetch(client, url, as); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	return time.Since(start)
}

func fetch(client *http.Client, url string, as credential) error {
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	req.Header.Set(as.header, as.value)
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && (resp.StatusCode != http.StatusOK || resp.Header.Get("Latchkey-Error") != "") {
		err = fmt.Errorf("answer: %d %s", resp.StatusCode, body)
	}
	return err
}

// meAnswer is what GET /api/me answers, for the handler that it is compared with.
type meAnswer struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
	Data    struct {
		ID         int      `json:"id"`
		Username   string   `json:"username"`
		Password   string   `json:"password"`
		BasePath   string   `json:"base_path"`
		Storage    int      `json:"storage_limit"`
		Role       []int    `json:"role"`
		Disabled   bool     `json:"disabled"`
		Permission int      `json:"permission"`
		SSOID      string   `json:"sso_id"`
		OTP        bool     `json:"otp"`
		MustChange bool     `json:"password_must_change"`
		RoleNames  []string `json:"role_names"`
		Scopes     []struct {
			Path       string `json:"path"`
			Permission int    `json:"permission"`
		} `json:"permissions"`
	} `json:"data"`
}

// BenchmarkMe compares GET /api/me, with its live session check, with a bare
// net/http handler that writes the same JSON. The bar is 0.60.
func BenchmarkMe(b *testing.B) {
	s, _ := start(b, settings(b, b.TempDir()))
	in, err := s.Core().Sessions.Open(b.Context(), identity.AdminID, nil, session.Client{ID: "bench"}, session.Terms{Audiences: []identity.Audience{"alist"}, Life: time.Hour})
	if err != nil {
		b.Fatal(err)
	}
	url := s.Addresses().HTTP + "/api/me"
	var answer meAnswer
	if err := json.Unmarshal([]byte(bodyOf(b, url, in.Token)), &answer); err != nil {
		b.Fatal(err)
	}
	bare := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(answer)
	}))
	defer bare.Close()

	const round = 4000
	var ratios []float64
	for b.Loop() {
		ours, theirs := hammer(b, url, in.Token, round), hammer(b, bare.URL, in.Token, round)
		ratios = append(ratios, theirs.Seconds()/ours.Seconds())
	}
	b.ReportMetric(median(ratios), "of-bare")
	b.ReportMetric(0, "ns/op")
}

func bodyOf(b testing.TB, url, token string) string {
	b.Helper()
	req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, url, nil)
	if err != nil {
		b.Fatal(err)
	}
	req.Header.Set("Authorization", token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		b.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		b.Fatal(err)
	}
	return string(body)
}

func median(v []float64) float64 {
	slices.Sort(v)
	return v[len(v)/2]
}

// BenchmarkSignInCrowd keeps 64 password sign-ins under way and reports the
// 99th percentile of other requests beside them, in ms, and that without them.
// The bar is 20 ms. The server is a process of its own, as it is in use.
func BenchmarkSignInCrowd(b *testing.B) {
	_, stop, p := launch(b, build(b), b.TempDir())
	defer stop()
	token := passwordSignIn(b.Context(), p.http, "bench")
	if token == "" {
		b.Fatal("cannot sign in")
	}
	quiet := p99(b, p.http+"/api/me", token)
	crowd, leave := context.WithCancel(b.Context())
	var wg sync.WaitGroup
	var signIns atomic.Int64
	for range 64 {
		wg.Go(func() {
			for crowd.Err() == nil {
				if passwordSignIn(crowd, p.http, "") != "" {
					signIns.Add(1)
				}
			}
		})
	}
	time.Sleep(time.Second)
	var busy []float64
	start, before := time.Now(), signIns.Load()
	for b.Loop() {
		busy = append(busy, p99(b, p.http+"/api/me", token))
	}
	rate := float64(signIns.Load()-before) / time.Since(start).Seconds()
	leave()
	wg.Wait()
	b.ReportMetric(quiet, "p99-quiet-ms")
	b.ReportMetric(median(busy), "p99-crowd-ms")
	b.ReportMetric(rate, "sign-ins/s")
	b.ReportMetric(0, "ns/op")
}

func p99(b *testing.B, url, token string) float64 {
	b.Helper()
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	took := make([]float64, 400)
	for i := range took {
		start := time.Now()
		if err := fetch(client, url, credential{"Authorization", token}); err != nil {
			b.Fatal(err)
		}
		took[i] = float64(time.Since(start).Microseconds()) / 1000
		time.Sleep(2 * time.Millisecond)
	}
	slices.Sort(took)
	return took[len(took)*99/100]
}

// passwordSignIn signs admin in on a device and returns the token, or "" if
// that failed.
func passwordSignIn(ctx context.Context, base, device string) string {
	body := strings.NewReader(`{"username":"admin","password":"` + adminPassword + `"}`)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/api/auth/login", body)
	if err != nil {
		return ""
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Client-Id", device)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return ""
	}
	defer resp.Body.Close()
	var answer struct {
		Data struct{ Token string }
	}
	_ = json.NewDecoder(resp.Body).Decode(&answer) // no token then
	return answer.Data.Token
}

// build makes the program as it is released.
func build(b *testing.B) string {
	b.Helper()
	binary := filepath.Join(b.TempDir(), "latchkey")
	cmd := exec.CommandContext(b.Context(), "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", binary, "latchkey")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("build: %v\n%s", err, out)
	}
	return binary
}

// BenchmarkProgram starts the real program and reports how long it takes until
// both listeners answer, on a first start and on later ones (bars: 150 and
// 50 ms), what it holds in memory while idle (bar: 40 MB), and how much more
// at the most while 64 people sign in at once (bar: 200 MiB).
func BenchmarkProgram(b *testing.B) {
	binary := build(b)
	var first, later []float64
	var idle, crowd float64
	for b.Loop() {
		data := b.TempDir()
		took, stop, _ := launch(b, binary, data)
		first = append(first, took)
		stop()
		took, stop, p := launch(b, binary, data)
		later = append(later, took)
		time.Sleep(3 * time.Second)
		idle = rss(b, p.pid, "VmRSS")
		var wg sync.WaitGroup
		for range 64 {
			wg.Go(func() { passwordSignIn(b.Context(), p.http, "") })
		}
		wg.Wait()
		crowd = rss(b, p.pid, "VmHWM") - idle
		stop()
	}
	b.ReportMetric(median(first), "first-start-ms")
	b.ReportMetric(median(later), "start-ms")
	b.ReportMetric(idle, "idle-MB")
	b.ReportMetric(crowd, "crowd-MB-more")
	b.ReportMetric(0, "ns/op")
}

type program struct {
	pid  int
	http string
}

func launch(b *testing.B, binary, data string) (ms float64, stop func(), p program) {
	b.Helper()
	cmd := exec.CommandContext(b.Context(), binary, "serve", "--data", data, "--http", "127.0.0.1:0", "--sftp", "127.0.0.1:0")
	cmd.Env = append(os.Environ(), "LATCHKEY_ADMIN_PASSWORD="+adminPassword)
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	start := time.Now()
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	var http, sftp string
	if _, err := fmt.Fscanf(out, "ready http=%s sftp=%s\n", &http, &sftp); err != nil {
		b.Fatalf("no ready line: %v", err)
	}
	for _, addr := range []string{strings.TrimPrefix(http, "http://"), sftp} {
		c, err := (&net.Dialer{}).DialContext(b.Context(), "tcp", addr)
		if err != nil {
			b.Fatal(err)
		}
		_ = c.Close()
	}
	ms = float64(time.Since(start).Microseconds()) / 1000
	return ms, func() {
		_ = cmd.Process.Signal(os.Interrupt)
		if err := cmd.Wait(); err != nil {
			b.Errorf("serve ended with %v", err)
		}
	}, program{cmd.Process.Pid, http}
}

// rss reads a line of /proc/PID/status, in MB.
func rss(b testing.TB, pid int, line string) float64 {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Skip("memory is read from /proc, which this system does not have")
	}
	_, rest, _ := strings.Cut(string(text), line+":")
	kb, err := strconv.Atoi(strings.Fields(rest)[0])
	if err != nil {
		b.Fatal(err)
	}
	return float64(kb) / 1000
}
