package account_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"latchkey/backend/account"
	"latchkey/backend/identity"
	"latchkey/backend/internal/testkit"
)

const keyLine = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl me@laptop"

// manyKeys returns the line of a key of its own for each i.
func manyKeys(i int) string {
	seed := make([]byte, ed25519.SeedSize)
	binary.BigEndian.PutUint64(seed, uint64(i))
	pub := ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey)
	blob := []byte("\x00\x00\x00\x0bssh-ed25519\x00\x00\x00\x20" + string(pub))
	return "ssh-ed25519 " + base64.StdEncoding.EncodeToString(blob)
}

func add(t *testing.T, c *testkit.Core, p identity.Principal, title, line string) (identity.SSHKey, error) {
	t.Helper()
	return c.Accounts.AddSSHKey(t.Context(), p, account.NewSSHKey{Title: title, Line: line}, testkit.Origin())
}

func TestSSHKeys(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	ann, _ := signedIn(t, c, "ann")
	bob, _ := signedIn(t, c, "bob")
	k, err := add(t, c, ann, " laptop ", keyLine)
	must(t, err)
	if k.Title != "laptop" || strings.Contains(k.AuthorizedKey, "me@laptop") || !k.AddedAt.Equal(c.Clock.Now()) || !k.LastUsedAt.IsZero() {
		t.Errorf("kept %+v", k)
	}
	_, err = add(t, c, ann, "other", keyLine)
	wantCode(t, "the same key", err, "ssh_key_exists")
	_, err = add(t, c, ann, "laptop", manyKeys(1))
	wantCode(t, "the same title", err, "ssh_key_title_taken")
	_, err = add(t, c, ann, "", manyKeys(1))
	if identity.KindOf(err) != identity.Invalid {
		t.Errorf("no title: %v", err)
	}
	_, err = add(t, c, bob, "laptop", keyLine) // two people may share a machine
	must(t, err)

	want(t, "somebody else's key", c.Accounts.DeleteSSHKey(t.Context(), bob.User.ID, k.ID, testkit.Origin()), account.ErrSSHKeyNotFound)
	want(t, "no key", c.Accounts.DeleteSSHKey(t.Context(), bob.User.ID, 4711, testkit.Origin()), account.ErrSSHKeyNotFound)
	must(t, c.Accounts.DeleteSSHKey(t.Context(), ann.User.ID, k.ID, testkit.Origin()))
	want(t, "twice", c.Accounts.DeleteSSHKey(t.Context(), ann.User.ID, k.ID, testkit.Origin()), account.ErrSSHKeyNotFound)
	bobs, _, err := c.Accounts.SSHKeys(t.Context(), bob.User.ID, identity.Page{})
	if err != nil || len(bobs) != 1 {
		t.Fatalf("bob has %d keys, %v", len(bobs), err)
	}
	must(t, c.Accounts.DeleteSSHKey(t.Context(), 0, bobs[0].ID, testkit.Origin())) // the administrator
	if events := c.Events(identity.AuditSSHKeyDeleted); len(events) != 2 || events[1].Target != string(k.Fingerprint) {
		t.Errorf("recorded as %+v", events)
	}
}

func TestSSHKeyLimit(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	ann, _ := signedIn(t, c, "ann")
	for i := range account.MaxSSHKeys - 2 {
		_, err := add(t, c, ann, fmt.Sprint(i), manyKeys(i))
		must(t, err)
	}
	var wg sync.WaitGroup
	for i := range 10 {
		wg.Go(func() { _, _ = add(t, c, ann, fmt.Sprint("p", i), manyKeys(1000+i)) })
	}
	wg.Wait()
	if _, total, err := c.Accounts.SSHKeys(t.Context(), ann.User.ID, identity.Page{}); total != account.MaxSSHKeys || err != nil {
		t.Errorf("%d keys, %v; want %d", total, err, account.MaxSSHKeys)
	}
	_, err := add(t, c, ann, "one more", keyLine)
	wantCode(t, "one more", err, "ssh_key_limit")
}

// A private key in the wrong field is refused and forgotten.
func TestPrivateKeyIsForgotten(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	ann, _ := signedIn(t, c, "ann")
	const inside = "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQ"
	_, err := add(t, c, ann, "oops", "-----BEGIN OPENSSH PRIVATE KEY-----\n"+inside+"\n-----END OPENSSH PRIVATE KEY-----\n")
	if identity.KindOf(err) != identity.Invalid || strings.Contains(err.Error(), inside) {
		t.Errorf("refused with %v", err)
	}
	wal, err := os.ReadFile(filepath.Join(c.Dir, "latchkey.db-wal"))
	must(t, err)
	c.Close()
	db, err := os.ReadFile(filepath.Join(c.Dir, "latchkey.db"))
	must(t, err)
	for where, text := range map[string][]byte{"database": db, "its log": wal, "log": []byte(c.Logged())} {
		if bytes.Contains(text, []byte(inside)) {
			t.Errorf("the private key stands in the %s", where)
		}
	}
}

// Who may limit a key, and what a refusal leaves.
func TestLimitSSHKey(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	ann, _ := signedIn(t, c, "ann")
	bob, _ := signedIn(t, c, "bob")
	k, err := add(t, c, ann, "laptop", keyLine)
	must(t, err)
	limit := func(owner identity.UserID, rules identity.KeyRules) error {
		return c.Accounts.LimitSSHKey(t.Context(), owner, k.ID, rules, testkit.Origin())
	}
	rules := identity.KeyRules{ExpiresAt: c.Clock.Now().Add(time.Hour), From: "192.0.2.0/24", ReadOnly: true, Folder: "/photos/"}
	must(t, limit(ann.User.ID, rules))
	rules.Folder = "/photos"
	is := func(what string) {
		t.Helper()
		list, _, err := c.Accounts.SSHKeys(t.Context(), ann.User.ID, identity.Page{})
		if err != nil || len(list) != 1 || list[0].Rules.From != rules.From || list[0].Rules.Folder != rules.Folder ||
			list[0].Rules.ReadOnly != rules.ReadOnly || list[0].Rules.ExpiresAt.IsZero() != rules.ExpiresAt.IsZero() || list[0].Title != "laptop" {
			t.Errorf("%s: %+v, %v", what, list, err)
		}
	}
	is("limited")
	want(t, "somebody else", limit(bob.User.ID, identity.KeyRules{}), account.ErrSSHKeyNotFound)
	want(t, "no key", c.Accounts.LimitSSHKey(t.Context(), ann.User.ID, 4711, identity.KeyRules{}, testkit.Origin()), account.ErrSSHKeyNotFound)
	wantCode(t, "no folder", limit(ann.User.ID, identity.KeyRules{Folder: "../x"}), "ssh_key_folder_invalid")
	wantCode(t, "over", limit(ann.User.ID, identity.KeyRules{ExpiresAt: c.Clock.Now()}), "ssh_key_expired")
	if err := c.Accounts.LimitSSHKey(t.Context(), 0, k.ID, identity.KeyRules{}, identity.Origin{}); identity.KindOf(err) != identity.PermissionDenied {
		t.Errorf("who may nothing, as an administrator: %v", err)
	}
	is("after refusals")

	c.Clock.Add(2 * time.Hour) // it has expired, and may stay so
	stored, err := c.Store.SSHKey(t.Context(), k.ID)
	must(t, err)
	rules.ExpiresAt, rules.From = stored.Rules.ExpiresAt, ""
	must(t, limit(ann.User.ID, rules))
	is("still expired")
	rules = identity.KeyRules{}
	must(t, limit(0, rules)) // the administrator
	is("freed")
	if events := c.Events(identity.AuditSSHKeyLimited); len(events) != 3 || events[0].Target != string(k.Fingerprint) {
		t.Errorf("recorded as %+v", events)
	}
}
