package vault

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"sync"
	"time"

	"latchkey/backend/identity"
	"latchkey/backend/internal/disk"
	"latchkey/backend/internal/env"
)

// A State is what can be done with a vault.
type State int

// The states of a vault.
const (
	New      State = iota + 1 // there is no file: Create makes it
	Locked                    // Unlock opens it
	Unlocked                  // its records can be read and written
	Unusable                  // the file is damaged, gone or too new; see Status.Problem
)

// String names the state in one word.
func (s State) String() string {
	switch s {
	case New:
		return "new"
	case Locked:
		return "locked"
	case Unlocked:
		return "unlocked"
	case Unusable:
		return "unusable"
	}
	return "unknown"
}

// Options are what a vault needs of the outside world.
type Options struct {
	Env     env.Env
	Keyring Keyring // nil: there is none

	// Shut is told that the vault has locked itself, because of what another
	// program did to the file. It must neither wait nor call the vault. It may
	// be nil.
	Shut func()

	Costs Costs // of a new passphrase; zero: the usual ones
}

// A Vault is the vault of one data folder. Its methods may be called from many
// goroutines, and beside other programs that use the same file. All their
// errors are identity.Errors.
type Vault struct {
	place place
	env   env.Env
	ring  *guard
	costs Costs
	told  func()        // Options.Shut
	turn  chan struct{} // one change, or one try of a key, at a time

	mu      sync.Mutex      // held only for moments: Lock never waits
	opened  *opened         // nil: locked
	epoch   int             // grows with each Lock, so that what was under way stays locked out
	writing bool            // the file is locked by this vault, so nobody else changes it
	reason  *identity.Error // why it has locked itself
}

// opened is all that an open vault knows. It is replaced whole.
type opened struct {
	head     []byte
	header   header
	master   key
	contents contents
	by       Method
}

func (o *opened) wipe() {
	clear(o.master[:])
	o.contents.wipe()
}

// Status is what can be told about a vault to anybody.
type Status struct {
	State      State
	Protection Method          // what opens it: ByKeyring or ByPassphrase; 0 if that cannot be told
	OpenedBy   Method          // what opened it this time; 0 unless it is Unlocked
	Revision   uint64          // how often it was written
	Problem    *identity.Error // why it is Unusable, or why it has locked itself
}

// Open looks at the vault file at a path, which need not be there. It opens
// nothing yet, and makes nothing. A file with loose rights is tightened.
// Errors are those of the disk; a damaged file is a State.
func Open(path string, o Options) (*Vault, error) {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real // a rename would put a file in the place of the link
	}
	v := &Vault{place: newPlace(path), env: o.Env, ring: newGuard(o.Keyring), costs: o.Costs, told: o.Shut, turn: make(chan struct{}, 1)}
	if v.costs == (Costs{}) {
		v.costs = usualCosts()
	}
	if err := v.place.tighten(); err != nil && !errors.Is(err, disk.ErrReadOnly) {
		return nil, err
	}
	return v, nil
}

// Format writes a mask for every verb.
func (*Vault) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[vault]") }

// Status looks at the file and says how things stand. The error is one that
// may pass, of the disk or ErrBusy.
func (v *Vault) Status(ctx context.Context) (Status, error) {
	err := v.refresh(ctx)
	if err == nil || v.isWriting() {
		return v.heldStatus(), nil
	}
	i, err := v.place.lockedRead(ctx)
	switch {
	case err == nil:
		return Status{State: Locked, Protection: i.header.protection.method, Revision: i.header.revision, Problem: v.why()}, nil
	case errors.Is(err, ErrNew):
		return Status{State: New}, nil
	case errors.Is(err, ErrDamaged), errors.Is(err, ErrMissing), errors.Is(err, ErrNewer):
		return Status{State: Unusable, Problem: identity.AsError(err)}, nil
	}
	return Status{}, err
}

// heldStatus is what can be told without a look at the file.
func (v *Vault) heldStatus() Status {
	v.mu.Lock()
	defer v.mu.Unlock()
	o := v.opened
	if o == nil { // locked just now
		return Status{State: Locked, Problem: v.reason}
	}
	return Status{State: Unlocked, Protection: o.header.protection.method, OpenedBy: o.by, Revision: o.header.revision}
}

// why returns why the vault has locked itself, or nil.
func (v *Vault) why() *identity.Error {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.reason
}

// Lock forgets the keys and the records, at once. What is under way ends
// without them; a change that is being written is still written whole.
func (v *Vault) Lock() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.shut(nil)
}

// shut locks the vault. The caller holds mu.
func (v *Vault) shut(reason *identity.Error) {
	v.epoch++
	v.reason = reason
	if v.opened != nil {
		v.opened.wipe()
		v.opened = nil
	}
	if reason != nil && v.told != nil {
		v.told()
	}
}

// take waits for this vault's turn. Returns ErrBusy when ctx ends first, or
// when it takes longer than somebody at a keyring may.
func (v *Vault) take(ctx context.Context) (release func(), err error) {
	ctx, cancel := context.WithTimeout(ctx, time.Duration(Asked)+writePatience)
	defer cancel()
	select {
	case v.turn <- struct{}{}:
		return func() { <-v.turn }, nil
	case <-ctx.Done():
		return nil, ErrBusy.Because(context.Cause(ctx))
	}
}
