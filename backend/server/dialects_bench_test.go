package server_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"latchkey/backend/account"
	"latchkey/backend/apikey"
	"latchkey/backend/identity"
	"latchkey/backend/session"
)

// BenchmarkReads compares how somebody reads about themselves in each dialect,
// by each sort of credential, with alist's GET /api/me in one run. The bar is
// 0.80. An API key is to reach 0.90 of what a token reaches for the same read.
func BenchmarkReads(b *testing.B) {
	s, _ := start(b, settings(b, b.TempDir()))
	core, base := s.Core(), s.Addresses().HTTP
	ann, err := core.Accounts.CreateUser(b.Context(), account.NewUser{Username: "ann", Password: "a long password"}, byHand())
	if err != nil {
		b.Fatal(err)
	}
	open := func(terms session.Terms) session.SignedIn {
		in, err := core.Sessions.Open(b.Context(), ann.ID, []identity.FactorKind{identity.FactorPassword}, session.Client{ID: "bench"}, terms)
		if err != nil {
			b.Fatal(err)
		}
		return in
	}
	list := open(session.Terms{Audiences: []identity.Audience{"alist"}, Life: time.Hour})
	shared := open(driveTerms())
	opaque := open(session.Terms{Audiences: []identity.Audience{"xswitch"}, Life: time.Hour, Opaque: true})
	key := func(kind identity.KeyKind) string {
		_, text, err := core.Keys.Create(b.Context(), list.Principal, apikey.NewKey{Kind: kind, Name: "bench", Permissions: []string{"read"}}, byHand())
		if err != nil {
			b.Fatal(err)
		}
		return text.Reveal()
	}
	reads := []struct {
		name, path string
		as         credential
	}{
		{"drive", "/drive/api/v1/profile", credential{"Authorization", "Bearer " + shared.Token}},
		{"iam", fmt.Sprintf("/iam/api/v1/auth/users/%d", ann.ID), credential{"Authorization", "Bearer " + shared.Token}},
		{"iam-key", fmt.Sprintf("/iam/api/v1/auth/users/%d", ann.ID), credential{"Authorization", "Bearer " + key(identity.KeyAPI)}},
		{"xswitch", "/xswitch/api/users", credential{"X-Xtra-Auth-Id", opaque.Token}},
		{"xswitch-key", "/xswitch/api/users", credential{"X-Xtra-Auth-Id", key(identity.KeyDev)}},
	}
	const round = 2000
	ratios := map[string][]float64{}
	for b.Loop() {
		me := hammer(b, base+"/api/me", list.Token, round).Seconds()
		for _, r := range reads {
			ratios[r.name] = append(ratios[r.name], me/hammerAs(b, base+r.path, r.as, round).Seconds())
		}
	}
	for name, of := range ratios {
		b.ReportMetric(median(of), name+"/me")
	}
	b.ReportMetric(0, "ns/op")
}

func byHand() identity.Origin { return identity.Origin{Rights: identity.Everything(), Door: "bench"} }

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
