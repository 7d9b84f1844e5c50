package storetest

import (
	"fmt"
	"testing"
	"time"

	"latchkey/backend/identity"
	"latchkey/backend/store"
)

func sshKeys() []test {
	return []test{
		{"create and find", createSSHKey},
		{"refused", createSSHKeyRefused},
		{"list", listSSHKeys},
		{"touch", touchSSHKeys},
		{"update", updateSSHKey},
		{"delete", deleteSSHKey},
	}
}

func sshKey(user identity.UserID, n int) identity.SSHKey {
	return identity.SSHKey{
		User: user, Title: fmt.Sprintf("key %d", n), Type: "ssh-ed25519",
		AuthorizedKey: fmt.Sprintf("ssh-ed25519 AAAA%d", n),
		Fingerprint:   identity.Fingerprint(fmt.Sprintf("SHA256:%d", n)), AddedAt: now(),
	}
}

func newSSHKey(t *testing.T, s store.Store, user identity.UserID, n int) identity.SSHKey {
	t.Helper()
	return try(s.CreateSSHKey(t.Context(), sshKey(user, n), 100))(t)
}

func createSSHKey(t *testing.T, s store.Store) {
	u, other := newUser(t, s, "ann"), newUser(t, s, "bob")
	got := newSSHKey(t, s, u.ID, 1)
	want := sshKey(u.ID, 1)
	want.ID, want.AddedAt = got.ID, after(0)
	same(t, "created", got, want)
	same(t, "found", try(s.SSHKey(t.Context(), got.ID))(t), want)
	same(t, "by fingerprint", try(s.SSHKeyByFingerprint(t.Context(), u.ID, "SHA256:1"))(t), want)
	_, err := s.SSHKeyByFingerprint(t.Context(), other.ID, "SHA256:1")
	is(t, "somebody else's", err, store.ErrNotFound)
	_, err = s.SSHKey(t.Context(), 99)
	is(t, "unknown", err, store.ErrNotFound)

	limited := sshKey(u.ID, 2)
	limited.Rules = identity.KeyRules{ExpiresAt: after(time.Hour), From: "192.0.2.0/24,!192.0.2.7", ReadOnly: true, Folder: "/photos"}
	made := try(s.CreateSSHKey(t.Context(), limited, 100))(t)
	same(t, "limited", try(s.SSHKey(t.Context(), made.ID))(t).Rules, limited.Rules)

	shared := newSSHKey(t, s, other.ID, 1) // two people may hold one key
	if shared.User != other.ID || shared.ID == got.ID {
		t.Errorf("bob's key is %+v", shared)
	}
}

func createSSHKeyRefused(t *testing.T, s store.Store) {
	u := newUser(t, s, "ann")
	newSSHKey(t, s, u.ID, 1)
	newSSHKey(t, s, u.ID, 2)
	create := func(title, fingerprint, limit int) error {
		k := sshKey(u.ID, title)
		k.Fingerprint = sshKey(u.ID, fingerprint).Fingerprint
		_, err := s.CreateSSHKey(t.Context(), k, limit)
		return err
	}
	exists(t, "same key", create(3, 1, 10), "fingerprint")
	exists(t, "same title", create(1, 3, 10), "title")
	exists(t, "both, of two keys", create(1, 2, 10), "fingerprint")
	is(t, "one too many", create(3, 3, 2), store.ErrLimit)
	is(t, "none allowed", create(3, 3, 0), store.ErrLimit)
	_, err := s.CreateSSHKey(t.Context(), sshKey(99, 1), 10)
	is(t, "unknown user", err, store.ErrNotFound)
	must(t, create(3, 3, 3))
}

func listSSHKeys(t *testing.T, s store.Store) {
	u, other := newUser(t, s, "ann"), newUser(t, s, "bob")
	list, total := tryPage(s.SSHKeysOf(t.Context(), 99, identity.Page{}))(t)
	if len(list) != 0 || total != 0 {
		t.Errorf("nobody has %d of %d keys", len(list), total)
	}
	var want []identity.SSHKey
	for _, n := range []int{3, 1, 4, 2} {
		want = append(want, newSSHKey(t, s, u.ID, n))
		newSSHKey(t, s, other.ID, n)
	}
	for _, tc := range []struct {
		page identity.Page
		want []identity.SSHKey
	}{
		{identity.Page{}, want},
		{identity.Page{Limit: 3}, want[:3]},
		{identity.Page{Offset: 3, Limit: 3}, want[3:]},
		{identity.Page{Offset: 4, Limit: 3}, []identity.SSHKey{}},
	} {
		list, total := tryPage(s.SSHKeysOf(t.Context(), u.ID, tc.page))(t)
		same(t, fmt.Sprint(tc.page), list, tc.want)
		if total != 4 {
			t.Errorf("total = %d, want 4", total)
		}
	}
}

func touchSSHKeys(t *testing.T, s store.Store) {
	u := newUser(t, s, "ann")
	first, second := newSSHKey(t, s, u.ID, 1), newSSHKey(t, s, u.ID, 2)
	must(t, s.TouchSSHKeys(t.Context(), nil))
	must(t, s.TouchSSHKeys(t.Context(), map[identity.SSHKeyID]time.Time{first.ID: now().Add(time.Hour), 99: now()}))
	must(t, s.TouchSSHKeys(t.Context(), map[identity.SSHKeyID]time.Time{first.ID: now()}))
	first.LastUsedAt = after(time.Hour)
	same(t, "used", try(s.SSHKey(t.Context(), first.ID))(t), first)
	same(t, "not used", try(s.SSHKey(t.Context(), second.ID))(t), second)
}

func updateSSHKey(t *testing.T, s store.Store) {
	u := newUser(t, s, "ann")
	first, second := newSSHKey(t, s, u.ID, 1), newSSHKey(t, s, u.ID, 2)
	rules := identity.KeyRules{ExpiresAt: after(time.Hour), From: "192.0.2.0/24", ReadOnly: true, Folder: "/photos"}
	to := func(rules identity.KeyRules, err error) func(identity.SSHKey) (identity.SSHKey, error) {
		return func(k identity.SSHKey) (identity.SSHKey, error) {
			k.Rules, k.Title = rules, "another"
			return k, err
		}
	}
	version := s.Version()
	got := try(s.UpdateSSHKey(t.Context(), first.ID, to(rules, nil)))(t)
	first.Rules = rules
	same(t, "updated", got, first)
	same(t, "found", try(s.SSHKey(t.Context(), first.ID))(t), first)
	same(t, "another", try(s.SSHKey(t.Context(), second.ID))(t), second)
	if s.Version() == version {
		t.Error("the version stays")
	}
	_, err := s.UpdateSSHKey(t.Context(), first.ID, to(identity.KeyRules{}, store.ErrLimit))
	is(t, "refused", err, store.ErrLimit)
	same(t, "after that", try(s.SSHKey(t.Context(), first.ID))(t), first)
	_, err = s.UpdateSSHKey(t.Context(), 99, to(rules, nil))
	is(t, "unknown", err, store.ErrNotFound)
	first.Rules = identity.KeyRules{}
	same(t, "freed", try(s.UpdateSSHKey(t.Context(), first.ID, to(first.Rules, nil)))(t), first)
}

func deleteSSHKey(t *testing.T, s store.Store) {
	u := newUser(t, s, "ann")
	first, second := newSSHKey(t, s, u.ID, 1), newSSHKey(t, s, u.ID, 2)
	must(t, s.DeleteSSHKey(t.Context(), second.ID))
	is(t, "again", s.DeleteSSHKey(t.Context(), second.ID), store.ErrNotFound)
	_, err := s.SSHKeyByFingerprint(t.Context(), u.ID, second.Fingerprint)
	is(t, "deleted", err, store.ErrNotFound)
	list, total := tryPage(s.SSHKeysOf(t.Context(), u.ID, identity.Page{}))(t)
	same(t, "left", list, []identity.SSHKey{first})
	if total != 1 {
		t.Errorf("total = %d, want 1", total)
	}
	if again := newSSHKey(t, s, u.ID, 2); again.ID <= second.ID {
		t.Errorf("after id %d was deleted the next one is %d", second.ID, again.ID)
	}
}
