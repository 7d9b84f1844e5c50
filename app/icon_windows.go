//go:build dev || production || bindings

package app

import _ "embed"

// icon is that of the tray; the window's is in the program's resources.
//
//go:embed icon.ico
var icon []byte
