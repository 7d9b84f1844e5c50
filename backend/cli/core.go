package cli

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"latchkey/backend/config"
	"latchkey/backend/identity"
	"latchkey/backend/server"
)

// byHand is where a change comes from that somebody makes on the command line:
// whoever can write to the data folder may do everything.
func byHand() identity.Origin { return identity.Origin{Rights: identity.Everything(), Door: "cli"} }

// onCore returns what a command does as a function of the services on the data
// folder.
func (a *app) onCore(do func(ctx context.Context, c *server.Core, args []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		cfg, err := loadConfig(cmd)
		if err != nil {
			return err
		}
		a.data, a.files = cfg.Data, cfg.FilesFolder()
		c, err := a.openCore(cmd.Context(), cfg)
		if err != nil {
			return err
		}
		return errors.Join(do(cmd.Context(), c, args), c.Close())
	}
}

func (a *app) openCore(ctx context.Context, cfg config.Config) (*server.Core, error) {
	c, err := server.OpenCore(ctx, cfg, a.options(a.faults()))
	if errors.Is(err, server.ErrNoData) {
		err = a.noData()
	}
	return c, err
}

// noData is server.ErrNoData with the command that this person has to type.
func (a *app) noData() error {
	e := *server.ErrNoData
	e.Message = "There is no Latchkey data in that folder yet. Start the server once: " + a.command("serve")
	return &e
}

// noticed is how long it takes at most until a server that runs knows what
// another program changed in its store: a little more than the store promises.
const noticed = 250 * time.Millisecond

// done tells that something was changed. What it says is then true of a server
// that runs on the data folder too.
func (a *app) done(ctx context.Context, format string, args ...any) {
	if running, err := server.Running(a.data); running || err != nil {
		select {
		case <-time.After(noticed):
		case <-ctx.Done():
		}
	}
	a.say(format, args...)
}

// faults is the log of a command other than serve: only what a service could
// not tell its caller.
func (a *app) faults() *slog.Logger {
	return slog.New(slog.NewTextHandler(a.err, &slog.HandlerOptions{Level: slog.LevelWarn}))
}

// options is what the server and its services get from the command line.
func (a *app) options(log *slog.Logger) server.Options {
	return server.Options{Env: a.env, Log: log, Version: a.version, AdminPassword: a.showAdmin}
}

// settingFlag marks the flags that are settings.
const settingFlag = "setting"

// addSetting gives a command a flag for a setting of text.
func addSetting(flags *pflag.FlagSet, name, usage string) {
	flags.String(name, "", usage)
	mark(flags, name)
}

// addPath gives a command a flag for a setting that names a file, or a folder
// if shell completion is cobra.BashCompSubdirsInDir.
func addPath(flags *pflag.FlagSet, name, completion, usage string) {
	addSetting(flags, name, usage)
	flags.Lookup(name).Annotations[completion] = nil
}

// addSwitch gives a command a flag for a setting that is on or off.
func addSwitch(flags *pflag.FlagSet, name, usage string) {
	flags.Bool(name, false, usage)
	mark(flags, name)
}

func mark(flags *pflag.FlagSet, name string) {
	flags.Lookup(name).Annotations = map[string][]string{settingFlag: nil}
}

// loadConfig reads the settings, under the flags that were given.
func loadConfig(cmd *cobra.Command) (config.Config, error) {
	cfg, err := config.Load(given(cmd))
	if err != nil {
		return cfg, &settingsError{err}
	}
	return cfg, nil
}

// given returns the settings that stand on the command line.
func given(cmd *cobra.Command) map[string]string {
	out := map[string]string{}
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if _, ok := f.Annotations[settingFlag]; ok {
			out[strings.ReplaceAll(f.Name, "-", "_")] = f.Value.String()
		}
	})
	return out
}
