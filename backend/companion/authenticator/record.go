package authenticator

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"latchkey/backend/companion/authenticator/otpauth"
	"latchkey/backend/companion/vault"
)

// Where the vault keeps the entries, each under its id, and what is needed to
// take back the last addition.
const (
	codes    vault.Bucket = "codes"
	undo     vault.Bucket = "codes.undo"
	lastUndo              = "last"
)

// recordVersion is that of the records' form. A newer one is left alone.
const recordVersion = 1

type wireEntry struct {
	Version   int       `json:"version"`
	Kind      string    `json:"kind"`
	Secret    string    `json:"secret"`
	Algorithm string    `json:"algorithm"`
	Digits    int       `json:"digits"`
	Period    int       `json:"period,omitempty"`
	Counter   uint64    `json:"counter,omitempty"`
	Issuer    string    `json:"issuer,omitempty"`
	Account   string    `json:"account,omitempty"`
	Tags      []string  `json:"tags,omitempty"`
	Pinned    bool      `json:"pinned,omitempty"`
	Note      string    `json:"note,omitempty"`
	Order     int       `json:"order"`
	AddedAt   time.Time `json:"added_at"`
	ChangedAt time.Time `json:"changed_at"`
	DeletedAt time.Time `json:"deleted_at,omitzero"`
	Server    string    `json:"server,omitempty"`
	Username  string    `json:"username,omitempty"`
	Spent     uint64    `json:"spent_step,omitempty"`
}

func encode(e Entry) ([]byte, error) {
	record, err := json.Marshal(wireEntry{
		Version: recordVersion,
		Kind:    string(e.Key.Kind), Secret: e.Key.Secret.Base32(), Algorithm: string(e.Key.Algorithm),
		Digits: e.Key.Digits, Period: e.Key.Period, Counter: e.Key.Counter,
		Issuer: e.Issuer, Account: e.Account, Tags: e.Tags, Pinned: e.Pinned, Note: e.Note, Order: e.order,
		AddedAt: e.AddedAt, ChangedAt: e.ChangedAt, DeletedAt: e.DeletedAt,
		Server: e.Link.Server, Username: e.Link.Username, Spent: e.spent,
	})
	if err != nil {
		return nil, fmt.Errorf("encode entry: %w", err)
	}
	return record, nil
}

// decode reads a record of an entry. Returns ErrDamaged, ErrNewer.
func decode(r vault.Record) (Entry, error) {
	var w wireEntry
	err := json.Unmarshal(r.Content, &w)
	switch {
	case w.Version > recordVersion:
		return Entry{}, ErrNewer
	case err != nil || w.Version != recordVersion:
		return Entry{}, ErrDamaged // the cause could quote it
	}
	f := otpauth.Fields{Kind: w.Kind, Secret: w.Secret, Algorithm: w.Algorithm, Digits: strconv.Itoa(w.Digits), Counter: strconv.FormatUint(w.Counter, 10)}
	if w.Period != 0 {
		f.Period = strconv.Itoa(w.Period)
	}
	k, err := f.Key()
	if err != nil {
		return Entry{}, ErrDamaged
	}
	return Entry{
		Entry: otpauth.Entry{Issuer: w.Issuer, Account: w.Account, Key: k, Tags: w.Tags, Pinned: w.Pinned, Note: w.Note},
		ID:    ID(r.Name), AddedAt: w.AddedAt, ChangedAt: w.ChangedAt, DeletedAt: w.DeletedAt,
		Link: Link{w.Server, w.Username}, order: w.Order, spent: w.Spent,
	}, nil
}

// wireUndo is what an addition has done.
type wireUndo struct {
	Version int         `json:"version"`
	At      time.Time   `json:"at"`
	Added   []wireAdded `json:"added"`
}

type wireAdded struct {
	ID       ID `json:"id"`
	Replaced ID `json:"replaced,omitempty"` // what is in the trash in its place
}
