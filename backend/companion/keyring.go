package companion

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"latchkey/backend/companion/remote"
	"latchkey/backend/companion/servers"
	"latchkey/backend/companion/sshkeys"
	"latchkey/backend/identity"
)

// A KeyThere is a key on a server.
type KeyThere struct {
	Server servers.Server
	Key    remote.SSHKey
}

// KeySources are the places where keys were looked for.
type KeySources struct {
	There  []KeyThere
	Files  []sshkeys.KeyFile
	Agent  []sshkeys.Public
	Oldest time.Time // what is in use since before is a concern; zero: nothing is
	Idle   time.Time // what is on a server since before, and was not used after, is a concern; zero: nothing is
}

// A KnownKey is one key, wherever it was found.
type KnownKey struct {
	Fingerprint identity.Fingerprint // empty: no half tells it
	Type        string
	Comment     string
	There       []KeyThere
	Files       []sshkeys.KeyFile // of which the first is the best
	InAgent     bool
	Since       time.Time // how long it has been in use, as far as anything tells; zero: nothing does
	SinceFile   bool      // its file tells that, and not a server
	Concerns    []sshkeys.Concern
}

// A ServerMissing is a server that could not be asked.
type ServerMissing struct {
	Server servers.Server
	Err    error // such as not_signed_in
}

// askTime is how long one server may keep the list of keys waiting.
const askTime = 15 * time.Second

// KeysEverywhere asks every server of the person for their keys, all at once.
// Those that do not answer, or where nobody is signed in, are told apart. The
// error is that of the list of servers, or of a context that has ended.
func (c *Companion) KeysEverywhere(ctx context.Context) (there []KeyThere, missing []ServerMissing, err error) {
	list, err := c.Servers.List(ctx)
	if err != nil {
		return nil, nil, err
	}
	type answer struct {
		keys []remote.SSHKey
		err  error
	}
	answers := make([]answer, len(list))
	var asking sync.WaitGroup
	for i, s := range list {
		asking.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, askTime)
			defer cancel()
			answers[i].err = c.Servers.Act(ctx, s.ID, func(ctx context.Context, a *remote.Account) (err error) {
				answers[i].keys, err = a.SSHKeys(ctx)
				return err
			})
		})
	}
	asking.Wait()
	for i, s := range list {
		if answers[i].err != nil {
			missing = append(missing, ServerMissing{s, answers[i].err})
			continue
		}
		for _, k := range answers[i].keys {
			there = append(there, KeyThere{Server: s, Key: k})
		}
	}
	return there, missing, ctx.Err()
}

// JoinKeys puts together by fingerprint what is known of the same key: first
// those on servers, in their order, then those in files, then those that are in
// the agent only.
func JoinKeys(from KeySources) []KnownKey {
	var out []KnownKey
	at := map[identity.Fingerprint]int{}
	entry := func(p identity.Fingerprint) *KnownKey {
		i, known := at[p]
		if !known || p == "" {
			i = len(out)
			out = append(out, KnownKey{Fingerprint: p})
			at[p] = i
		}
		return &out[i]
	}
	for _, t := range from.There {
		k := entry(t.Key.Fingerprint)
		k.There = append(k.There, t)
		k.Type, k.Comment = cmp.Or(k.Type, t.Key.Type), cmp.Or(k.Comment, t.Key.Title)
	}
	for _, f := range from.Files {
		k := entry(f.Fingerprint)
		k.Files = append(k.Files, f)
		k.Type, k.Comment = cmp.Or(k.Type, f.Type), cmp.Or(k.Comment, f.Comment)
	}
	for _, p := range from.Agent {
		k := entry(p.Fingerprint)
		k.InAgent = true
		k.Type, k.Comment = cmp.Or(k.Type, p.Type), cmp.Or(k.Comment, p.Comment)
	}
	for i := range out {
		out[i].settle(from)
	}
	return out
}

// settle puts the file that can be used first, and says what is wrong.
func (k *KnownKey) settle(from KeySources) {
	slices.SortStableFunc(k.Files, func(a, b sshkeys.KeyFile) int { return rank(a) - rank(b) })
	var concerns []sshkeys.Concern
	private := false
	for _, f := range k.Files {
		concerns = append(concerns, f.Concerns()...)
		private = private || f.HasPrivate
	}
	for _, p := range from.Agent {
		if p.Fingerprint == k.Fingerprint {
			concerns = append(concerns, p.Concerns()...)
		}
	}
	if k.date(); !k.Since.IsZero() && k.Since.Before(from.Oldest) {
		concerns = append(concerns, sshkeys.Old)
	}
	if k.unused(from.Idle) {
		concerns = append(concerns, sshkeys.Unused)
	}
	if k.There != nil && !private && !k.InAgent {
		concerns = append(concerns, sshkeys.OnlyThere)
	}
	for _, c := range concerns {
		if !slices.Contains(k.Concerns, c) {
			k.Concerns = append(k.Concerns, c)
		}
	}
}

// date finds the earliest that tells of the key: when it was put on a server, or
// its file was written. A file is written anew with each passphrase.
func (k *KnownKey) date() {
	earlier := func(t time.Time, file bool) {
		if !t.IsZero() && (k.Since.IsZero() || t.Before(k.Since)) {
			k.Since, k.SinceFile = t, file
		}
	}
	for _, t := range k.There {
		earlier(t.Key.AddedAt, false)
	}
	for _, f := range k.Files {
		earlier(f.Changed, true)
	}
}

// unused reports whether all servers that have the key tell that it was added
// before a time, and that nobody has used it after.
func (k *KnownKey) unused(since time.Time) bool {
	return !since.IsZero() && len(k.There) > 0 && !slices.ContainsFunc(k.There, func(t KeyThere) bool {
		return t.Key.AddedAt.IsZero() || t.Key.AddedAt.After(since) || t.Key.LastUsedAt.After(since)
	})
}

func rank(f sshkeys.KeyFile) int {
	switch {
	case f.HasPrivate && f.Problem == nil:
		return 0
	case f.HasPrivate:
		return 1
	}
	return 2
}
