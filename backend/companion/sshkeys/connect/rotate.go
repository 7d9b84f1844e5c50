package connect

import (
	"context"

	"github.com/pkg/sftp"

	"latchkey/backend/companion/sshkeys"
	"latchkey/backend/companion/sshkeys/hosts"
	"latchkey/backend/identity"
)

// A Step is how far a rotation has come.
type Step int

// The steps, in their order.
const (
	Nothing  Step = iota // the server is as it was
	Uploaded             // it lets both keys in, or should
	Tested               // the new key has signed in and started SFTP
	Removed              // the old key opens nothing any more
)

// A Rotation puts a new key in the place of an old one.
type Rotation struct {
	Old   Proof
	Which identity.Fingerprint // of the old key
	New   *sshkeys.Private
	Line  sshkeys.Public // the new key's public half
}

// Rotate adds the new key with the old one, signs in with the new one, and only
// then takes the old one away, on the connection of the new one. At an error it
// stops, and the step says how the server stands: up to Tested the old key is as
// good as before, and doing it again goes on from there.
func Rotate(ctx context.Context, t Target, book *hosts.Book, r Rotation) (Step, error) {
	if err := with(ctx, t, book, r.Old, func(c *Client) error {
		_, err := c.Upload(ctx, r.Line)
		return err
	}); err != nil {
		return Nothing, err
	}
	reached := Uploaded
	err := with(ctx, t, book, With(r.New), func(c *Client) error {
		if err := c.withSFTP(ctx, func(*sftp.Client) error { return nil }); err != nil {
			return err
		}
		reached = Tested
		_, err := c.Remove(ctx, r.Which)
		return err
	})
	if err == nil {
		reached = Removed
	}
	return reached, err
}

func with(ctx context.Context, t Target, book *hosts.Book, p Proof, do func(*Client) error) error {
	c, err := Dial(ctx, t, book, p)
	if err != nil {
		return err
	}
	defer c.Close()
	return do(c)
}
