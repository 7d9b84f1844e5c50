package doctor_test

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"latchkey/backend/account"
	"latchkey/backend/cli/doctor"
	"latchkey/backend/config"
	"latchkey/backend/identity"
	"latchkey/backend/internal/env"
	"latchkey/backend/internal/secret"
	"latchkey/backend/server"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// started returns the examination of a data folder that was started once.
func started(t *testing.T) doctor.Examination {
	t.Helper()
	cfg, err := config.Load(map[string]string{
		"data": filepath.Join(t.TempDir(), "data"), "http": "127.0.0.1:0", "sftp": "127.0.0.1:0",
	})
	if err != nil {
		t.Fatal(err)
	}
	cfg.AdminPassword = secret.New("correct-horse-battery")
	e := doctor.Examination{Config: cfg, Options: server.Options{Env: env.System(), Log: slog.New(slog.DiscardHandler)},
		Command: func(words string) string { return "latchkey " + words }}
	s, err := server.New(t.Context(), cfg, e.Options)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return e
}

// finding returns what was found by one check, or nothing.
func finding(found []doctor.Finding, check string) doctor.Finding {
	for _, f := range found {
		if f.Check == check {
			return f
		}
	}
	return doctor.Finding{}
}

// TestHealthy finds nothing to complain about, and each thing once.
func TestHealthy(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range started(t).Run(t.Context()) {
		if f.Level != doctor.OK || seen[f.Check] || !strings.HasSuffix(f.Text, ".") {
			t.Errorf("%+v", f)
		}
		seen[f.Check] = true
	}
	for _, check := range []string{"data folder", "server", "http port", "database", "master key", "clock", "users", "SSH host keys"} {
		if !seen[check] {
			t.Errorf("nothing is said about the %s", check)
		}
	}
}

// TestPeoplesFilesKeepTheirModes looks at the files folder but not into it,
// and at links but not where they lead.
func TestPeoplesFilesKeepTheirModes(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("modes say nothing here")
	}
	e := started(t)
	theirs := filepath.Join(e.Config.FilesFolder(), "shared.txt")
	elsewhere := filepath.Join(t.TempDir(), "elsewhere")
	for _, path := range []string{theirs, elsewhere} {
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(elsewhere, filepath.Join(e.Config.Data, "link")); err != nil {
		t.Fatal(err)
	}
	if f := finding(e.Run(t.Context()), "permissions"); f.Level != doctor.OK {
		t.Errorf("%+v", f)
	}
	if err := os.Chmod(e.Config.FilesFolder(), 0o755); err != nil {
		t.Fatal(err)
	}
	if f := finding(e.Run(t.Context()), "permissions"); f.Level != doctor.Warn || !strings.Contains(f.Text, "files") {
		t.Errorf("%+v", f)
	}
	e.Fix = true
	e.Run(t.Context())
	for path, want := range map[string]os.FileMode{theirs: 0o644, elsewhere: 0o644, e.Config.FilesFolder(): 0o700} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s has mode %v, want %v, %v", path, info.Mode(), want, err)
		}
	}
}

// TestFilesElsewhere looks for a folder on a disk that may not be connected.
func TestFilesElsewhere(t *testing.T) {
	e := started(t)
	e.Config.Files = filepath.Join(t.TempDir(), "usb")
	if f := finding(e.Run(t.Context()), "files folder"); f.Level != doctor.Warn || !strings.Contains(f.Text, e.Config.Files) {
		t.Errorf("%+v", f)
	}
	if err := os.Mkdir(e.Config.Files, 0o700); err != nil {
		t.Fatal(err)
	}
	if f := finding(e.Run(t.Context()), "files folder"); strings.Contains(f.Text, "not there") {
		t.Errorf("%+v", f)
	}
}

// TestClock takes a clock that is a little behind for a right one: machines
// that keep time correct it by seconds.
func TestClock(t *testing.T) {
	e := started(t)
	core, err := server.OpenCore(t.Context(), e.Config, e.Options)
	if err != nil {
		t.Fatal(err)
	}
	core.Audit.Record(identity.Origin{Door: "test"}.Event(identity.AuditUnlocked, ""))
	if err := core.Close(); err != nil {
		t.Fatal(err)
	}
	for behind, want := range map[time.Duration]doctor.Level{
		0: doctor.OK, 30 * time.Second: doctor.OK, 2 * time.Minute: doctor.Fail, 365 * 24 * time.Hour: doctor.Fail,
	} {
		e.Options.Env.Now = func() time.Time { return time.Now().Add(-behind) }
		if f := finding(e.Run(t.Context()), "clock"); f.Level != want {
			t.Errorf("%s behind: %+v, want %s", behind, f, want)
		}
	}
}

// TestManyNames does not list everybody.
func TestManyNames(t *testing.T) {
	e := started(t)
	makeUsers(t, e, "abcdefghijkl")
	f := finding(e.Run(t.Context()), "passwords")
	if f.Level != doctor.Warn || !strings.Contains(f.Text, ": a, b, ") || !strings.Contains(f.Text, "j and 2 more.") {
		t.Errorf("%+v", f)
	}
}

func makeUsers(t *testing.T, e doctor.Examination, names string) {
	t.Helper()
	core, err := server.OpenCore(t.Context(), e.Config, e.Options)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		n := account.NewUser{Username: string(name), Password: "battery-horse-staple", MustChange: true}
		if _, err := core.Accounts.CreateUser(context.Background(), n, identity.Origin{Rights: identity.Everything(), Door: "test"}); err != nil {
			t.Error(err)
		}
	}
	if err := core.Close(); err != nil {
		t.Fatal(err)
	}
}
