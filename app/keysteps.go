package app

import (
	"context"
	"errors"

	"latchkey/backend/companion"
	"latchkey/backend/companion/sshkeys"
	"latchkey/backend/companion/sshkeys/sshagent"
	"latchkey/backend/companion/sshkeys/sshconfig"
	"latchkey/backend/config"
	"latchkey/backend/identity"
)

// The steps after making a key that stay on this computer: the SSH agent and
// the ssh config. Those with a server are in keyhost.go.

// How a key stands with the agent.
const (
	agentNone   = "none" // no agent runs
	agentAbsent = "absent"
	agentLoaded = "loaded"
)

// An AgentState says whether the SSH agent has a key.
type AgentState struct {
	State   string   `json:"state"`
	Problem *Problem `json:"problem"` // why there is none that answers
}

// A KeyOpening is a key file of this computer with what opens it, and the server
// that it is tried on.
type KeyOpening struct {
	ID         string `json:"id"`
	Key        string `json:"key"`        // the path
	Passphrase string `json:"passphrase"` // empty: it has none, or the agent has the key, or the vault keeps it
	Keep       bool   `json:"keep"`       // a passphrase that has opened the key, in the vault
}

// A HostEntry is a change of the ssh config, to be looked at before it is made.
type HostEntry struct {
	Alias   string `json:"alias"`
	Path    string `json:"path"` // of the config
	Diff    string `json:"diff"` // lines with "+ ", "- " or "  " before them
	Written bool   `json:"written"`
}

// A HostEntryRef is an entry that the person has seen.
type HostEntryRef struct {
	ID   string `json:"id"`
	Key  string `json:"key"`
	Diff string `json:"diff"`
}

// AgentState tells whether the agent has a key.
func (k *Keys) AgentState(path string) (AgentState, error) {
	return ask(k.d, byNet, func(ctx context.Context) (AgentState, error) {
		agent, err := sshagent.Dial(ctx, config.AgentSocket())
		if err != nil {
			return AgentState{State: agentNone, Problem: asProblem(err)}, nil
		}
		defer agent.Close()
		file, err := sshkeys.Find(path)
		if err != nil {
			return AgentState{}, err
		}
		has, err := agent.Has(ctx, file.Fingerprint)
		if err != nil {
			return AgentState{State: agentNone, Problem: asProblem(err)}, nil
		}
		if has {
			return AgentState{State: agentLoaded}, nil
		}
		return AgentState{State: agentAbsent}, nil
	})
}

// AddToAgent puts a key into the agent, for as long as that runs.
func (k *Keys) AddToAgent(o KeyOpening) error {
	return do(k.d, byNet, func(ctx context.Context) error {
		private, err := k.openKey(ctx, o)
		if err != nil {
			return err
		}
		return withAgent(ctx, func(agent *sshagent.Agent) error { return agent.Add(ctx, sshagent.Addition{Key: private}) })
	})
}

// openKey opens a key file, and keeps what has opened it if it is to be kept.
func (k *Keys) openKey(ctx context.Context, o KeyOpening) (*sshkeys.Private, error) {
	typed := companion.NewSecret(o.Passphrase)
	private, err := k.d.companion.OpenKey(ctx, o.Key, typed)
	if err != nil || !o.Keep || o.Passphrase == "" {
		return private, err
	}
	return private, k.d.companion.KeepPassphrase(ctx, private.Fingerprint(), typed)
}

// RemoveFromAgent takes a key out of the agent; its file stays. It is no error
// if the agent does not have it.
func (k *Keys) RemoveFromAgent(fingerprint string) error {
	return do(k.d, byNet, func(ctx context.Context) error {
		return withAgent(ctx, func(agent *sshagent.Agent) error {
			err := agent.Remove(ctx, identity.Fingerprint(fingerprint))
			if errors.Is(err, sshagent.ErrNotThere) {
				return nil
			}
			return err
		})
	})
}

func withAgent(ctx context.Context, call func(*sshagent.Agent) error) error {
	agent, err := sshagent.Dial(ctx, config.AgentSocket())
	if err != nil {
		return err
	}
	defer agent.Close()
	return call(agent)
}

// PlanEntry tells what would be written into the ssh config, so that a short
// name is enough to connect with a key.
func (k *Keys) PlanEntry(r KeyRef) (HostEntry, error) {
	return ask(k.d, atOnce, func(ctx context.Context) (HostEntry, error) {
		alias, change, err := k.planEntry(ctx, r)
		if err != nil {
			return HostEntry{}, err
		}
		return HostEntry{Alias: alias, Path: change.Path, Diff: change.Diff(), Written: change.After == change.Before}, nil
	})
}

func (k *Keys) planEntry(ctx context.Context, r KeyRef) (alias string, change sshconfig.Change, err error) {
	c, s, err := k.d.sftpOf(ctx, r.ID)
	if err != nil {
		return "", change, err
	}
	home, err := sshkeys.Folder()
	if err != nil {
		return "", change, err
	}
	name := s.Name
	if s.Own { // which is called "This computer" in any language
		name = "latchkey"
	}
	folder := sshconfig.Folder(home)
	entry := sshconfig.Entry{HostName: c.Host, Port: c.Port, User: c.Username, Identity: r.Key}
	if entry.Alias, err = sshconfig.Suggest(folder, name, entry); err == nil {
		change, err = sshconfig.Set(folder, entry)
	}
	return entry.Alias, change, err
}

// WriteEntry writes an entry as it was shown. If the config has changed since,
// that is refused with ssh_config_changed.
func (k *Keys) WriteEntry(e HostEntryRef) error {
	return do(k.d, atOnce, func(ctx context.Context) error {
		_, change, err := k.planEntry(ctx, KeyRef{ID: e.ID, Key: e.Key})
		if err != nil {
			return err
		}
		if change.Diff() != e.Diff {
			return sshconfig.ErrChangedMeanwhile
		}
		return change.Write()
	})
}

// RemoveEntry takes an entry out of the ssh config that Latchkey has written.
func (k *Keys) RemoveEntry(alias string) error {
	return do(k.d, atOnce, func(context.Context) error {
		home, err := sshkeys.Folder()
		if err != nil {
			return err
		}
		change, err := sshconfig.Remove(sshconfig.Folder(home), alias)
		if err != nil {
			return err
		}
		return change.Write()
	})
}
