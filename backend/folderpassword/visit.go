package folderpassword

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"sync"
	"time"

	"latchkey/backend/credential/password"
	"latchkey/backend/files"
	"latchkey/backend/identity"
	"latchkey/backend/throttle"
)

// lockFor is how long a folder is closed to somebody after five wrong passwords
// from one address.
const lockFor = 5 * time.Minute

// A Visit is somebody at the files, with what they show. It is the files.Pass
// of their tree, and may be asked by many goroutines.
type Visit struct {
	s    *Service
	ctx  context.Context
	who  func() identity.Principal
	from netip.Addr
	door string

	mu     sync.Mutex
	shown  []string
	answer map[string]error // by mark: what was found of it
}

// Visit begins one, of who acts at each time, by a door from an address.
func (s *Service) Visit(ctx context.Context, who func() identity.Principal, door string, from netip.Addr) *Visit {
	return &Visit{s: s, ctx: ctx, who: who, from: from, door: door, answer: map[string]error{}}
}

// Pass is Visit for a door at which nobody can show a password.
func (s *Service) Pass(ctx context.Context, who func() identity.Principal, door string, from netip.Addr) files.Pass {
	return s.Visit(ctx, who, door, from)
}

// Show adds passwords to what is shown. An empty one is none.
func (v *Visit) Show(passwords ...string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, p := range passwords {
		if p != "" && len(p) <= password.MaxBytes && !slices.Contains(v.shown, p) {
			v.shown = append(v.shown, p)
		}
	}
}

// Protected implements files.Pass.
func (v *Visit) Protected() ([]files.Protected, error) {
	now, err := v.s.now(v.ctx)
	if err != nil || len(now.list) == 0 || v.who().PathPermission("/").Has(identity.PathNoPassword) {
		return nil, err
	}
	return now.list, nil
}

// Open implements files.Pass. A password that was shown is tried once, however
// often the folder is met. Errors: ErrNeeded, ErrWrong,
// folder_password_locked, Unavailable.
func (v *Visit) Open(f files.Protected, at files.Path) error {
	who := v.who()
	if who.PathPermission(string(at)).Has(identity.PathNoPassword) {
		return nil
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if err, met := v.answer[f.Mark]; met {
		return err
	}
	if len(v.shown) == 0 {
		return ErrNeeded
	}
	now, err := v.s.now(v.ctx)
	if err != nil {
		return err
	}
	hash, ok := now.hashes[f.Mark]
	if !ok {
		return ErrNeeded // it has changed this very moment
	}
	err = v.try(f, hash, who)
	v.answer[f.Mark] = err
	return err
}

// A guess is a password that is shown at a folder, with its digest.
type guess struct {
	wrong

	plain string
}

// try checks what is shown against the password of a folder. Each that is shown
// is a guess of its own, but for those that were wrong before.
func (v *Visit) try(f files.Protected, hash identity.PasswordHash, who identity.Principal) error {
	me := visitor{who.User.ID, f.Mark}
	var open []guess
	var digests [][32]byte
	for _, p := range v.shown {
		g := guess{wrong{me, v.from, v.s.digest(hash, p)}, p}
		if !v.s.refused.has(g.wrong) {
			open, digests = append(open, g), append(digests, g.digest)
		}
	}
	if len(open) > 0 && v.s.known.has(me, digests, v.s.Env.Now()) {
		return nil
	}
	for _, g := range open {
		fits, err := v.s.refused.once(v.ctx, g.wrong, func() (bool, error) { return v.check(f, hash, g) })
		if fits || err != nil {
			return err
		}
	}
	return ErrWrong
}

// check checks a password, and counts it if it is wrong.
func (v *Visit) check(f files.Protected, hash identity.PasswordHash, g guess) (fits bool, err error) {
	if v.s.known.has(g.visitor, [][32]byte{g.digest}, v.s.Env.Now()) {
		return true, nil // by now
	}
	try, err := v.s.Throttle.Begin(v.ctx, account(g.mark, g.user), v.from, throttle.Door{LockFor: lockFor})
	if err != nil {
		return false, tooMany(err)
	}
	checked := false
	defer func() {
		if !checked {
			_, _ = try.Fail(v.ctx) // a panic is passing through
		}
	}()
	verdict, err := v.s.Hasher.Verify(v.ctx, hash, password.DigestOf(g.plain))
	checked = true
	switch {
	case err != nil:
		return false, errors.Join(err, try.Cancel(v.ctx))
	case verdict.OK:
		if err := try.Succeed(v.ctx); err != nil {
			return false, err
		}
		v.s.known.add(g.visitor, g.digest, v.s.Env.Now())
		return true, nil
	}
	v.record(f, g)
	_, err = try.Fail(v.ctx)
	return false, err
}

// record has a wrong password on record.
func (v *Visit) record(f files.Protected, g guess) {
	o := identity.Origin{Actor: g.user, Door: v.door, Address: v.from}
	e := o.Event(identity.AuditFolderRefused, string(f.Path))
	e.Outcome, e.Reason = identity.AuditRefused, ErrWrong.Code
	v.s.Audit.Record(e)
}

// tooMany says of a lock that it is the folder's.
func tooMany(err error) error {
	e, ok := errors.AsType[*identity.Error](err)
	if !ok || e.Kind != identity.Throttled {
		return err
	}
	return &identity.Error{
		Kind: identity.Throttled, Code: "folder_password_locked", RetryAfter: e.RetryAfter, Err: err,
		Message: "Too many wrong passwords for this folder. Wait a few minutes, and then ask whoever runs the server.",
	}
}

// A linked pass opens what a link was signed for.
type linked struct {
	v    *Visit
	mark string
}

// Link returns the pass of who has a link, which was signed with what Seal
// returned.
func (s *Service) Link(ctx context.Context, who identity.Principal, seal string) files.Pass {
	return linked{s.Visit(ctx, func() identity.Principal { return who }, "", netip.Addr{}), seal}
}

func (l linked) Protected() ([]files.Protected, error) { return l.v.Protected() }

func (l linked) Open(f files.Protected, at files.Path) error {
	if l.mark != "" && l.mark == f.Mark {
		return nil
	}
	return l.v.Open(f, at)
}

// Seal returns what a link to a path says of the password that it was made
// under, so that it dies with it: the mark of the folder that holds the path,
// or "" for who needs no password there. Errors as Open: what opened the path
// before may have changed since.
func (v *Visit) Seal(t *files.Tree, p, full files.Path) (string, error) {
	if v.who().PathPermission(string(full)).Has(identity.PathNoPassword) {
		return "", nil
	}
	f, at, err := t.Behind(p)
	if err != nil || f.Mark == "" {
		return "", err
	}
	return f.Mark, v.Open(f, at)
}
