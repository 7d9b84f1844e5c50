package app

import (
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"latchkey/backend/companion/remote"
	"latchkey/backend/companion/servers"
)

// A clockServer is one whose clock a test sets.
type clockServer struct {
	d     *desk
	id    servers.ID
	ahead atomic.Int64
	http  *httptest.Server
}

func newClockServer(t testing.TB, d *desk, name string) *clockServer {
	t.Helper()
	c := &clockServer{d: d}
	c.http = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Date", d.env.Now().Add(time.Duration(c.ahead.Load())).UTC().Format(http.TimeFormat))
		w.WriteHeader(http.StatusForbidden)
	}))
	t.Cleanup(c.http.Close)
	base, err := remote.ParseBase(c.http.URL)
	if err != nil {
		t.Fatal(err)
	}
	s, err := d.companion.Servers.Add(t.Context(), servers.NewServer{Name: name, Base: base})
	if err != nil {
		t.Fatal(err)
	}
	c.id = s.ID
	return c
}

// tells has the desk look at the server while its clock is ahead by so much.
func (c *clockServer) tells(t testing.TB, ahead time.Duration) {
	t.Helper()
	c.ahead.Store(int64(ahead))
	if _, err := c.d.companion.Servers.Check(t.Context(), c.id); err != nil {
		t.Fatal(err)
	}
}

func TestAClockThatDiffersIsTold(t *testing.T) {
	d := newCodesDesk(t)
	nas, office := newClockServer(t, d.desk, "nas"), newClockServer(t, d.desk, "office")
	told := func(ofNas, ofOffice time.Duration, level, name string) {
		t.Helper()
		nas.tells(t, ofNas)
		office.tells(t, ofOffice)
		got, err := d.codes.Clock()
		if err != nil || got.Level != level || got.Name != name {
			t.Errorf("%v and %v: %+v, %v; want %q of %q", ofNas, ofOffice, got, err, level, name)
		}
	}
	told(0, 0, "", "")
	told(3*time.Second, -3*time.Second, "", "")
	told(-10*time.Second, 0, "quiet", "nas")
	told(10*time.Second, 40*time.Second, "warning", "office")
	told(-90*time.Second, 40*time.Second, "warning", "nas")
	got, err := d.codes.Clock()
	if now := d.env.Now(); err != nil || got.Ahead > -88 || !got.Usable || now.Sub(time.UnixMilli(got.Compared)) > time.Hour {
		t.Errorf("%+v, %v", got, err)
	}
	told(-80*time.Hour, 0, "warning", "nas")
	if got, err := d.codes.Clock(); err != nil || got.Usable {
		t.Errorf("a clock of another day can be used: %+v, %v", got, err)
	}
	nas.tells(t, -90*time.Second)
	nas.http.Close()
	nas.tells(t, 0)
	if got, err := d.codes.Clock(); err != nil || got.Level != "warning" || got.Ahead > -88 || got.Compared == 0 {
		t.Errorf("while it is away: %+v, %v", got, err)
	}
}

// The person chooses; then what is shown and copied goes by the server's clock,
// and ends by this computer's. A server that changes what it says does not
// change the codes.
func TestCodesByAServersClock(t *testing.T) {
	d := newCodesDesk(t)
	nas := newClockServer(t, d.desk, "nas")
	nas.tells(t, 10*time.Minute)
	ahead := func() int64 {
		t.Helper()
		got, err := d.codes.Current([]string{d.totp})
		if err != nil || len(got) != 1 {
			t.Fatalf("%+v, %v", got, err)
		}
		if left := got[0].Until - millis(d.env.Now()); left <= 0 || left > 60_000 {
			t.Errorf("it is good for %d ms more", left)
		}
		if _, err := d.codes.Copy(CodeCopy{ID: d.totp, Step: got[0].Step}); err != nil {
			t.Error(err)
		}
		if copied, _ := d.screen.Clipboard(); copied != got[0].Text {
			t.Errorf("%q is shown, and %q copied", got[0].Text, copied)
		}
		// where a minute has just begun
		return got[0].Step - d.env.Now().Unix()/60
	}
	about := func(what string, want int64) {
		t.Helper()
		if got := ahead(); got < want-1 || got > want+1 {
			t.Errorf("%s: codes are %d minutes ahead, want %d", what, got, want)
		}
	}
	about("before anybody has chosen", 0)
	used, err := d.codes.SetClock(string(nas.id))
	if err != nil || used.Level != "used" || used.Name != "nas" {
		t.Fatalf("SetClock = %+v, %v", used, err)
	}
	if p, ok := d.screen.last(eventSettings).(Preferences); !ok || p.ClockServer != string(nas.id) || p.ClockAhead < 598 {
		t.Errorf("the page heard %+v", p)
	}
	about("once it is chosen", 10)
	nas.tells(t, 20*time.Minute)
	about("when the server says something else", 0)
	if got, err := d.codes.Clock(); err != nil || got.Level != "warning" {
		t.Errorf("and the person hears %+v, %v", got, err)
	}
	nas.tells(t, 10*time.Minute)
	about("when it says the same again", 10)
	if got, err := d.codes.SetClock(""); err != nil || got.Level != "warning" {
		t.Errorf("SetClock = %+v, %v", got, err)
	}
	about("by this computer's again", 0)

	_, err = d.codes.SetClock("nobody")
	checkProblem(t, "a server that is not there", err, "server_unknown")
	nas.tells(t, 30*time.Hour)
	_, err = d.codes.SetClock(string(nas.id))
	checkProblem(t, "a clock of another day", err, "server_clock_unknown")
	if p, err := d.preferences(); err != nil || p.ClockServer != "" || p.ClockAhead != 0 {
		t.Errorf("what was refused has changed %+v, %v", p, err)
	}
}
