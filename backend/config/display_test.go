package config

import (
	"net"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestWhereDisplaysAre(t *testing.T) {
	for display, want := range map[string]string{
		"":                 "",
		"garbage":          "",
		":":                "",
		":x":               "",
		":99999999":        "",
		":0":               "unix @/tmp/.X11-unix/X0 unix /tmp/.X11-unix/X0",
		":12.1":            "unix @/tmp/.X11-unix/X12 unix /tmp/.X11-unix/X12",
		"unix:3":           "unix @/tmp/.X11-unix/X3 unix /tmp/.X11-unix/X3",
		"localhost:10.0":   "tcp localhost:6010",
		"[fd00::1]:1":      "tcp [fd00::1]:6001",
		"/private/tmp/x:0": "unix /private/tmp/x:0",
	} {
		if got := strings.Join(x11(display), " "); got != want {
			t.Errorf("x11(%q) = %q, want %q", display, got, want)
		}
	}
}

// A display that nobody answers at is none.
func TestDisplay(t *testing.T) {
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		t.Skip("there is always a display here")
	}
	folder := t.TempDir()
	t.Setenv("DISPLAY", ":64999")
	t.Setenv("WAYLAND_DISPLAY", "wayland-7")
	t.Setenv("XDG_RUNTIME_DIR", folder)
	if Display() {
		t.Error("a display where nobody is")
	}
	ln, err := net.Listen("unix", filepath.Join(folder, "wayland-7"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ln.Close() }()
	if !Display() {
		t.Error("no display where one answers")
	}
	t.Setenv("WAYLAND_DISPLAY", "")
	if Display() {
		t.Error("a display that is not named")
	}
}
