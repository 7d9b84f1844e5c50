//go:build unix

package app

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"latchkey/backend/companion/sshkeys/tokentest"
)

// A key is made in a token of software by the real ssh-keygen, which has this
// program ask the page.
func TestMakeInToken(t *testing.T) {
	tokentest.PlugIn(t, "TOKEN_PIN=123456")
	ssh := atHome(t)
	d := newTestDesk(t)
	screen := &Keys{d: d.desk}
	kinds, err := screen.Kinds()
	if err != nil || kinds[len(kinds)-1] != "ed25519-sk" {
		t.Fatalf("Kinds: %v, %v; want a security token last", kinds, err)
	}
	checkProblem(t, "EnterPIN that nothing wants", screen.EnterPIN("000000"), "")

	making := make(chan LocalKey, 1)
	begin := func() <-chan error {
		ended := make(chan error, 1)
		go func() {
			made, err := screen.Make(NewKey{Kind: "ed25519-sk", Name: "id_token", Comment: "ann@desk", Passphrase: "river boat lantern"})
			making <- made
			ended <- err
		}()
		return ended
	}
	asked := func(again bool) {
		until(t, "the page is asked for the PIN", func() bool {
			screen.mu.Lock()
			defer screen.mu.Unlock()
			return screen.pin != nil && d.screen.last(eventPIN) == PINQuestion{Again: again}
		})
	}
	ended := begin()
	asked(false)
	checkProblem(t, "StopMaking", screen.StopMaking(), "")
	<-making
	checkProblem(t, "Make, stopped", <-ended, "ssh_key_stopped")
	if names, err := filepath.Glob(filepath.Join(ssh, "*")); len(names) != 0 {
		t.Errorf("files of a key that was not made: %v, %v", names, err)
	}

	ended = begin()
	asked(false)
	checkProblem(t, "EnterPIN", screen.EnterPIN("000000"), "")
	asked(true)
	checkProblem(t, "EnterPIN", screen.EnterPIN("123456"), "")
	made := <-making
	checkProblem(t, "Make", <-ended, "")
	if made.Algorithm != "ED25519-SK" || !made.Encrypted || made.Path != filepath.Join(ssh, "id_token") {
		t.Errorf("made %+v", made)
	}
	if info, err := os.Stat(made.Path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%s: %v, %v; want mode 0600", made.Path, info, err)
	}
	if forToken >= byChance || forToken < time.Minute {
		t.Errorf("a person has %v", forToken)
	}
}
