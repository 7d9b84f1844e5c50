package cli

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"

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

// keyFlags are what a new key is asked for with.
type keyFlags struct {
	kind, format, out string
	bits              int
	r                 sshkeys.Request
	from              passphraseSource
	keep              bool
}

func (a *app) keyGenerate() *cobra.Command {
	var k keyFlags
	c := a.withJSON(&cobra.Command{
		Use:   "generate",
		Short: "Make an SSH key on this computer, and print the path of its public half",
		Long: "Make an SSH key on this computer, and print the path of its public half. Nothing is written over.\n" +
			"A passphrase keeps others from using the key if they get at the file; it is asked for unless a\n" +
			"flag says otherwise. A key of the type ed25519-sk stays in a security token, and ssh-keygen makes\n" +
			"it and asks for what the token wants.",
		Args: takes(0, 0),
		RunE: a.onDesk(func(ctx context.Context, d *desk, _ []string) error {
			r, err := k.request()
			if err != nil {
				return err
			}
			if k.keep {
				if err := d.readyToKeep(ctx, r.Kind); err != nil {
					return err
				}
			}
			made, typed, err := d.makeKey(ctx, r, k.from)
			if err != nil {
				return err
			}
			if k.keep && !typed.IsZero() {
				if err := d.KeepPassphrase(ctx, made.Fingerprint, typed); err != nil {
					return err
				}
			}
			return d.showMade(made)
		}),
	})
	f := c.Flags()
	f.StringVar(&k.kind, "type", "", "make a key of the type `TYPE`: ed25519, ecdsa, rsa or ed25519-sk, or one with its size, such as rsa-4096 (default ed25519)")
	f.IntVar(&k.bits, "bits", 0, "make it `N` bits long: 256, 384 or 521 for ecdsa, 3072 or 4096 for rsa")
	f.StringVar(&k.format, "format", "", "write the private half as `FORMAT`: openssh, pkcs8 or ppk, which is PuTTY's (default openssh)")
	f.StringVar(&k.out, "out", "", "write it to `PATH`")
	f.StringVar(&k.r.Name, "name", "", "call the file `NAME` (default: one that is free, such as id_ed25519_latchkey)")
	f.StringVar(&k.r.Folder, "folder", "", "put it into the folder `DIR` (default ~/.ssh)")
	f.StringVar(&k.r.Comment, "comment", "", "write `TEXT` behind the public half (default: your name and that of this computer)")
	f.BoolVar(&k.keep, "keep-passphrase", false, "keep its passphrase in the vault, where key agent add and key test take it from")
	k.from.flags(c, "make a key that whoever has the file can use")
	return c
}

// request puts together what the flags say.
func (k *keyFlags) request() (sshkeys.Request, error) {
	r := k.r
	var err error
	switch {
	case k.bits != 0 && k.kind == "":
		return r, usagef("Say with --type what is to have %d bits.", k.bits)
	case k.out != "" && (r.Name != "" || r.Folder != ""):
		return r, usagef("Use either --out or --name and --folder.")
	case k.bits != 0:
		k.kind += "-" + strconv.Itoa(k.bits)
	}
	switch k.kind {
	case "":
		r.Kind = sshkeys.Ed25519
	case string(sshkeys.Ed25519) + "-256": // its only size
		r.Kind = sshkeys.Ed25519
	default:
		if r.Kind, err = sshkeys.ParseKind(k.kind); err != nil {
			return r, err
		}
	}
	if k.format != "" {
		if r.Format, err = sshkeys.ParseFormat(k.format); err != nil {
			return r, err
		}
	}
	if k.out != "" {
		r.Folder, r.Name = filepath.Split(k.out)
		r.Folder = cmp.Or(r.Folder, ".")
	}
	r.Folder, err = keyFolder(r.Folder)
	r.Comment = cmp.Or(r.Comment, comment())
	return r, err
}

// makeKey makes a key here or in a token.
// It returns the passphrase too, where it was told here.
func (d *desk) makeKey(ctx context.Context, r sshkeys.Request, from passphraseSource) (sshkeys.KeyFile, secret.Text, error) {
	if r.Kind == sshkeys.Ed25519SK {
		if r.Format != "" && r.Format != sshkeys.OpenSSH || from.stdin {
			return sshkeys.KeyFile{}, secret.Text{}, usagef("A key in a security token is in OpenSSH's format, and ssh-keygen asks for its passphrase itself. Leave --format and --passphrase-stdin out.")
		}
		made, err := d.Workshop.MakeInToken(ctx, r, from.none, sshkeys.Terminal{In: d.in, Out: d.err, Err: d.err})
		return made, secret.Text{}, err
	}
	var err error
	if r.Passphrase, err = from.read(ctx, d); err != nil {
		return sshkeys.KeyFile{}, secret.Text{}, err
	}
	if r.Kind == sshkeys.RSA3072 || r.Kind == sshkeys.RSA4096 {
		d.say("Looking for the primes of an RSA key, which takes a moment.")
	}
	made, err := d.Workshop.Make(ctx, r)
	return made, r.Passphrase, err
}

// readyToKeep opens the vault before anything is made.
func (d *desk) readyToKeep(ctx context.Context, kind sshkeys.Kind) error {
	if kind == sshkeys.Ed25519SK {
		return usagef("ssh-keygen asks for the passphrase of a key in a security token itself. Leave --keep-passphrase out.")
	}
	if err := d.openVault(ctx); err != nil {
		return err
	}
	return d.Vault.Ready(ctx)
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

// flags adds the flags; unprotected says what a key without one is.
func (p *passphraseSource) flags(c *cobra.Command, unprotected string) {
	c.Flags().BoolVar(&p.stdin, "passphrase-stdin", false, "read the passphrase from standard input")
	c.Flags().BoolVar(&p.none, "no-passphrase", false, unprotected)
}

func (p passphraseSource) check() error {
	if p.stdin && p.none {
		return usagef("Use either --passphrase-stdin or --no-passphrase.")
	}
	return nil
}

func (p passphraseSource) read(ctx context.Context, d *desk) (secret.Text, error) {
	switch {
	case p.check() != nil:
		return secret.Text{}, p.check()
	case p.none:
		return secret.Text{}, nil
	case p.stdin:
		return interruptible(ctx, func() (secret.Text, error) { return readLine(d.in, "passphrase") })
	case !d.onTerminal():
		return secret.Text{}, usagef("There is no terminal to ask for a passphrase on. Use --passphrase-stdin or --no-passphrase.")
	}
	return d.askTwice(ctx, "Passphrase for the key (empty for none): ")
}
