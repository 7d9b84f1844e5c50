//go:build dev || production || bindings

// Package frontend holds the window's page as it was built. The window serves
// it; everything else builds and is tested without, and without Node.
package frontend

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// Page returns the page's files, with index.html at the top.
func Page() fs.FS {
	page, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // the name above is wrong
	}
	return page
}
