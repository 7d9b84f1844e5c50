package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"latchkey/backend/companion/remote"
	"latchkey/backend/companion/servers"
	"latchkey/backend/identity"
)

var (
	errOtherCertificate = identity.NewError(identity.Unavailable, "certificate_other",
		"The server does not show the certificate with that fingerprint, so nothing was changed. See what it shows above; find out why before you accept it.")
	errNotAccepted = identity.NewError(identity.Unavailable, "certificate_not_accepted_yet",
		"That certificate was not accepted, so nothing was changed. Compare its fingerprint with the one that the server shows; if they are the same, repeat:")
)

func (a *app) serverTrust() *cobra.Command {
	var fingerprint string
	c := &cobra.Command{
		Use:   "trust NAME",
		Short: "Accept the certificate that a server shows now, in the place of any before it",
		Long: "Accept the certificate that a server shows now, in the place of any before it. Do that only when you\n" +
			"know why it has changed: compare the fingerprint with the one that the server shows itself.",
		Args: takes(1, 1),
		RunE: a.onDesk(func(ctx context.Context, d *desk, args []string) error {
			pin, err := remote.PinOf(fingerprint)
			if err != nil {
				return err
			}
			s, err := d.choose(ctx, args[0])
			if err != nil {
				return err
			}
			shown, err := d.Servers.Inspect(ctx, s.ID)
			if err != nil {
				return err
			}
			if pin == "" && nothingToAccept(s, shown) {
				d.say("There is nothing to accept: that certificate counts already.")
				return nil
			}
			if err := d.compare(ctx, s, shown, pin); err != nil {
				return err
			}
			if err := d.trust(ctx, s, shown.Fingerprint); err != nil {
				return err
			}
			d.say("The certificate of %s has been accepted. From now on it is the only one that counts there.", s.Name)
			return nil
		}),
	}
	c.Flags().StringVar(&fingerprint, "fingerprint", "", "accept the certificate with the fingerprint `FP`, and no other")
	return c
}

// nothingToAccept reports whether a certificate is the accepted one, or one
// that the system vouches for where none was accepted.
func nothingToAccept(s servers.Server, shown remote.Certificate) bool {
	return s.Pin == shown.Fingerprint || s.Pin == "" && shown.Doubt == remote.NoDoubt
}

// compare makes sure that the person means the certificate that is shown.
func (d *desk) compare(ctx context.Context, s servers.Server, shown remote.Certificate, pin remote.Fingerprint) error {
	if pin == shown.Fingerprint {
		return nil
	}
	if s.Pin != "" && s.Pin != shown.Fingerprint {
		d.say("Accepted before  %s", s.Pin)
	}
	d.showCertificate(shown)
	if pin != "" {
		return errOtherCertificate
	}
	return d.confirmCertificate(ctx, "server trust "+serverWord(s)+" --fingerprint "+string(shown.Fingerprint))
}

func (d *desk) trust(ctx context.Context, s servers.Server, fp remote.Fingerprint) error {
	var err error
	if s.Pin == "" {
		_, err = d.Servers.Accept(ctx, s.ID, fp)
	} else {
		_, err = d.Servers.Replace(ctx, s.ID, servers.Replacement{Accepted: s.Pin, Shown: fp})
	}
	return err
}

// confirmCertificate has somebody at a terminal type yes, and tells everybody
// else the command to repeat.
func (d *desk) confirmCertificate(ctx context.Context, repeat string) error {
	e := *errNotAccepted
	e.Message += " " + d.command(repeat)
	if !d.onTerminal() {
		return &e
	}
	answer, err := d.askLine(ctx, "Type yes if that is the fingerprint that the server shows: ")
	if err == nil && !strings.EqualFold(answer, "yes") {
		err = errUnconfirmed
	}
	return err
}

// showCertificate shows a person what there is to compare.
func (d *desk) showCertificate(c remote.Certificate) {
	d.say("The server's certificate:")
	d.say("  Fingerprint  %s", c.Fingerprint)
	d.say("  For          %s", orDash(strings.Join(c.Names, ", ")))
	d.say("  Issued by    %s", orDash(c.Issuer))
	d.say("  Valid        from %s to %s", c.NotBefore.Local().Format(dayForm), c.NotAfter.Local().Format(dayForm))
	if why := doubtWords(c.Doubt); why != "" {
		d.say("  Not trusted  %s", why)
	}
}

const dayForm = "2006-01-02"

// doubtWords says why the system does not vouch for a certificate.
func doubtWords(why remote.Doubt) string {
	switch why {
	case remote.SelfMade:
		return "the server made it itself, or nobody knows who did"
	case remote.WrongName:
		return "it is for another name than the one in the address"
	case remote.OutOfDate:
		return "it has run out, or is not valid yet; check this computer's clock"
	case remote.OtherwiseBad:
		return "it cannot be checked"
	case remote.NoDoubt:
	}
	return ""
}

// showChange shows what an error about a certificate is about.
func (d *desk) showChange(c *remote.CertificateError) {
	if c.Accepted != "" {
		d.say("Accepted before  %s", c.Accepted)
	}
	d.showCertificate(c.Shown)
}
