package files

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"latchkey/backend/internal/env"
)

// A metered place is a files folder with a meter, whose clock a test moves.
type metered struct {
	place
	*Meter
	now time.Time
}

func newMetered(t *testing.T) *metered {
	t.Helper()
	m := &metered{place: newPlace(t, "/people/ann"), now: time.Unix(1_800_000_000, 0)}
	m.Meter = NewMeter(m.place.dir, env.Env{Now: func() time.Time { return m.now }})
	return m
}

func (m *metered) used(base string) int64 {
	m.t.Helper()
	u, err := m.Usage(m.t.Context(), base)
	if err != nil {
		m.t.Fatal(err)
	}
	return u.Used
}

func TestUsageCountsWhatSomebodyHas(t *testing.T) {
	m := newMetered(t)
	m.outside("a", "12345")
	m.outside("deep/er/b", "123")
	m.outside("../bob/c", strings.Repeat("x", 1000))
	m.outside(tempStart+"0", "an upload that is under way")
	m.folder("empty")
	for base, want := range map[string]int64{"/people/ann": 8, "/people/ann/deep": 3, "/people": 1008, "/": 1008, "/people/ann/a": 0, "/nowhere": 0} {
		if got := m.used(base); got != want {
			t.Errorf("%s holds %d, want %d", base, got, want)
		}
	}
	if _, err := os.Stat(filepath.Join(m.place.dir, "nowhere")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("looking made the folder: %v", err)
	}
	if _, err := m.Usage(t.Context(), "../.."); err == nil {
		t.Error("a path that is none was measured")
	}
}

// Neither what a link leads to counts, nor can a loop keep a walk going.
func TestUsageFollowsNoLinks(t *testing.T) {
	m := newMetered(t)
	m.outside("a", "12345")
	m.outside("../bob/c", strings.Repeat("x", 1000))
	m.outside("../../../secret/d", strings.Repeat("x", 1000))
	m.link("../bob", "neighbour")
	m.link("../bob/c", "neighbours-file")
	m.link(filepath.Join(filepath.Dir(m.place.dir), "secret"), "out")
	m.link(".", "loop")
	m.link("/", "root")
	if got := m.used("/people/ann"); got != 5 {
		t.Errorf("holds %d, want 5", got)
	}
}

func TestUsageTellsTheDisk(t *testing.T) {
	m := newMetered(t)
	space, err := SpaceAt(m.place.dir)
	if errors.Is(err, ErrUnsupported) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	disk, free := int64(space.Blocks*space.BlockSize), int64(space.AvailableBytes())
	for _, base := range []string{"/people/ann", "/nowhere"} {
		u, err := m.Usage(t.Context(), base)
		if err != nil || u.Limit <= u.Used || u.Limit > disk || u.Limit-u.Used > free+1<<30 {
			t.Errorf("%s on a disk of %d: %+v, %v", base, disk, u, err)
		}
	}
}

func TestUsageIsMeasuredOnceAMinute(t *testing.T) {
	m := newMetered(t)
	m.outside("a", "1")
	for _, step := range []struct {
		after time.Duration
		want  int64
	}{
		{0, 1}, {59 * time.Second, 1}, {time.Second, 12}, {time.Second, 12}, {-time.Hour, 123},
	} {
		m.now = m.now.Add(step.after)
		if got := m.used("/people/ann"); got != step.want {
			t.Errorf("after %s: %d, want %d", step.after, got, step.want)
		}
		m.outside("a", map[int64]string{1: "123456789012", 12: strings.Repeat("x", 123), 123: ""}[step.want])
	}
}

// While one walks, whoever has an old figure gets that, and others wait no
// longer than they want to.
func TestOneWalkAtATime(t *testing.T) {
	m := newMetered(t)
	m.outside("a", "1")
	m.used("/people/ann")
	m.outside("a", "12")
	m.now = m.now.Add(time.Hour)
	m.walking <- struct{}{}
	if got := m.used("/people/ann"); got != 1 {
		t.Errorf("during a walk: %d, want the old figure", got)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := m.Usage(ctx, "/people/bob"); !errors.Is(err, context.Canceled) {
		t.Errorf("who has no figure and does not wait: %v", err)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if u, err := m.Usage(t.Context(), "/people"); err != nil || u.Used != 2 {
				t.Errorf("who waited: %+v, %v", u, err)
			}
		})
	}
	m.leave()
	wg.Wait()
}

// A walk that was given up leaves no figure behind, and keeps nobody out.
func TestWalkEndsWithItsContext(t *testing.T) {
	m := newMetered(t)
	m.outside("a", "1")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if u, err := m.Usage(ctx, "/people/ann"); !errors.Is(err, context.Canceled) || u != (Usage{}) {
		t.Errorf("%+v, %v", u, err)
	}
	if got := m.used("/people/ann"); got != 1 {
		t.Errorf("afterwards: %d", got)
	}
}

func TestMeterHoldsSoManyFigures(t *testing.T) {
	m := newMetered(t)
	for i := range maxMeasured {
		m.known[Path("/"+strings.Repeat("x", i%200)+string(rune('a'+i/200)))] = &figure{}
	}
	m.used("/people/ann")
	if n := len(m.known); n > maxMeasured {
		t.Errorf("%d figures", n)
	}
}

// A meter needs no store, nor a folder.
func TestMeterWithoutAFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "files")
	if u, err := NewMeter(dir, env.System()).Usage(t.Context(), "/"); err != nil || u != (Usage{}) {
		t.Errorf("%+v, %v", u, err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("looking made it: %v", err)
	}
}
