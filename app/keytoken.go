package app

import (
	"context"
	"time"

	"latchkey/backend/companion"
	"latchkey/backend/companion/sshkeys"
)

// forToken is how long the making of a key in a security token waits for the
// person, who has to touch it and may have to enter its PIN.
const forToken = 3 * time.Minute

// A PINQuestion is what the page is told when a security token wants its PIN.
type PINQuestion struct {
	Again bool `json:"again"` // the one before was wrong
}

// makeInToken makes a key in a security token. StopMaking ends it.
func (k *Keys) makeInToken(ctx context.Context, r sshkeys.Request) (sshkeys.KeyFile, error) {
	ctx, cancel := context.WithTimeout(ctx, forToken)
	defer cancel()
	return k.d.companion.Workshop.MakeInTokenAsking(ctx, r, k.askPIN)
}

// askPIN has the page ask for the PIN, and waits for EnterPIN.
func (k *Keys) askPIN(ctx context.Context, again bool) (companion.Secret, error) {
	entered := make(chan companion.Secret, 1)
	k.mu.Lock()
	k.pin = entered
	k.mu.Unlock()
	k.d.desktop.Emit(eventPIN, PINQuestion{Again: again})
	select {
	case pin := <-entered:
		return pin, nil
	case <-ctx.Done():
		k.mu.Lock()
		defer k.mu.Unlock()
		if k.pin == entered {
			k.pin = nil
		}
		return companion.Secret{}, context.Cause(ctx)
	}
}

// EnterPIN gives a security token the PIN that it has asked for. One that
// nothing has asked for goes nowhere.
func (k *Keys) EnterPIN(pin string) error {
	return do(k.d, atOnce, func(context.Context) error {
		k.mu.Lock()
		defer k.mu.Unlock()
		if k.pin != nil {
			k.pin <- companion.NewSecret(pin)
			k.pin = nil
		}
		return nil
	})
}
