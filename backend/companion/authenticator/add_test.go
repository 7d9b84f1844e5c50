package authenticator_test

import (
	"strings"
	"testing"
	"time"

	"latchkey/backend/companion/authenticator"
	"latchkey/backend/companion/authenticator/otpauth"
	"latchkey/backend/identity"
)

func TestPreview(t *testing.T) {
	b := newBench(t)
	git := b.add("GitHub:ann", otpauth.Fields{})
	b.add("Router:admin", otpauth.Fields{Kind: "hotp", Counter: "5"})
	gone := b.add("Gone:ann", otpauth.Fields{Digits: "8"})
	b.must(b.Delete(t.Context(), gone.ID))
	found := func(name string, f otpauth.Fields) otpauth.Found { return otpauth.Found{Entry: entry(t, name, f)} }
	for i, tc := range []struct {
		found otpauth.Found
		want  authenticator.State
	}{
		{found("Other:ann", otpauth.Fields{}), authenticator.Known}, // by its key, whatever it is called
		{found("github:ANN", otpauth.Fields{Secret: other}), authenticator.Namesake},
		{found("GitHub:bob", otpauth.Fields{Secret: other}), authenticator.Repeated},
		{found("GitHub:ann", otpauth.Fields{Period: "60"}), authenticator.Namesake},
		{found("Router:x", otpauth.Fields{Kind: "hotp", Counter: "9"}), authenticator.Known},
		{found("Gone:ann", otpauth.Fields{Digits: "8"}), authenticator.Fresh},
		{found("New:ann", otpauth.Fields{Digits: "7"}), authenticator.Fresh},
	} {
		all := []otpauth.Found{tc.found}
		if tc.want == authenticator.Repeated {
			all = []otpauth.Found{found("github:ANN", otpauth.Fields{Secret: other}), tc.found}
		}
		got, err := b.Preview(t.Context(), all)
		b.must(err)
		if last := got[len(got)-1]; last.State != tc.want || (last.State == authenticator.Namesake) != (last.Existing == git.ID && i != 0) {
			t.Errorf("%d: %+v, want %s", i, last, tc.want)
		}
	}
	b.wantList("GitHub Router")
}

func TestAddIsAllOrNothing(t *testing.T) {
	b := newBench(t)
	good := authenticator.Item{Entry: entry(t, "Good:ann", otpauth.Fields{})}
	for _, tc := range []struct {
		bad  authenticator.Item
		want *identity.Error
	}{
		{authenticator.Item{Entry: entry(t, ":", otpauth.Fields{})}, otpauth.ErrNameless},
		{authenticator.Item{Entry: entry(t, strings.Repeat("a", 257), otpauth.Fields{})}, otpauth.ErrName},
		{authenticator.Item{Entry: good.Entry, Replaces: "nobody"}, authenticator.ErrUnknown},
	} {
		_, err := b.Add(t.Context(), []authenticator.Item{good, tc.bad})
		b.want(err, tc.want)
	}
	_, err := b.Add(t.Context(), make([]authenticator.Item, otpauth.MostEntries+1))
	b.want(err, authenticator.ErrFull)
	b.wantList("")
	b.want(b.UndoAdd(t.Context()), authenticator.ErrNoUndo)
	if added, err := b.Add(t.Context(), nil); err != nil || len(added) != 0 {
		t.Errorf("%v, %v", added, err)
	}
	_, err = b.LastAdd(t.Context())
	b.want(err, authenticator.ErrNoUndo)
}

// What is replaced is not lost: it is in the trash, and what the person has
// written about it goes on with the new one.
func TestReplace(t *testing.T) {
	b := newBench(t)
	ann := authenticator.Link{Server: "nas", Username: "ann"}
	b.add("first", otpauth.Fields{Digits: "8"})
	old := b.add("NAS:ann", otpauth.Fields{})
	b.add("last", otpauth.Fields{Digits: "7"})
	_, err := b.Edit(t.Context(), old.ID, authenticator.Details{Issuer: "NAS", Account: "ann", Tags: []string{"home"}, Note: "in the cellar"})
	b.must(err)
	_, err = b.Link(t.Context(), old.ID, ann)
	b.must(err)
	replace := func() authenticator.Entry {
		added, err := b.Add(t.Context(), []authenticator.Item{{Entry: entry(t, "NAS2:ann", otpauth.Fields{Secret: other}), Replaces: old.ID}})
		b.must(err)
		return added[0]
	}
	e := replace()
	b.wantList("first NAS2 last")
	b.wantTrash("NAS")
	if e.Link != ann || e.Note != "in the cellar" || len(e.Tags) != 1 || e.Key.Secret.Base32() != other {
		t.Errorf("%+v", e)
	}
	_, err = b.Add(t.Context(), []authenticator.Item{{Entry: e.Entry, Replaces: old.ID}})
	b.want(err, authenticator.ErrUnknown) // it is in the trash already

	b.must(b.UndoAdd(t.Context()))
	b.wantList("first NAS last")
	b.wantTrash("")
	if e, err := b.Linked(t.Context(), ann); err != nil || e.ID != old.ID || e.Key.Secret.Base32() != seed {
		t.Errorf("%+v, %v", e, err)
	}
	b.want(b.UndoAdd(t.Context()), authenticator.ErrNoUndo)

	// also where the new one was used since
	e = replace()
	b.clock.pass(time.Second)
	_, _, err = b.Spend(t.Context(), ann, nil)
	b.must(err)
	b.must(b.UndoAdd(t.Context()))
	b.wantList("first NAS last")
	b.wantTrash("NAS2")
	if e, err := b.Linked(t.Context(), ann); err != nil || e.ID != old.ID {
		t.Errorf("%+v, %v", e, err)
	}
}

// One call takes back an addition as a whole, in another program as well. What
// was worked with since is in the trash, so that nothing is lost.
func TestUndoAdd(t *testing.T) {
	b := newBench(t)
	b.add("before", otpauth.Fields{})
	b.clock.pass(time.Hour)
	added, err := b.Add(t.Context(), []authenticator.Item{
		{Entry: entry(t, "one", otpauth.Fields{Digits: "7"})},
		{Entry: entry(t, "two", otpauth.Fields{Digits: "8"})},
		{Entry: entry(t, "three", otpauth.Fields{Kind: "hotp"})},
		{Entry: entry(t, "four", otpauth.Fields{Digits: "9"})},
		{Entry: entry(t, "five", otpauth.Fields{Digits: "10"})},
	})
	b.must(err)
	if last, err := b.LastAdd(t.Context()); err != nil || last.Count != 5 || !last.At.Equal(b.clock.now()) {
		t.Errorf("%+v, %v", last, err)
	}
	b.clock.pass(time.Second)
	_, err = b.Edit(t.Context(), added[1].ID, authenticator.Details{Issuer: "2"})
	b.must(err)
	_, err = b.Count(t.Context(), added[2].ID, nil)
	b.must(err)
	b.must(b.Delete(t.Context(), added[3].ID))
	b.must(b.Delete(t.Context(), added[4].ID))
	b.must(b.Destroy(t.Context(), added[4].ID))
	b.must(b.again().UndoAdd(t.Context()))
	b.wantList("before")
	b.wantTrash("2 three")
}
