package app

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestAllKeys joins what a folder, an agent and two servers have, while a third
// one is signed out, and mends what is wrong.
func TestAllKeys(t *testing.T) {
	ssh := atHome(t)
	withSSHAgent(t)
	d := newTestDesk(t)
	own, nas := d.withOwn(t), d.withRemote(t)
	screen := &Keys{d: d.desk}
	open, err := screen.Make(NewKey{Kind: "ed25519", Name: "id_open"})
	if err != nil {
		t.Fatal(err)
	}
	weak := readText(t, keygen(t, "-t", "rsa", "-b", "2048")+".pub")
	for _, u := range []Upload{
		{ID: own.ID, Title: "desk", Line: open.Line}, {ID: nas.ID, Title: "from home", Line: open.Line}, {ID: nas.ID, Title: "phone", Line: strings.TrimSpace(weak)},
	} {
		checkProblem(t, "Upload", screen.Upload(u), "")
	}
	if err := os.Chmod(open.Path, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(ssh, "broken"), []byte("-----BEGIN OPENSSH PRIVATE KEY-----\nnonsense\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	checkProblem(t, "AddToAgent", screen.AddToAgent(KeyOpening{Key: open.Path}), "")

	got := allKeys(t, screen)
	k := got.Keys[slices.IndexFunc(got.Keys, func(k AnyKey) bool { return k.Fingerprint == open.Fingerprint })]
	if k.Name != "id_open" || k.Path != open.Path || !k.InAgent || len(k.There) != 2 || k.There[1].Title != "from home" ||
		!slices.Equal(k.Concerns, []string{"readable_by_others", "no_passphrase"}) {
		t.Errorf("the key of this computer: %+v", k)
	}
	phone := got.Keys[slices.IndexFunc(got.Keys, func(k AnyKey) bool { return k.Name == "phone" })]
	if phone.Path != "" || !slices.Contains(phone.Concerns, "only_on_server") {
		t.Errorf("the key that is elsewhere: %+v", phone)
	}
	broken := got.Keys[slices.IndexFunc(got.Keys, func(k AnyKey) bool { return k.Name == "broken" })]
	if broken.Problem == nil || broken.ID == "" {
		t.Errorf("the file that cannot be used: %+v", broken)
	}

	checkProblem(t, "Tighten", screen.Tighten(open.Path), "")
	checkProblem(t, "Tighten of what is no key", screen.Tighten(filepath.Join(ssh, "none")), "ssh_key_no_private")
	checkProblem(t, "ChangePassphrase", screen.ChangePassphrase(NewPassphrase{Key: open.Path, New: "river boat lantern"}), "")
	checkProblem(t, "ChangePassphrase with a wrong one", screen.ChangePassphrase(NewPassphrase{Key: open.Path, Old: "x", New: "another river boat"}), "ssh_passphrase_wrong")

	// Signed out of one server, the rest is still told.
	checkProblem(t, "SignOut", (&SignIn{d.desk}).SignOut(nas.ID), "")
	got = allKeys(t, screen)
	if len(got.Missing) != 1 || got.Missing[0].Server != nas.ID || got.Missing[0].Problem.Code != "not_signed_in" {
		t.Errorf("what is missing: %+v; want the server that is signed out", got.Missing)
	}
	k = got.Keys[slices.IndexFunc(got.Keys, func(k AnyKey) bool { return k.Fingerprint == open.Fingerprint })]
	if !k.Encrypted || len(k.There) != 1 || len(k.Concerns) != 0 {
		t.Errorf("the key after it was mended: %+v", k)
	}
}

func allKeys(t *testing.T, screen *Keys) AllKeys {
	t.Helper()
	got, err := screen.All()
	if err != nil || got.Agent != nil || got.AsOf == 0 {
		t.Fatalf("All: %+v, %v", got, err)
	}
	return got
}

// TestOldKeys are named by the age that the person has chosen.
func TestOldKeys(t *testing.T) {
	atHome(t)
	d := newTestDesk(t)
	screen := &Keys{d: d.desk}
	made, err := screen.Make(NewKey{Kind: "ed25519", Name: "id_old", Passphrase: "river boat lantern"})
	if err != nil {
		t.Fatal(err)
	}
	written := d.env.Now().AddDate(0, -13, 0)
	if err := os.Chtimes(made.Path, written, written); err != nil {
		t.Fatal(err)
	}
	for months, old := range map[int]bool{0: false, 6: true, 12: true, 24: false} {
		if err := d.notebook.write(func(m *memory) { m.Preferences.KeyMonths = months }); err != nil {
			t.Fatal(err)
		}
		list, err := screen.All()
		if err != nil || len(list.Keys) != 1 || slices.Contains(list.Keys[0].Concerns, "old") != old ||
			!list.Keys[0].SinceFile || list.Keys[0].Since != written.UnixMilli() {
			t.Errorf("%d months: %+v, %v", months, list, err)
		}
	}
}
