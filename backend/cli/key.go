package cli

import (
	"cmp"
	"context"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"latchkey/backend/companion"
	"latchkey/backend/companion/remote"
	"latchkey/backend/companion/sshkeys"
	"latchkey/backend/companion/sshkeys/sshagent"
	"latchkey/backend/config"
	"latchkey/backend/identity"
)

func (a *app) keyCommand() *cobra.Command {
	return group(&cobra.Command{Use: "key", Short: "Make SSH keys, and look after those that servers know"},
		a.keyGenerate(), a.keyList(), a.keyShow(), a.keyConvert(), a.keyPassphrase(), a.keyForget(), a.keyUpload(), a.keyLimit(), a.keyDelete(),
		a.keyAgent(), a.keyConfig(), a.keyTrust(), a.keyTest(), a.keyRotate())
}

// keyFolder returns the folder where the keys of this computer are.
func keyFolder(named string) (string, error) {
	if named != "" {
		return filepath.Abs(named)
	}
	return sshkeys.Folder()
}

type keyJSON struct {
	ID          identity.SSHKeyID    `json:"id,omitempty"` // on the server
	Title       string               `json:"title,omitempty"`
	Type        string               `json:"type,omitempty"`
	Fingerprint identity.Fingerprint `json:"fingerprint"`
	OnServer    bool                 `json:"on_server"`
	AddedAt     time.Time            `json:"added_at,omitzero"`
	LastUsedAt  time.Time            `json:"last_used_at,omitzero"`
	Servers     []keyThereJSON       `json:"servers,omitempty"`
	InAgent     bool                 `json:"in_agent"`
	File        string               `json:"file,omitempty"` // the private half, on this computer
	Format      sshkeys.Format       `json:"format,omitempty"`
	Encrypted   bool                 `json:"encrypted"`
	Since       time.Time            `json:"since,omitzero"`       // how long it has been in use
	SinceFrom   string               `json:"since_from,omitempty"` // what tells that: "server" or "file"
	Concerns    []sshkeys.Concern    `json:"concerns,omitempty"`
	keyRulesJSON
}

type keyThereJSON struct {
	Server     string            `json:"server"`
	ID         identity.SSHKeyID `json:"id"`
	Title      string            `json:"title"`
	AddedAt    time.Time         `json:"added_at,omitzero"`
	LastUsedAt time.Time         `json:"last_used_at,omitzero"`
	keyRulesJSON
}

// keySearch says where to look for keys.
type keySearch struct {
	folder, server, socket, old string
	here, all                   bool
}

func (a *app) keyList() *cobra.Command {
	var s keySearch
	c := a.withJSON(&cobra.Command{
		Use:   "list [SERVER]",
		Short: "List your keys on the server, on this computer and in the SSH agent, and what is wrong with them",
		Args:  takes(0, 1),
		RunE: a.onDesk(func(ctx context.Context, d *desk, args []string) error {
			s.server = word(args, 0)
			from, err := d.searchKeys(ctx, s)
			if err != nil {
				return err
			}
			return d.listKeys(companion.JoinKeys(from))
		}),
	})
	f := c.Flags()
	f.StringVar(&s.folder, "folder", "", "look for keys in the folder `DIR` of this computer (default ~/.ssh)")
	f.BoolVar(&s.here, "here", false, "list those on this computer only, and ask no server")
	f.BoolVar(&s.all, "all", false, "ask every server that you are signed in to")
	f.StringVar(&s.old, "old", "365d", "name keys that have been in use for more than `DAYS`, such as 180d, or never")
	socketFlag(c, &s.socket)
	return c
}

func socketFlag(c *cobra.Command, socket *string) {
	c.Flags().StringVar(socket, "socket", config.AgentSocket(), "speak with the SSH agent at `PATH`")
	c.Flags().Lookup("socket").DefValue = "" // help says the same everywhere
}

func (d *desk) searchKeys(ctx context.Context, s keySearch) (from companion.KeySources, err error) {
	if s.all && (s.here || s.server != "") {
		return from, usagef("Use either --all, --here or the name of a server.")
	}
	days, err := readDays("old", s.old)
	if err != nil {
		return from, err
	}
	if days != 0 {
		from.Oldest = d.env.Now().AddDate(0, 0, -days)
	}
	folder, err := keyFolder(s.folder)
	if err != nil {
		return from, err
	}
	if from.Files, err = sshkeys.List(folder); err != nil {
		return from, err
	}
	switch {
	case s.all:
		from.There, err = d.keysEverywhere(ctx)
	case !s.here:
		from.There, err = d.keysOn(ctx, s.server)
		if err != nil && s.server == "" && ctx.Err() == nil {
			d.say("The keys on the server were left out: %s", identity.AsError(err).Message)
			err = nil // the others are of use without, and nobody asked for just these
		}
	}
	if err == nil {
		from.Agent = d.keysInAgent(ctx, s.socket)
	}
	return from, err
}

// keysInAgent asks the agent, whose absence is nothing to speak of here.
func (d *desk) keysInAgent(ctx context.Context, socket string) []sshkeys.Public {
	agent, err := sshagent.Dial(ctx, socket)
	if err != nil {
		return nil
	}
	defer agent.Close()
	keys, err := agent.List(ctx)
	if err != nil {
		d.say("%s", identity.AsError(err).Message)
	}
	return keys
}

func (d *desk) keysOn(ctx context.Context, named string) (there []companion.KeyThere, err error) {
	err = d.act(ctx, named, func(ctx context.Context, acc *remote.Account) error {
		keys, err := acc.SSHKeys(ctx)
		for _, k := range keys {
			there = append(there, companion.KeyThere{Server: d.at, Key: k})
		}
		return err
	})
	return there, err
}

// keysEverywhere asks all servers. One that does not answer is named, and the
// others are listed.
func (d *desk) keysEverywhere(ctx context.Context) ([]companion.KeyThere, error) {
	if err := d.openListed(ctx); err != nil {
		d.say("%s", identity.AsError(err).Message)
	}
	if err := d.openVault(ctx); err != nil {
		return nil, err
	}
	there, missing, err := d.KeysEverywhere(ctx)
	for _, m := range missing {
		d.at = m.Server
		d.say("%s was left out: %s", m.Server.Name, identity.AsError(d.advise(m.Err)).Message)
	}
	return there, err
}

func (d *desk) listKeys(keys []companion.KnownKey) error {
	t := table{
		head:  []string{"TITLE", "TYPE", "FINGERPRINT", "ADDED", "LAST USED", "LIMITS", "IN AGENT", "ON THIS COMPUTER"},
		empty: "There are no keys. Make one with: " + d.command("key generate"),
	}
	out := make([]keyJSON, 0, len(keys))
	for _, k := range keys {
		j := toKeyJSON(k)
		if j.Fingerprint == "" && j.File == "" {
			continue // nothing can be told about it
		}
		out = append(out, j)
		added, used, limits, agent := "not on the server", "-", "-", "-"
		if j.OnServer {
			added, used, limits = d.whenKnown(j.AddedAt), d.when(j.LastUsedAt), d.ruleWords(k.There[0].Key.Rules)
		}
		if j.InAgent {
			agent = "yes"
		}
		t.add(orDash(j.Title), orDash(j.Type), orDash(string(j.Fingerprint)), added, used, limits, agent, orDash(j.File))
	}
	if err := d.list(t, out); err != nil || d.json {
		return err
	}
	for _, k := range keys {
		for _, c := range k.Concerns {
			d.say("%s: %s", concerned(k), d.remedy(c, k))
		}
	}
	return nil
}

func toKeyJSON(k companion.KnownKey) keyJSON {
	j := keyJSON{
		Title: k.Comment, Type: k.Type, Fingerprint: k.Fingerprint, OnServer: len(k.There) > 0, InAgent: k.InAgent, Concerns: k.Concerns,
	}
	if j.Since = k.Since; !k.Since.IsZero() {
		j.SinceFrom = "server"
		if k.SinceFile {
			j.SinceFrom = "file"
		}
	}
	for _, t := range k.There {
		j.Servers = append(j.Servers, keyThereJSON{t.Server.Name, t.Key.ID, t.Key.Title, t.Key.AddedAt, t.Key.LastUsedAt, toKeyRulesJSON(t.Key.Rules)})
	}
	if len(k.There) > 0 {
		first := k.There[0].Key
		j.ID, j.AddedAt, j.LastUsedAt = first.ID, first.AddedAt, first.LastUsedAt
		j.keyRulesJSON = toKeyRulesJSON(first.Rules)
	}
	if len(k.Files) > 0 && k.Files[0].HasPrivate {
		f := k.Files[0]
		j.File, j.Format, j.Encrypted = f.Path, f.Format, f.Encrypted
	}
	return j
}

// concerned names a key: by its file if it has one.
func concerned(k companion.KnownKey) string {
	if len(k.Files) > 0 {
		return k.Files[0].Path
	}
	return cmp.Or(k.Comment, string(k.Fingerprint))
}

// remedy says what is wrong and what to do.
func (d *desk) remedy(c sshkeys.Concern, k companion.KnownKey) string {
	path := shellWord(concerned(k))
	switch c {
	case sshkeys.Readable:
		return "others can read it, so ssh refuses it. Run: chmod 600 " + path
	case sshkeys.Broken:
		for _, f := range k.Files {
			if f.Problem != nil {
				return f.Problem.Message
			}
		}
	case sshkeys.OldDSA:
		return "DSA keys are too weak, and servers refuse them. Make a new one with: " + d.command("key generate")
	case sshkeys.ShortRSA:
		return "RSA keys under 3,072 bits are weak. Make a new one with: " + d.command("key generate")
	case sshkeys.Unprotected:
		return "it has no passphrase, so whoever gets the file has the key. Give it one with: " + d.command("key passphrase "+path)
	case sshkeys.OnlyThere:
		return "it opens the server, but is nowhere here. If you do not know it, run: " + d.command("key delete "+shellWord(string(k.Fingerprint)))
	case sshkeys.Unused:
		return "nobody has used it for long. If you do not need it there, run: " + d.command("key delete "+shellWord(string(k.Fingerprint)))
	case sshkeys.Old:
		told := "it has been on a server since "
		if k.SinceFile {
			told = "its file is from "
		}
		where := "--to HOST"
		if len(k.There) > 0 {
			where = shellWord(k.There[0].Server.Name)
		}
		return told + d.when(k.Since) + ". Replace it with: " + d.command("key rotate "+path+" "+where)
	}
	return string(c)
}

// whenKnown is when for a time that a server may not tell.
func (d *desk) whenKnown(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return d.when(t)
}
