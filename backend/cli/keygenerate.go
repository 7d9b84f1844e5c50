package cli

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/user"
	"path/filepath"

	"github.com/spf13/cobra"

	"latchkey/backend/companion/sshkeys"
	"latchkey/backend/identity"
	"latchkey/backend/internal/secret"
)

type madeKeyJSON struct {
	File        string               `json:"file"`   // the private half
	Public      string               `json:"public"` // the file to upload
	Type        string               `json:"type"`
	Fingerprint identity.Fingerprint `json:"fingerprint"`
	Encrypted   bool                 `json:"encrypted"`
	Line        string               `json:"line"`
}

func (a *app) keyGenerate() *cobra.Command {
	var r sshkeys.Request
	var kind string
	var from passphraseSource
	c := a.withJSON(&cobra.Command{
		Use:   "generate",
		Short: "Make an SSH key on this computer, and print the path of its public half",
		Long: "Make an SSH key on this computer, and print the path of its public half. Nothing is written over.\n" +
			"A passphrase keeps others from using the key if they get at the file; it is asked for unless a\n" +
			"flag says otherwise.",
		Args: takes(0, 0),
		RunE: a.onDesk(func(ctx context.Context, d *desk, _ []string) error {
			var err error
			if kind != "" {
				if r.Kind, err = sshkeys.ParseKind(kind); err != nil {
					return err
				}
			}
			if r.Folder, err = keyFolder(r.Folder); err != nil {
				return err
			}
			r.Comment = cmp.Or(r.Comment, comment())
			if r.Passphrase, err = from.read(ctx, d); err != nil {
				return err
			}
			k, err := d.Workshop.Make(ctx, r)
			if err != nil {
				return err
			}
			return d.showMade(k)
		}),
	})
	f := c.Flags()
	f.StringVar(&kind, "kind", "", "make a key of the kind `KIND`: ed25519, ecdsa-256, ecdsa-384, ecdsa-521, rsa-3072 or rsa-4096 (default ed25519)")
	f.StringVar(&r.Name, "name", "", "call the file `NAME` (default: one that is free, such as id_ed25519_latchkey)")
	f.StringVar(&r.Folder, "folder", "", "put it into the folder `DIR` (default ~/.ssh)")
	f.StringVar(&r.Comment, "comment", "", "write `TEXT` behind the public half (default: your name and that of this computer)")
	f.BoolVar(&from.stdin, "passphrase-stdin", false, "read the passphrase from standard input")
	f.BoolVar(&from.none, "no-passphrase", false, "make a key that whoever has the file can use")
	return c
}

func (d *desk) showMade(k sshkeys.KeyFile) error {
	public := k.Path + ".pub"
	if d.json {
		return d.printJSON(madeKeyJSON{k.Path, public, k.Type, k.Fingerprint, k.Encrypted, k.Line})
	}
	d.say("The key has been made: %s %s", k.Algorithm, k.Fingerprint)
	d.say("Upload its public half with: %s", d.command("key upload "+shellWord(public)))
	_, err := fmt.Fprintln(d.out, public)
	return err
}

// comment is what people recognise a key by: "ann@laptop", or less of it where
// it cannot be told.
func comment() string {
	host, _ := os.Hostname()
	who, err := user.Current()
	if err != nil || host == "" {
		return host
	}
	return filepath.Base(who.Username) + "@" + host
}

// passphraseSource is where the passphrase of a new key comes from.
type passphraseSource struct{ stdin, none bool }

func (p passphraseSource) read(ctx context.Context, d *desk) (secret.Text, error) {
	switch {
	case p.stdin && p.none:
		return secret.Text{}, usagef("Use either --passphrase-stdin or --no-passphrase.")
	case p.none:
		return secret.Text{}, nil
	case p.stdin:
		return interruptible(ctx, func() (secret.Text, error) { return readLine(d.in, "passphrase") })
	case !d.onTerminal():
		return secret.Text{}, usagef("There is no terminal to ask for a passphrase on. Use --passphrase-stdin or --no-passphrase.")
	}
	return d.askTwice(ctx, "Passphrase for the key (empty for none): ")
}
