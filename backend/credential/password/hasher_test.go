package password_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"latchkey/backend/credential/password"
	"latchkey/backend/identity"
	"latchkey/backend/internal/env"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// cheap is enough work to test with.
var cheap = password.Params{MemoryKiB: 64, Passes: 1, Lanes: 1}

func hash(t *testing.T, h *password.Hasher, text string) identity.PasswordHash {
	t.Helper()
	stored, err := h.Hash(t.Context(), password.DigestOf(text))
	if err != nil {
		t.Fatal(err)
	}
	return stored
}

func TestVerify(t *testing.T) {
	h := password.NewHasher(env.System(), cheap, 2)
	stored := hash(t, h, "right")
	if !strings.HasPrefix(string(stored), "$argon2id$v=19$m=64,t=1,p=1$") {
		t.Errorf("stored form %q", string(stored))
	}
	if again := hash(t, h, "right"); again == stored {
		t.Error("two hashes of one password are equal: no salt")
	}
	for _, tc := range []struct {
		name   string
		stored identity.PasswordHash
		digest password.Digest
		want   password.Verdict
	}{
		{"right", stored, password.DigestOf("right"), password.Verdict{OK: true}},
		{"wrong", stored, password.DigestOf("wrong"), password.Verdict{}},
		{"no digest", stored, password.Digest{}, password.Verdict{}},
		{"nothing stored", "", password.DigestOf("right"), password.Verdict{}},
		{"nothing stored, no digest", "", password.Digest{}, password.Verdict{}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := h.Verify(t.Context(), tc.stored, tc.digest)
			if err != nil || got != tc.want {
				t.Errorf("Verify = %+v, %v; want %+v", got, err, tc.want)
			}
		})
	}
}

func TestVerifyFindsStaleHashes(t *testing.T) {
	h := password.NewHasher(env.System(), cheap, 2)
	stored := hash(t, h, "right")
	for _, p := range []password.Params{
		{MemoryKiB: 128, Passes: 1, Lanes: 1}, {MemoryKiB: 64, Passes: 2, Lanes: 1}, {MemoryKiB: 64, Passes: 1, Lanes: 2},
	} {
		h.SetParams(p)
		if got, err := h.Verify(t.Context(), stored, password.DigestOf("right")); err != nil || got != (password.Verdict{OK: true, Stale: true}) {
			t.Errorf("under %v: %+v, %v; want a stale fit", p, got, err)
		}
		if got, err := h.Verify(t.Context(), stored, password.DigestOf("wrong")); err != nil || got != (password.Verdict{}) {
			t.Errorf("under %v: %+v, %v; a wrong password is never stale", p, got, err)
		}
		renewed := hash(t, h, "right")
		if got, err := h.Verify(t.Context(), renewed, password.DigestOf("right")); err != nil || got != (password.Verdict{OK: true}) {
			t.Errorf("under %v: %+v, %v; want a fresh fit", p, got, err)
		}
	}
}

func corrupt(stored identity.PasswordHash) map[string]identity.PasswordHash {
	s := string(stored)
	swap := func(old, with string) identity.PasswordHash {
		return identity.PasswordHash(strings.Replace(s, old, with, 1))
	}
	return map[string]identity.PasswordHash{
		"text":          "hunter2",
		"AList's form":  identity.PasswordHash(password.DigestOf("right").Reveal()),
		"cut":           stored[:len(s)-30],
		"no tag":        identity.PasswordHash(s[:strings.LastIndexByte(s, '$')+1]),
		"one more part": stored + "$",
		"stray bits":    stored[:len(s)-1] + "/",
		"long":          stored + identity.PasswordHash(strings.Repeat("A", 1<<20)),
		"argon2i":       swap("argon2id", "argon2i"),
		"old version":   swap("v=19", "v=16"),
		"4 GiB":         swap("m=64", "m=4194304"),
		"65 MiB":        swap("m=64", "m=66560"),
		"no memory":     swap("m=64", "m=0"),
		"huge passes":   swap("t=1", "t=4294967295"),
		"no pass":       swap("t=1", "t=0"),
		"255 lanes":     swap("p=1", "p=255"),
		"no lane":       swap("p=1", "p=0"),
		"overflow":      swap("p=1", "p=257"),
		"negative":      swap("m=64", "m=-64"),
		"odd number":    swap("m=64", "m=064"),
		"other order":   swap("m=64,t=1", "t=1,m=64"),
	}
}

func TestVerifyCorrupt(t *testing.T) {
	h := password.NewHasher(env.System(), cheap, 2)
	for name, stored := range corrupt(hash(t, h, "right")) {
		t.Run(name, func(t *testing.T) {
			got, err := h.Verify(t.Context(), stored, password.DigestOf("right"))
			if got != (password.Verdict{}) || !errors.Is(err, password.ErrCorrupt) {
				t.Errorf("Verify = %+v, %v; want no fit and ErrCorrupt", got, err)
			}
		})
	}
}

// Whoever asks must not learn from the time it takes whether there is such a
// user. The memory that a hash fills stands for its time here.
func TestVerifyDoesTheSameWorkForAll(t *testing.T) {
	work := password.Params{MemoryKiB: 1024, Passes: 1, Lanes: 1}
	h := password.NewHasher(env.System(), work, 2)
	stored := hash(t, h, "right")
	right := password.DigestOf("right")
	filled := func(stored identity.PasswordHash, d password.Digest) uint64 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, _ = h.Verify(t.Context(), stored, d)
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc
	}
	cases := corrupt(stored)
	cases["nothing stored"] = ""
	cases["stored"] = stored
	for name, stored := range cases {
		for _, d := range []password.Digest{right, password.DigestOf("wrong"), {}} {
			const want = 1 << 20
			if got := filled(stored, d); got < want || got > want*3/2 {
				t.Errorf("%s: filled %d bytes, want about %d", name, got, want)
			}
		}
	}
}

func TestHasherDoesNoWorkForTheCancelled(t *testing.T) {
	h := password.NewHasher(env.System(), password.Floor(), 1)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if stored, err := h.Hash(ctx, password.DigestOf("x")); stored != "" || identity.KindOf(err) != identity.Unavailable {
		t.Errorf("Hash = %v, %v", stored, err)
	}
	if got, err := h.Verify(ctx, "", password.DigestOf("x")); got.OK || identity.KindOf(err) != identity.Unavailable {
		t.Errorf("Verify = %v, %v", got, err)
	}
}

func TestHasherIsSafeForManyAtOnce(t *testing.T) {
	h := password.NewHasher(env.System(), cheap, 2)
	stored := hash(t, h, "right")
	var all sync.WaitGroup
	for range 32 {
		all.Go(func() {
			h.SetParams(cheap)
			if got, err := h.Verify(t.Context(), stored, password.DigestOf("right")); err != nil || !got.OK {
				t.Errorf("Verify = %+v, %v", got, err)
			}
		})
	}
	all.Wait()
}
