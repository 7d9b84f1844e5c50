package cli

import (
	"cmp"
	"context"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"latchkey/backend/companion/authenticator/otpauth"
	"latchkey/backend/companion/intake"
)

func (a *app) otpAdd() *cobra.Command {
	var f otpauth.Fields
	var about otpauth.Entry
	var how taking
	c := a.withJSON(&cobra.Command{
		Use:   "add",
		Short: "Add a code, from the text of its QR code or its secret",
		Long: "Add a code, from the otpauth:// text that its QR code holds, or from its secret together with\n" +
			"--issuer or --account. It is asked for, or read from standard input where there is no terminal:\n" +
			"there one text a line, also the parts of an export of Google Authenticator.",
		Args: takes(0, 0),
		RunE: a.onDesk(func(ctx context.Context, d *desk, _ []string) error {
			if err := how.check(); err != nil {
				return err
			}
			if err := d.needVault(ctx); err != nil {
				return err
			}
			texts, err := d.readSetups(ctx)
			if err != nil {
				return err
			}
			r, err := readTyped(texts, f, about)
			if err != nil {
				return err
			}
			how.trusted = len(texts) == 1 // who types one wants it
			return d.takeIn(ctx, r, how)
		}),
	})
	flags := c.Flags()
	flags.StringVar(&about.Issuer, "issuer", "", "call the service `NAME`")
	flags.StringVar(&about.Account, "account", "", "call the account there `NAME`")
	flags.StringVar(&about.Note, "note", "", "keep `TEXT` with it")
	flags.StringSliceVar(&about.Tags, "tag", nil, "give it the tag `TAG`; may be given several times")
	flags.StringVar(&f.Kind, "kind", "", "of a secret alone: the `KIND` totp, hotp or steam (default totp)")
	flags.StringVar(&f.Algorithm, "algorithm", "", "of a secret alone: the `HASH` SHA1, SHA256 or SHA512 (default SHA1)")
	flags.StringVar(&f.Digits, "digits", "", "of a secret alone: the `NUMBER` of digits in a code (default 6)")
	flags.StringVar(&f.Period, "period", "", "of a secret alone: for how many `SECONDS` a code is good (default 30)")
	flags.StringVar(&f.Counter, "counter", "", "of a secret alone, with hotp: the `NUMBER` to begin at (default 0)")
	how.addFlags(c)
	return c
}

// readSetups gets the texts to add: never from an argument, which everybody on
// the machine can see.
func (d *desk) readSetups(ctx context.Context) ([]string, error) {
	if d.onTerminal() {
		typed, err := d.askHidden(ctx, "The otpauth:// text, or the secret: ")
		return []string{typed.Reveal()}, err
	}
	text, err := interruptible(ctx, func() (string, error) {
		const most = 4 << 20 // bytes
		text, err := io.ReadAll(io.LimitReader(d.in, most))
		if err != nil {
			return "", errInput.Because(err)
		}
		return string(text), nil
	})
	var texts []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			texts = append(texts, line)
		}
	}
	if err == nil && len(texts) == 0 {
		err = usagef("There is no otpauth:// text and no secret on standard input.")
	}
	return texts, err
}

// readTyped understands the texts. One that is a bare secret gets its other
// parts from flags, as do the names of one that is alone.
func readTyped(texts []string, f otpauth.Fields, about otpauth.Entry) (intake.Reading, error) {
	in := intake.New()
	typed := intake.Source{Way: intake.Typed}
	var err error
	if len(texts) == 1 && otpauth.Recognise(texts[0]) == otpauth.Words {
		f.Secret = texts[0]
		if about.Key, err = f.Key(); err != nil {
			return intake.Reading{}, err
		}
		err = in.Entry(typed, about)
	} else {
		err = in.Texts(typed, texts)
	}
	r := in.Reading()
	if err != nil {
		return r, err
	}
	if about.Name() != "" && len(r.Found) > 1 {
		return r, usagef("There are %s in it, so one name does not fit. Leave out --issuer and --account.", count(len(r.Found), "code"))
	}
	for i := range r.Found {
		e := &r.Found[i].Entry
		if len(r.Found) == 1 {
			e.Issuer, e.Account = cmp.Or(about.Issuer, e.Issuer), cmp.Or(about.Account, e.Account)
		}
		e.Note, e.Tags = cmp.Or(about.Note, e.Note), append(e.Tags, about.Tags...)
		if e.Name() == "" {
			return r, usagef("That code has no name. Say which service it is for: --issuer NAME.")
		}
	}
	return r, nil
}
