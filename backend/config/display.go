package config

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// Display reports whether there is a screen to open a window on. Only where
// programs find it through the environment can it be missing. An address that
// nobody answers at is none: a window would wait there for minutes.
func Display() bool {
	switch runtime.GOOS {
	case "windows", "darwin":
		return true
	}
	return answers(wayland(os.Getenv("WAYLAND_DISPLAY"))) || answers(x11(os.Getenv("DISPLAY")))
}

// SessionBus reports whether the desktop says where its bus is. Where it does
// not, asking the bus would start one.
func SessionBus() bool { return os.Getenv("DBUS_SESSION_BUS_ADDRESS") != "" }

// Screen says how programs of this session reach the screen: the X server, as
// DISPLAY has it, and whether there is a Wayland compositor, as far as the
// environment tells.
func Screen() (x11 string, wayland bool) {
	return os.Getenv("DISPLAY"), os.Getenv("WAYLAND_DISPLAY") != ""
}

// displayPatience is how long a display on another machine may take to answer.
const displayPatience = 3 * time.Second

// answers reports whether somebody listens at one of the addresses: network,
// then address, in turns.
func answers(at []string) bool {
	dialer := net.Dialer{Timeout: displayPatience}
	for i := 0; i+1 < len(at); i += 2 {
		if c, err := dialer.DialContext(context.Background(), at[i], at[i+1]); err == nil {
			_ = c.Close() // nothing was sent
			return true
		}
	}
	return false
}

// wayland returns where a Wayland compositor listens: a path, or a name in the
// folder of this session.
func wayland(name string) []string {
	if name == "" {
		return nil
	}
	if !filepath.IsAbs(name) {
		name = filepath.Join(os.Getenv("XDG_RUNTIME_DIR"), name)
	}
	return []string{"unix", name}
}

// x11 returns where an X server listens, from "host:display.screen" as X(7) has
// it. Without a host it is on this machine.
func x11(display string) []string {
	at := strings.LastIndexByte(display, ':')
	if at < 0 {
		return nil
	}
	number, _, _ := strings.Cut(display[at+1:], ".")
	n, err := strconv.ParseUint(number, 10, 16)
	if err != nil {
		return nil
	}
	switch host := strings.Trim(display[:at], "[]"); {
	case strings.HasPrefix(host, "/"): // macOS's launchd names a socket
		return []string{"unix", display}
	case host == "" || host == "unix":
		socket := "/tmp/.X11-unix/X" + number
		return []string{"unix", "@" + socket, "unix", socket}
	default:
		return []string{"tcp", net.JoinHostPort(host, strconv.FormatUint(6000+n, 10))}
	}
}
