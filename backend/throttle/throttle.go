// Package throttle slows down guessing. It counts failed attempts per account
// and address, per account from everywhere, and per address over all accounts,
// and locks where a counter reaches its limit.
//
// Package login asks it before each check of a password or code. An attempt is
// reserved in the store before the check begins and counts as a failure until
// it ends, so that guesses made in parallel never exceed the limit and a crash
// forgives none. It does not know whether an account exists: unknown names
// lock like known ones.
package throttle

import (
	"context"
	"errors"
	"net/netip"
	"sync"
	"time"

	"latchkey/backend/identity"
	"latchkey/backend/internal/env"
	"latchkey/backend/store"
)

// Limits. The pair of account and address is the usual guesser and locks
// first; the other two are wider, so that many addresses or many names do not
// help, and slower, so that a stranger cannot easily lock a person out.
const (
	FreeFailures = 2   // failures of one account from one address before a door that can asks for a captcha
	PairLimit    = 5   // failures of one account from one address before a lock
	AccountStep  = 20  // a lock after each so many failures in a row of one account from anywhere
	AccountLimit = 100 // failures in a row after which an account stays locked until unlocked (NIST SP 800-63B, 3.2.2)
	AddressStep  = 50  // a lock after each so many failures of one address

	// WideLock is how long a lock of an account from everywhere lasts, or of an
	// address for every account, by whichever door it came about: a stranger who
	// brings one about must not choose the longest.
	WideLock = 5 * time.Minute

	// addressMemory is how long an address stays suspect after its last failure.
	addressMemory = time.Hour
	// maxWaiting bounds the attempts that wait for others to end.
	maxWaiting = 256
)

var errBusy = &identity.Error{
	Kind: identity.Unavailable, Code: "busy", RetryAfter: time.Second,
	Message: "Too many sign-ins are under way. Try again in a moment.",
}

var errLocked = identity.NewError(identity.Throttled, "account_locked",
	"This account is locked. Whoever runs the server can unlock it.")

// ErrChallenge asks for a captcha. Nothing was reserved.
var ErrChallenge = identity.NewError(identity.CaptchaRequired, "captcha_needed",
	"After two failed sign-ins a captcha is needed. Get one, and send what it shows with the password.")

// errFull says that the attempts under way could use up what is left.
var errFull = errors.New("all attempts that are left are under way")

// A Service keeps the counters.
type Service struct {
	store store.Throttles
	env   env.Env

	mu      sync.Mutex
	ended   chan struct{} // closed and replaced when an attempt ends
	waiting int
	owed    []*Attempt // over, but the store could not be told
}

// New returns a service over the counters in st.
func New(st store.Throttles, e env.Env) *Service {
	return &Service{store: st, env: e, ended: make(chan struct{})}
}

// An Attempt is a reserved guess. Exactly one of Fail, Succeed and Cancel ends it.
type Attempt struct {
	s    *Service
	keys []identity.ThrottleKey
	Door
}

// A Door is what the way in adds to an attempt.
type Door struct {
	LockFor   time.Duration // how long a lock of this account for this address lasts; wider ones last for WideLock
	Challenge bool          // it can ask for a captcha, and none was solved for this attempt
}

// Begin reserves an attempt on an account from an address; with "" on none that
// is named, which nobody else's failures can lock. It waits while
// attempts under way could use up the limit, or the free failures where the
// door can ask for a captcha. Returns Throttled with the time left while a lock
// holds, ErrChallenge, and Unavailable if too many wait already or the counters
// cannot be stored.
func (s *Service) Begin(ctx context.Context, account string, from netip.Addr, door Door) (*Attempt, error) {
	// One address has one text. An IPv6 address counts whole: by its network a
	// program with an old password would lock out a home.
	address := from.Unmap().WithZone("").String()
	a := &Attempt{s: s, Door: door, keys: []identity.ThrottleKey{
		{Scope: identity.ThrottlePair, Account: account, Address: address},
		{Scope: identity.ThrottleAddress, Address: address},
	}}
	if account != "" {
		a.keys = append(a.keys, identity.ThrottleKey{Scope: identity.ThrottleAccount, Account: account})
	}
	for {
		ended := s.nextEnd()
		if err := s.settleOwed(ctx); err != nil {
			return nil, err
		}
		err := a.reserve(ctx)
		if !errors.Is(err, errFull) {
			if err != nil {
				return nil, err
			}
			return a, nil
		}
		if err := s.wait(ctx, ended); err != nil {
			return nil, err
		}
	}
}

// Fail counts the attempt. It reports whether that led to a lock.
func (a *Attempt) Fail(ctx context.Context) (locked bool, err error) {
	err = a.end(ctx, func(cs []identity.Throttle, now time.Time) {
		locked = a.countAll(cs, now)
	})
	return locked, err
}

// Succeed forgets the failures of the account. Those of the address stay: else
// a guesser with an account of their own could clear them.
func (a *Attempt) Succeed(ctx context.Context) error {
	return a.end(ctx, func(cs []identity.Throttle, _ time.Time) {
		for i := range cs {
			if cs[i].Key.Scope != identity.ThrottleAddress {
				cs[i].Failures = 0
			}
		}
	})
}

// Cancel ends an attempt in which nothing was guessed.
func (a *Attempt) Cancel(ctx context.Context) error {
	return a.end(ctx, func([]identity.Throttle, time.Time) {})
}

// List returns the counters, newest first.
func (s *Service) List(ctx context.Context, p identity.Page) ([]identity.Throttle, error) {
	return s.store.Throttles(ctx, p)
}

// Lock shuts an account for passwords, by hand, until it is cleared. Like every
// lock it leaves devices and keys alone; to shut those too, disable it.
func (s *Service) Lock(ctx context.Context, account string) error {
	key := identity.ThrottleKey{Scope: identity.ThrottleAccount, Account: account}
	now := s.env.Now()
	return s.store.UpdateThrottles(ctx, []identity.ThrottleKey{key}, func(cs []identity.Throttle) error {
		cs[0].NeedsUnlock, cs[0].UpdatedAt = true, now
		return nil
	})
}

// Locked tells which of some accounts are locked at the moment, from wherever
// somebody tries.
func (s *Service) Locked(ctx context.Context, accounts []string) (map[string]bool, error) {
	list, err := s.store.AccountThrottles(ctx, accounts)
	out := map[string]bool{}
	for _, c := range list {
		if _, locked := LockLeft(c, s.env.Now()); locked {
			out[c.Key.Account] = true
		}
	}
	return out, err
}

// Clear removes the counters and locks of an account, and says how many.
func (s *Service) Clear(ctx context.Context, account string) (int, error) {
	if account == "" {
		return 0, nil // to the store it would be everybody
	}
	return s.store.ClearThrottles(ctx, account)
}

// ClearAll removes every counter and lock, and says how many.
func (s *Service) ClearAll(ctx context.Context) (int, error) {
	return s.store.ClearThrottles(ctx, "")
}

func (a *Attempt) reserve(ctx context.Context) error {
	now := a.s.env.Now()
	var refused error
	err := a.s.store.UpdateThrottles(ctx, a.keys, func(cs []identity.Throttle) error {
		for i := range cs {
			a.refresh(&cs[i], now)
		}
		if refused = refusal(cs, now); refused != nil {
			return nil // what refresh mended is kept
		}
		if refused = a.challenge(cs[0]); refused != nil {
			return nil
		}
		for i := range cs {
			if a.room(cs[i]) <= cs[i].Reserved {
				return errFull
			}
			cs[i].Reserved++
			touch(&cs[i], now)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return refused
}

// end settles the reservation. The caller going away must not keep it open,
// and neither must a store that fails: then it is owed.
func (a *Attempt) end(ctx context.Context, settle func([]identity.Throttle, time.Time)) error {
	defer a.s.announceEnd()
	err := a.settle(ctx, settle)
	if err != nil {
		a.s.owe(a)
	}
	return err
}

func (a *Attempt) settle(ctx context.Context, settle func([]identity.Throttle, time.Time)) error {
	now := a.s.env.Now()
	return a.s.store.UpdateThrottles(context.WithoutCancel(ctx), a.keys, func(cs []identity.Throttle) error {
		for i := range cs {
			cs[i].Reserved = max(0, cs[i].Reserved-1)
			touch(&cs[i], now)
		}
		settle(cs, now)
		return nil
	})
}

// touch notes when a counter was last used; for an address that is its last
// failure, because good sign-ins from there must not keep it suspect.
func touch(c *identity.Throttle, now time.Time) {
	if c.Key.Scope != identity.ThrottleAddress || c.UpdatedAt.IsZero() {
		c.UpdatedAt = now
	}
}

// countAll counts a failure in each counter, and reports whether that led to a
// lock.
func (a *Attempt) countAll(cs []identity.Throttle, now time.Time) (locked bool) {
	for i := range cs {
		locked = a.count(&cs[i], now) || locked
	}
	return locked
}

// count counts a failure, and reports whether that led to a lock.
func (a *Attempt) count(c *identity.Throttle, now time.Time) bool {
	c.Failures++
	c.UpdatedAt = now
	if c.Failures%step(c.Key.Scope) != 0 {
		return false
	}
	a.lock(c, now)
	return true
}

func (a *Attempt) lock(c *identity.Throttle, now time.Time) {
	c.LockedFor = WideLock
	if c.Key.Scope == identity.ThrottlePair {
		c.LockedFor = a.LockFor
	}
	c.LockedUntil = now.Add(c.LockedFor)
	c.NeedsUnlock = c.Key.Scope == identity.ThrottleAccount && c.Failures >= AccountLimit
}

// refresh forgets what time has healed, ends a lock in time that a clock set
// back would stretch, and makes the lock that a crash in the last attempt left
// out.
func (a *Attempt) refresh(c *identity.Throttle, now time.Time) {
	if !c.LockedUntil.IsZero() && c.LockedUntil.Sub(now) > c.LockedFor {
		c.LockedUntil = now.Add(c.LockedFor)
	}
	if _, locked := LockLeft(*c, now); locked {
		return
	}
	over := !c.LockedUntil.IsZero()
	c.LockedUntil, c.LockedFor = time.Time{}, 0
	switch c.Key.Scope {
	case identity.ThrottlePair:
		if over {
			c.Failures = 0
		} else if c.Failures >= PairLimit {
			a.lock(c, now)
		}
	case identity.ThrottleAddress:
		if now.Sub(c.UpdatedAt) > addressMemory {
			c.Failures = 0
		}
	case identity.ThrottleAccount: // counts until a success
		if c.Failures >= AccountLimit {
			a.lock(c, now)
		}
	}
}

// LockLeft reports whether a counter's lock holds at a time, and how much of it
// is left; 0 if it holds until somebody unlocks it.
func LockLeft(c identity.Throttle, now time.Time) (time.Duration, bool) {
	if c.NeedsUnlock {
		return 0, true
	}
	left := min(c.LockedUntil.Sub(now), c.LockedFor)
	return left, left > 0
}

func step(scope identity.ThrottleScope) int {
	switch scope {
	case identity.ThrottleAccount:
		return AccountStep
	case identity.ThrottleAddress:
		return AddressStep
	case identity.ThrottlePair:
	}
	return PairLimit
}

// room says how many more failures a counter takes before it locks or a
// captcha is due.
func (a *Attempt) room(c identity.Throttle) int {
	if a.Challenge && c.Key.Scope == identity.ThrottlePair {
		return FreeFailures - c.Failures
	}
	n := step(c.Key.Scope)
	return n - c.Failures%n
}

// challenge asks for a captcha where the free failures are used up.
func (a *Attempt) challenge(pair identity.Throttle) error {
	if a.Challenge && pair.Failures >= FreeFailures {
		return ErrChallenge
	}
	return nil
}

// refusal returns the refusal by the lock that lasts longest, if any holds.
func refusal(cs []identity.Throttle, now time.Time) error {
	var longest time.Duration
	for _, c := range cs {
		left, locked := LockLeft(c, now)
		if locked && left == 0 {
			return errLocked
		}
		longest = max(longest, left)
	}
	if longest == 0 {
		return nil
	}
	return &identity.Error{
		Kind: identity.Throttled, Code: "too_many_attempts", RetryAfter: longest,
		Message: "Too many failed sign-ins. Try again in " + spell(longest) + ".",
	}
}
