package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"latchkey/backend/config"
	"latchkey/backend/identity"
	"latchkey/backend/internal/reqctx"
	"latchkey/backend/internal/secret"
	"latchkey/backend/server"
)

func (a *app) serveCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "serve",
		Short: "Run the server until it is interrupted",
		Long: "Run the server until it is interrupted. It listens on this machine only, unless told otherwise.\n" +
			"The first start makes the user admin and shows their password once.\n\n" +
			"Everything is kept in the data folder: " + dataFolder() + ", unless\n" +
			"--data or LATCHKEY_DATA names another one. Settings are read from latchkey.toml in it, from the\n" +
			"environment (LATCHKEY_HTTP is --http) and from flags; the later win.",
		Args: takes(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := loadConfig(cmd)
			if err != nil {
				return err
			}
			return a.serve(cmd.Context(), cfg)
		},
	}
	f := c.Flags()
	addListeners(f)
	addPath(f, "files", cobra.BashCompSubdirsInDir, "keep people's files in `DIR` (default files in the data folder)")
	addPath(f, "cert", cobra.BashCompFilenameExt, "use the TLS certificate in `FILE` instead of one of its own")
	addPath(f, "key", cobra.BashCompFilenameExt, "use the TLS key in `FILE`")
	addSetting(f, "log-level", "log from `LEVEL` on: debug, info, warn or error")
	return c
}

// addListeners gives a command the flags that say where the server listens.
func addListeners(f *pflag.FlagSet) {
	addSetting(f, "http", "listen for HTTP on `ADDR`, such as 127.0.0.1:5244; port 0 picks one; off for none")
	addSetting(f, "sftp", "listen for SFTP on `ADDR`, such as 127.0.0.1:5222; port 0 picks one; off for none")
	addSwitch(f, "lan", "let other machines in, over TLS")
	addSwitch(f, "insecure", "let other machines in where --http, --sftp or --lan say so, over HTTP without TLS: passwords can be read on the way")
}

// dataFolder names the data folder of somebody who names none, for help.
func dataFolder() string {
	dir, err := config.DefaultFolder()
	if err != nil {
		return "none on this system"
	}
	return dir
}

func (a *app) serve(ctx context.Context, cfg config.Config) error {
	o := a.options(newLog(a.err, cfg))
	o.Hashes = server.ShareCores()
	start := a.env.Now()
	s, err := server.New(ctx, cfg, o)
	if errors.Is(err, context.Canceled) {
		return nil // asked to end while it was starting
	}
	if err != nil {
		return err
	}
	err = a.noteAdminPassword(ctx, s.Core(), cfg, start)
	if err == nil {
		err = a.announce(s.Addresses(), cfg)
	}
	if err != nil {
		return errors.Join(err, s.Close())
	}
	return s.Run(ctx)
}

// noteAdminPassword says that a password for the first start is not used,
// where this start is a later one: the administrator is older than it.
func (a *app) noteAdminPassword(ctx context.Context, c *server.Core, cfg config.Config, start time.Time) error {
	if cfg.AdminPassword.IsZero() {
		return nil
	}
	admin, err := c.Accounts.User(ctx, identity.AdminID)
	if err == nil && admin.CreatedAt.Before(start) {
		a.say("LATCHKEY_ADMIN_PASSWORD is not used: the administrator exists already. Change the password with: %s",
			a.command("user passwd "+string(admin.Username)))
	}
	return err
}

// showAdmin tells the password that the first start made up. It is the only
// time that it can be told.
func (a *app) showAdmin(password secret.Text) error {
	_, err := fmt.Fprintf(a.err, `
This is the first start. The administrator signs in with:

    user name  admin
    password   %s

The password is not shown again and must be changed at first use, by a client or with:
%s

`, password.Reveal(), printable(a.command("user passwd admin")))
	return err
}

func newLog(w io.Writer, cfg config.Config) *slog.Logger {
	o := &slog.HandlerOptions{Level: cfg.LogLevel}
	if cfg.LogFormat == "json" {
		return slog.New(reqctx.LogHandler(slog.NewJSONHandler(w, o)))
	}
	return slog.New(reqctx.LogHandler(slog.NewTextHandler(w, o)))
}
