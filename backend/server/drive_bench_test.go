package server_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"latchkey/backend/identity"
	"latchkey/backend/session"
)

// BenchmarkProfile compares drive's GET /api/v1/profile with alist's GET
// /api/me in one run. The bar is 0.80.
func BenchmarkProfile(b *testing.B) {
	s, _ := start(b, settings(b, b.TempDir()))
	list, err := s.Core().Sessions.Open(b.Context(), identity.AdminID, nil, session.Client{ID: "bench"}, session.Terms{Audiences: []identity.Audience{"alist"}, Life: time.Hour})
	if err != nil {
		b.Fatal(err)
	}
	drive := openDrive(b, s.Core())
	const round = 4000
	var ratios []float64
	for b.Loop() {
		me := hammer(b, s.Addresses().HTTP+"/api/me", list.Token, round)
		profile := hammer(b, s.Addresses().HTTP+"/api/v1/profile", "Bearer "+drive.Token, round)
		ratios = append(ratios, me.Seconds()/profile.Seconds())
	}
	b.ReportMetric(median(ratios), "of-me")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkRefresh has eight devices exchange their refresh tokens over and
// over, each time for new ones, and reports how many exchanges there are in a
// second (the bar is 2,000), and for one how many reads of /api/me.
func BenchmarkRefresh(b *testing.B) {
	s, _ := start(b, settings(b, b.TempDir()))
	list, err := s.Core().Sessions.Open(b.Context(), identity.AdminID, nil, session.Client{ID: "bench"}, session.Terms{Audiences: []identity.Audience{"alist"}, Life: time.Hour})
	if err != nil {
		b.Fatal(err)
	}
	tokens := make([]string, clients)
	for i := range tokens {
		in, err := s.Core().Sessions.Open(b.Context(), identity.AdminID, nil, session.Client{ID: fmt.Sprint("drive ", i)}, driveTerms())
		if err != nil {
			b.Fatal(err)
		}
		tokens[i] = in.Refresh
	}
	const round = 2000
	var rates, reads []float64
	for b.Loop() {
		took := refreshAll(b, s.Addresses().HTTP+"/drive/api/v1/auth/refresh", tokens, round/clients)
		me := hammer(b, s.Addresses().HTTP+"/api/me", list.Token, round)
		rates = append(rates, round/took.Seconds())
		reads = append(reads, took.Seconds()/me.Seconds())
	}
	b.ReportMetric(median(rates), "refreshes/s")
	b.ReportMetric(median(reads), "reads-each")
	b.ReportMetric(0, "ns/op")
}

// refreshAll exchanges each token n times, all at once, and leaves the newest
// in its place.
func refreshAll(b *testing.B, url string, tokens []string, n int) time.Duration {
	b.Helper()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: len(tokens)}}
	defer client.CloseIdleConnections()
	var wg sync.WaitGroup
	start := time.Now()
	for i := range tokens {
		wg.Go(func() {
			for range n {
				next, err := refreshOnce(b, client, url, tokens[i])
				if err != nil || next == tokens[i] {
					b.Errorf("no new token: %v", err)
					return
				}
				tokens[i] = next
			}
		})
	}
	wg.Wait()
	return time.Since(start)
}

func refreshOnce(b *testing.B, client *http.Client, url, token string) (string, error) {
	body := bytes.NewReader([]byte(`{"refresh_token":"` + token + `"}`))
	req, err := http.NewRequestWithContext(b.Context(), http.MethodPost, url, body)
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := client.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	var a driveAnswer
	if err := json.NewDecoder(resp.Body).Decode(&a); err != nil || a.Code != 0 {
		return "", fmt.Errorf("code %d, %w", a.Code, err)
	}
	return a.Data.RefreshToken, nil
}
