//go:build (dev || production || bindings) && !windows

package app

import _ "embed"

// icon is that of the window and of the tray.
//
//go:embed icon.png
var icon []byte
