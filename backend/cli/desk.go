package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"latchkey/backend/companion"
	"latchkey/backend/companion/servers"
	"latchkey/backend/companion/vault"
	"latchkey/backend/config"
)

// A desk is where a command acts for a person, as the window does: with their
// vault, their servers and their keys.
type desk struct {
	*app
	*companion.Companion
	own *ownServer
	at  servers.Server // the one that the command is about, once that is known

	chosen bool // at was asked for something, and is the one used last if that works

	newVault   bool // the vault is only being made
	serverTime bool // codes that are filled in go by that server's clock
}

// onDesk returns what a command does as a function of the desk on the data
// folder.
func (a *app) onDesk(do func(ctx context.Context, d *desk, args []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		cfg, err := loadConfig(cmd)
		if err != nil {
			return err
		}
		d, err := a.sitDown(cfg)
		if err != nil {
			return err
		}
		err = d.advise(do(cmd.Context(), d, args))
		if err == nil && d.chosen {
			d.Use(d.at.ID)
		}
		return errors.Join(err, d.leave())
	}
}

func (a *app) sitDown(cfg config.Config) (*desk, error) {
	a.data = cfg.Data
	own := &ownServer{app: a, cfg: cfg}
	c, err := companion.Open(companion.Options{
		Data: cfg.Data, Env: a.env, Keyring: vault.SystemKeyring{}, Costs: a.costs, UserAgent: companion.UserAgent(a.version), Own: own.transport,
	})
	if err != nil {
		return nil, err
	}
	return &desk{app: a, Companion: c, own: own}, nil
}

func (d *desk) leave() error {
	d.Close()
	return d.own.close()
}

// changed tells that something was changed on the server. What it says is then
// true also for who asks a server that runs on this data folder.
func (d *desk) changed(ctx context.Context, format string, args ...any) {
	if d.at.Own {
		d.done(ctx, format, args...)
		return
	}
	d.say(format, args...)
}

// word returns the argument at a place, or "".
func word(args []string, at int) string {
	if at < len(args) {
		return args[at]
	}
	return ""
}
