package cli

import (
	"context"
	"errors"
	"io/fs"

	"github.com/spf13/cobra"

	"latchkey/backend/companion"
	"latchkey/backend/companion/authenticator"
	"latchkey/backend/companion/passphrase"
	"latchkey/backend/internal/disk"
	"latchkey/backend/internal/secret"
)

// An export is what a command writes, and how.
type export struct {
	format           string
	plain, fromStdin bool
	yes              bool
}

func (a *app) otpExport() *cobra.Command {
	var x export
	c := &cobra.Command{
		Use:   "export FILE",
		Short: "Write your codes into a file for another authenticator, or for the safe",
		Long: "Write your codes into a file: as a backup of Aegis that a password opens, which other apps read\n" +
			"too (aegis); as a list of otpauth:// lines (uris); or as a page of QR codes to print (sheet). The\n" +
			"last two, and a backup with --plain, give your codes to whoever gets the file. FILE - is standard output.",
		Args: takes(1, 1),
		RunE: a.onDesk(func(ctx context.Context, d *desk, args []string) error {
			if err := x.check(); err != nil {
				return err
			}
			list, err := d.entries(ctx, false)
			if err != nil {
				return err
			}
			if len(list) == 0 {
				return usagef("There are no codes to write.")
			}
			content, err := d.export(ctx, x, list)
			if err != nil {
				return err
			}
			if args[0] == "-" {
				_, err = d.out.Write(content)
				return err
			}
			err = disk.Create(args[0], 0o600, content)
			if errors.Is(err, fs.ErrExist) {
				return errExists
			}
			if err != nil {
				return disk.Explain(err)
			}
			d.say("Written to %s: %s.", args[0], count(len(list), "code"))
			return nil
		}),
	}
	f := c.Flags()
	f.StringVar(&x.format, "format", "aegis", "write it as `FORMAT`: aegis, uris or sheet")
	f.BoolVar(&x.plain, "plain", false, "write a backup that needs no password")
	f.BoolVar(&x.fromStdin, "password-stdin", false, "read the password for the file from standard input")
	f.BoolVarP(&x.yes, "yes", "y", false, "do not ask, also where the file is not encrypted")
	return c
}

func (x *export) check() error {
	switch x.format {
	case "aegis":
		if x.plain && x.fromStdin {
			return usagef("Use either --plain or --password-stdin.")
		}
		return nil
	case "uris", "sheet":
		if x.fromStdin {
			return usagef("The format %s has no password.", x.format)
		}
		x.plain = true
		return nil
	}
	return usagef("There is no format %q. Choose aegis, uris or sheet.", x.format)
}

func (d *desk) export(ctx context.Context, x export, entries []authenticator.Entry) ([]byte, error) {
	out := companion.Export{Format: companion.Format(x.format), Plain: x.plain, Words: companion.SheetWords()}
	var err error
	if x.plain {
		err = d.confirmPlain(ctx, x.yes)
	} else {
		out.Password, err = d.exportPassword(ctx, x.fromStdin)
	}
	if err != nil {
		return nil, err
	}
	return d.Export(entries, out)
}

func (d *desk) exportPassword(ctx context.Context, fromStdin bool) (secret.Text, error) {
	switch {
	case fromStdin:
		return interruptible(ctx, func() (secret.Text, error) { return readLine(d.in, "password") })
	case !d.onTerminal():
		return secret.Text{}, usagef("There is no terminal to ask for a password on. Use --password-stdin.")
	}
	password, err := d.askTwice(ctx, "Password for the file: ")
	if err == nil && passphrase.Estimate(password).Level < passphrase.Fair {
		d.say("That password is easy to guess for somebody who has the file. A few words more make it a good one.")
	}
	return password, err
}

// confirmPlain has a word typed: such a file is as good as all the codes.
func (d *desk) confirmPlain(ctx context.Context, yes bool) error {
	if yes {
		return nil
	}
	if !d.onTerminal() {
		return usagef("The file would not be encrypted, and there is no terminal to ask on. If you are sure, add --yes.")
	}
	d.say("The file will not be encrypted. Whoever gets it has your codes.")
	typed, err := d.askLine(ctx, "Type plain to write it: ")
	if err == nil && typed != "plain" {
		err = errUnconfirmed
	}
	return err
}
