package authenticator_test

import (
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"latchkey/backend/companion/authenticator"
	"latchkey/backend/companion/authenticator/otpauth"
	"latchkey/backend/companion/vault"
	"latchkey/backend/internal/env"
)

// What was stored is there for another program, as it was, and in no file in
// the clear.
func TestKept(t *testing.T) {
	b := newBench(t)
	items := []authenticator.Item{
		{Entry: entry(t, "GitHub:ann", otpauth.Fields{Algorithm: "SHA512", Digits: "8", Period: "60"})},
		{Entry: entry(t, "Router:admin", otpauth.Fields{Kind: "hotp", Counter: "7"}), Link: authenticator.Link{Server: "s1", Username: "admin"}},
		{Entry: entry(t, "Steam:ann", otpauth.Fields{Kind: "steam"})},
	}
	items[0].Entry.Tags, items[0].Entry.Pinned, items[0].Entry.Note = []string{"work", "git"}, true, "two\nlines"
	added, err := b.Add(t.Context(), items)
	b.must(err)
	got, err := b.again().List(t.Context())
	b.must(err)
	if !reflect.DeepEqual(got, added) {
		t.Errorf("got %+v\nwant %+v", got, added)
	}
	for i, e := range got {
		if !reflect.DeepEqual(e.Entry, items[i].Entry) || e.Link != items[i].Link || !e.AddedAt.Equal(b.clock.now()) || len(e.ID) != 32 {
			t.Errorf("%+v", e)
		}
	}
	content, err := os.ReadFile(b.file)
	b.must(err)
	for _, text := range []string{seed, "GitHub", "Router", "12345678901234567890"} {
		if strings.Contains(string(content), text) {
			t.Errorf("%s stands in the vault's file", text)
		}
	}
	if text := fmt.Sprintf("%+v %#v", got, got[0]); strings.Contains(text, seed) {
		t.Error("an entry prints its secret")
	}
}

func TestLocked(t *testing.T) {
	b := newBench(t)
	e := b.add("GitHub:ann", otpauth.Fields{})
	b.vault.Lock()
	_, err := b.List(t.Context())
	b.want(err, vault.ErrLocked)
	_, err = b.Codes(t.Context(), nil)
	b.want(err, vault.ErrLocked)
	_, err = b.Add(t.Context(), nil)
	b.want(err, vault.ErrLocked)
	b.want(b.Delete(t.Context(), e.ID), vault.ErrLocked)
}

func TestEdit(t *testing.T) {
	b := newBench(t)
	e := b.add("GitHub:ann", otpauth.Fields{})
	d := e.Details()
	d.Issuer, d.Note, d.Tags, d.Pinned = "Git\u200bLab", " a note ", []string{"x", "x"}, true
	b.clock.pass(time.Minute)
	got, err := b.Edit(t.Context(), e.ID, d)
	b.must(err)
	found, err := b.Find(t.Context(), e.ID)
	b.must(err)
	if !reflect.DeepEqual(found, got) || got.Issuer != "GitLab" || got.Note != "a note" || len(got.Tags) != 1 || !got.Pinned || got.Key != e.Key {
		t.Errorf("%+v", got)
	}
	if !got.ChangedAt.After(got.AddedAt) {
		t.Errorf("changed at %v", got.ChangedAt)
	}
	_, err = b.Edit(t.Context(), e.ID, authenticator.Details{Issuer: "\u200b"})
	b.want(err, otpauth.ErrNameless)
	_, err = b.Edit(t.Context(), e.ID, authenticator.Details{Issuer: strings.Repeat("a", 257)})
	b.want(err, otpauth.ErrName)
	_, err = b.Edit(t.Context(), "nobody", d)
	b.want(err, authenticator.ErrUnknown)
	if again, err := b.Find(t.Context(), e.ID); err != nil || !reflect.DeepEqual(again, got) {
		t.Errorf("a refused change has changed it to %+v", again)
	}
}

func TestOrder(t *testing.T) {
	b := newBench(t)
	ids := map[string]authenticator.ID{}
	for _, n := range []string{"a", "b", "c", "d"} {
		ids[n] = b.add(n, otpauth.Fields{Period: fmt.Sprint(20 + len(ids))}).ID
	}
	b.wantList("a b c d")
	b.must(b.Move(t.Context(), ids["d"], 0))
	b.wantList("d a b c")
	b.must(b.Move(t.Context(), ids["d"], 2))
	b.wantList("a b d c")
	b.must(b.Move(t.Context(), ids["a"], 99))
	b.wantList("b d c a")
	b.must(b.Move(t.Context(), ids["a"], -5))
	b.wantList("a b d c")
	_, err := b.Edit(t.Context(), ids["c"], authenticator.Details{Issuer: "c", Pinned: true})
	b.must(err)
	_, err = b.Edit(t.Context(), ids["d"], authenticator.Details{Issuer: "d", Pinned: true})
	b.must(err)
	b.wantList("d c a b")
	b.must(b.Move(t.Context(), ids["c"], 0))
	b.wantList("c d a b")
	b.must(b.Delete(t.Context(), ids["a"]))
	b.add("e", otpauth.Fields{})
	b.wantList("c d b e")
	b.want(b.Move(t.Context(), "nobody", 0), authenticator.ErrUnknown)
}

func TestTrash(t *testing.T) {
	b := newBench(t)
	one, two := b.add("one", otpauth.Fields{}), b.add("two", otpauth.Fields{Secret: other})
	b.want(b.Destroy(t.Context(), one.ID), authenticator.ErrNotTrashed)
	b.want(b.Delete(t.Context(), one.ID, "nobody"), authenticator.ErrUnknown)
	b.wantList("one two")
	b.must(b.Delete(t.Context(), one.ID))
	b.clock.pass(24 * time.Hour)
	b.must(b.Delete(t.Context(), one.ID, two.ID))
	b.wantList("")
	b.wantTrash("two one")
	if codes, err := b.Codes(t.Context(), nil, one.ID); err != nil || len(codes) != 0 {
		t.Errorf("what is in the trash has a code: %v, %v", codes, err)
	}
	b.must(b.Restore(t.Context(), two.ID))
	b.wantList("two")
	b.clock.pass(29*24*time.Hour - time.Second) // since the first was deleted, 30 days but a second
	b.wantTrash("one")
	b.clock.pass(time.Second)
	b.wantTrash("")
	_, err := b.Find(t.Context(), one.ID)
	b.want(err, authenticator.ErrUnknown)
	b.want(b.Restore(t.Context(), one.ID), authenticator.ErrUnknown)
	b.must(b.Delete(t.Context(), two.ID))
	b.must(b.Destroy(t.Context(), two.ID))
	b.wantTrash("")
	if records, err := b.vault.List(t.Context(), "codes"); err != nil || len(records) != 0 {
		t.Errorf("%d records are left in the vault, %v", len(records), err)
	}
}

// Records of a newer program, and ones that cannot be read, are left alone.
func TestForeignRecords(t *testing.T) {
	for text, want := range map[string]error{`{"version":2}`: authenticator.ErrNewer, `{"version":1}`: authenticator.ErrDamaged, `{`: authenticator.ErrDamaged} {
		b := newBench(t)
		b.must(b.vault.Update(t.Context(), func(tx *vault.Tx) error { return tx.Put("codes", "x", []byte(text)) }))
		if _, err := b.List(t.Context()); err != want {
			t.Errorf("%s: %v", text, err)
		}
		if _, err := b.Add(t.Context(), nil); err != want {
			t.Errorf("%s: %v", text, err)
		}
		if record, err := b.vault.Get(t.Context(), "codes", "x"); err != nil || string(record) != text {
			t.Errorf("%q has become %q, %v", text, record, err)
		}
	}
}

func TestIcon(t *testing.T) {
	for name, want := range map[string]string{
		"GitHub": "G", "Air Canada": "AC", "air canada foo": "AC", "ann@example.com": "AE", "7-Eleven": "7E", "银行 中国": "银", "": "?", "!!": "?", "ß": "ß", "émile": "É",
	} {
		e := authenticator.Entry{Entry: otpauth.Entry{Issuer: name}}
		icon := e.Icon()
		if icon.Letters != want || icon.Colour < 0 || icon.Colour >= authenticator.Colours {
			t.Errorf("%q has %+v", name, icon)
		}
		e.Issuer, e.Account = "", strings.ToUpper(name)
		if again := e.Icon(); name != "ß" && again.Colour != icon.Colour {
			t.Errorf("%q has %+v and %+v", name, icon, again)
		}
	}
}

func TestSearch(t *testing.T) {
	list := []authenticator.Entry{
		{Entry: otpauth.Entry{Issuer: "GitHub", Account: "ann@example.com", Tags: []string{"Work"}}},
		{Entry: otpauth.Entry{Issuer: "GitLab", Account: "bob", Note: "spare phone"}},
		{Entry: otpauth.Entry{Issuer: "银行", Account: "安"}},
	}
	for words, want := range map[string]string{
		"": "GitHub GitLab 银行", "git": "GitHub GitLab", " GIT work ": "GitHub", "spare": "GitLab", "银": "银行", "git 银": "", "hubann": "",
	} {
		if got := names(authenticator.Search(list, words)); got != want {
			t.Errorf("%q finds %q, want %q", words, got, want)
		}
	}
}

func BenchmarkOpen1000(b *testing.B) {
	x := newBench(b)
	var items []authenticator.Item
	for n := range 1000 {
		items = append(items, authenticator.Item{Entry: entry(b, fmt.Sprintf("Service %d:ann", n), otpauth.Fields{})})
	}
	_, err := x.Add(b.Context(), items)
	x.must(err)
	b.Run("unlock-and-codes", func(b *testing.B) {
		for b.Loop() {
			v := openVault(b, x.file)
			x.must(v.Unlock(b.Context(), vault.WithKeyring(vault.Briefly)))
			book := authenticator.NewBook(v, env.System())
			list, err := book.List(b.Context())
			x.must(err)
			codes, err := book.Codes(b.Context(), nil)
			if err != nil || len(list) != 1000 || len(codes) != 1000 {
				b.Fatal(len(list), len(codes), err)
			}
		}
	})
	b.Run("list", func(b *testing.B) {
		for b.Loop() {
			if list, err := x.List(b.Context()); err != nil || len(list) != 1000 {
				b.Fatal(len(list), err)
			}
		}
	})
	b.Run("codes", func(b *testing.B) {
		for b.Loop() {
			if codes, err := x.Codes(b.Context(), nil); err != nil || len(codes) != 1000 {
				b.Fatal(len(codes), err)
			}
		}
	})
	b.Run("edit", func(b *testing.B) {
		list, err := x.List(b.Context())
		x.must(err)
		for b.Loop() {
			_, err := x.Edit(b.Context(), list[500].ID, list[500].Details())
			x.must(err)
		}
	})
	b.Run("codes-of-20", func(b *testing.B) {
		list, err := x.List(b.Context())
		x.must(err)
		var ids []authenticator.ID
		for _, e := range list[:20] {
			ids = append(ids, e.ID)
		}
		for b.Loop() {
			if codes, err := x.Codes(b.Context(), nil, ids...); err != nil || len(codes) != 20 {
				b.Fatal(len(codes), err)
			}
		}
	})
}
