package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"latchkey/backend/companion/remote"
	"latchkey/backend/companion/rotation"
	"latchkey/backend/companion/servers"
	"latchkey/backend/companion/sshkeys"
	"latchkey/backend/companion/sshkeys/connect"
	"latchkey/backend/companion/sshkeys/hosts"
	"latchkey/backend/identity"
)

// rotateFlags say what takes the place of the old key, and where.
type rotateFlags struct {
	to, kind string
	target   targetFlags
	order    rotation.Order
	from     passphraseSource
	yes      bool
	anyway   bool
}

func (a *app) keyRotate() *cobra.Command {
	var f rotateFlags
	c := a.withJSON(&cobra.Command{
		Use:   "rotate FILE [SERVER]",
		Short: "Put a new key in the place of an old one on a server",
		Long: "Put a new key in the place of an old one on a server: make it, give the server its public half, sign in\n" +
			"with it, name it in the ssh config and put it into the SSH agent where the old one is, and only then\n" +
			"take the old one off the server. The old file is kept as FILE.old. SERVER is one of your list; with --to it\n" +
			"is any other that has SFTP, where the old key adds the new one to ~/.ssh/authorized_keys.\n\n" +
			"It stops where something fails, and the old key stays good until the new one is. The same command goes\n" +
			"on from there. On standard input the passphrase of the old key, if it has one and --to is used, stands in\n" +
			"the first line and that of the new one in the next.",
		Args: takes(1, 2),
		RunE: a.onDesk(func(ctx context.Context, d *desk, args []string) error {
			if f.to != "" && len(args) > 1 {
				return usagef("Use either the name of a server or --to.")
			}
			return d.rotate(ctx, args[0], word(args, 1), f)
		}),
	})
	f.target.where(c)
	socketFlag(c, &f.order.Socket)
	c.Flags().StringVar(&f.to, "to", "", "on an account that is on no list: `[USER@]HOST`")
	c.Flags().StringVar(&f.order.New, "new", "", "let the key in `FILE` in, and make none")
	c.Flags().StringVar(&f.kind, "type", "", "make a key of the type `TYPE` (default: as the old one, or ed25519 if that is weak)")
	c.Flags().StringVar(&f.order.Name, "name", "", "call the file of the new key `NAME` (default: as the old one, with a number)")
	f.from.flags(c, "make a key that whoever has the file can use")
	c.Flags().BoolVarP(&f.yes, "yes", "y", false, "do not ask before the ssh config is changed")
	c.Flags().BoolVar(&f.anyway, "set-aside", false, "rename the old file although it is in use elsewhere")
	return c
}

func (d *desk) rotate(ctx context.Context, path, server string, f rotateFlags) error {
	typed, err := d.rotationPlace(ctx, server, &f)
	if err != nil {
		return err
	}
	if f.kind != "" {
		if f.order.Kind, err = sshkeys.ParseKind(f.kind); err != nil {
			return err
		}
	}
	f.order.Key = path
	if sameKey(path, f.order.New) {
		return usagef("The new key and the old one are the same.")
	}
	r, err := d.Rotation(d.at.ID, f.order)
	if err != nil {
		return err
	}
	t := f.order.Place.Target
	if err := d.knowHost(ctx, t); err != nil {
		return d.explainHost(err, typed, t)
	}
	m, err := d.rotationMeans(ctx, r, f)
	if err != nil {
		return err
	}
	m.Anyway = f.anyway
	failed, err := r.Run(ctx, m, func(ctx context.Context, step rotation.Step, s rotation.State) error {
		return d.beforeStep(ctx, step, s, f.yes)
	})
	s, looked := r.Look(context.WithoutCancel(ctx)) // also after an interrupt
	if err == nil && s.Steps[rotation.Aside] == rotation.Kept && f.anyway {
		failed, err = rotation.Aside, r.Do(ctx, rotation.Aside, m)
		s, looked = r.Look(ctx)
	}
	if err == nil {
		err = looked
	}
	return d.showRotated(t, s, failed, d.explainHost(err, typed, t))
}

// sameKey reports whether two files hold the same key.
func sameKey(one, other string) bool {
	a, err := sshkeys.Find(one)
	b, err2 := sshkeys.Find(other)
	return err == nil && err2 == nil && a.Fingerprint == b.Fingerprint
}

// rotationPlace finds out where the new key takes over. It returns what a
// person calls that host.
func (d *desk) rotationPlace(ctx context.Context, server string, f *rotateFlags) (typed string, err error) {
	_ = d.openListed(ctx) // one that cannot be asked is named at the end
	if f.to != "" {
		d.openVaultUnasked(ctx) // to ask the servers of the list whether the old key opens them
		f.order.Place.Target, err = f.target.target(ctx, f.to)
		return f.to, err
	}
	s, err := d.choose(ctx, server)
	if err != nil {
		return "", err
	}
	if err := d.openVault(ctx); err != nil {
		return "", err
	}
	t := connect.Target{Host: s.SFTP.Host, Port: s.SFTP.Port, User: s.Username}
	if s.Own {
		if t, err = d.ownTarget(ctx, s); err != nil {
			return "", err
		}
	}
	if f.target.port != 0 {
		t.Port = f.target.port
	}
	if f.target.user != "" {
		t.User = f.target.user
	}
	// The list is of who is signed in; nobody else's sign-in shows that the new key is good for them.
	if t.User != s.Username && s.Username != "" {
		return "", usagef("The keys of %s are those of %s, who is signed in there. Leave out --user, or use --to.", s.Name, s.Username)
	}
	f.order.Place = rotation.Place{Target: t, Keys: d.KeyList(s)}
	return t.User + "@" + t.Host, nil
}

// ownTarget is where the server of the data folder takes SFTP.
func (d *desk) ownTarget(ctx context.Context, s servers.Server) (t connect.Target, err error) {
	err = d.Servers.Ask(ctx, s.ID, func(ctx context.Context, c *remote.Client) error {
		told, err := c.Detect(ctx)
		if err == nil && told.SFTP.Off {
			err = connect.ErrOff
		}
		t = connect.Target{Host: "127.0.0.1", Port: told.SFTP.Port, User: s.Username}
		return err
	})
	if host, _, cut := net.SplitHostPort(d.own.cfg.SFTP); cut == nil && host != "" && host != "0.0.0.0" && host != "::" {
		t.Host = host
	}
	return t, err
}

// knowHost accepts the host key of a server of the list without a person, if it
// is one that the server itself has told.
func (d *desk) knowHost(ctx context.Context, t connect.Target) error {
	files, book, err := hosts.Open()
	if err != nil {
		return err
	}
	shown, err := connect.HostKey(ctx, t, book)
	if errors.Is(err, hosts.ErrUnknown) && d.at.ID != "" {
		for _, told := range d.HostKeys(ctx, d.at) {
			if told == shown.Fingerprint {
				d.say("The host key of %s is the one that the server itself tells, so it is trusted from now on: %s", t.Address(), told)
				return files.Trust(t.Address(), shown, false)
			}
		}
	}
	return err
}

// rotationMeans asks for the passphrases that are needed.
func (d *desk) rotationMeans(ctx context.Context, r *rotation.Rotation, f rotateFlags) (m rotation.Means, err error) {
	old, fresh := r.Old(), r.New()
	needsOld := old.Encrypted && f.order.Place.Keys == nil
	needsNew := !fresh.HasPrivate && !f.from.none || fresh.Encrypted
	switch {
	case f.from.check() != nil:
		return m, f.from.check()
	case f.from.stdin:
		m.Old, m.New, err = d.pipedPassphrases(ctx, needsOld, !needsNew)
		return m, err
	case (needsOld || needsNew) && !d.onTerminal():
		return m, usagef("There is no terminal to ask for a passphrase on. Use --passphrase-stdin or --no-passphrase.")
	}
	if needsOld {
		if m.Old, err = d.askHidden(ctx, "Passphrase of "+old.Name+": "); err != nil {
			return m, err
		}
	}
	switch {
	case needsNew && fresh.HasPrivate:
		m.New, err = d.askHidden(ctx, "Passphrase of "+fresh.Name+": ")
	case needsNew:
		m.New, err = d.askTwice(ctx, "Passphrase for the new key (empty for none): ")
	}
	return m, err
}

// beforeStep shows the change of the ssh config and asks; about the others it
// tells.
func (d *desk) beforeStep(ctx context.Context, step rotation.Step, s rotation.State, yes bool) error {
	switch step {
	case rotation.Make:
		d.say("Making a new key.")
	case rotation.Upload:
		d.say("Giving the server its public half: %s %s", s.New.Algorithm, s.New.Fingerprint)
	case rotation.Test:
		d.say("Signing in with it.")
	case rotation.Entry:
		d.say("Your ssh config will name it:")
		for line := range strings.Lines(s.Change.Diff()) {
			d.say("%s", strings.TrimSuffix(line, "\n"))
		}
		return d.confirm(ctx, yes, "Write that to "+s.Change.Path+"?")
	case rotation.Agent:
		d.say("Putting it into the SSH agent.")
	case rotation.Remove:
		d.say("Taking the old key off the server: %s", s.Old.Fingerprint)
	case rotation.Aside:
	}
	return nil
}

// rotatedJSON is how far a rotation has come.
type rotatedJSON struct {
	Address string            `json:"address"`
	User    string            `json:"user"`
	Old     rotatedKeyJSON    `json:"old"`
	New     *rotatedKeyJSON   `json:"new,omitempty"` // there is none yet without it
	Title   string            `json:"title,omitempty"`
	Steps   []rotatedStepJSON `json:"steps"`
	Done    bool              `json:"done"`
	Kept    []keptJSON        `json:"kept,omitempty"` // why the old file was not renamed
}

type rotatedKeyJSON struct {
	File        string               `json:"file"`
	Fingerprint identity.Fingerprint `json:"fingerprint"`
}

type rotatedStepJSON struct {
	Step  rotation.Step     `json:"step"`
	State rotation.Standing `json:"state"`
}

type keptJSON struct {
	By   rotation.UseKind `json:"by"`
	Name string           `json:"name,omitempty"`
}

func toRotatedJSON(t connect.Target, s rotation.State) rotatedJSON {
	out := rotatedJSON{Address: t.Address(), User: t.User, Old: rotatedKeyJSON{s.Old.Path, s.Old.Fingerprint}, Title: s.Title, Done: s.Done()}
	if s.Aside != "" {
		out.Old.File = s.Aside
	}
	if s.New.HasPrivate {
		out.New = &rotatedKeyJSON{s.New.Path, s.New.Fingerprint}
	}
	for _, step := range rotation.Steps() {
		out.Steps = append(out.Steps, rotatedStepJSON{step, s.Steps[step]})
	}
	for _, u := range s.Uses {
		out.Kept = append(out.Kept, keptJSON{u.Kind, u.Name})
	}
	return out
}

// showRotated says how it stands, also where it has stopped.
func (d *desk) showRotated(t connect.Target, s rotation.State, failed rotation.Step, err error) error {
	if err != nil {
		d.sofar = toRotatedJSON(t, s)
		d.say("%s Run the same command again to go on.", whereStopped(failed))
		return err
	}
	if d.json {
		return d.printJSON(toRotatedJSON(t, s))
	}
	d.say("%s lets in %s, and %s no more.", t.Address(), s.New.Fingerprint, s.Old.Fingerprint)
	if s.Aside != "" {
		d.say("The old key is kept as %s. Delete it once you do not need it.", s.Aside)
	}
	for _, u := range s.Uses {
		d.say("The old key stays where it is: %s", d.useWords(u))
	}
	_, err = fmt.Fprintln(d.out, s.New.Path)
	return err
}

func whereStopped(failed rotation.Step) string {
	switch failed {
	case rotation.Make:
		return "Nothing was changed."
	case rotation.Upload:
		return "The new key has been made. Nothing was changed on the server."
	case rotation.Test:
		return "The new key was added on the server but did not sign in, so the old one is still good."
	case rotation.Entry, rotation.Agent:
		return "The new key signs in, and the old one is still good."
	case rotation.Remove:
		return "The new key is on the server, and the old one may still be good there, as it was not removed."
	case rotation.Aside:
		return "The old key opens the server no more, and its file has its name still."
	}
	return "It is not done."
}

func (d *desk) useWords(u rotation.Use) string {
	switch u.Kind {
	case rotation.OnServer:
		return "it opens " + strconv.Quote(u.Name) + ". Rotate it there too."
	case rotation.Unasked:
		if u.Name == "" {
			return "your list of servers could not be read. See why with: " + d.command("server list")
		}
		return "whether it opens " + strconv.Quote(u.Name) + " could not be asked. Add --set-aside if you know that it does not, or see why with: " +
			d.command("whoami "+shellWord(u.Name))
	case rotation.InConfig:
		return "your ssh config names it at Host " + u.Name + ". Change that by hand."
	case rotation.AnyHost:
		return "ssh offers a key of that name to every server. If none other knows it, run the same command with --set-aside."
	}
	return u.Name
}
