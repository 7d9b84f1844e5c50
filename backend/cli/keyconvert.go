package cli

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"latchkey/backend/companion/sshkeys"
	"latchkey/backend/internal/secret"
)

func (a *app) keyConvert() *cobra.Command {
	var c sshkeys.Conversion
	var format string
	var from passphraseSource
	cmd := a.withJSON(&cobra.Command{
		Use:   "convert FILE",
		Short: "Write a copy of a key in another format, and print its path",
		Long: "Write a copy of a key in another format, and print its path. FILE may be in OpenSSH's format, in\n" +
			"PuTTY's (PPK version 2 or 3), or PEM (PKCS#1, SEC 1, PKCS#8). It stays as it is, nothing is written\n" +
			"over, and the copy is read back and compared. It gets the passphrase of FILE.",
		Args: takes(1, 1),
		RunE: a.onDesk(func(ctx context.Context, d *desk, args []string) error {
			var err error
			if format == "" {
				return usagef("Say which format: --format openssh, pkcs8, ppk or rfc4716.")
			}
			if c.Format, err = sshkeys.ParseFormat(format); err != nil {
				return err
			}
			if err := from.check(); err != nil {
				return err
			}
			c.From = args[0]
			if c.Format != sshkeys.RFC4716 {
				if c.Passphrase, err = d.passphraseOf(ctx, args[0], from.stdin); err != nil {
					return err
				}
				c.New = c.Passphrase
			}
			if from.none {
				c.New = secret.Text{}
			}
			path, err := d.Workshop.Convert(c)
			if err != nil {
				return err
			}
			if d.json {
				return d.printJSON(convertedJSON{path, c.Format, !c.New.IsZero() && c.Format != sshkeys.RFC4716})
			}
			_, err = fmt.Fprintln(d.out, path)
			return err
		}),
	})
	f := cmd.Flags()
	f.StringVar(&format, "format", "", "write it as `FORMAT`: openssh, pkcs8, ppk (PuTTY's), or rfc4716 for the public half")
	f.StringVar(&c.To, "out", "", "write it to `PATH` (default: beside FILE)")
	from.flags(cmd, "write a copy that whoever has the file can use")
	return cmd
}

// convertedJSON tells about a copy.
type convertedJSON struct {
	File      string         `json:"file"`
	Format    sshkeys.Format `json:"format"`
	Encrypted bool           `json:"encrypted"`
}

// passphraseOf gets what opens a key file. One from standard input is also
// taken for a file that has none yet: then it is for the new file.
func (d *desk) passphraseOf(ctx context.Context, path string, stdin bool) (secret.Text, error) {
	k, err := sshkeys.Find(path)
	switch {
	case stdin:
		return interruptible(ctx, func() (secret.Text, error) { return readLine(d.in, "passphrase") })
	case err != nil || !k.Encrypted:
		return secret.Text{}, nil // opening it says what is wrong
	}
	if kept := d.keptPassphrase(ctx, path, k.Fingerprint); !kept.IsZero() {
		return kept, nil
	}
	if !d.onTerminal() {
		return secret.Text{}, usagef("That key has a passphrase, and there is no terminal to ask for it on. Use --passphrase-stdin.")
	}
	return d.askHidden(ctx, "Passphrase of "+k.Name+": ")
}

func (a *app) keyPassphrase() *cobra.Command {
	var from passphraseSource
	c := a.withJSON(&cobra.Command{
		Use:   "passphrase FILE",
		Short: "Change the passphrase of a key, give it one, or take it off",
		Long: "Change the passphrase of a key, give it one, or take it off. The file keeps its format and stays as\n" +
			"it is until the new one has been read back and compared. On standard input the old passphrase, if\n" +
			"there is one, stands in the first line and the new one in the next.",
		Args: takes(1, 1),
		RunE: a.onDesk(func(ctx context.Context, d *desk, args []string) error {
			k, err := sshkeys.Find(args[0])
			if err != nil {
				return err
			}
			old, fresh, err := d.twoPassphrases(ctx, k, from)
			if err != nil {
				return err
			}
			d.openVaultUnasked(ctx) // what it keeps for the key follows
			if err := d.ChangeKeyPassphrase(ctx, k.Path, old, fresh); err != nil {
				return err
			}
			if fresh.IsZero() {
				d.say("Whoever has the file %s can use the key from now on.", k.Path)
			} else {
				d.say("The key %s has a new passphrase.", k.Path)
			}
			return d.tell(passphraseJSON{k.Path, !fresh.IsZero()})
		}),
	})
	c.Flags().BoolVar(&from.stdin, "passphrase-stdin", false, "read the passphrases from standard input, the old one first")
	c.Flags().BoolVar(&from.none, "no-passphrase", false, "take the passphrase off")
	return c
}

// passphraseJSON tells about a key that was encrypted anew.
type passphraseJSON struct {
	File      string `json:"file"`
	Encrypted bool   `json:"encrypted"`
}

func (d *desk) twoPassphrases(ctx context.Context, k sshkeys.KeyFile, from passphraseSource) (old, fresh secret.Text, err error) {
	if from.stdin {
		return d.pipedPassphrases(ctx, k.Encrypted, from.none)
	}
	if !d.onTerminal() && (k.Encrypted || !from.none) {
		return old, fresh, usagef("There is no terminal to ask for a passphrase on. Use --passphrase-stdin.")
	}
	if k.Encrypted {
		if old, err = d.askHidden(ctx, "Passphrase of "+k.Name+": "); err != nil {
			return old, fresh, err
		}
	}
	if !from.none {
		fresh, err = d.askTwice(ctx, "New passphrase (empty for none): ")
	}
	return old, fresh, err
}

// pipedPassphrases reads a line for each passphrase that is needed.
func (d *desk) pipedPassphrases(ctx context.Context, hasOld, none bool) (old, fresh secret.Text, err error) {
	var wanted []*secret.Text
	if hasOld {
		wanted = append(wanted, &old)
	}
	if !none {
		wanted = append(wanted, &fresh)
	}
	lines, err := interruptible(ctx, func() ([]string, error) {
		const most = 64 << 10 // bytes
		text, err := io.ReadAll(io.LimitReader(d.in, most))
		if err != nil {
			return nil, errInput.Because(err)
		}
		return strings.Split(strings.TrimSuffix(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n"), "\n"), nil
	})
	if err != nil {
		return old, fresh, err
	}
	if len(lines) != len(wanted) {
		return old, fresh, usagef("Send %s on standard input.", count(len(wanted), "line"))
	}
	for i, to := range wanted {
		if lines[i] == "" {
			return old, fresh, usagef("A line on standard input is empty. To take the passphrase off, use --no-passphrase.")
		}
		*to = secret.New(lines[i])
	}
	return old, fresh, nil
}
