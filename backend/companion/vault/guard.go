package vault

import (
	"context"
	"fmt"
	"time"

	"latchkey/backend/internal/secret"
)

// A guard stands before a keyring, because a call may hang for ever and cannot
// be called off. One call is under way at most: while it hangs, those behind
// it wait their time and are told that the keyring is silent.
type guard struct {
	ring Keyring // nil: none
	turn chan struct{}
}

func newGuard(ring Keyring) *guard { return &guard{ring: ring, turn: make(chan struct{}, 1)} }

// An answer is how a call ended.
type answer struct {
	value secret.Text
	err   error
}

// call makes a call and waits for it as long as patience and ctx allow, and
// then returns ErrKeyringSilent. What comes later is dropped.
func (g *guard) call(ctx context.Context, p Patience, do func(Keyring) (secret.Text, error)) (secret.Text, error) {
	if g.ring == nil {
		return secret.Text{}, ErrKeyringAbsent
	}
	ctx, cancel := context.WithTimeout(ctx, time.Duration(p))
	defer cancel()
	select {
	case g.turn <- struct{}{}:
	case <-ctx.Done():
		return secret.Text{}, ErrKeyringSilent.Because(context.Cause(ctx))
	}
	done := make(chan answer, 1)
	go func() {
		defer func() { <-g.turn }()
		done <- g.safely(do)
	}()
	select {
	case a := <-done:
		return a.value, a.err
	case <-ctx.Done():
		return secret.Text{}, ErrKeyringSilent.Because(context.Cause(ctx))
	}
}

// safely makes the call. The library panics on some answers of the bus, such
// as its end while a prompt is open.
func (g *guard) safely(do func(Keyring) (secret.Text, error)) (a answer) {
	defer func() {
		if p := recover(); p != nil {
			a = answer{err: ErrKeyringFailing.Because(fmt.Errorf("panic: %v", p))}
		}
	}()
	value, err := do(g.ring)
	return answer{value, err}
}

func (g *guard) get(ctx context.Context, p Patience, entry string) (secret.Text, error) {
	return g.call(ctx, p, func(r Keyring) (secret.Text, error) { return r.Get(entry) })
}

func (g *guard) delete(ctx context.Context, p Patience, entry string) error {
	_, err := g.call(ctx, p, func(r Keyring) (secret.Text, error) { return secret.Text{}, r.Delete(entry) })
	return err
}

// set writes an entry and reads it again: some keyrings answer that they have
// kept what they have not, such as when a person dismisses their question.
func (g *guard) set(ctx context.Context, p Patience, entry string, value secret.Text) error {
	kept, err := g.call(ctx, p, func(r Keyring) (secret.Text, error) {
		if err := r.Set(entry, value); err != nil {
			return secret.Text{}, err
		}
		return r.Get(entry)
	})
	if err == nil && kept != value {
		err = ErrKeyringFailing
	}
	return err
}

// probe finds out whether the keyring keeps things, with an entry that it
// removes again.
func (g *guard) probe(ctx context.Context, p Patience, entry string) error {
	if err := g.set(ctx, p, entry, secret.New("probe")); err != nil {
		return err
	}
	return g.delete(ctx, p, entry)
}
