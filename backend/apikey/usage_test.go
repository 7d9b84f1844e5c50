package apikey_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"latchkey/backend/apikey"
	"latchkey/backend/identity"
	"latchkey/backend/internal/testkit"
)

func TestUsage(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	k, _ := make1(t, c, "admin", "read")
	other, _ := make1(t, c, "admin", "read")
	day := c.Clock.Now().UTC().Truncate(24 * time.Hour)
	note := func(key identity.APIKeyID, endpoint string, failed bool, n int) {
		for range n {
			c.Keys.Note(apikey.Use{Key: key, Endpoint: endpoint, Failed: failed, Address: testkit.Address(7)})
		}
	}
	note(k.ID, "/a", false, 3)
	note(k.ID, "/b", true, 2)
	note(other.ID, "/a", false, 9)
	must(t, c.Keys.Flush(t.Context()))
	c.Clock.Add(48 * time.Hour)
	note(k.ID, "/b", false, 4)
	got, err := c.Keys.Usage(t.Context(), k, day)
	must(t, err)
	want := identity.KeyUsage{
		Requests: 9, Errors: 2,
		Days:      []identity.DayCount{{Day: day, Requests: 5}, {Day: day.Add(48 * time.Hour), Requests: 4}},
		Endpoints: []identity.EndpointCount{{Endpoint: "/b", Requests: 6}, {Endpoint: "/a", Requests: 3}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("usage (-want +got):\n%s", diff)
	}
	if got, err = c.Keys.Usage(t.Context(), k, c.Clock.Now()); err != nil || got.Requests != 4 {
		t.Errorf("today: %+v, %v", got, err)
	}
	kept, err := c.Keys.Of(t.Context(), 0, identity.KeyAPI, k.ID)
	if err != nil || !kept.LastUsedAt.Equal(c.Clock.Now()) || kept.LastAddress != testkit.Address(7) {
		t.Errorf("last use: %v from %v, %v", kept.LastUsedAt, kept.LastAddress, err)
	}
}

// A list tells of a use at once, whether or not it is written.
func TestListTellsTheLastUse(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	k, _ := make1(t, c, "admin", "read")
	unused, _ := make1(t, c, "admin", "read")
	for range 2 {
		c.Clock.Add(time.Hour)
		c.Keys.Note(apikey.Use{Key: k.ID, Endpoint: "/a", Address: testkit.Address(7)})
		for range 2 {
			list, total, err := c.Keys.List(t.Context(), identity.APIKeyFilter{}, identity.Page{})
			if err != nil || total != 2 || list[0].ID != k.ID || list[1].ID != unused.ID {
				t.Fatalf("%+v, %d, %v", list, total, err)
			}
			if !list[0].LastUsedAt.Equal(c.Clock.Now()) || list[0].LastAddress != testkit.Address(7) || !list[1].LastUsedAt.IsZero() {
				t.Errorf("%+v", list)
			}
			must(t, c.Keys.Flush(t.Context()))
		}
	}
}

// Counts that could not be written are written later, none twice.
func TestUsageSurvivesAFault(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	k, _ := make1(t, c, "admin", "read")
	use := apikey.Use{Key: k.ID, Endpoint: "/a"}
	c.Keys.Note(use)
	broken := errors.New("disk is gone")
	c.Store.FailWith(func(method string) error {
		if method == "RecordKeyUses" {
			return broken
		}
		return nil
	})
	if err := c.Keys.Flush(t.Context()); !errors.Is(err, broken) {
		t.Fatalf("flush: %v", err)
	}
	c.Keys.Note(use)
	c.Store.FailWith(nil)
	got, err := c.Keys.Usage(t.Context(), k, c.Clock.Now())
	if err != nil || got.Requests != 2 {
		t.Errorf("counted %+v, %v", got, err)
	}
}

func TestUsageInParallel(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	k, _ := make1(t, c, "admin", "read")
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for i := range 500 {
				c.Keys.Note(apikey.Use{Key: k.ID, Endpoint: "/a", Failed: i%2 == 0})
				if i%100 == 0 {
					if err := c.Keys.Flush(t.Context()); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	all.Wait()
	got, err := c.Keys.Usage(t.Context(), k, c.Clock.Now())
	if err != nil || got.Requests != 4000 || got.Errors != 2000 {
		t.Errorf("counted %+v, %v", got, err)
	}
}

// A program that asks for ever new addresses cannot fill memory.
func TestUsageIsBounded(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	k, _ := make1(t, c, "admin", "read")
	for i := range 10_000 {
		c.Keys.Note(apikey.Use{Key: k.ID, Endpoint: string(rune('a' + i))})
	}
	got, err := c.Keys.Usage(t.Context(), k, c.Clock.Now())
	if err != nil || got.Requests != 10_000 || got.Endpoints[0].Requests < 9000 {
		t.Errorf("counted %d, %v", got.Requests, err)
	}
}

// A check and its count, beside the check of a session.
func BenchmarkAuthenticate(b *testing.B) {
	c := testkit.Open(b, testkit.Options{})
	_, text := make1(b, c, "admin", "read")
	in := c.MustSignIn("admin", "bench")
	b.Run("session", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := c.Who(in.Token); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("key", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			p, err := act(b, c, text)
			if err != nil {
				b.Fatal(err)
			}
			c.Keys.Note(apikey.Use{Key: p.Key.ID, Endpoint: "/api/v1/auth/users", Address: testkit.Address(1)})
		}
	})
}
