//go:build production

// Command bare is the smallest window that Wails makes: what Latchkey's is
// measured against.
package main

import (
	"context"
	"embed"
	"os"

	"github.com/wailsapp/wails/v2"
	"github.com/wailsapp/wails/v2/pkg/options"
	"github.com/wailsapp/wails/v2/pkg/options/assetserver"
	"github.com/wailsapp/wails/v2/pkg/runtime"
)

//go:embed page
var page embed.FS

func main() {
	var ctx context.Context
	shell := &Shell{func() { runtime.WindowShow(ctx) }}
	if wails.Run(&options.App{
		Title: "Latchkey", Width: 1100, Height: 760, StartHidden: true,
		AssetServer: &assetserver.Options{Assets: page},
		OnStartup:   func(c context.Context) { ctx = c },
		Bind:        []any{shell},
	}) != nil {
		os.Exit(1)
	}
}

// Shell is what the page calls.
type Shell struct{ show func() }

// Drawn shows the window.
func (s *Shell) Drawn() { s.show() }
