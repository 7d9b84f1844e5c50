package app

import (
	"context"
	"os"
	"os/user"
	"strings"
	"sync"

	"latchkey/backend/companion"
	"latchkey/backend/companion/sshkeys"
	"latchkey/backend/identity"
)

// Keys is the screen of SSH keys: those on a server, in keys.go, and those on
// this computer, here.
type Keys struct {
	d *desk

	mu   sync.Mutex
	stop context.CancelFunc    // ends the making of a key; nil before the first one
	pin  chan companion.Secret // for the PIN that a security token waits for; nil: none does
}

// A LocalKey is a key in the person's folder, as the page sees it.
type LocalKey struct {
	Name        string   `json:"name"`
	Path        string   `json:"path"`
	Algorithm   string   `json:"algorithm"` // as ssh-keygen -l names it, such as "ED25519"
	Bits        int      `json:"bits"`
	Fingerprint string   `json:"fingerprint"`
	MD5         string   `json:"md5"`
	Art         string   `json:"art"`
	Comment     string   `json:"comment"`
	Line        string   `json:"line"`
	Encrypted   bool     `json:"encrypted"`
	Kept        bool     `json:"kept"` // its passphrase is in the vault
	HasPrivate  bool     `json:"hasPrivate"`
	HasPublic   bool     `json:"hasPublic"`
	Loose       bool     `json:"loose"` // ssh refuses it, because others may read it
	Problem     *Problem `json:"problem"`
}

// A NewKey says what key to make.
type NewKey struct {
	Kind       string `json:"kind"`
	Name       string `json:"name"`
	Comment    string `json:"comment"`
	Passphrase string `json:"passphrase"` // empty: none
	Keep       bool   `json:"keep"`       // the passphrase, in the vault
}

// A Suggestion is what a new key may be called, and where it will be.
type Suggestion struct {
	Name    string `json:"name"`
	Comment string `json:"comment"`
	Folder  string `json:"folder"`
}

// Local lists the keys in the person's folder.
func (k *Keys) Local() ([]LocalKey, error) {
	return ask(k.d, atOnce, func(ctx context.Context) ([]LocalKey, error) {
		folder, err := sshkeys.Folder()
		if err != nil {
			return nil, err
		}
		list, err := sshkeys.List(folder)
		if err != nil {
			return nil, err
		}
		kept := k.kept(ctx)
		out := make([]LocalKey, len(list))
		for i, f := range list {
			out[i] = toLocalKey(f)
			out[i].Kept = f.Encrypted && kept[f.Fingerprint]
		}
		return out, nil
	})
}

// Kinds lists the kinds of keys that can be made, the one to choose first.
func (k *Keys) Kinds() ([]string, error) {
	return ask(k.d, atOnce, func(context.Context) ([]string, error) {
		var out []string
		for _, kind := range sshkeys.Kinds() {
			out = append(out, string(kind))
		}
		if sshkeys.MakesInToken() {
			out = append(out, string(sshkeys.Ed25519SK))
		}
		return out, nil
	})
}

// Suggest suggests a free name and a comment for a new key.
func (k *Keys) Suggest(kind string) (Suggestion, error) {
	return ask(k.d, atOnce, func(context.Context) (Suggestion, error) {
		folder, err := sshkeys.Folder()
		if err != nil {
			return Suggestion{}, err
		}
		parsed, err := sshkeys.ParseKind(kind)
		if err != nil {
			return Suggestion{}, err
		}
		return Suggestion{Name: sshkeys.DefaultName(folder, parsed), Comment: whoAndWhere(), Folder: folder}, nil
	})
}

// whoAndWhere is what tells a key from those of other people and computers:
// "ann@desk". What the system does not tell is left out.
func whoAndWhere() string {
	name, host := "", hostname()
	if u, err := user.Current(); err == nil {
		name = u.Username[strings.LastIndex(u.Username, `\`)+1:] // without the domain that Windows puts before it
	}
	return strings.Trim(name+"@"+host, "@")
}

// Make makes a key in the person's folder. It overwrites nothing, and StopMaking
// ends it with neither half written. Whether the passphrase could be kept is
// told with the key.
func (k *Keys) Make(n NewKey) (LocalKey, error) {
	return ask(k.d, byChance, func(ctx context.Context) (LocalKey, error) {
		folder, err := sshkeys.Folder()
		if err != nil {
			return LocalKey{}, err
		}
		keep := n.Keep && n.Passphrase != ""
		if keep {
			if err := k.d.companion.Vault.Ready(ctx); err != nil {
				return LocalKey{}, err
			}
		}
		r := sshkeys.Request{
			Kind: sshkeys.Kind(n.Kind), Folder: folder, Name: n.Name, Comment: n.Comment, Passphrase: companion.NewSecret(n.Passphrase),
		}
		making := k.d.companion.Workshop.Make
		if r.Kind == sshkeys.Ed25519SK {
			making = k.makeInToken
		}
		f, err := making(k.stoppable(ctx), r)
		if err != nil {
			return LocalKey{}, err
		}
		made := toLocalKey(f)
		made.Kept = keep && k.d.companion.KeepPassphrase(ctx, f.Fingerprint, companion.NewSecret(n.Passphrase)) == nil
		return made, nil
	})
}

// kept tells whose passphrases are in the vault; none while that is locked.
func (k *Keys) kept(ctx context.Context) map[identity.Fingerprint]bool {
	kept, err := k.d.companion.KeptPassphrases(ctx)
	if err != nil {
		return nil
	}
	return kept
}

// ForgetPassphrase takes the passphrase of a key out of the vault. The key keeps
// it.
func (k *Keys) ForgetPassphrase(fingerprint string) error {
	return do(k.d, atOnce, func(ctx context.Context) error {
		return k.d.companion.ForgetPassphrase(ctx, identity.Fingerprint(fingerprint))
	})
}

// stoppable returns a context that StopMaking ends. One key is made at a time:
// whoever begins another has given up the one before.
func (k *Keys) stoppable(ctx context.Context) context.Context {
	ctx, stop := context.WithCancel(ctx)
	k.mu.Lock()
	before := k.stop
	k.stop = stop
	k.mu.Unlock()
	if before != nil {
		before()
	}
	return ctx
}

// StopMaking ends the making of a key, if one is being made.
func (k *Keys) StopMaking() error {
	return do(k.d, atOnce, func(context.Context) error {
		k.mu.Lock()
		defer k.mu.Unlock()
		if k.stop != nil {
			k.stop()
		}
		return nil
	})
}

func toLocalKey(f sshkeys.KeyFile) LocalKey {
	out := LocalKey{
		Name: f.Name, Path: f.Path, Algorithm: f.Algorithm, Bits: f.Bits, Fingerprint: string(f.Fingerprint), MD5: f.MD5,
		Comment: f.Comment, Line: f.Line, Encrypted: f.Encrypted, HasPrivate: f.HasPrivate, HasPublic: f.HasPublic,
		Loose: f.Loose, Problem: problemOf(f.Problem),
	}
	if f.Line != "" {
		out.Art = f.Art()
	}
	return out
}

// keyFolder is where the dialog to choose a key begins; empty: wherever the
// system likes.
func keyFolder() string {
	folder, err := sshkeys.Folder()
	if err != nil {
		return ""
	}
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		return ""
	}
	return folder
}
