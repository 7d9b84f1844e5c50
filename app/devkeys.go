package app

import (
	"context"
	"strconv"
	"time"

	"latchkey/backend/companion"
	"latchkey/backend/companion/remote"
	"latchkey/backend/identity"
)

// A DevKey is a developer key on a server, as the page sees it.
type DevKey struct {
	ID         string `json:"id"`
	Name       string `json:"name"`
	Prefix     string `json:"prefix"` // how its text begins
	Status     string `json:"status"` // "active", "inactive" or "expired"
	CreatedAt  int64  `json:"createdAt"`
	ExpiresAt  int64  `json:"expiresAt"`  // 0: never
	LastUsedAt int64  `json:"lastUsedAt"` // 0: never
	Address    string `json:"address"`    // of the last use, as the server shows it
}

// A MadeDevKey is a key and its text, which is shown only now.
type MadeDevKey struct {
	Key  DevKey `json:"key"`
	Text string `json:"text"`
}

// A NewDevKey says what a developer key is made with.
type NewDevKey struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Days     int    `json:"days"`     // how long it lasts; 0: without end
	Password string `json:"password"` // the current one; empty until the server asks for it
	Code     string `json:"code"`     // of the factor that is on
}

// A DevKeyReplacement says how a developer key is to be replaced.
type DevKeyReplacement struct {
	ID       string `json:"id"`
	Key      string `json:"key"`
	Hours    int    `json:"hours"` // how long the old one goes on
	Password string `json:"password"`
	Code     string `json:"code"`
}

// A DevKeyRef names a developer key on a server.
type DevKeyRef struct {
	ID  string `json:"id"`
	Key string `json:"key"`
}

// DevKeys lists the person's developer keys, in the order in which they were
// made.
func (a *Account) DevKeys(id string) ([]DevKey, error) {
	return act(a.d, id, func(ctx context.Context, acc *remote.Account) ([]DevKey, error) {
		list, err := acc.DevKeys(ctx)
		out := make([]DevKey, len(list))
		for i, k := range list {
			out[i] = toDevKey(k)
		}
		return out, err
	})
}

// MakeDevKey makes a developer key.
func (a *Account) MakeDevKey(n NewDevKey) (MadeDevKey, error) {
	return act(a.d, n.ID, func(ctx context.Context, acc *remote.Account) (MadeDevKey, error) {
		k, text, err := acc.MakeDevKey(ctx, remote.NewDevKey{
			Name: n.Name, Days: n.Days, Proof: remote.Proof{Password: companion.NewSecret(n.Password), Code: n.Code},
		})
		return MadeDevKey{Key: toDevKey(k), Text: text.Reveal()}, err
	})
}

// ReplaceDevKey makes a developer key in place of one that goes on for a while.
func (a *Account) ReplaceDevKey(r DevKeyReplacement) (MadeDevKey, error) {
	return act(a.d, r.ID, func(ctx context.Context, acc *remote.Account) (MadeDevKey, error) {
		old, err := readDevKeyID(r.Key)
		if err != nil {
			return MadeDevKey{}, err
		}
		k, text, err := acc.ReplaceDevKey(ctx, remote.DevKeyReplacement{
			ID: old, Overlap: time.Duration(r.Hours) * time.Hour,
			Proof: remote.Proof{Password: companion.NewSecret(r.Password), Code: r.Code},
		})
		return MadeDevKey{Key: toDevKey(k), Text: text.Reveal()}, err
	})
}

// EnableDevKey lets a key that was disabled be used again.
func (a *Account) EnableDevKey(r DevKeyRef) error {
	return a.onDevKey(r, (*remote.Account).EnableDevKey)
}

// DisableDevKey has a key do nothing until it is enabled again.
func (a *Account) DisableDevKey(r DevKeyRef) error {
	return a.onDevKey(r, (*remote.Account).DisableDevKey)
}

// DeleteDevKey ends a key for good.
func (a *Account) DeleteDevKey(r DevKeyRef) error {
	return a.onDevKey(r, (*remote.Account).DeleteDevKey)
}

func (a *Account) onDevKey(r DevKeyRef, do func(*remote.Account, context.Context, identity.APIKeyID) error) error {
	_, err := act(a.d, r.ID, func(ctx context.Context, acc *remote.Account) (struct{}, error) {
		key, err := readDevKeyID(r.Key)
		if err == nil {
			err = do(acc, ctx, key)
		}
		return struct{}{}, err
	})
	return err
}

func readDevKeyID(text string) (identity.APIKeyID, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, remote.ErrNoDevKey.Because(err)
	}
	return identity.APIKeyID(n), nil
}

func toDevKey(k remote.DevKey) DevKey {
	return DevKey{
		ID: strconv.FormatInt(int64(k.ID), 10), Name: k.Name, Prefix: k.Prefix, Status: string(k.Status), Address: k.Address,
		CreatedAt: millis(k.CreatedAt), ExpiresAt: millis(k.ExpiresAt), LastUsedAt: millis(k.LastUsedAt),
	}
}
