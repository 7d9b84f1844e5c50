package app

import (
	"context"
	"errors"
	"slices"

	"latchkey/backend/companion/sshkeys"
	"latchkey/backend/companion/sshkeys/connect"
	"latchkey/backend/companion/sshkeys/hosts"
	"latchkey/backend/config"
	"latchkey/backend/identity"
)

// How a host key stands.
const (
	hostTrusted = "trusted"
	hostUnseen  = "unseen"
	hostChanged = "changed"
)

// errStranger ends a connection at once.
var errStranger = identity.NewError(identity.Unauthenticated, "ssh_host_stranger",
	"What answers at the port for SFTP is not that server: it shows a host key that the server does not have. Nothing was sent to it. Check which port the server uses, and whether another program has taken it.")

// A HostKey is the key that a server shows, and what is known of it.
type HostKey struct {
	State   string     `json:"state"`
	Address string     `json:"address"`
	Shown   HostFace   `json:"shown"`
	Known   []HostFace `json:"known"` // what was trusted before, where that is another one

	// Compared says that nobody has to: it is what the server itself has told, in
	// this process or over a connection that is safe.
	Compared bool `json:"compared"`
}

// A HostFace is what people compare of a host key.
type HostFace struct {
	Algorithm   string `json:"algorithm"`
	Fingerprint string `json:"fingerprint"`
	Art         string `json:"art"`
}

// A HostTrust accepts a host key that the person has compared.
type HostTrust struct {
	ID          string `json:"id"`
	Fingerprint string `json:"fingerprint"`
	Replace     bool   `json:"replace"` // it takes the place of one that was trusted
}

// A Tested is what came of signing in over SFTP.
type Tested struct {
	Server   string `json:"server"` // what it calls itself
	Address  string `json:"address"`
	Username string `json:"username"`
	Exchange string `json:"exchange"` // of keys
	Cipher   string `json:"cipher"`
	Folder   string `json:"folder"`   // where SFTP begins
	Writable bool   `json:"writable"` // a folder could be made there
	Left     string `json:"left"`     // that folder, where it could not be removed
}

// HostKey asks a server for its host key, and sends nothing of the person's.
// Where the server has told its keys, and another one is shown, that is refused
// with ssh_host_stranger.
func (k *Keys) HostKey(id string) (HostKey, error) {
	return ask(k.d, byNet, func(ctx context.Context) (HostKey, error) {
		out, _, err := k.hostKey(ctx, id)
		return out, err
	})
}

func (k *Keys) hostKey(ctx context.Context, id string) (out HostKey, shown sshkeys.Public, err error) {
	c, s, err := k.d.sftpOf(ctx, id)
	if err != nil {
		return out, shown, err
	}
	_, book, err := hosts.Open()
	if err != nil {
		return out, shown, err
	}
	shown, err = connect.HostKey(ctx, c.target(), book)
	out = HostKey{Address: c.target().Address(), Known: []HostFace{}}
	switch changed, ok := errors.AsType[*hosts.ChangedError](err); {
	case err == nil:
		out.State = hostTrusted
	case ok:
		out.State = hostChanged
		for _, before := range changed.Known {
			out.Known = append(out.Known, toFace(before.Public))
		}
	case errors.Is(err, hosts.ErrUnknown):
		out.State = hostUnseen
	default:
		return HostKey{}, shown, err
	}
	told := k.d.companion.HostKeys(ctx, s)
	if out.Compared = slices.Contains(told, shown.Fingerprint); !out.Compared && (s.Own || len(told) > 0) {
		return HostKey{}, shown, errStranger
	}
	out.Shown = toFace(shown)
	return out, shown, nil
}

func toFace(p sshkeys.Public) HostFace {
	return HostFace{Algorithm: p.Algorithm, Fingerprint: string(p.Fingerprint), Art: p.Art()}
}

// TrustHost writes a host key into known_hosts, if the server still shows it. One
// that was trusted before is replaced only if that is asked for.
func (k *Keys) TrustHost(t HostTrust) error {
	return do(k.d, byNet, func(ctx context.Context) error {
		now, shown, err := k.hostKey(ctx, t.ID)
		switch {
		case err != nil:
			return err
		case string(shown.Fingerprint) != t.Fingerprint, now.State == hostChanged && !t.Replace:
			return hosts.ErrChanged
		case now.State == hostTrusted:
			return nil
		}
		files, _, err := hosts.Open()
		if err != nil {
			return err
		}
		return files.Trust(now.Address, shown, now.State == hostChanged)
	})
}

// DistrustHost takes a host key out of known_hosts.
func (k *Keys) DistrustHost(t HostTrust) error {
	return do(k.d, atOnce, func(ctx context.Context) error {
		c, _, err := k.d.connection(ctx, t.ID)
		if err != nil {
			return err
		}
		files, _, err := hosts.Open()
		if err != nil {
			return err
		}
		return files.Forget(c.target().Address(), identity.Fingerprint(t.Fingerprint))
	})
}

// Test signs in over SFTP with a key, the way another program would: through the
// agent if that has the key. It makes a folder and removes it.
func (k *Keys) Test(o KeyOpening) (Tested, error) {
	return ask(k.d, byNet, func(ctx context.Context) (Tested, error) {
		c, _, err := k.d.sftpOf(ctx, o.ID)
		if err != nil {
			return Tested{}, err
		}
		_, book, err := hosts.Open()
		if err != nil {
			return Tested{}, err
		}
		proof, done, err := k.proofBy(ctx, o)
		if err != nil {
			return Tested{}, err
		}
		defer done()
		r, err := connect.Test(ctx, c.target(), book, proof, true)
		if err != nil {
			return Tested{}, err
		}
		return Tested{
			Server: r.Server, Address: c.target().Address(), Username: c.Username,
			Exchange: r.Exchange, Cipher: r.Cipher, Folder: r.Folder, Writable: r.Writable, Left: r.Left,
		}, nil
	})
}

// proofBy gets what to sign in with; done ends what the agent is asked through.
func (k *Keys) proofBy(ctx context.Context, o KeyOpening) (p connect.Proof, done func(), err error) {
	file, err := sshkeys.Find(o.Key)
	if err != nil {
		return p, nil, err
	}
	return connect.ByKey(ctx, config.AgentSocket(), file.Fingerprint, func() (*sshkeys.Private, error) { return k.openKey(ctx, o) })
}
