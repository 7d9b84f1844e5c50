package config

import (
	"os"
	"runtime"
)

// Display reports whether there is a screen to open a window on. Only where
// programs find it through the environment can it be missing.
func Display() bool {
	switch runtime.GOOS {
	case "windows", "darwin":
		return true
	}
	return os.Getenv("DISPLAY") != "" || os.Getenv("WAYLAND_DISPLAY") != ""
}
