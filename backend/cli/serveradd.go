package cli

import (
	"cmp"
	"context"
	"strings"

	"github.com/spf13/cobra"

	"latchkey/backend/companion/remote"
	"latchkey/backend/companion/servers"
)

func (a *app) serverAdd() *cobra.Command {
	var name, user, fingerprint string
	c := &cobra.Command{
		Use:   "add ADDRESS",
		Short: "Look for a server at an address, and put it on the list",
		Long: "Look for a server at an address, and put it on the list. The address is what you would open in a\n" +
			"browser, or a part of it: nas, 192.168.1.20, https://nas.example.\n" +
			"A certificate that the system does not vouch for has to be accepted: compare its fingerprint with\n" +
			"the one that the server shows, which a Latchkey server prints when it starts.",
		Args: takes(1, 1),
		RunE: a.onDesk(func(ctx context.Context, d *desk, args []string) error {
			pin, err := remote.PinOf(fingerprint)
			if err != nil {
				return err
			}
			if strings.EqualFold(name, ownWord) {
				return usagef("The server on this computer is called %s. Choose another name.", ownWord)
			}
			address, err := servers.ParseAddress(args[0])
			if err != nil {
				return err
			}
			found, err := d.Servers.Find(ctx, address)
			if err != nil {
				return err
			}
			repeat := "server add " + shellWord(args[0]) + flagWord("name", name) + flagWord("user", user)
			if pin, err = d.accept(ctx, found, pin, repeat); err != nil {
				return err
			}
			return d.add(ctx, found, servers.NewServer{
				Name: cmp.Or(name, found.Name), Base: found.Base, Pin: pin, Username: cmp.Or(user, found.Username), Seen: found.Server,
			})
		}),
	}
	c.Flags().StringVar(&name, "name", "", "call it `NAME` (default: what it calls itself)")
	c.Flags().StringVar(&user, "user", "", "sign in as `NAME` there")
	c.Flags().StringVar(&fingerprint, "fingerprint", "", "accept the certificate with the fingerprint `FP`, and no other")
	return c
}

// flagWord writes a flag for a command to repeat, if it was given.
func flagWord(name, value string) string {
	if value == "" {
		return ""
	}
	return " --" + name + " " + shellWord(value)
}

// accept returns which certificate is to count from now on; none is that what
// the system vouches for counts.
func (d *desk) accept(ctx context.Context, found servers.Found, pin remote.Fingerprint, repeat string) (remote.Fingerprint, error) {
	shown := found.Certificate
	switch {
	case pin != "" && !found.Base.Secure():
		return "", usagef("That server has no certificate: it was found at %s. Leave --fingerprint out, or turn TLS on there.", found.Base)
	case pin == "" && shown.Doubt == remote.NoDoubt:
		return "", nil
	case pin == shown.Fingerprint:
		return pin, nil
	}
	d.showCertificate(shown)
	if pin != "" {
		return "", errOtherCertificate
	}
	return shown.Fingerprint, d.confirmCertificate(ctx, repeat+" --fingerprint "+string(shown.Fingerprint))
}

func (d *desk) add(ctx context.Context, found servers.Found, n servers.NewServer) error {
	s, err := d.Servers.Add(ctx, n)
	if err != nil {
		return err
	}
	d.Use(s.ID)
	d.say("The server %s has been added: %s at %s", s.Name, kindOf(s), s.Base)
	if found.Plain {
		d.say("It has no TLS: everybody on the network can read your password and your files on the way.")
	}
	d.say("Sign in with: %s", d.command("login "+serverWord(s)))
	return nil
}
