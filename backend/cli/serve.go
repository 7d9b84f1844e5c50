package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"github.com/spf13/cobra"

	"latchkey/backend/config"
	"latchkey/backend/internal/reqctx"
	"latchkey/backend/internal/secret"
	"latchkey/backend/server"
)

func (a *app) serveCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "serve",
		Short: "Run the server until it is interrupted",
		Long: "Run the server until it is interrupted. It listens on this machine only, unless told otherwise.\n" +
			"The first start makes the user admin and shows their password once.",
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
	addSetting(f, "http", "listen for HTTP on `ADDR`, such as 127.0.0.1:5244; port 0 picks one; off for none")
	addSetting(f, "sftp", "listen for SFTP on `ADDR`, such as 127.0.0.1:5222; port 0 picks one; off for none")
	addSwitch(f, "lan", "let other machines in, over TLS")
	addSwitch(f, "insecure", "let other machines in without TLS: passwords can be read on the way")
	addPath(f, "cert", cobra.BashCompFilenameExt, "use the TLS certificate in `FILE` instead of one of its own")
	addPath(f, "key", cobra.BashCompFilenameExt, "use the TLS key in `FILE`")
	addSetting(f, "log-level", "log from `LEVEL` on: debug, info, warn or error")
	return c
}

func (a *app) serve(ctx context.Context, cfg config.Config) error {
	o := a.options(newLog(a.err, cfg))
	o.Hashes = server.ShareCores()
	s, err := server.New(ctx, cfg, o)
	if errors.Is(err, context.Canceled) {
		return nil // asked to end while it was starting
	}
	if err != nil {
		return err
	}
	if err := a.announce(s.Addresses(), cfg.LAN); err != nil {
		return errors.Join(err, s.Close())
	}
	return s.Run(ctx)
}

// announce says what clients should see, and then that the server is ready.
// Its listeners are open by now, so that who reads the line can connect.
func (a *app) announce(at server.Addresses, lan bool) error {
	if at.Certificate != "" {
		a.say("TLS certificate  %s", at.Certificate)
	}
	if lan {
		for _, key := range at.HostKeys {
			a.say("SSH host key     %s", key)
		}
	}
	_, err := fmt.Fprintf(a.out, "ready http=%s sftp=%s\n", at.HTTP, at.SFTP)
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
latchkey user passwd admin

`, password.Reveal())
	return err
}

func newLog(w io.Writer, cfg config.Config) *slog.Logger {
	o := &slog.HandlerOptions{Level: cfg.LogLevel}
	if cfg.LogFormat == "json" {
		return slog.New(reqctx.LogHandler(slog.NewJSONHandler(w, o)))
	}
	return slog.New(reqctx.LogHandler(slog.NewTextHandler(w, o)))
}
