package cli

import (
	"context"
	"strconv"

	"latchkey/backend/companion/sshkeys"
	"latchkey/backend/companion/sshkeys/connect"
	"latchkey/backend/companion/sshkeys/hosts"
)

// uploadTo adds a key to the authorized_keys of any account by SFTP: with the
// identity that was named, or with a password, which is used this once. The
// file is what holds the key, or - for none.
func (d *desk) uploadTo(ctx context.Context, k sshkeys.Public, file, typed string, f targetFlags, passwordStdin bool) error {
	t, err := f.target(ctx, typed)
	if err != nil {
		return err
	}
	_, book, err := hosts.Open()
	if err != nil {
		return err
	}
	// Before anybody is asked for a password: is that the server?
	if _, err := connect.HostKey(ctx, t, book); err != nil {
		return d.explainHost(err, typed, t)
	}
	var p connect.Proof
	if f.identity != "" {
		proof, done, err := d.proof(ctx, f)
		if err != nil {
			return err
		}
		defer done()
		p = proof
	} else if p.Password, err = d.serverPassword(ctx, t, passwordStdin); err != nil {
		return err
	}
	c, err := connect.Dial(ctx, t, book, p)
	if err != nil {
		return d.explainHost(err, typed, t)
	}
	defer c.Close()
	added, err := c.Upload(ctx, k)
	switch {
	case err != nil:
		return err
	case added:
		d.say("%s lets the key in from now on: %s", t.Address(), k.Fingerprint)
	default:
		d.say("That key is on the server already.")
	}
	d.say("Test it with: %s", d.command("key test "+shellWord(typed)+f.portWord()+privateWord(file)))
	return d.tell(uploadedJSON{Server: t.Address(), Fingerprint: k.Fingerprint, Added: added})
}

// portWord is the flag for the port that was named, as a command is given it.
func (f *targetFlags) portWord() string {
	if f.port == 0 {
		return ""
	}
	return " --port " + strconv.Itoa(f.port)
}

// privateWord is the flag for the private half of a key file, if it is here.
func privateWord(file string) string {
	if k, err := sshkeys.Find(file); err == nil && k.HasPrivate {
		return " --identity " + shellWord(k.Path)
	}
	return ""
}
