package app

import (
	"os"
	"path/filepath"
	"testing"
)

// atHome gives the test a home folder of its own, where new keys go.
func atHome(t *testing.T) (ssh string) {
	t.Helper()
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("SSH_AUTH_SOCK", "")
	return filepath.Join(home, ".ssh")
}

func TestKeys(t *testing.T) {
	atHome(t)
	d := newTestDesk(t)
	screen := &Keys{d: d.desk}
	for _, s := range []Server{d.withOwn(t), d.withRemote(t)} {
		t.Run(s.Name, func(t *testing.T) {
			made, err := screen.Make(NewKey{Kind: "ed25519", Comment: "ann@desk"})
			if err != nil {
				t.Fatal(err)
			}
			other, err := screen.ReadPublic(readText(t, keygen(t, "-t", "ecdsa", "-b", "256")+".pub"))
			if err != nil {
				t.Fatal(err)
			}
			checkProblem(t, "Upload", screen.Upload(Upload{ID: s.ID, Title: "desk", Line: made.Line}), "")
			checkProblem(t, "Upload of another", screen.Upload(Upload{ID: s.ID, Title: "<b>laptop</b> 😀", Line: other.Line}), "")
			checkProblem(t, "Upload again", screen.Upload(Upload{ID: s.ID, Title: "again", Line: made.Line}), "ssh_key_known")
			checkProblem(t, "Upload without title", screen.Upload(Upload{ID: s.ID, Line: made.Line}), "ssh_key_title_invalid")
			third, err := screen.ReadPublic(readText(t, keygen(t, "-t", "ed25519")+".pub"))
			if err != nil {
				t.Fatal(err)
			}
			checkProblem(t, "Upload of a taken title", screen.Upload(Upload{ID: s.ID, Title: "desk", Line: third.Line}), "ssh_key_title_taken")

			got, err := screen.List(s.ID)
			if err != nil || len(got.Keys) != 2 || !got.SFTP || got.AsOf == 0 {
				t.Fatalf("List: %+v, %v; want 2 keys", got, err)
			}
			if k := got.Keys[0]; k.Title != "desk" || k.Type != "ssh-ed25519" || k.Fingerprint != made.Fingerprint ||
				k.Local != made.Path || k.AddedAt == 0 || k.LastUsedAt != 0 {
				t.Errorf("the first key: %+v; want the one made, never used and on this computer", k)
			}
			if k := got.Keys[1]; k.Local != "" || k.Title != "<b>laptop</b> 😀" {
				t.Errorf("the second key: %+v; want it elsewhere, with its title to the letter", k)
			}

			checkProblem(t, "Delete", screen.Delete(KeyRef{ID: s.ID, Key: got.Keys[0].ID}), "")
			checkProblem(t, "Delete again", screen.Delete(KeyRef{ID: s.ID, Key: got.Keys[0].ID}), "ssh_key_not_found")
			checkProblem(t, "Delete of no key", screen.Delete(KeyRef{ID: s.ID, Key: "x"}), "ssh_key_not_found")
			if _, err := os.Stat(made.Path); err != nil {
				t.Errorf("the key on this computer: %v; want it left alone", err)
			}
		})
	}
}

func TestMake(t *testing.T) {
	ssh := atHome(t)
	d := newTestDesk(t)
	screen := &Keys{d: d.desk}
	kinds, err := screen.Kinds()
	if err != nil || kinds[0] != "ed25519" {
		t.Fatalf("Kinds: %v, %v; want ed25519 first", kinds, err)
	}
	for _, kind := range kinds[:4] { // RSA takes seconds, and is the workshop's test
		s, err := screen.Suggest(kind)
		if err != nil || s.Folder != ssh {
			t.Fatalf("Suggest %s: %+v, %v", kind, s, err)
		}
		made, err := screen.Make(NewKey{Kind: kind, Name: s.Name, Comment: s.Comment, Passphrase: "river boat lantern"})
		if err != nil || made.Path != filepath.Join(ssh, s.Name) || !made.Encrypted || made.Comment != s.Comment || made.Art == "" {
			t.Fatalf("Make %s: %+v, %v", kind, made, err)
		}
		if info, err := os.Stat(made.Path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v; want mode 0600", made.Path, info, err)
		}
		before := readText(t, made.Path)
		_, err = screen.Make(NewKey{Kind: kind, Name: s.Name})
		checkProblem(t, "Make over a key", err, "ssh_key_exists")
		if readText(t, made.Path) != before {
			t.Errorf("%s was written over", made.Path)
		}
	}
	local, err := screen.Local()
	if err != nil || len(local) != 4 {
		t.Errorf("Local: %+v, %v; want the 4 keys", local, err)
	}
	for _, tc := range []struct {
		key     NewKey
		problem string
	}{
		{NewKey{Kind: "dsa"}, "ssh_key_kind_unknown"},
		{NewKey{Kind: "ed25519", Name: "../x"}, "ssh_key_name_invalid"},
		{NewKey{Kind: "ed25519", Name: "x", Comment: "a\u202eb"}, "ssh_key_comment_invalid"},
		{NewKey{Kind: "ed25519", Name: "x", Passphrase: "abc"}, "ssh_passphrase_short"},
	} {
		_, err := screen.Make(tc.key)
		checkProblem(t, "Make", err, tc.problem)
	}
}

func TestStopMaking(t *testing.T) {
	ssh := atHome(t)
	d := newTestDesk(t)
	screen := &Keys{d: d.desk}
	checkProblem(t, "StopMaking with nothing to stop", screen.StopMaking(), "")
	making := make(chan error, 1)
	go func() {
		_, err := screen.Make(NewKey{Kind: "rsa-4096", Name: "slow"})
		making <- err
	}()
	until(t, "the key is being made", func() bool {
		screen.mu.Lock()
		defer screen.mu.Unlock()
		return screen.stop != nil
	})
	checkProblem(t, "StopMaking", screen.StopMaking(), "")
	checkProblem(t, "Make, stopped", <-making, "ssh_key_stopped")
	if names, err := filepath.Glob(filepath.Join(ssh, "*")); len(names) != 0 {
		t.Errorf("files of a key that was not finished: %v, %v", names, err)
	}
}
