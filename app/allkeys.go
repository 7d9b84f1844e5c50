package app

import (
	"context"
	"errors"
	"strconv"

	"latchkey/backend/companion"
	"latchkey/backend/companion/sshkeys"
	"latchkey/backend/companion/sshkeys/sshagent"
)

// idleMonths is how long a key on a server goes unused before the person is
// told.
const idleMonths = 6

// An AnyKey is a key, wherever it is: in the person's folder, in the agent, on
// servers.
type AnyKey struct {
	ID          string     `json:"id"` // the same each time the list is asked for
	Name        string     `json:"name"`
	Algorithm   string     `json:"algorithm"` // as ssh-keygen -l names it, or the type of the key
	Bits        int        `json:"bits"`      // 0: not known
	Fingerprint string     `json:"fingerprint"`
	Path        string     `json:"path"`      // of the private half; empty: it is not on this computer
	Encrypted   bool       `json:"encrypted"` // it has a passphrase
	Kept        bool       `json:"kept"`      // which is in the vault
	InAgent     bool       `json:"inAgent"`
	There       []KeyThere `json:"there"`
	Since       int64      `json:"since"`     // how long it has been in use; 0: nothing tells
	SinceFile   bool       `json:"sinceFile"` // its file tells that, and not a server
	Concerns    []string   `json:"concerns"`  // of package sshkeys, the gravest first
	Problem     *Problem   `json:"problem"`   // why the files cannot be used
}

// A KeyThere is a key on a server.
type KeyThere struct {
	Server     string `json:"server"` // its id
	Key        string `json:"key"`    // its id there
	Title      string `json:"title"`
	LastUsedAt int64  `json:"lastUsedAt"`

	Rules KeyRules `json:"rules"`
}

// AllKeys are the keys of a person, and where could not be looked.
type AllKeys struct {
	Keys    []AnyKey        `json:"keys"`
	Missing []ServerMissing `json:"missing"`
	Agent   *Problem        `json:"agent"` // why the agent was not asked; null: it was, or there is none
	AsOf    int64           `json:"asOf"`
}

// A ServerMissing is a server whose keys are not in the list.
type ServerMissing struct {
	Server  string   `json:"server"`
	Problem *Problem `json:"problem"`
}

// All lists the keys of the folder, of the agent and of every server, joined by
// their fingerprints. What cannot be asked is told, and the rest is listed.
func (k *Keys) All() (AllKeys, error) {
	return ask(k.d, byNet, func(ctx context.Context) (AllKeys, error) {
		folder, err := sshkeys.Folder()
		if err != nil {
			return AllKeys{}, err
		}
		now := k.d.env.Now()
		from := companion.KeySources{Idle: now.AddDate(0, -idleMonths, 0)}
		if months := k.d.notebook.read().Preferences.KeyMonths; months > 0 {
			from.Oldest = now.AddDate(0, -months, 0)
		}
		if from.Files, err = sshkeys.List(folder); err != nil {
			return AllKeys{}, err
		}
		out := AllKeys{Keys: []AnyKey{}, Missing: []ServerMissing{}, AsOf: millis(now)}
		if from.Agent, err = keysInAgent(ctx); err != nil && !errors.Is(err, sshagent.ErrNone) {
			out.Agent = asProblem(err)
		}
		there, missing, err := k.d.companion.KeysEverywhere(ctx)
		if err != nil {
			return AllKeys{}, err
		}
		from.There = there
		for _, m := range missing {
			out.Missing = append(out.Missing, ServerMissing{string(m.Server.ID), asProblem(m.Err)})
		}
		kept := k.kept(ctx)
		for _, key := range companion.JoinKeys(from) {
			one := toAnyKey(key)
			one.Kept = one.Encrypted && kept[key.Fingerprint]
			out.Keys = append(out.Keys, one)
		}
		return out, nil
	})
}

func keysInAgent(ctx context.Context) (keys []sshkeys.Public, err error) {
	err = withAgent(ctx, func(agent *sshagent.Agent) error {
		keys, err = agent.List(ctx)
		return err
	})
	return keys, err
}

func toAnyKey(k companion.KnownKey) AnyKey {
	out := AnyKey{
		ID: string(k.Fingerprint), Name: k.Comment, Algorithm: k.Type, Fingerprint: string(k.Fingerprint), InAgent: k.InAgent,
		Since: millis(k.Since), SinceFile: k.SinceFile,
		There: make([]KeyThere, len(k.There)), Concerns: make([]string, len(k.Concerns)),
	}
	for i, t := range k.There {
		out.There[i] = KeyThere{string(t.Server.ID), strconv.FormatInt(int64(t.Key.ID), 10), t.Key.Title, millis(t.Key.LastUsedAt), toKeyRules(t.Key.Rules)}
	}
	for i, c := range k.Concerns {
		out.Concerns[i] = string(c)
	}
	if len(k.Files) > 0 {
		f := k.Files[0]
		out.Name, out.Problem = f.Name, problemOf(f.Problem)
		if f.Algorithm != "" {
			out.Algorithm, out.Bits = f.Algorithm, f.Bits
		}
		if f.HasPrivate {
			out.Path, out.Encrypted = f.Path, f.Encrypted
		}
		if out.ID == "" {
			out.ID = f.Path
		}
	} else if out.ID == "" && len(out.There) > 0 {
		out.ID = out.There[0].Server + " " + out.There[0].Key
	}
	return out
}

// A NewPassphrase is another passphrase for a key on this computer.
type NewPassphrase struct {
	Key string `json:"key"` // its path
	Old string `json:"old"` // empty: it has none
	New string `json:"new"` // empty: none any more
}

// ChangePassphrase encrypts a key file anew. The file is replaced once the new
// one has been read back.
func (k *Keys) ChangePassphrase(n NewPassphrase) error {
	return do(k.d, byNet, func(ctx context.Context) error {
		return k.d.companion.ChangeKeyPassphrase(ctx, n.Key, companion.NewSecret(n.Old), companion.NewSecret(n.New))
	})
}

// Tighten makes a key file readable by its owner alone.
func (k *Keys) Tighten(path string) error {
	return do(k.d, atOnce, func(context.Context) error { return sshkeys.Tighten(path) })
}
