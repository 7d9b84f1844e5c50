package app

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"latchkey/backend/companion/authenticator"
	"latchkey/backend/companion/authenticator/otpauth"
	"latchkey/backend/companion/vault"
)

// The secrets of the entries of newCodesDesk.
const (
	totpSecret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
	hotpSecret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" // of RFC 4226, appendix D
)

// A codesDesk has a real vault with two entries.
type codesDesk struct {
	*testDesk
	codes      *Codes
	totp, hotp string // their ids
}

func newCodesDesk(t *testing.T) *codesDesk {
	t.Helper()
	d := &codesDesk{testDesk: newTestDesk(t)}
	d.codes = &Codes{d.desk}
	d.makeVault(t)
	added, err := d.companion.Codes.Add(t.Context(), []authenticator.Item{
		{Entry: parseURI(t, "otpauth://totp/GitHub:ann?secret="+totpSecret+"&digits=8&period=60")},
		{Entry: parseURI(t, "otpauth://hotp/Router:admin?counter=1&secret="+hotpSecret)},
	})
	if err != nil {
		t.Fatal(err)
	}
	d.totp, d.hotp = string(added[0].ID), string(added[1].ID)
	return d
}

func parseURI(t *testing.T, uri string) otpauth.Entry {
	t.Helper()
	e, err := otpauth.ParseURI(uri)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// names lists the entries of the page in their order.
func (d *codesDesk) names(t *testing.T) []string {
	t.Helper()
	book, err := d.codes.List()
	if err != nil {
		t.Fatal(err)
	}
	out := []string{}
	for _, e := range book.Entries {
		out = append(out, e.Issuer)
	}
	return out
}

// told counts how often the page was told that entries have changed.
func (d *codesDesk) told() int {
	d.screen.mu.Lock()
	defer d.screen.mu.Unlock()
	n := 0
	for _, e := range d.screen.events {
		if e.event == eventCodes {
			n++
		}
	}
	return n
}

func TestCodesAreListedWithoutTheirSecrets(t *testing.T) {
	d := newCodesDesk(t)
	book, err := d.codes.List()
	if err != nil || len(book.Entries) != 2 || book.Trashed != 0 {
		t.Fatalf("List = %+v, %v", book, err)
	}
	got := book.Entries[0]
	if got.Issuer != "GitHub" || got.Account != "ann" || got.Kind != "totp" || got.Digits != 8 || got.Period != 60 || got.Letters != "G" || got.Tags == nil || got.GoneAt != 0 {
		t.Errorf("the entry is %+v", got)
	}
	text, err := json.Marshal(book)
	if err != nil || strings.Contains(string(text), totpSecret) || strings.Contains(string(text), hotpSecret) {
		t.Errorf("secrets cross the bridge: %s, %v", text, err)
	}
}

func TestCodesAreListedWithTheirEntriesUnlessHidden(t *testing.T) {
	d := newCodesDesk(t)
	book, err := d.codes.List()
	current, _ := d.codes.Current(nil)
	if err != nil || len(current) != 1 || !reflect.DeepEqual(book.Codes, current) {
		t.Errorf("List = %+v, %v; the codes are %+v", book, err, current)
	}
	if err := d.notebook.write(func(m *memory) { m.Preferences.HideCodes = true }); err != nil {
		t.Fatal(err)
	}
	if book, err := d.codes.List(); err != nil || len(book.Entries) != 2 || book.Codes == nil || len(book.Codes) != 0 {
		t.Errorf("with codes hidden, List = %+v, %v", book, err)
	}
}

func TestCurrentCodesComeWithTheNextOne(t *testing.T) {
	d := newCodesDesk(t)
	for _, ids := range [][]string{nil, {d.totp}, {d.totp, d.hotp, "none"}} {
		got, err := d.codes.Current(ids)
		if err != nil || len(got) != 1 || got[0].ID != d.totp || len(got[0].Text) != 8 || len(got[0].Next) != 8 {
			t.Fatalf("Current(%q) = %+v, %v", ids, got, err)
		}
		if left := got[0].Until - millis(d.env.Now()); left <= 0 || left > 60_000 || got[0].Until != (got[0].Step+1)*60_000 {
			t.Errorf("it is good for %d ms more, to %d", left, got[0].Until)
		}
	}
}

// RFC 4226, appendix D, has the codes of the counters 1 and 2.
func TestTheCounterMovesBeforeItsCodeIsSeen(t *testing.T) {
	d := newCodesDesk(t)
	for step, want := range []string{"287082", "359152"} {
		got, err := d.codes.Next(d.hotp)
		if err != nil || got.Text != want || got.Step != int64(step+1) || got.Next != "" || got.Until != 0 {
			t.Errorf("Next = %+v, %v; want %s", got, err, want)
		}
	}
	e, err := readEntry(t, d)
	if err != nil || e.Key.Counter != 3 {
		t.Errorf("on the disk: counter %d, %v", e.Key.Counter, err)
	}
}

// readEntry reads the HOTP entry as another program on the same data does.
func readEntry(t *testing.T, d *codesDesk) (authenticator.Entry, error) {
	t.Helper()
	other := newDesk(Config{Settings: map[string]string{"data": d.data}})
	other.keyring = d.keyring
	other.open(&fakeDesktop{}, 0)
	t.Cleanup(other.close)
	if err := other.companion.Vault.Unlock(t.Context(), vault.WithKeyring(vault.Briefly)); err != nil {
		t.Fatal(err)
	}
	return other.companion.Codes.Find(t.Context(), authenticator.ID(d.hotp))
}

// current returns the code of this moment of the entry that has one.
func (d *codesDesk) current(t *testing.T) Code {
	t.Helper()
	now, err := d.codes.Current(nil)
	if err != nil || len(now) != 1 {
		t.Fatalf("%+v, %v", now, err)
	}
	return now[0]
}

func text(now Code) string { return now.Text }

func TestCopyingACode(t *testing.T) {
	d := newCodesDesk(t)
	for _, tc := range []struct {
		what string
		step func(now Code) int64
		want func(now Code) string
	}{
		{"of this moment", func(Code) int64 { return 0 }, text},
		{"that is shown", func(now Code) int64 { return now.Step }, text},
		{"the next", func(now Code) int64 { return now.Step + 1 }, func(now Code) string { return now.Next }},
		{"one that has passed", func(now Code) int64 { return now.Step - 1 }, text},
		{"no step", func(Code) int64 { return -1 }, text},
		{"one far ahead", func(now Code) int64 { return now.Step + 2 }, text},
	} {
		now := d.current(t)
		copied, err := d.codes.Copy(CodeCopy{ID: d.totp, Step: tc.step(now)})
		for then := now; err == nil; then = now { // a minute may end meanwhile
			if now = d.current(t); now.Step == then.Step {
				break
			}
			copied, err = d.codes.Copy(CodeCopy{ID: d.totp, Step: tc.step(now)})
		}
		if err != nil || copied.ClearsAt == 0 || d.screen.clip != tc.want(now) {
			t.Errorf("%s: %+v, %v, clipboard %q; want %q", tc.what, copied, err, d.screen.clip, tc.want(now))
		}
	}
	_, err := d.codes.Copy(CodeCopy{ID: d.hotp})
	checkProblem(t, "HOTP", err, "otp_unknown")
	_, err = d.codes.Copy(CodeCopy{ID: "none"})
	checkProblem(t, "unknown", err, "otp_unknown")
}

func TestChangingCodes(t *testing.T) {
	d := newCodesDesk(t)
	e, err := d.codes.Edit(CodeEdit{ID: d.hotp, Issuer: "Modem", Account: "root", Tags: []string{"home"}, Pinned: true, Note: "attic"})
	if err != nil || e.Issuer != "Modem" || !e.Pinned || e.Note != "attic" || !slices.Equal(e.Tags, []string{"home"}) {
		t.Errorf("Edit = %+v, %v", e, err)
	}
	if got := d.names(t); !slices.Equal(got, []string{"Modem", "GitHub"}) {
		t.Errorf("pinned: %q", got)
	}
	_, err = d.codes.Edit(CodeEdit{ID: d.hotp})
	checkProblem(t, "no name", err, "otp_name_missing")
	if _, err := d.codes.Edit(CodeEdit{ID: d.hotp, Issuer: "Modem"}); err != nil {
		t.Fatal(err)
	}
	if err := d.codes.Move(CodeMove{ID: d.hotp}); err != nil || !slices.Equal(d.names(t), []string{"Modem", "GitHub"}) {
		t.Errorf("moved: %q, %v", d.names(t), err)
	}
	e, err = d.codes.Link(CodeLink{ID: d.totp, Server: "nas", Username: "ann"})
	if err != nil || e.Server != "nas" || e.Username != "ann" {
		t.Errorf("Link = %+v, %v", e, err)
	}
	if e, err = d.codes.Link(CodeLink{ID: d.totp}); err != nil || e.Server != "" {
		t.Errorf("unlinked: %+v, %v", e, err)
	}
	if d.told() != 5 {
		t.Errorf("the page was told %d times of 5 changes", d.told())
	}
	checkProblem(t, "unknown", d.codes.Move(CodeMove{ID: "none"}), "otp_unknown")
	if d.told() != 5 {
		t.Error("the page was told of a change that was refused")
	}
}

func TestTheTrashOfCodes(t *testing.T) {
	d := newCodesDesk(t)
	checkProblem(t, "not in the trash", d.codes.Destroy([]string{d.totp}), "otp_not_in_trash")
	if err := d.codes.Delete([]string{d.totp, d.hotp}); err != nil {
		t.Fatal(err)
	}
	trash, err := d.codes.Trash()
	if err != nil || len(trash) != 2 || trash[0].GoneAt <= millis(d.env.Now()) {
		t.Errorf("Trash = %+v, %v", trash, err)
	}
	if got, err := d.codes.Current(nil); err != nil || len(got) != 0 {
		t.Errorf("codes of the trash: %+v, %v", got, err)
	}
	if err := d.codes.Restore([]string{d.totp}); err != nil || !slices.Equal(d.names(t), []string{"GitHub"}) {
		t.Errorf("restored: %q, %v", d.names(t), err)
	}
	if err := d.codes.Destroy([]string{d.hotp}); err != nil {
		t.Error(err)
	}
	if err := d.codes.UndoAdd(); err != nil || len(d.names(t)) != 0 {
		t.Errorf("UndoAdd: %q, %v", d.names(t), err)
	}
	checkProblem(t, "twice", d.codes.UndoAdd(), "otp_nothing_to_undo")
}

func TestTheSecretIsShownWhenAskedFor(t *testing.T) {
	d := newCodesDesk(t)
	got, err := d.codes.Reveal(d.totp)
	if err != nil || got.Secret != totpSecret || len(got.QR) < 21 || len(got.QR[0]) != len(got.QR) || got.QR[0][:7] != "1111111" {
		t.Errorf("Reveal = %+v, %v", got, err)
	}
	_, err = d.codes.Reveal("none")
	checkProblem(t, "unknown", err, "otp_unknown")
}

// Whoever finds the vault locked gets nothing, copies nothing and changes nothing.
func TestALockedVaultGivesNoCodes(t *testing.T) {
	d := newCodesDesk(t)
	d.companion.Vault.Lock()
	calls := map[string]func() error{
		"List":    func() error { _, err := d.codes.List(); return err },
		"Trash":   func() error { _, err := d.codes.Trash(); return err },
		"Current": func() error { _, err := d.codes.Current(nil); return err },
		"Next":    func() error { _, err := d.codes.Next(d.hotp); return err },
		"Copy":    func() error { _, err := d.codes.Copy(CodeCopy{ID: d.totp}); return err },
		"Edit":    func() error { _, err := d.codes.Edit(CodeEdit{ID: d.totp, Issuer: "x"}); return err },
		"Link":    func() error { _, err := d.codes.Link(CodeLink{ID: d.totp}); return err },
		"Move":    func() error { return d.codes.Move(CodeMove{ID: d.totp}) },
		"Delete":  func() error { return d.codes.Delete([]string{d.totp}) },
		"Restore": func() error { return d.codes.Restore([]string{d.totp}) },
		"Destroy": func() error { return d.codes.Destroy([]string{d.totp}) },
		"UndoAdd": func() error { return d.codes.UndoAdd() },
		"Reveal":  func() error { _, err := d.codes.Reveal(d.totp); return err },
	}
	for name, call := range calls {
		checkProblem(t, name, call(), "vault_locked")
	}
	if d.screen.clip != "" || d.told() != 0 {
		t.Errorf("clipboard %q, told %d times", d.screen.clip, d.told())
	}
}
