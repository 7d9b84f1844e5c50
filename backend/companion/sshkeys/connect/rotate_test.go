package connect_test

import (
	"os"
	"path/filepath"
	"testing"

	"latchkey/backend/companion/sshkeys/connect"
)

func TestRotate(t *testing.T) {
	w, old, fresh := start(t, ""), makeKey(t), makeKey(t)
	w.admit(t, "# mine\n"+old.Line+"\n")
	w.trust(t)
	r := connect.Rotation{Old: old.proof(), Which: old.Fingerprint, New: fresh.private, Line: fresh.Public}
	step, err := connect.Rotate(t.Context(), w.target, w.book(t), r)
	must(t, err)
	got, err := os.ReadFile(filepath.Join(w.home, ".ssh", "authorized_keys"))
	if err != nil || string(got) != "# mine\n"+fresh.Line+"\n" || step != connect.Removed {
		t.Errorf("step %d, the file is %s, %v", step, got, err)
	}
	step, err = connect.Rotate(t.Context(), w.target, w.book(t), r)
	want(t, err, connect.ErrRefused) // the old key opens nothing any more
	if step != connect.Nothing {
		t.Errorf("step %d", step)
	}
}

// A server that looks for keys elsewhere never lets the new one in, so the old
// one stays.
func TestRotateStops(t *testing.T) {
	old, fresh := makeKey(t), makeKey(t)
	elsewhere := filepath.Join(t.TempDir(), "keys")
	must(t, os.WriteFile(elsewhere, []byte(old.Line+"\n"), 0o600))
	w := startWith(t, elsewhere)
	w.trust(t)
	r := connect.Rotation{Old: old.proof(), Which: old.Fingerprint, New: fresh.private, Line: fresh.Public}
	for range 2 { // again is no worse
		step, err := connect.Rotate(t.Context(), w.target, w.book(t), r)
		want(t, err, connect.ErrRefused)
		if step != connect.Uploaded {
			t.Errorf("step %d", step)
		}
	}
	_, err := connect.Test(t.Context(), w.target, w.book(t), old.proof(), false)
	must(t, err)
}
