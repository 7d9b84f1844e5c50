package cli

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"latchkey/backend/companion/authenticator/backup"
	"latchkey/backend/companion/intake"
	"latchkey/backend/internal/secret"
)

func (a *app) otpImport() *cobra.Command {
	var how taking
	var fromStdin bool
	c := a.withJSON(&cobra.Command{
		Use:   "import FILE",
		Short: "Take over the codes of another authenticator's backup",
		Long: "Take over the codes of another authenticator's backup: of Aegis, 2FAS, Ente and andOTP, encrypted\n" +
			"or not, of Bitwarden, Raivo, FreeOTP+ and KeePassXC (CSV), or a list of otpauth:// lines. What the\n" +
			"file is shows in it. You see what is in it before anything is stored.",
		Args: takes(1, 1),
		RunE: a.onDesk(func(ctx context.Context, d *desk, args []string) error {
			if err := how.check(); err != nil {
				return err
			}
			content, err := readBackup(args[0])
			if err != nil {
				return err
			}
			in := intake.New()
			if err := d.openBackup(ctx, in, content, fromStdin); err != nil {
				return err
			}
			if err := d.needVault(ctx); err != nil {
				return err
			}
			r := in.Reading()
			if err := d.takeIn(ctx, r, how); err != nil {
				return err
			}
			if len(r.Plain) > 0 && !how.preview {
				d.say("The file has the secrets in it for everybody who gets it. When your codes work here, delete it.")
			}
			return nil
		}),
	})
	c.Flags().BoolVar(&fromStdin, "password-stdin", false, "read the backup's password from standard input")
	how.addFlags(c)
	return c
}

// readBackup reads a file, as much of it as a backup may have and a little more.
func readBackup(name string) ([]byte, error) {
	f, err := os.Open(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, usagef("There is no file %s. Check the name.", name)
	case err != nil:
		return nil, usagef("The file %s cannot be read.", name)
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, backup.MostBytes+1))
	if err != nil {
		return nil, usagef("The file %s cannot be read.", name)
	}
	return content, nil
}

// openBackup reads a backup, and asks for its password if it has one.
func (d *desk) openBackup(ctx context.Context, in *intake.Intake, content []byte, fromStdin bool) error {
	err := in.Backup(ctx, intake.Source{Way: intake.File}, content)
	if !errors.Is(err, backup.ErrPasswordNeeded) {
		return err
	}
	waiting := in.Reading().Waiting[0].Piece
	if fromStdin {
		password, err := interruptible(ctx, func() (secret.Text, error) { return readLine(d.in, "password") })
		if err != nil {
			return err
		}
		return in.Unlock(ctx, waiting, password)
	}
	if !d.onTerminal() {
		return usagef("That backup is encrypted, and there is no terminal to ask for its password on. Use --password-stdin.")
	}
	const tries = 3
	for n := 1; ; n++ {
		password, err := d.askHidden(ctx, "Password of the backup: ")
		if err != nil {
			return err
		}
		err = in.Unlock(ctx, waiting, password)
		if !errors.Is(err, backup.ErrPasswordWrong) || n == tries {
			return err
		}
		d.say("%s", backup.ErrPasswordWrong.Message)
	}
}
