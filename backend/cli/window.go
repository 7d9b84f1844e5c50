package cli

import (
	"context"

	"github.com/spf13/cobra"

	"latchkey/backend/companion/vault"
	"latchkey/backend/identity"
)

// A Program is what runs the commands, and what it does without one.
type Program struct {
	Version string
	Costs   vault.Costs // of a new vault's passphrase; zero: the usual ones
	// Window opens the window until it is closed or the context ends. Its
	// errors no_window and no_display end in a colon: behind them stands what
	// to do instead.
	Window func(context.Context, Launch) error
}

// A Launch is what the command line says about the window.
type Launch struct {
	Settings map[string]string // as config.Load takes them
	Version  string
	Hidden   bool // begin in the background
}

// window is what the program does without a command.
func (a *app) window(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return unknownCommand(cmd, args[0])
	}
	err := a.open(cmd.Context(), Launch{Settings: given(cmd), Version: a.version, Hidden: a.hidden})
	if err == nil {
		return nil
	}
	e := *identity.AsError(err)
	switch e.Code {
	case "no_window", "no_display":
		e.Message += " " + a.command("serve")
	}
	return &e
}
