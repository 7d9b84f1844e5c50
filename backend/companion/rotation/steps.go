package rotation

import (
	"context"
	"errors"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"

	"latchkey/backend/companion/remote"
	"latchkey/backend/companion/sshkeys"
	"latchkey/backend/companion/sshkeys/connect"
	"latchkey/backend/companion/sshkeys/hosts"
	"latchkey/backend/companion/sshkeys/sshagent"
	"latchkey/backend/companion/sshkeys/sshconfig"
	"latchkey/backend/identity"
	"latchkey/backend/internal/secret"
)

// make makes the new key beside the old one, like it. Where it will be is
// written down before, and which it is after.
func (r *Rotation) make(ctx context.Context, m Means) error {
	if k := r.New(); k.HasPrivate {
		return r.notes.write(r.old.Fingerprint, note{New: k.Path, Fingerprint: k.Fingerprint})
	}
	kind := r.order.Kind
	if kind == "" {
		var err error
		if kind, err = r.old.Successor(); err != nil {
			return err
		}
	}
	for {
		name := r.order.Name
		if name == "" {
			name = r.old.NextName(kind)
		}
		folder := filepath.Dir(r.old.Path)
		if err := r.notes.write(r.old.Fingerprint, note{New: filepath.Join(folder, name)}); err != nil {
			return err
		}
		made, err := r.workshop.Make(ctx, sshkeys.Request{
			Kind: kind, Format: r.old.Format.Written(), Folder: folder, Name: name, Comment: r.old.Comment, Passphrase: m.New,
		})
		if err == nil {
			return r.notes.write(r.old.Fingerprint, note{New: made.Path, Fingerprint: made.Fingerprint})
		}
		if errors.Is(err, sshkeys.ErrExists) && r.order.Name == "" {
			continue // somebody has just taken that name
		}
		return errors.Join(err, r.notes.drop(r.old.Fingerprint))
	}
}

// upload gives the server the public half of the new key.
func (r *Rotation) upload(ctx context.Context, m Means) error {
	k := r.New()
	if !k.HasPrivate {
		return sshkeys.ErrNoPrivate
	}
	if r.order.Place.Keys != nil {
		return r.uploadToList(ctx, k)
	}
	err := r.signedIn(ctx, r.old, m.Old, func(c *connect.Client) error {
		_, err := c.UploadAs(ctx, k.Public, r.old.Fingerprint)
		return err
	})
	if errors.Is(err, connect.ErrRefused) && r.signedIn(ctx, k, m.New, func(*connect.Client) error { return nil }) == nil {
		return nil // the old one is gone from there already
	}
	return err
}

func (r *Rotation) uploadToList(ctx context.Context, k sshkeys.KeyFile) error {
	there, err := r.order.Place.Keys.SSHKeys(ctx)
	if err != nil || listed(there, k.Fingerprint) {
		return err
	}
	n := remote.NewSSHKey{Title: k.Comment, Line: k.Line}
	if i := slices.IndexFunc(there, isKey(r.old.Fingerprint)); i >= 0 {
		n.Title, n.Rules = there[i].Title, there[i].Rules // it may do no more than the old one
	}
	n.Title = nextTitle(n.Title, there)
	return r.order.Place.Keys.AddSSHKey(ctx, n)
}

func isKey(which identity.Fingerprint) func(remote.SSHKey) bool {
	return func(k remote.SSHKey) bool { return k.Fingerprint == which }
}

func listed(there []remote.SSHKey, which identity.Fingerprint) bool {
	return slices.ContainsFunc(there, isKey(which))
}

// numbered is a title with a number at its end.
var numbered = regexp.MustCompile(`^(.*\S) (\d{1,4})$`)

// nextTitle is a title that no key on the server has: "laptop 2" after "laptop".
func nextTitle(title string, there []remote.SSHKey) string {
	base, n := title, 2
	if m := numbered.FindStringSubmatch(title); m != nil {
		base = m[1]
	}
	const most = 90 // characters; servers take 100
	if runes := []rune(base); len(runes) > most {
		base = string(runes[:most])
	}
	if base == "" {
		base = "SSH key"
	}
	for {
		title = base + " " + strconv.Itoa(n)
		if !slices.ContainsFunc(there, func(k remote.SSHKey) bool { return k.Title == title }) {
			return title
		}
		n++
	}
}

// test signs in with the new key and starts SFTP.
func (r *Rotation) test(ctx context.Context, m Means) error {
	k := r.New()
	if !k.HasPrivate {
		return sshkeys.ErrNoPrivate
	}
	_, book, err := hosts.Open()
	if err != nil {
		return err
	}
	p, done, err := r.proof(ctx, k, m.New)
	if err != nil {
		return err
	}
	defer done()
	got, err := connect.Test(ctx, r.order.Place.Target, book, p, false)
	if err == nil {
		r.tested = &got
	}
	return err
}

// point gives the entries of the ssh config the new key, as it was shown.
func (r *Rotation) point(m Means) error {
	change, err := r.change()
	if err != nil || change.After == change.Before {
		return err
	}
	if change.Diff() != m.Seen {
		return sshconfig.ErrChangedMeanwhile
	}
	return change.Write()
}

// change plans the step Entry.
func (r *Rotation) change() (sshconfig.Change, error) {
	k, t := r.New(), r.order.Place.Target
	if !k.HasPrivate {
		return sshconfig.Change{}, sshkeys.ErrNoPrivate
	}
	return sshconfig.Repoint(r.order.Folder, sshconfig.Entry{HostName: t.Host, Port: t.Port, User: t.User, Identity: r.old.Path}, k.Path)
}

// load puts the new key into the agent, if the old one is there.
func (r *Rotation) load(ctx context.Context, m Means) error {
	k := r.New()
	if !k.HasPrivate {
		return sshkeys.ErrNoPrivate
	}
	agent, err := sshagent.Dial(ctx, r.order.Socket)
	if errors.Is(err, sshagent.ErrNone) {
		return nil
	}
	if err != nil {
		return err
	}
	defer agent.Close()
	if has, err := agent.Has(ctx, k.Fingerprint); has || err != nil {
		return err
	}
	if had, err := agent.Has(ctx, r.old.Fingerprint); !had || err != nil {
		return err
	}
	private, err := open(k, m.New)
	if err != nil {
		return err
	}
	return agent.Add(ctx, sshagent.Addition{Key: private})
}

// remove takes the old key off the server, once the new one has signed in anew.
func (r *Rotation) remove(ctx context.Context, m Means) error {
	if err := r.test(ctx, m); err != nil {
		return err
	}
	if r.order.Place.Keys != nil {
		return r.removeFromList(ctx)
	}
	err := r.signedIn(ctx, r.New(), m.New, func(c *connect.Client) error {
		_, err := c.Remove(ctx, r.old.Fingerprint)
		return err
	})
	r.removed = err == nil
	return err
}

// removeFromList deletes the old key as often as it stands there: AList takes
// one several times.
func (r *Rotation) removeFromList(ctx context.Context) error {
	list := r.order.Place.Keys
	there, err := list.SSHKeys(ctx)
	if err != nil {
		return err
	}
	if !listed(there, r.New().Fingerprint) {
		return remote.ErrNoKey
	}
	for _, k := range there {
		if k.Fingerprint != r.old.Fingerprint {
			continue
		}
		if err := list.DeleteSSHKey(ctx, k.ID); err != nil && !errors.Is(err, remote.ErrNoKey) {
			return err
		}
	}
	if there, err = list.SSHKeys(ctx); err == nil && listed(there, r.old.Fingerprint) {
		err = ErrInUse
	}
	return err
}

// signedIn signs in with a key for as long as a call takes.
func (r *Rotation) signedIn(ctx context.Context, k sshkeys.KeyFile, passphrase secret.Text, do func(*connect.Client) error) error {
	_, book, err := hosts.Open()
	if err != nil {
		return err
	}
	p, done, err := r.proof(ctx, k, passphrase)
	if err != nil {
		return err
	}
	defer done()
	c, err := connect.Dial(ctx, r.order.Place.Target, book, p)
	if err != nil {
		return err
	}
	defer c.Close()
	return do(c)
}
