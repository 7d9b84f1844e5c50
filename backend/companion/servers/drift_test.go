package servers_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"sync/atomic"
	"testing"
	"time"
)

// How a server's clock compares is known while it is away, and after the program
// has begun anew; what it was a moment ago is not written down each time.
func TestDriftIsRemembered(t *testing.T) {
	var ahead atomic.Int64
	ahead.Store(int64(time.Minute))
	answers := newFake(alist())
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", time.Now().Add(time.Duration(ahead.Load())).UTC().Format(http.TimeFormat))
		answers.ServeHTTP(w, r)
	}))
	t.Cleanup(srv.Close)
	d := newDesk(t)
	s := d.add("nas", srv.URL)
	about := func(when string, want time.Duration) {
		t.Helper()
		got, err := d.Drift(t.Context(), s.ID)
		if err != nil || (got.Ahead-want).Abs() > time.Second || (want != 0) == got.At.IsZero() {
			t.Errorf("%s: %+v, %v; want about %v", when, got, err, want)
		}
	}
	about("before the first answer", 0)
	d.stands(s.ID, "signed_out", "")
	about("at the first answer", time.Minute)

	written := func() time.Time {
		info, err := os.Stat(d.path)
		if err != nil {
			t.Fatal(err)
		}
		return info.ModTime()
	}
	before := written()
	d.stands(s.ID, "signed_out", "")
	if !written().Equal(before) {
		t.Error("the list was written for nothing")
	}
	ahead.Store(int64(-2 * time.Minute))
	d.stands(s.ID, "signed_out", "")
	about("after it was set", -2*time.Minute)

	srv.Close()
	if st := d.stands(s.ID, "offline", "server_unreachable"); (st.Drift.Ahead + 2*time.Minute).Abs() > time.Second {
		t.Errorf("while it is away: %+v", st.Drift)
	}
	d.open()
	about("in the next run", -2*time.Minute)
	st, err := d.Status(t.Context(), s.ID)
	if err != nil || st.Drift.At.IsZero() {
		t.Errorf("in the next run: %+v, %v", st, err)
	}
	d.stands(s.ID, "offline", "server_unreachable")
	about("in the next run, while it is away", -2*time.Minute)

	_, err = d.Drift(t.Context(), "nobody")
	wants(t, err, "server_unknown")
}
