package server_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"latchkey/backend/config"
	"latchkey/backend/httpapi/tlscert"
	"latchkey/backend/identity"
	"latchkey/backend/internal/env"
	"latchkey/backend/internal/secret"
	"latchkey/backend/server"
)

func TestMain(m *testing.M) {
	if data := os.Getenv(serveVariable); data != "" {
		if err := serveHere(data); err != nil {
			log.Fatal(err)
		}
		return
	}
	goleak.VerifyTestMain(m)
}

// serveVariable has this program be a server of the data folder that it names.
const serveVariable = "LATCHKEY_TEST_SERVES"

// serveHere is what the process of an elsewhere does.
func serveHere(data string) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	cfg, err := settingsOf(data)
	if err != nil {
		return err
	}
	s, err := server.New(ctx, cfg, options())
	if err != nil {
		return err
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // until the test ends
		cancel()
	}()
	fmt.Printf("ready %s %s\n", s.Addresses().HTTP, s.Addresses().SFTP)
	return s.Run(ctx)
}

const adminPassword = "correct-horse-battery"

// settings are those of a server on free ports.
func settings(t testing.TB, data string) config.Config {
	t.Helper()
	cfg, err := settingsOf(data)
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

func settingsOf(data string) (config.Config, error) {
	cfg, err := config.Load(map[string]string{"data": data, "http": "127.0.0.1:0", "sftp": "127.0.0.1:0"})
	cfg.AdminPassword = secret.New(adminPassword)
	return cfg, err
}

func options() server.Options {
	return server.Options{
		Env: env.System(), Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Version: "test",
		AdminPassword: func(secret.Text) error { return nil },
	}
}

// start runs a server until the test, or stop, ends it.
func start(t testing.TB, cfg config.Config) (s *server.Server, stop func()) {
	t.Helper()
	return startWith(t, cfg, options())
}

func startWith(t testing.TB, cfg config.Config, o server.Options) (s *server.Server, stop func()) {
	t.Helper()
	s, err := server.New(t.Context(), cfg, o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	}
	t.Cleanup(stop)
	return s, stop
}

func get(t testing.TB, url string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

func TestStartsAndStopsTwiceOnOneFolder(t *testing.T) {
	cfg := settings(t, t.TempDir())
	for range 2 {
		s, stop := start(t, cfg)
		for _, path := range []string{"/ping", "/alist/ping"} {
			if status, body := get(t, s.Addresses().HTTP+path); status != http.StatusOK || body != "pong" {
				t.Errorf("GET %s = %d %q", path, status, body)
			}
		}
		stop()
	}
}

func TestSecondServerOnTheSameFolderIsRefused(t *testing.T) {
	cfg := settings(t, t.TempDir())
	start(t, cfg)
	if _, err := server.New(t.Context(), cfg, options()); !errors.Is(err, server.ErrRunning) {
		t.Errorf("New = %v; want ErrRunning", err)
	}
}

func TestEverythingIsForTheOwnerAlone(t *testing.T) {
	cfg := settings(t, t.TempDir())
	_, stop := start(t, cfg)
	stop()
	err := filepath.WalkDir(cfg.Data, func(name string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", strings.TrimPrefix(name, cfg.Data), info.Mode())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestFirstStartMakesAPasswordThatMustBeChanged(t *testing.T) {
	cfg := settings(t, t.TempDir())
	cfg.AdminPassword = secret.Text{}
	var shown []secret.Text
	opts := options()
	opts.AdminPassword = func(p secret.Text) error { shown = append(shown, p); return nil }
	for range 2 {
		s, err := server.New(t.Context(), cfg, opts)
		if err != nil {
			t.Fatal(err)
		}
		admin, err := s.Core().Accounts.User(t.Context(), identity.AdminID)
		if err != nil || !admin.MustChangePassword {
			t.Errorf("admin = %+v, %v; want a password that must be changed", admin, err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if len(shown) != 1 || len(shown[0].Reveal()) != 19 {
		t.Errorf("shown %d passwords; want one of 19 characters", len(shown))
	}
}

// A first start that was cut short at any point is begun again, and whatever
// else is incomplete is not.
func TestIncompleteFolders(t *testing.T) {
	for _, tc := range []struct {
		name string
		do   func(data string) error
		code string
	}{
		{"first start failed", func(data string) error { return os.WriteFile(filepath.Join(data, "first-start"), nil, 0o600) }, ""},
		{"database gone", func(data string) error { return os.Remove(filepath.Join(data, "latchkey.db")) }, "database_missing"},
		{"secrets gone", func(data string) error { return os.RemoveAll(filepath.Join(data, "secrets")) }, "secrets_missing"},
		{"master key gone", func(data string) error { return os.Remove(filepath.Join(data, "secrets", "master.key")) }, "master_key_missing"},
		{"master key of another server", func(data string) error {
			return os.WriteFile(filepath.Join(data, "secrets", "master.key"), []byte("0123456789abcdef0123456789abcdef"), 0o600)
		}, "master_key_wrong"},
		{"master key cut", func(data string) error { return os.Truncate(filepath.Join(data, "secrets", "master.key"), 5) }, "master_key_damaged"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			cfg := settings(t, t.TempDir())
			_, stop := start(t, cfg)
			stop()
			if err := tc.do(cfg.Data); err != nil {
				t.Fatal(err)
			}
			s, err := server.New(t.Context(), cfg, options())
			if err == nil {
				defer s.Close()
			}
			if (err == nil) != (tc.code == "") || err != nil && identity.AsError(err).Code != tc.code {
				t.Errorf("New = %v; want code %q", err, tc.code)
			}
		})
	}
}

func TestFolderWithOtherThingsKeepsItsMode(t *testing.T) {
	for name, want := range map[string]os.FileMode{"holiday.jpg": 0o755, "latchkey.toml": 0o700} {
		data := t.TempDir()
		err := errors.Join(os.WriteFile(filepath.Join(data, name), nil, 0o600), os.Chmod(data, 0o755))
		if err != nil {
			t.Fatal(err)
		}
		start(t, settings(t, data))
		info, err := os.Stat(data)
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("beside %s the folder has mode %v, %v; want %v", name, info.Mode().Perm(), err, want)
		}
	}
}

func TestWeakAdminPasswordIsRefusedAndNothingBegun(t *testing.T) {
	cfg := settings(t, t.TempDir())
	cfg.AdminPassword = secret.New("password123")
	if _, err := server.New(t.Context(), cfg, options()); identity.AsError(err).Code != "admin_password_refused" {
		t.Fatalf("New = %v; want admin_password_refused", err)
	}
	cfg.AdminPassword = secret.New(adminPassword)
	start(t, cfg)
}

func TestPortTaken(t *testing.T) {
	s, _ := start(t, settings(t, t.TempDir()))
	for _, setting := range []string{"http", "sftp"} {
		cfg := settings(t, t.TempDir())
		taken := s.Addresses().SFTP
		if setting == "http" {
			cfg.HTTP = taken
		} else {
			cfg.SFTP = taken
		}
		_, err := server.New(t.Context(), cfg, options())
		if e := identity.AsError(err); e.Code != "port_taken" || !strings.Contains(e.Message, "--"+setting) {
			t.Errorf("New with --%s on a taken port = %v", setting, err)
		}
	}
}

func TestFilesElsewhere(t *testing.T) {
	cfg := settings(t, t.TempDir())
	cfg.Files = filepath.Join(t.TempDir(), "people")
	start(t, cfg)
	for path, want := range map[string]bool{cfg.Files: true, filepath.Join(cfg.Data, "files"): false} {
		if _, err := os.Stat(path); (err == nil) != want {
			t.Errorf("%s: %v; want it there: %v", path, err, want)
		}
	}
}

// A files folder that cannot be used leaves the first start for another time.
func TestFilesFolderThatIsAFile(t *testing.T) {
	cfg := settings(t, t.TempDir())
	cfg.Files = "people"
	if err := os.WriteFile(cfg.FilesFolder(), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := server.New(t.Context(), cfg, options()); identity.AsError(err).Code != "files_folder_failing" {
		t.Errorf("New = %v; want files_folder_failing", err)
	}
	if begun, err := server.Begun(cfg.Data); begun || err != nil {
		t.Errorf("Begun = %v, %v", begun, err)
	}
}

// A certificate that the person brings says by which names clients call.
func TestNamesInOnesOwnCertificateAreHosts(t *testing.T) {
	dir := t.TempDir()
	if _, err := tlscert.Own(dir, tlscert.Names{Hosts: []string{"nas.home"}}, env.System()); err != nil {
		t.Fatal(err)
	}
	cfg := settings(t, t.TempDir())
	cfg.Cert, cfg.Key = filepath.Join(dir, "tls.crt"), filepath.Join(dir, "tls.key")
	s, _ := start(t, cfg)
	for host, want := range map[string]int{"nas.home": http.StatusOK, "evil.example": http.StatusForbidden} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.Addresses().HTTP+"/ping", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = host
		client := http.Client{Transport: &http.Transport{
			DisableKeepAlives: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
		}}
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("as %s: %d, want %d", host, resp.StatusCode, want)
		}
	}
}
