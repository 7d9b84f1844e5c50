package app

import (
	"context"

	"latchkey/backend/companion"
	"latchkey/backend/companion/rotation"
	"latchkey/backend/companion/sshkeys"
	"latchkey/backend/config"
)

// A KeyRotation is how far a new key has taken the place of an old one on a
// server.
type KeyRotation struct {
	Old    LocalKey       `json:"old"`
	New    *LocalKey      `json:"new"`   // null: it is not made yet
	Kind   string         `json:"kind"`  // of the new one
	Steps  []RotationStep `json:"steps"` // in their order
	Title  string         `json:"title"` // of the new key on the server
	Diff   string         `json:"diff"`  // of the ssh config, while that names the old key
	Config string         `json:"config"`
	Uses   []RotationUse  `json:"uses"`  // why the old file is left where it is
	Aside  string         `json:"aside"` // what the old file is called now; empty: what it was
}

// A RotationStep is a step and how it stands, in the words of package rotation.
type RotationStep struct {
	Step  string `json:"step"`
	State string `json:"state"`
}

// A RotationUse is what uses the old key elsewhere.
type RotationUse struct {
	By   string `json:"by"`
	Name string `json:"name"` // of the server, or what stands behind Host; may be empty
}

// A RotationTurn is a step to take.
type RotationTurn struct {
	ID     string `json:"id"`
	Key    string `json:"key"`    // the path of the old key
	Step   string `json:"step"`   // empty: none
	Kind   string `json:"kind"`   // of the new key; empty: as the old one, or better
	Old    string `json:"old"`    // the passphrase of the old key, where only that lets in
	New    string `json:"new"`    // that of the new one, or what it is to get; empty: none, or the vault keeps it
	Diff   string `json:"diff"`   // of the ssh config, as it was shown
	Keep   bool   `json:"keep"`   // the passphrase of the new key, once that has opened it, in the vault
	Anyway bool   `json:"anyway"` // the old file is renamed although it is in use
}

// Rotate takes a step of a rotation, and tells how it stands after that. Without
// a step it only tells; nothing has to have begun.
func (k *Keys) Rotate(t RotationTurn) (KeyRotation, error) {
	return ask(k.d, byNet, func(ctx context.Context) (KeyRotation, error) {
		way, err := k.rotation(ctx, t)
		if err != nil {
			return KeyRotation{}, err
		}
		keep := t.Keep && t.New != ""
		if keep {
			if err := k.d.companion.Vault.Ready(ctx); err != nil {
				return KeyRotation{}, err
			}
		}
		opens := companion.NewSecret(t.New)
		if made := way.New(); t.New == "" && made.HasPrivate {
			opens, _ = k.d.companion.KeptPassphrase(ctx, made.Fingerprint) // what cannot be read counts as none
		}
		err = way.Do(k.stoppable(ctx), rotation.Step(t.Step), rotation.Means{
			Old: companion.NewSecret(t.Old), New: opens, Seen: t.Diff, Anyway: t.Anyway,
		})
		if err != nil {
			return KeyRotation{}, err
		}
		if keep {
			// With the key in the agent nothing may have looked at what was typed.
			if _, err := k.openKey(ctx, KeyOpening{Key: way.New().Path, Passphrase: t.New, Keep: true}); err != nil {
				return KeyRotation{}, err
			}
		}
		return k.look(ctx, way)
	})
}

func (k *Keys) rotation(ctx context.Context, t RotationTurn) (*rotation.Rotation, error) {
	c, s, err := k.d.sftpOf(ctx, t.ID)
	if err != nil {
		return nil, err
	}
	return k.d.companion.Rotation(s.ID, rotation.Order{
		Key: t.Key, Kind: sshkeys.Kind(t.Kind), Place: rotation.Place{Target: c.target(), Keys: k.d.companion.KeyList(s)}, Socket: config.AgentSocket(),
	})
}

func (k *Keys) look(ctx context.Context, way *rotation.Rotation) (KeyRotation, error) {
	s, err := way.Look(ctx)
	if err != nil {
		return KeyRotation{}, err
	}
	out := KeyRotation{
		Old: toLocalKey(s.Old), Kind: string(s.Kind), Steps: []RotationStep{}, Title: s.Title,
		Diff: s.Change.Diff(), Config: s.Change.Path, Uses: []RotationUse{}, Aside: s.Aside,
	}
	if s.New.HasPrivate {
		made := toLocalKey(s.New)
		made.Kept = k.kept(ctx)[s.New.Fingerprint]
		out.New = &made
	}
	for _, step := range rotation.Steps() {
		out.Steps = append(out.Steps, RotationStep{string(step), string(s.Steps[step])})
	}
	for _, u := range s.Uses {
		out.Uses = append(out.Uses, RotationUse{string(u.Kind), u.Name})
	}
	return out, nil
}
