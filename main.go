// Command latchkey is a companion for a server at home: a window, a server of
// its own, and the commands for both.
package main

import (
	"context"
	"os"

	"latchkey/app"
	"latchkey/backend/cli"
)

// version is set by the linker.
var version = "dev"

func main() {
	app.BorrowTerminal()
	os.Exit(cli.Run(os.Args[1:], cli.Program{Version: version, Window: window},
		cli.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}))
}

func window(ctx context.Context, l cli.Launch) error { return app.Run(ctx, app.Config(l)) }
