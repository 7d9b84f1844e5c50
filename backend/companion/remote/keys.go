package remote

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"latchkey/backend/identity"
)

// An SSHKey is a public key on the server.
type SSHKey struct {
	ID          identity.SSHKeyID
	Title       string
	Type        string // such as "ssh-ed25519"; empty where the server does not say
	Fingerprint identity.Fingerprint
	AddedAt     time.Time // zero if it cannot be told
	LastUsedAt  time.Time // zero: never used
	Rules       identity.KeyRules
}

// A NewSSHKey is a public key to add.
type NewSSHKey struct {
	Title string
	Line  string // as in a .pub file
	Rules identity.KeyRules
}

// maxKeyLine bounds the line of a public key, in bytes.
const maxKeyLine = 16 << 10

// The refusals about keys.
var (
	errKeyPrivate = identity.InvalidField("key", "ssh_key_private",
		"That is a private key, which must stay with you; it was not sent. Choose the public key: the file that ends in .pub.")
	errKeyInvalid = identity.InvalidField("key", "ssh_key_invalid",
		"That is not a public key. It is one line that begins with a type such as ssh-ed25519; copy it again, whole.")
	errKeyRefused = identity.InvalidField("key", "ssh_key_refused",
		"The server does not accept that key. Make an Ed25519 key instead.")
	errKeyKnown = identity.NewError(identity.Conflict, "ssh_key_known",
		"That key is on the server already.")
	errTitleTaken = &identity.Error{Kind: identity.Conflict, Code: "ssh_key_title_taken", Field: "title",
		Message: "Another key on the server has that title. Choose another title."}
	errNoTitle = identity.InvalidField("title", "ssh_key_title_invalid",
		"Give the key a title of 1 to 100 characters, such as the name of the computer it is on.")
	errKeyLimit = identity.NewError(identity.Invalid, "ssh_key_limit",
		"The account has as many keys as the server allows. Delete one that you no longer use.")
	ErrNoKey = identity.NewError(identity.NotFound, "ssh_key_not_found",
		"There is no such key. It may have been deleted already.")
	errKeyRules = identity.NewError(identity.Unavailable, "ssh_key_rules_unsupported",
		"This server cannot limit keys. Only a Latchkey server can.")
	errKeyOver = identity.InvalidField("expires", "ssh_key_expired", "By that time the key would have expired already. Choose a later one.")
	errKeyFrom = identity.InvalidField("from", "ssh_key_from_invalid",
		"Write where the key is taken from as addresses with commas between, such as 192.168.1.0/24,!192.168.1.7,10.0.*.")
	errKeyFolder = identity.InvalidField("folder", "ssh_key_folder_invalid",
		"Write the folder of the key as a path that begins with /, such as /photos.")
)

// SSHKeys lists the account's keys in the order of the server, which is that
// in which they were added.
func (a *Account) SSHKeys(ctx context.Context) ([]SSHKey, error) {
	var got wirePage[wireKey]
	if err := a.call(ctx, request{method: http.MethodGet, path: pathKeys, limit: maxList}, &got); err != nil {
		return nil, err
	}
	out := make([]SSHKey, len(got.Content))
	for i, w := range got.Content {
		out[i] = w.key()
	}
	return out, nil
}

// AddSSHKey adds a key, without its comment. AList would take the same key
// twice and answers a title that is taken with an internal error, so both are
// looked for first: ssh_key_known, ssh_key_title_taken. What is no public key
// is not sent: ssh_key_private, ssh_key_invalid; nor are rules to a server that
// would pass over them: ssh_key_rules_unsupported.
func (a *Account) AddSSHKey(ctx context.Context, k NewSSHKey) error {
	title := strings.TrimSpace(k.Title)
	if title == "" {
		return errNoTitle
	}
	line, fp, err := publicKey(k.Line)
	if err != nil {
		return err
	}
	if k.Rules != (identity.KeyRules{}) {
		if err := a.knowsKeyRules(ctx); err != nil {
			return err
		}
	}
	there, err := a.SSHKeys(ctx)
	if err != nil {
		return err
	}
	for _, other := range there {
		if other.Fingerprint == fp {
			return errKeyKnown
		}
	}
	for _, other := range there {
		if other.Title == title {
			return errTitleTaken
		}
	}
	return a.call(ctx, request{method: http.MethodPost, path: pathAddKey, body: wireNewKey{title, line, fromRules(k.Rules)}}, nil)
}

// LimitSSHKey gives one of the account's keys other rules in place of those it
// has. Only Latchkey can: ssh_key_rules_unsupported. Returns ssh_key_not_found,
// ssh_key_expired, ssh_key_from_invalid and ssh_key_folder_invalid.
func (a *Account) LimitSSHKey(ctx context.Context, id identity.SSHKeyID, rules identity.KeyRules) error {
	if err := a.knowsKeyRules(ctx); err != nil {
		return err
	}
	return a.call(ctx, request{method: http.MethodPost, path: pathLimitKey, query: sshKeyQuery(id), body: fromRules(rules)}, nil)
}

func (a *Account) knowsKeyRules(ctx context.Context) error {
	can, err := a.capabilities(ctx)
	if err == nil && !can.KeyRules {
		return errKeyRules
	}
	return err
}

// DeleteSSHKey deletes one of the account's keys. Returns ssh_key_not_found.
func (a *Account) DeleteSSHKey(ctx context.Context, id identity.SSHKeyID) error {
	return a.call(ctx, request{method: http.MethodPost, path: pathDeleteKey, query: sshKeyQuery(id)}, nil)
}

func sshKeyQuery(id identity.SSHKeyID) url.Values {
	return url.Values{"id": {strconv.FormatInt(int64(id), 10)}}
}

func (w wireKey) key() SSHKey {
	k := SSHKey{
		ID: identity.SSHKeyID(w.ID), Title: clean(w.Title, maxName), Type: clean(w.Type, maxName),
		Fingerprint: identity.Fingerprint(clean(w.Fingerprint, maxName)), AddedAt: textTime(w.Added), Rules: w.rules(),
	}
	used := w.LastUsed != w.Added
	if w.Used != nil {
		used = *w.Used
	}
	if used {
		k.LastUsedAt = textTime(w.LastUsed)
	}
	return k
}

// rules are for showing; the server is who holds to them.
func (w wireKeyRules) rules() identity.KeyRules {
	return identity.KeyRules{
		ExpiresAt: textTime(w.Expires), From: identity.AddressPatterns(clean(w.From, maxFrom)), ReadOnly: w.ReadOnly, Folder: clean(w.Folder, maxFolder),
	}
}

// What is shown of rules, in bytes.
const (
	maxFrom   = 4 << 10
	maxFolder = 4 << 10
)

func fromRules(r identity.KeyRules) wireKeyRules {
	out := wireKeyRules{From: string(r.From), ReadOnly: r.ReadOnly, Folder: r.Folder}
	if !r.ExpiresAt.IsZero() {
		out.Expires = r.ExpiresAt.UTC().Format(time.RFC3339Nano)
	}
	return out
}

// publicKey takes one line of a .pub file apart and returns it without its
// comment. Whether the key is a good one is for the server to say.
func publicKey(text string) (line string, fp identity.Fingerprint, err error) {
	if strings.Contains(text, "PRIVATE KEY") || strings.Contains(text, "PuTTY-User-Key-File") {
		return "", "", errKeyPrivate
	}
	fields := strings.Fields(text)
	if len(text) > maxKeyLine || len(fields) < 2 || strings.ContainsAny(strings.TrimSpace(text), "\r\n") {
		return "", "", errKeyInvalid
	}
	blob, err := base64.StdEncoding.DecodeString(fields[1])
	if err != nil || !begins(blob, fields[0]) {
		return "", "", errKeyInvalid.Because(errors.Join(err))
	}
	sum := sha256.Sum256(blob)
	fp = identity.Fingerprint("SHA256:" + base64.RawStdEncoding.EncodeToString(sum[:]))
	return fields[0] + " " + fields[1], fp, nil
}

// begins reports whether a key's encoding begins with the type that stands
// before it on the line (RFC 4253, section 6.6).
func begins(blob []byte, kind string) bool {
	n := len(kind)
	return len(blob) > 4+n && binary.BigEndian.Uint32(blob) == uint32(n) && string(blob[4:4+n]) == kind
}
