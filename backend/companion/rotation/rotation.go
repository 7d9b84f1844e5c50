package rotation

import (
	"context"
	"path/filepath"

	"latchkey/backend/companion/remote"
	"latchkey/backend/companion/sshkeys"
	"latchkey/backend/companion/sshkeys/connect"
	"latchkey/backend/companion/sshkeys/sshconfig"
	"latchkey/backend/identity"
	"latchkey/backend/internal/secret"
)

// A Step is one of a rotation.
type Step string

// The steps, in their order.
const (
	Make   Step = "make"   // the new key, on this computer
	Upload Step = "upload" // the server lets both in
	Test   Step = "test"   // the new one has signed in
	Entry  Step = "entry"  // the ssh config names the new one
	Agent  Step = "agent"  // it is in the agent, if the old one is
	Remove Step = "remove" // the old one opens the server no more
	Aside  Step = "aside"  // its file has another name
)

// Steps lists the steps in their order.
func Steps() []Step { return []Step{Make, Upload, Test, Entry, Agent, Remove, Aside} }

// A Standing is how a step stands.
type Standing string

// The standings.
const (
	Todo Standing = "todo"
	Done Standing = "done"
	None Standing = "none" // there is nothing to do
	Kept Standing = "kept" // of Aside: the old file is still in use
)

// A KeyList is what a server knows of a person's keys, such as remote.Account.
type KeyList interface {
	SSHKeys(ctx context.Context) ([]remote.SSHKey, error)
	AddSSHKey(ctx context.Context, k remote.NewSSHKey) error
	DeleteSSHKey(ctx context.Context, id identity.SSHKeyID) error
}

// A Place is the account on a server where the new key takes over.
type Place struct {
	Target connect.Target
	Keys   KeyList // nil: its keys stand in ~/.ssh/authorized_keys
}

// An Order says what is to be rotated.
type Order struct {
	Key   string // the path of the old key
	Place Place

	// Of the new key.
	Kind sshkeys.Kind // none: as sshkeys.Public.Successor says
	Name string       // none: as sshkeys.KeyFile.NextName says
	New  string       // the path of one that is there already, and another; none: it is made

	// Folder is that of the ssh config.
	Folder sshconfig.Folder
	// Socket is the agent's.
	Socket string
	// Elsewhere names where else the old key is of use, as far as somebody knows.
	Elsewhere func(ctx context.Context) []Use
}

// A Use is a reason to leave the file of the old key where it is.
type Use struct {
	Kind UseKind
	Name string // of the server, or what stands behind Host
}

// A UseKind is what uses a key.
type UseKind string

// What uses a key.
const (
	OnServer UseKind = "server"  // another server lets it in
	Unasked  UseKind = "unasked" // another server that could not be asked may
	InConfig UseKind = "config"  // an entry of the ssh config names it
	AnyHost  UseKind = "default" // ssh offers a key of that name to every server
)

// Means are what a step may need of the person.
type Means struct {
	Old    secret.Text // the passphrase of the old key; only where authorized_keys is edited
	New    secret.Text // that of the new one, or what it is to get; none: it has none, or the agent has it
	Seen   string      // of Entry: the change that was shown
	Anyway bool        // of Aside: although it is in use
}

// A Rotation is a way from an old key to a new one.
type Rotation struct {
	workshop *sshkeys.Workshop
	notes    Notes
	order    Order
	old      sshkeys.KeyFile
	tested   *connect.Report
	removed  bool            // by this process; a file of keys cannot be asked for it any more
	aside    string          // what the old file is called now
	fresh    sshkeys.KeyFile // the new key, once nothing notes it any more
}

// Begin begins a rotation, or goes on with one. Nothing is changed yet. Errors:
// those of sshkeys.Find, ErrNoPrivate and ErrNoPublic.
func Begin(w *sshkeys.Workshop, notes Notes, o Order) (*Rotation, error) {
	path, err := filepath.Abs(o.Key)
	if err != nil {
		return nil, sshkeys.ErrNoPrivate.Because(err)
	}
	old, err := sshkeys.Find(path)
	switch {
	case err != nil:
		return nil, err
	case !old.HasPrivate:
		return nil, sshkeys.ErrNoPrivate
	case old.Fingerprint == "":
		return nil, sshkeys.ErrNoPublic
	}
	if o.New != "" {
		if _, err := sshkeys.Find(o.New); err != nil {
			return nil, err
		}
	}
	return &Rotation{workshop: w, notes: notes, order: o, old: old}, nil
}

// Do takes a step, if it is not taken yet. What an error leaves is what there
// was before, or more of the new key; the old one is never worth less for it.
func (r *Rotation) Do(ctx context.Context, s Step, m Means) error {
	switch s {
	case Make:
		return r.make(ctx, m)
	case Upload:
		return r.upload(ctx, m)
	case Test:
		return r.test(ctx, m)
	case Entry:
		return r.point(m)
	case Agent:
		return r.load(ctx, m)
	case Remove:
		return r.remove(ctx, m)
	case Aside:
		return r.setAside(ctx, m)
	}
	return nil
}

// Old is the key that goes.
func (r *Rotation) Old() sshkeys.KeyFile { return r.old }

// New is the key that comes; zero while there is none.
func (r *Rotation) New() sshkeys.KeyFile {
	if r.fresh.HasPrivate {
		return r.fresh
	}
	n := r.notes.read(r.old.Fingerprint)
	if r.order.New != "" {
		n = note{New: r.order.New}
	}
	k, err := sshkeys.Find(n.New)
	if n.New == "" || err != nil || !k.HasPrivate || k.Line == "" || k.Fingerprint == r.old.Fingerprint {
		return sshkeys.KeyFile{}
	}
	// What was noted before it was made is ours if it is like the old one.
	if n.Fingerprint != "" && k.Fingerprint != n.Fingerprint || n.Fingerprint == "" && r.order.New == "" && k.Comment != r.old.Comment {
		return sshkeys.KeyFile{}
	}
	return k
}

// Tested is what came of the step Test in this process; nil: it was not taken.
func (r *Rotation) Tested() *connect.Report { return r.tested }

// proof is what to sign in with, and what to call when that is over.
func (r *Rotation) proof(ctx context.Context, k sshkeys.KeyFile, passphrase secret.Text) (connect.Proof, func(), error) {
	return connect.ByKey(ctx, r.order.Socket, k.Fingerprint, func() (*sshkeys.Private, error) { return open(k, passphrase) })
}

// open opens the file of a key. What a file that hides its key is said to be may
// be wrong, and a sign-in with another key would prove nothing.
func open(k sshkeys.KeyFile, passphrase secret.Text) (*sshkeys.Private, error) {
	private, err := sshkeys.OpenWithComment(k.Path, passphrase)
	if err == nil && private.Fingerprint() != k.Fingerprint {
		return nil, sshkeys.ErrMismatch
	}
	return private, err
}
