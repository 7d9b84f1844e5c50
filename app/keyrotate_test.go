package app

import (
	"os"
	"strings"
	"testing"
)

// at is the state of a step.
func (r KeyRotation) at(step string) string {
	for _, s := range r.Steps {
		if s.Step == step {
			return s.State
		}
	}
	return ""
}

// TestRotation puts a new key in the place of an old one on our own server, with
// the real agent, and finds where it was when it is begun anew.
func TestRotation(t *testing.T) {
	atHome(t)
	withSSHAgent(t)
	d := newTestDesk(t)
	s := d.withOwn(t)
	nas := d.withRemote(t)
	screen := &Keys{d: d.desk}
	const passphrase = "river boat lantern"
	old, err := screen.Make(NewKey{Kind: "ecdsa-256", Name: "id_nas", Comment: "ann@desk"})
	if err != nil {
		t.Fatal(err)
	}
	checkProblem(t, "Upload", screen.Upload(Upload{ID: s.ID, Title: "desk", Line: old.Line}), "")
	checkProblem(t, "AddToAgent", screen.AddToAgent(KeyOpening{Key: old.Path}), "")
	ref := KeyRef{ID: s.ID, Key: old.Path}
	entry, err := screen.PlanEntry(ref)
	if err != nil {
		t.Fatal(err)
	}
	checkProblem(t, "WriteEntry", screen.WriteEntry(HostEntryRef{ID: s.ID, Key: old.Path, Diff: entry.Diff}), "")

	_, err = screen.Rotate(RotationTurn{ID: s.ID, Key: old.Path + "-none"})
	checkProblem(t, "Rotation of no key", err, "ssh_key_no_file")
	now, err := screen.Rotate(RotationTurn{ID: s.ID, Key: old.Path})
	if err != nil || now.New != nil || now.Kind != "ecdsa-256" || now.at("make") != "todo" || now.at("agent") != "todo" {
		t.Fatalf("Rotation: %+v, %v; want nothing done", now, err)
	}
	turn := func(step, want string) {
		t.Helper()
		got, err := screen.Rotate(RotationTurn{ID: s.ID, Key: old.Path, Step: step, New: passphrase, Diff: now.Diff, Kind: "ed25519"})
		checkProblem(t, step, err, want)
		if err == nil {
			now = got
		}
	}
	turn("upload", "ssh_key_no_private")
	turn("make", "")
	turn("make", "") // again makes no other
	turn("upload", "")
	if now.New == nil || now.New.Name != "id_nas_2" || now.Title != "desk 2" || now.at("upload") != "done" {
		t.Fatalf("after upload: %+v", now)
	}
	turn("test", "ssh_host_unknown")
	turn("remove", "ssh_host_unknown")
	host, err := screen.HostKey(s.ID)
	if err != nil {
		t.Fatal(err)
	}
	checkProblem(t, "TrustHost", screen.TrustHost(HostTrust{ID: s.ID, Fingerprint: host.Shown.Fingerprint}), "")
	_, err = screen.Rotate(RotationTurn{ID: s.ID, Key: old.Path, Step: "test", New: "not that one"})
	checkProblem(t, "test", err, "ssh_passphrase_wrong")
	_, err = screen.Rotate(RotationTurn{ID: s.ID, Key: old.Path, Step: "test", New: "not that one", Keep: true})
	checkProblem(t, "test that keeps the passphrase", err, "ssh_passphrase_wrong")
	_, err = screen.Rotate(RotationTurn{ID: s.ID, Key: old.Path, Step: "test"})
	checkProblem(t, "test with nothing typed or kept", err, "ssh_passphrase_needed")
	now, err = screen.Rotate(RotationTurn{ID: s.ID, Key: old.Path, Step: "test", New: passphrase, Keep: true})
	if err != nil || !now.New.Kept {
		t.Fatalf("the passphrase is kept: %+v, %v", now.New, err)
	}
	_, err = screen.Rotate(RotationTurn{ID: s.ID, Key: old.Path, Step: "test"})
	checkProblem(t, "test with what is kept", err, "")
	if !strings.Contains(now.Diff, "+     IdentityFile \""+now.New.Path+"\"") {
		t.Errorf("the change is %q", now.Diff)
	}
	_, err = screen.Rotate(RotationTurn{ID: s.ID, Key: old.Path, Step: "entry", Diff: "+ x"})
	checkProblem(t, "entry of something else", err, "ssh_config_changed")
	turn("entry", "")
	turn("agent", "")
	turn("aside", "key_rotation_in_use")
	checkProblem(t, "Upload to another server", screen.Upload(Upload{ID: nas.ID, Title: "desk", Line: old.Line}), "")
	turn("remove", "")
	list, err := screen.List(s.ID)
	if err != nil || len(list.Keys) != 1 || list.Keys[0].Fingerprint != now.New.Fingerprint {
		t.Errorf("the server has %+v, %v", list.Keys, err)
	}
	// Another server still takes it, so its file stays unless somebody wants it away.
	if now.at("aside") != "kept" || len(now.Uses) != 1 || now.Uses[0] != (RotationUse{"server", "nas"}) {
		t.Errorf("the old file: %+v", now)
	}
	turn("aside", "key_rotation_in_use")
	checkAgent(t, screen, now.New.Path, agentLoaded)
	checkAgent(t, screen, old.Path, agentLoaded)

	// The same new key goes to the other one, and then the file is renamed.
	again, err := screen.Rotate(RotationTurn{ID: nas.ID, Key: old.Path})
	if err != nil || again.New == nil || again.New.Fingerprint != now.New.Fingerprint || again.at("upload") != "todo" {
		t.Fatalf("Rotation elsewhere: %+v, %v; want the new key that is there", again, err)
	}
	host, err = screen.HostKey(nas.ID)
	if err != nil {
		t.Fatal(err)
	}
	checkProblem(t, "TrustHost", screen.TrustHost(HostTrust{ID: nas.ID, Fingerprint: host.Shown.Fingerprint}), "")
	for _, step := range []string{"upload", "test", "entry", "agent", "remove", "aside"} {
		again, err = screen.Rotate(RotationTurn{ID: nas.ID, Key: old.Path, Step: step, New: passphrase})
		checkProblem(t, step, err, "")
	}
	if _, err := os.Stat(old.Path); err == nil || again.Aside != old.Path+".old" || again.at("aside") != "done" {
		t.Errorf("in the end %+v, %v", again, err)
	}
	keys, err := keysInAgent(t.Context())
	if err != nil || len(keys) != 1 || string(keys[0].Fingerprint) != now.New.Fingerprint {
		t.Errorf("the agent has %+v, %v", keys, err)
	}
}
