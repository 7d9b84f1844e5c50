package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"latchkey/backend/companion/sshkeys"
	"latchkey/backend/companion/sshkeys/connect"
	"latchkey/backend/companion/sshkeys/hosts"
	"latchkey/backend/companion/sshkeys/sshagent"
	"latchkey/backend/identity"
	"latchkey/backend/internal/secret"
)

var errOtherHostKey = identity.NewError(identity.Unauthenticated, "ssh_host_other",
	"The server shows a host key with another fingerprint than the one you named, so nothing was accepted. Check that you copied all of it; if you did, that is not the server you mean, or somebody is in between.")

// targetFlags say which account on which server is meant, and with which key.
type targetFlags struct {
	user, identity, socket string
	fallback               string // a key file of ssh's default names
	port                   int
	stdin                  bool
}

func (f *targetFlags) where(c *cobra.Command) {
	c.Flags().IntVarP(&f.port, "port", "p", 0, "connect to the port `N` (default: as ssh would, or 22)")
	c.Flags().StringVarP(&f.user, "user", "u", "", "sign in as `NAME`")
}

func (f *targetFlags) with(c *cobra.Command) {
	c.Flags().StringVarP(&f.identity, "identity", "i", "", "sign in with the private key in `FILE` (default: as ssh would, or the keys in the agent)")
	c.Flags().BoolVar(&f.stdin, "passphrase-stdin", false, "read its passphrase from standard input")
	socketFlag(c, &f.socket)
}

// target finds out what a word means: [USER@]HOST, or an alias in the person's
// ssh config, which ssh itself is asked about where it is there.
func (f *targetFlags) target(ctx context.Context, typed string) (connect.Target, error) {
	who, host, ok := strings.Cut(typed, "@")
	if !ok {
		who, host = "", typed
	}
	t := connect.Target{Host: host, Port: f.port, User: cmp.Or(f.user, who)}
	if err := t.Check(); err != nil {
		return connect.Target{}, err // before ssh sees it
	}
	said := sshSays(ctx, host)
	t.Host = cmp.Or(first(said["hostname"]), t.Host)
	t.User = cmp.Or(t.User, first(said["user"]))
	if n, err := strconv.Atoi(first(said["port"])); err == nil && t.Port == 0 {
		t.Port = n
	}
	f.choose(said["identityfile"])
	if t.User == "" {
		if me, err := user.Current(); err == nil {
			t.User = filepath.Base(me.Username)
		}
	}
	return t, nil
}

// choose takes the key that the config names for that host. Those that ssh
// tries everywhere come after what is in the agent.
func (f *targetFlags) choose(files []string) {
	for _, file := range files {
		path := expandHome(file)
		if _, err := os.Stat(path); err != nil {
			continue
		}
		switch strings.TrimPrefix(file, "~/.ssh/") {
		case "id_rsa", "id_ecdsa", "id_ecdsa_sk", "id_ed25519", "id_ed25519_sk", "id_xmss", "id_dsa":
			f.fallback = cmp.Or(f.fallback, path)
		default:
			f.identity = cmp.Or(f.identity, path)
		}
	}
}

func first(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}

// sshSays returns what ssh makes of a host.
func sshSays(ctx context.Context, host string) map[string][]string {
	out, err := exec.CommandContext(ctx, "ssh", "-G", "--", host).Output()
	if err != nil {
		return nil // there is no ssh, or its config is bad
	}
	said := map[string][]string{}
	for line := range strings.Lines(string(out)) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), " "); ok {
			said[name] = append(said[name], value)
		}
	}
	return said
}

func expandHome(path string) string {
	folder, err := sshkeys.Folder()
	if rest, ok := strings.CutPrefix(path, "~/"); ok && err == nil {
		return filepath.Join(filepath.Dir(folder), rest)
	}
	return path
}

// proof gets what to sign in with: the key that was named, or those in the
// agent. The second result ends what the agent was asked through.
func (d *desk) proof(ctx context.Context, f targetFlags) (connect.Proof, func(), error) {
	if f.identity == "" {
		p, done, err := d.agentProof(ctx, f.socket)
		if !errors.Is(err, connect.ErrNoMethod) || f.fallback == "" {
			return p, done, err
		}
		f.identity = f.fallback
	}
	typed, err := d.passphraseOf(ctx, f.identity, f.stdin)
	if err != nil {
		return connect.Proof{}, nil, err
	}
	private, err := sshkeys.Open(f.identity, typed)
	if err != nil {
		return connect.Proof{}, nil, err
	}
	return connect.With(private), func() {}, nil
}

func (d *desk) agentProof(ctx context.Context, socket string) (connect.Proof, func(), error) {
	agent, err := sshagent.Dial(ctx, socket)
	if err != nil {
		return connect.Proof{}, nil, connect.ErrNoMethod.Because(err)
	}
	done := func() { _ = agent.Close() }
	p, err := connect.FromAgent(ctx, agent, "")
	if err != nil {
		done()
		return connect.Proof{}, nil, err
	}
	return p, done, nil
}

// explainHost shows what there is to compare of a host key that is not trusted,
// and says how to accept it.
func (d *desk) explainHost(err error, typed string, t connect.Target) error {
	trust := "key trust " + shellWord(typed)
	if t.Port != 0 && t.Port != 22 {
		trust += " --port " + strconv.Itoa(t.Port)
	}
	if unseen, ok := errors.AsType[*hosts.UnseenError](err); ok {
		d.showHostKey("It shows", unseen.Shown)
		told := *hosts.ErrUnknown
		told.Message += " To accept it: " + d.command(trust+flagWord("fingerprint", string(unseen.Shown.Fingerprint)))
		return &told
	}
	if changed, ok := errors.AsType[*hosts.ChangedError](err); ok {
		for _, k := range changed.Known {
			d.showHostKey("It showed before", k.Public)
		}
		d.showHostKey("It shows now", changed.Shown)
		told := *hosts.ErrChanged
		told.Message += " To accept it then: " + d.command(trust+" --replace"+flagWord("fingerprint", string(changed.Shown.Fingerprint)))
		return &told
	}
	return err
}

func (d *desk) showHostKey(words string, k sshkeys.Public) {
	d.say("%s: %s %s", words, k.Algorithm, k.Fingerprint)
	for line := range strings.Lines(k.Art()) {
		d.say("%s", strings.TrimSuffix(line, "\n"))
	}
}

func (a *app) keyTrust() *cobra.Command {
	var f targetFlags
	var fingerprint string
	var replace, yes bool
	c := a.withJSON(&cobra.Command{
		Use:   "trust HOST",
		Short: "Accept the host key of an SSH server, after comparing its fingerprint",
		Args:  takes(1, 1),
		RunE: a.onDesk(func(ctx context.Context, d *desk, args []string) error {
			t, err := f.target(ctx, args[0])
			if err != nil {
				return err
			}
			files, book, err := hosts.Open()
			if err != nil {
				return err
			}
			shown, err := connect.HostKey(ctx, t, book)
			changed := errors.Is(err, hosts.ErrChanged)
			switch {
			case err == nil:
				d.say("That host key is trusted already: %s", shown.Fingerprint)
				return d.tell(trustedJSON{Address: t.Address(), Algorithm: shown.Algorithm, HostKey: shown.Fingerprint})
			case changed && !replace:
				return d.explainHost(err, args[0], t)
			case !changed && !errors.Is(err, hosts.ErrUnknown):
				return err
			}
			if err := d.acceptHost(ctx, err, shown, identity.Fingerprint(fingerprint), yes); err != nil {
				return err
			}
			if err := files.Trust(t.Address(), shown, changed); err != nil {
				return err
			}
			d.say("The host key of %s is trusted from now on.", t.Address())
			return d.tell(trustedJSON{t.Address(), shown.Algorithm, shown.Fingerprint, true, changed})
		}),
	})
	f.where(c)
	c.Flags().StringVar(&fingerprint, "fingerprint", "", "accept it if its fingerprint is `SHA256:...`, and do not ask")
	c.Flags().BoolVar(&replace, "replace", false, "let it take the place of the key that was trusted before")
	c.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask, and compare nothing")
	return c
}

// trustedJSON tells about a host key that is trusted.
type trustedJSON struct {
	Address   string               `json:"address"`
	Algorithm string               `json:"algorithm"`
	HostKey   identity.Fingerprint `json:"host_key"`
	Added     bool                 `json:"added"`    // it was not trusted before
	Replaced  bool                 `json:"replaced"` // it has taken another one's place
}

func (d *desk) acceptHost(ctx context.Context, why error, shown sshkeys.Public, expected identity.Fingerprint, yes bool) error {
	if expected != "" {
		if strings.TrimPrefix(string(expected), "SHA256:") != strings.TrimPrefix(string(shown.Fingerprint), "SHA256:") {
			d.showHostKey("It shows", shown)
			return errOtherHostKey
		}
		return nil
	}
	if changed, ok := errors.AsType[*hosts.ChangedError](why); ok {
		for _, k := range changed.Known {
			d.showHostKey("It showed before", k.Public)
		}
	}
	d.showHostKey("It shows", shown)
	return d.confirm(ctx, yes, "Is that the fingerprint that the server's owner gave you?")
}

type testedJSON struct {
	Address     string               `json:"address"`
	User        string               `json:"user"`
	Server      string               `json:"server"`
	HostKey     identity.Fingerprint `json:"host_key"`
	KeyExchange string               `json:"key_exchange"`
	Cipher      string               `json:"cipher"`
	Folder      string               `json:"folder"`
	Writable    *bool                `json:"writable,omitempty"`
	Left        string               `json:"left,omitempty"` // a folder made to try that, and not removed
}

func (a *app) keyTest() *cobra.Command {
	var f targetFlags
	var write bool
	c := a.withJSON(&cobra.Command{
		Use:   "test [USER@]HOST",
		Short: "Sign in over SFTP with a key, and say what came of it",
		Long: "Sign in over SFTP with a key, and say what came of it. HOST may be an alias of your ssh config. A host\n" +
			"key that is not trusted yet is shown, and nothing is sent to that server.",
		Args: takes(1, 1),
		RunE: a.onDesk(func(ctx context.Context, d *desk, args []string) error {
			t, err := f.target(ctx, args[0])
			if err != nil {
				return err
			}
			_, book, err := hosts.Open()
			if err != nil {
				return err
			}
			p, done, err := d.proof(ctx, f)
			if err != nil {
				return err
			}
			defer done()
			r, err := connect.Test(ctx, t, book, p, write)
			if err != nil {
				return d.explainHost(err, args[0], t)
			}
			return d.showTested(t, r)
		}),
	})
	f.where(c)
	f.with(c)
	c.Flags().BoolVar(&write, "write", false, "also make a folder there, and remove it")
	return c
}

func (d *desk) showTested(t connect.Target, r connect.Report) error {
	if d.json {
		out := testedJSON{t.Address(), t.User, r.Server, r.HostKey.Fingerprint, r.Exchange, r.Cipher, r.Folder, nil, r.Left}
		if r.WriteTried {
			out.Writable = &r.Writable
		}
		return d.printJSON(out)
	}
	rights := ""
	switch {
	case r.WriteTried && r.Writable:
		rights = ", can write to " + r.Folder
	case r.WriteTried:
		rights = ", can read " + r.Folder + " and not write to it"
	}
	d.say("Connected%s.", rights)
	if r.Left != "" {
		d.say("%s, made to try that, could not be removed: this account may not delete.", r.Left)
	}
	return printTable(d.out, [][]string{
		{"Server", fmt.Sprintf("%s at %s", r.Server, t.Address())}, {"User", t.User}, {"Host key", string(r.HostKey.Fingerprint)},
		{"Encryption", r.Cipher + ", " + r.Exchange}, {"Folder", r.Folder},
	})
}

// serverPassword gets a password that is used once.
func (d *desk) serverPassword(ctx context.Context, t connect.Target, stdin bool) (secret.Text, error) {
	switch {
	case stdin:
		return interruptible(ctx, func() (secret.Text, error) { return readLine(d.in, "password") })
	case !d.onTerminal():
		return secret.Text{}, usagef("There is no terminal to ask for the password on. Use --password-stdin.")
	}
	return d.askHidden(ctx, "Password of "+t.User+" on "+t.Address()+": ")
}
