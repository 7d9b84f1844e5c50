package captcha_test

import (
	"bytes"
	"errors"
	"image/png"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"latchkey/backend/credential/captcha"
	"latchkey/backend/identity"
	"latchkey/backend/internal/env"
)

// The first letters of the alphabet come from bytes that are 0.
const firstText = "AAAA"

var here, there = address(1), address(2)

// A desk is a book whose clock and texts the test decides.
type desk struct {
	*captcha.Book
	t   *testing.T
	now *time.Time
}

// chance gives ids and looks that differ, and texts by what was asked for.
type chance struct {
	mu   sync.Mutex
	next []byte // for single bytes, 0 when used up
	real env.Env
}

func (c *chance) Read(b []byte) (int, error) {
	if len(b) > 1 {
		return copy(b, c.real.Bytes(len(b))), nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	b[0] = 0
	if len(c.next) > 0 {
		b[0], c.next = c.next[0], c.next[1:]
	}
	return 1, nil
}

// open returns a book whose challenges have the texts of these bytes, and AAAA
// after those.
func open(t *testing.T, next ...byte) desk {
	now := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	e := env.Env{Now: func() time.Time { return now }, Rand: &chance{next: next, real: env.System()}}
	return desk{captcha.NewBook(e), t, &now}
}

func (d desk) wait(by time.Duration) { *d.now = d.now.Add(by) }

func address(i int) netip.Addr {
	return netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})
}

func (d desk) wantPicture(id captcha.ID, from netip.Addr, want bool) {
	d.t.Helper()
	pic, err := d.Picture(id, from)
	if want {
		config, wrong := png.DecodeConfig(bytes.NewReader(pic))
		if err != nil || wrong != nil || config.Width != 240 || config.Height != 80 {
			d.t.Errorf("picture: %v, %v, %dx%d", err, wrong, config.Width, config.Height)
		}
		return
	}
	if e := identity.AsError(err); pic != nil || e.Kind != identity.NotFound || e.Code != "captcha_not_found" {
		d.t.Errorf("picture: %d bytes, %v; want captcha_not_found", len(pic), err)
	}
}

func (d desk) wantSpend(account string, from netip.Addr, answer string, want bool) {
	d.t.Helper()
	if got := d.Spend(account, from, answer); got != want {
		d.t.Errorf("%q for %q from %s: %v, want %v", answer, account, from, got, want)
	}
}

func TestReplay(t *testing.T) {
	d := open(t)
	id := d.Make("ann", here)
	d.wantPicture(id, here, true)
	d.wantSpend("ann", here, firstText, true)
	d.wantSpend("ann", here, firstText, false)
	d.wantPicture(id, here, false)
}

// One guess per challenge: the right answer after a wrong one is too late.
func TestAWrongAnswerBurns(t *testing.T) {
	d := open(t)
	first, second, any := d.Make("ann", here), d.Make("ann", here), d.Make("", here)
	bens, afar := d.Make("ben", here), d.Make("ann", there)
	d.wantSpend("ann", here, "AAAC", false)
	for _, id := range []captcha.ID{first, second, any} {
		d.wantPicture(id, here, false)
	}
	d.wantSpend("ann", here, firstText, false)
	d.wantPicture(bens, here, true)
	d.wantPicture(afar, there, true)
}

// An answer spends one challenge, and leaves those in other windows.
func TestTheRightAnswerSpendsOne(t *testing.T) {
	d := open(t, 0, 0, 0, 0, 1, 1, 1, 1)
	first, second := d.Make("ann", here), d.Make("ann", here)
	d.wantSpend("ann", here, "CCCC", true)
	d.wantPicture(second, here, false)
	d.wantPicture(first, here, true)
	d.wantSpend("ann", here, "AAAA", true)
}

func TestWhoseChallengeItIs(t *testing.T) {
	for _, tc := range []struct {
		name          string
		made, account string
		from          netip.Addr
		want          bool
	}{
		{"theirs", "ann", "ann", here, true},
		{"made for any account", "", "ann", here, true},
		{"made for any, asked for none", "", "", here, true},
		{"another account's", "ben", "ann", here, false},
		{"an account's, asked for none", "ann", "", here, false},
		{"another address's", "ann", "ann", there, false},
		{"another address's for any account", "", "ann", there, false},
		{"no address", "", "ann", netip.Addr{}, false},
		{"the same address in IPv6", "ann", "ann", netip.AddrFrom16(here.As16()), true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := open(t)
			id := d.Make(tc.made, here)
			d.wantPicture(id, tc.from, tc.from.Unmap() == here)
			d.wantSpend(tc.account, tc.from, firstText, tc.want)
			d.wantPicture(id, here, !tc.want) // who has no right to it burns nothing either
		})
	}
}

// All that is refused is refused alike, so ids cannot be tried out.
func TestGuessingIDs(t *testing.T) {
	d := open(t)
	id := d.Make("ann", here)
	spent := d.Make("ben", there)
	d.wantSpend("ben", there, firstText, true)
	_, want := d.Picture(spent, there)
	for _, guess := range []captcha.ID{0, 1, 42, id - 1, id + 1, id, -1, 1<<53 - 1} {
		if pic, err := d.Picture(guess, there); pic != nil || err == nil || err.Error() != want.Error() {
			t.Errorf("%s: %d bytes, %v; want %v", guess, len(pic), err, want)
		}
	}
	d.wantPicture(id, here, true)
}

func TestIDsCannotBeForeseen(t *testing.T) {
	d := open(t)
	seen := map[captcha.ID]bool{}
	large := 0
	for range 1000 {
		id := d.Make("", here)
		if id < 0 || id >= 1<<53 || seen[id] {
			t.Fatalf("id %d, seen before: %v", id, seen[id])
		}
		seen[id] = true
		if id >= 1<<52 {
			large++
		}
	}
	if large < 300 || large > 700 {
		t.Errorf("%d of 1000 ids are in the upper half", large)
	}
}

func TestExpiry(t *testing.T) {
	for _, tc := range []struct {
		after time.Duration
		want  bool
	}{
		{0, true}, {5*time.Minute - 1, true}, {5 * time.Minute, false}, {24 * time.Hour, false}, {-time.Second, false},
	} {
		d := open(t)
		id := d.Make("ann", here)
		d.wait(tc.after)
		d.wantPicture(id, here, tc.want)
		d.wantSpend("ann", here, firstText, tc.want)
	}
}

func TestHowAnAnswerIsTyped(t *testing.T) {
	for answer, want := range map[string]bool{
		"ACDE": true, "acde": true, "aCdE": true, " acde\r\n": true, "ＡＣＤＥ": true, "ａｃｄｅ": true, "\u3000acde": true,
		"ACD": false, "ACDEH": false, "A CDE": false, "ACDE\x00": false, "АСDE": false, "\xff": false, "%": false,
		strings.Repeat(" ", 100) + "ACDE": false, strings.Repeat("A", 1<<20): false,
	} {
		d := open(t, 0, 1, 2, 3)
		id := d.Make("ann", here)
		d.wantSpend("ann", here, answer, want)
		d.wantPicture(id, here, false)
	}
	for _, nothing := range []string{"", "  ", "\u3000\n"} {
		d := open(t, 0, 1, 2, 3)
		d.Make("ann", here)
		d.wantSpend("ann", here, nothing, false)
		d.wantSpend("ann", here, "acde", true)
	}
}

// Who keeps asking pushes out their own challenges.
func TestFloodFromOneAddress(t *testing.T) {
	d := open(t)
	anns := d.Make("ann", there)
	var ids []captcha.ID
	for range 500 {
		ids = append(ids, d.Make("", here))
	}
	d.wantPicture(anns, there, true)
	d.wantPicture(ids[479], here, false)
	for _, id := range ids[480:] {
		d.wantPicture(id, here, true)
	}
}

// A machine has as many IPv6 addresses as it wants, but one network.
func TestFloodFromOneIPv6Network(t *testing.T) {
	d := open(t)
	anns := d.Make("ann", there)
	at := func(i int) netip.Addr {
		a := netip.MustParseAddr("2001:db8:0:1::").As16()
		a[14], a[15] = byte(i>>8), byte(i)
		return netip.AddrFrom16(a)
	}
	neighbour := netip.MustParseAddr("2001:db8:0:2::1")
	theirs := d.Make("", neighbour)
	var ids []captcha.ID
	for i := range 3_000 {
		ids = append(ids, d.Make("", at(i)))
	}
	d.wantPicture(ids[2_979], at(2_979), false)
	d.wantPicture(ids[2_980], at(2_980), true)
	d.wantPicture(ids[2_980], at(2_981), false)
	d.wantPicture(anns, there, true)
	d.wantPicture(theirs, neighbour, true)
}

func TestFloodFromEverywhere(t *testing.T) {
	d := open(t)
	var ids []captcha.ID
	for i := range 2_100 {
		ids = append(ids, d.Make("", address(i)))
	}
	d.wantPicture(ids[99], address(99), false)
	d.wantPicture(ids[100], address(100), true)
	d.wait(5 * time.Minute)
	d.wantPicture(d.Make("", here), here, true)
}

func TestManyAtOnce(t *testing.T) {
	d := open(t)
	var accepted atomic.Int32
	var wg sync.WaitGroup
	d.Make("ann", here)
	for i := range 64 {
		wg.Go(func() {
			if d.Spend("ann", here, firstText) {
				accepted.Add(1)
			}
			from := address(10 + i)
			id := d.Make("ann", from)
			if _, err := d.Picture(id, from); err != nil {
				t.Error(err)
			}
			if !d.Spend("ann", from, firstText) {
				t.Error("a challenge of one's own is refused")
			}
		})
	}
	wg.Wait()
	if accepted.Load() != 1 {
		t.Errorf("one answer was accepted %d times", accepted.Load())
	}
}

// However the guesses race, a wrong one and the right one together give one
// outcome at most.
func TestGuessingInParallel(t *testing.T) {
	for range 50 {
		d := open(t)
		d.Make("ann", here)
		var accepted atomic.Int32
		var wg sync.WaitGroup
		for _, guess := range []string{"AAAC", firstText, "AAAD", firstText} {
			wg.Go(func() {
				if d.Spend("ann", here, guess) {
					accepted.Add(1)
				}
			})
		}
		wg.Wait()
		if accepted.Load() > 1 {
			t.Fatalf("accepted %d times", accepted.Load())
		}
	}
}

func TestParseID(t *testing.T) {
	for text, want := range map[string]captcha.ID{
		"0": 0, "42": 42, "9007199254740991": 1<<53 - 1,
		"": -1, "-1": -1, "+1": -1, "042": -1, "4_2": -1, " 42": -1, "0x2a": -1, "42.0": -1, "٤٢": -1,
		"9007199254740992": -1, strings.Repeat("9", 1000): -1,
	} {
		id, err := captcha.ParseID(text)
		switch {
		case want < 0 && identity.KindOf(err) != identity.NotFound:
			t.Errorf("%q: %d, %v; want NotFound", text, id, err)
		case want >= 0 && (err != nil || id != want || id.String() != text):
			t.Errorf("%q: %d, %v; want %d", text, id, err, want)
		}
	}
}

func FuzzParseID(f *testing.F) {
	for _, seed := range []string{"42", "-1", "9007199254740992", "007"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		id, err := captcha.ParseID(text)
		if err == nil && (id.String() != text || id < 0 || id >= 1<<53) {
			t.Errorf("%q became %d", text, id)
		}
		if err != nil && !errors.As(err, new(*identity.Error)) {
			t.Errorf("%q: %v is no error that can be shown", text, err)
		}
	})
}

// FuzzSpend takes any answer: only the four characters themselves are right.
func FuzzSpend(f *testing.F) {
	for _, seed := range []string{"aaaa", "ＡＡＡＡ", "", "a a", "\xff\u3000"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, answer string) {
		d := open(t)
		d.Make("ann", here)
		if d.Spend("ann", here, answer) && len([]rune(strings.TrimSpace(answer))) != 4 {
			t.Errorf("%q is accepted", answer)
		}
	})
}
