package remote

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"latchkey/backend/identity"
	"latchkey/backend/internal/secret"
)

// A DevKey is a developer key on the server, without its text.
type DevKey struct {
	ID         identity.APIKeyID
	Name       string
	Prefix     string // how its text begins
	Status     identity.KeyStatus
	CreatedAt  time.Time // zero if it cannot be told
	ExpiresAt  time.Time // zero: never
	LastUsedAt time.Time // zero: never used
	Address    string    // of the last use, as the server shows it; empty until then
}

// A NewDevKey says what a developer key is made with.
type NewDevKey struct {
	Name  string
	Days  int // how long it lasts; 0: without end
	Proof Proof
}

// A DevKeyReplacement says how a developer key is to be replaced.
type DevKeyReplacement struct {
	ID      identity.APIKeyID
	Overlap time.Duration // how long the old one goes on, in whole hours
	Proof   Proof
}

// The refusals about developer keys.
var (
	errDevKeyName = identity.InvalidField("name", "dev_key_name_invalid",
		"Give the key a name of 1 to 64 characters, such as that of the script that gets it.")
	errDevKeyLife = identity.InvalidField("days", "dev_key_life_invalid",
		"A key lasts for a number of days, or has no end.")
	errDevKeyOverlap = identity.InvalidField("overlap", "dev_key_overlap_invalid",
		"The old key can go on for at most 30 days.")
	errDevKeyLimit = identity.NewError(identity.Conflict, "dev_key_limit",
		"You have as many developer keys as the server allows. Delete one that you no longer use.")
	errDevKeyEnded = identity.NewError(identity.Conflict, "dev_key_ended",
		"That key has ended, so there is nothing to replace. Make a new one instead.")
	ErrNoDevKey = identity.NewError(identity.NotFound, "dev_key_not_found",
		"There is no such key. It may have been deleted already.")
	errNoKeyText = errGarbled.Because(errors.New("a developer key without a usable text"))
)

// DevKeys lists the account's developer keys in the order in which they were
// made. Only Latchkey has them; elsewhere: server_lacks_this.
func (a *Account) DevKeys(ctx context.Context) ([]DevKey, error) {
	var got wirePage[wireDevKey]
	if err := a.devKeyCall(ctx, request{method: http.MethodGet, path: pathDevKeys, limit: maxList}, &got); err != nil {
		return nil, err
	}
	out := make([]DevKey, len(got.Content))
	for i, w := range got.Content {
		out[i] = w.key()
	}
	return out, nil
}

// MakeDevKey makes a key and returns its text, which is shown only now. Returns
// dev_key_name_invalid, dev_key_life_invalid, dev_key_limit and the errors of
// Proof.
func (a *Account) MakeDevKey(ctx context.Context, n NewDevKey) (DevKey, secret.Text, error) {
	body := wireNewDevKey{Name: n.Name, Days: n.Days}
	body.prove(n.Proof)
	return a.madeDevKey(ctx, request{method: http.MethodPost, path: pathAddDevKey, body: body}, body.OTPCode != "")
}

// ReplaceDevKey makes a key like an old one, which goes on for a while, and
// returns the text of the new one. Returns dev_key_overlap_invalid,
// dev_key_ended, dev_key_not_found, dev_key_limit and the errors of Proof.
func (a *Account) ReplaceDevKey(ctx context.Context, r DevKeyReplacement) (DevKey, secret.Text, error) {
	body := wireReplaceDevKey{Overlap: int(r.Overlap / time.Hour)}
	body.prove(r.Proof)
	return a.madeDevKey(ctx, request{method: http.MethodPost, path: pathReplaceDevKey, query: keyQuery(r.ID), body: body}, body.OTPCode != "")
}

// EnableDevKey lets a key that was disabled be used again. Returns
// dev_key_not_found.
func (a *Account) EnableDevKey(ctx context.Context, id identity.APIKeyID) error {
	return a.devKeyCall(ctx, request{method: http.MethodPost, path: pathEnableDevKey, query: keyQuery(id)}, nil)
}

// DisableDevKey keeps a key from being used until it is enabled again. Returns
// dev_key_not_found.
func (a *Account) DisableDevKey(ctx context.Context, id identity.APIKeyID) error {
	return a.devKeyCall(ctx, request{method: http.MethodPost, path: pathDisableDevKey, query: keyQuery(id)}, nil)
}

// DeleteDevKey ends a key for good. Returns dev_key_not_found.
func (a *Account) DeleteDevKey(ctx context.Context, id identity.APIKeyID) error {
	return a.devKeyCall(ctx, request{method: http.MethodPost, path: pathDeleteDevKey, query: keyQuery(id)}, nil)
}

func (a *Account) madeDevKey(ctx context.Context, r request, codeSent bool) (DevKey, secret.Text, error) {
	var got wireMadeDevKey
	if err := a.devKeyCall(ctx, r, &got); err != nil {
		return DevKey{}, secret.Text{}, proofRefused(err, codeSent)
	}
	if got.Key == "" || len(got.Key) > maxKeyText || strings.ContainsFunc(got.Key, notVisible) {
		return DevKey{}, secret.Text{}, errNoKeyText
	}
	return got.key(), secret.New(got.Key), nil
}

// maxKeyText bounds the text of a key, in bytes.
const maxKeyText = 200

// devKeyCall is call on servers that have developer keys.
func (a *Account) devKeyCall(ctx context.Context, r request, out any) error {
	can, err := a.capabilities(ctx)
	switch {
	case err != nil:
		return err
	case !can.DevKeys:
		return errUnsupported
	}
	return a.call(ctx, r, out)
}

func keyQuery(id identity.APIKeyID) url.Values {
	return url.Values{"id": {strconv.FormatInt(int64(id), 10)}}
}

func (w wireDevKey) key() DevKey {
	k := DevKey{
		ID: identity.APIKeyID(w.ID), Name: clean(w.Name, maxName), Prefix: clean(w.Prefix, maxName), Status: identity.KeyActive,
		CreatedAt: textTime(w.Created), ExpiresAt: textTime(w.Expires), LastUsedAt: textTime(w.LastUsed), Address: clean(w.Address, maxName),
	}
	if s := identity.KeyStatus(w.Status); s == identity.KeyInactive || s == identity.KeyExpired {
		k.Status = s
	}
	return k
}
