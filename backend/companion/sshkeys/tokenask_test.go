//go:build unix

package sshkeys

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"latchkey/backend/companion/sshkeys/tokentest"
	"latchkey/backend/internal/secret"
)

// pins is a person who enters one PIN after another.
func pins(t *testing.T, entered ...string) AskPIN {
	n := 0
	return func(_ context.Context, again bool) (secret.Text, error) {
		if again != (n > 0) {
			t.Errorf("asked for PIN %d with again %v", n, again)
		}
		if n == len(entered) {
			return secret.Text{}, errors.New("asked too often")
		}
		n++
		return text(entered[n-1]), nil
	}
}

func TestTokenAsking(t *testing.T) {
	for _, tc := range []struct {
		name, pin, passphrase string
		entered               []string
		want                  error
	}{
		{name: "touch alone"},
		{name: "passphrase", passphrase: passphrase},
		{name: "PIN", pin: "123456", passphrase: passphrase, entered: []string{"123456"}},
		{name: "PIN wrong once", pin: "123456", entered: []string{"654321", "123456"}},
		{name: "PIN wrong", pin: "123456", entered: []string{"1", "2"}, want: ErrTokenPIN},
		{name: "PIN of two lines", pin: "123456", entered: []string{"123456\n"}, want: ErrTokenPIN},
		{name: "PIN refused", pin: "123456", want: ErrToken},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if tokentest.PlugIn(t); tc.pin != "" {
				t.Setenv("TOKEN_PIN", tc.pin)
			}
			folder, temporary := t.TempDir(), t.TempDir()
			t.Setenv("TMPDIR", temporary)
			k, err := workshop().MakeInTokenAsking(t.Context(), Request{Folder: folder, Comment: "ann", Passphrase: text(tc.passphrase)}, pins(t, tc.entered...))
			if wantError(t, err, tc.want); names(t, temporary) != "" {
				t.Errorf("left behind: %s", names(t, temporary))
			}
			if tc.want != nil {
				if names(t, folder) != "" {
					t.Errorf("the folder holds %s", names(t, folder))
				}
				return
			}
			if k.Algorithm != "ED25519-SK" || k.Encrypted != (tc.passphrase != "") || names(t, folder) != k.Name+" "+k.Name+".pub" {
				t.Errorf("made %+v in %s", k, names(t, folder))
			}
			line := keygen(t, folder, "-y", "-P", tc.passphrase, "-f", k.Name)
			if !strings.HasPrefix(line, strings.Join(strings.Fields(k.Line)[:2], " ")) {
				t.Errorf("ssh-keygen opens %s, want %s", line, k.Line)
			}
		})
	}
}

// Without a token ssh-keygen says so, and so does an error of ours.
func TestTokenAskingAbsent(t *testing.T) {
	tokentest.PlugIn(t, "TOKEN_ABSENT=1")
	folder := t.TempDir()
	_, err := workshop().MakeInTokenAsking(t.Context(), Request{Folder: folder}, pins(t))
	if wantError(t, err, ErrToken); names(t, folder) != "" {
		t.Errorf("the folder holds %s", names(t, folder))
	}
	t.Setenv("PATH", folder)
	_, err = workshop().MakeInTokenAsking(t.Context(), Request{Folder: folder}, pins(t))
	if wantError(t, err, ErrNoKeygen); MakesInToken() {
		t.Error("a key can be made without ssh-keygen")
	}
}

// Who gives up leaves neither a file nor a program that waits for the token.
func TestTokenAskingEnds(t *testing.T) {
	touch := filepath.Join(t.TempDir(), "touch")
	must(t, syscall.Mkfifo(touch, 0o600))
	tokentest.PlugIn(t, "TOKEN_PIN=123456", "TOKEN_TOUCH="+touch)
	cancelled, cancel := context.WithCancel(t.Context())
	defer cancel()
	late, end := context.WithTimeout(t.Context(), time.Millisecond)
	defer end()
	for _, tc := range []struct {
		name string
		ctx  context.Context
		ask  AskPIN
		want error
	}{
		{"in time", late, pins(t, "123456"), ErrTokenWaited},
		{"asked for the PIN", cancelled, func(ctx context.Context, _ bool) (secret.Text, error) {
			cancel()
			<-ctx.Done()
			return secret.Text{}, ctx.Err()
		}, ErrStopped},
	} {
		folder := t.TempDir()
		_, err := workshop().MakeInTokenAsking(tc.ctx, Request{Folder: folder}, tc.ask)
		if wantError(t, err, tc.want); names(t, folder) != "" {
			t.Errorf("%s: the folder holds %s", tc.name, names(t, folder))
		}
	}

	// While the helper of ssh-keygen waits for a touch, the pipe has a reader.
	touching, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	folder := t.TempDir()
	go func() {
		_, err := workshop().MakeInTokenAsking(touching, Request{Folder: folder}, pins(t, "123456"))
		done <- err
	}()
	hand, err := os.OpenFile(touch, os.O_WRONLY, 0) // waits for the reader
	must(t, err)
	defer hand.Close()
	stop()
	if wantError(t, <-done, ErrStopped); names(t, folder) != "" {
		t.Errorf("the folder holds %s", names(t, folder))
	}
	for err == nil { // until the reader is gone, the pipe takes it
		_, err = hand.WriteString("x")
	}
	if !errors.Is(err, syscall.EPIPE) {
		t.Errorf("after the end the pipe says %v", err)
	}
}

// Neither the passphrase nor the PIN is in what other programs can see of
// ssh-keygen, and what it asks beside the two stops it.
func TestTokenAskingHides(t *testing.T) {
	tools, folder := t.TempDir(), t.TempDir()
	write(t, "#!/bin/sh\necho \"$@\" >"+tools+"/seen\n/usr/bin/env >>"+tools+"/seen\n"+
		"\"$SSH_ASKPASS\" 'Enter passphrase (empty for no passphrase): ' >"+tools+"/one\n"+
		"\"$SSH_ASKPASS\" 'Enter PIN for authenticator: ' >"+tools+"/two\n"+
		"\"$SSH_ASKPASS\" 'Overwrite key in token (y/n)? ' >"+tools+"/three\necho over >"+tools+"/over\n", tools, "ssh-keygen")
	must(t, os.Chmod(filepath.Join(tools, "ssh-keygen"), 0o700))
	t.Setenv("PATH", tools)
	_, err := workshop().MakeInTokenAsking(t.Context(), Request{Folder: folder, Passphrase: text(passphrase)}, pins(t, "123456"))
	wantError(t, err, ErrToken)
	if got := content(t, tools, "one") + content(t, tools, "two") + content(t, tools, "three"); got != passphrase+"\n123456\n" {
		t.Errorf("ssh-keygen heard %q", got)
	}
	if strings.Contains(names(t, tools), "over") {
		t.Error("ssh-keygen went on")
	}
	if seen := content(t, tools, "seen"); strings.Contains(seen, passphrase) || strings.Contains(seen, "123456") || !strings.Contains(seen, "SSH_ASKPASS_REQUIRE=force") {
		t.Errorf("ssh-keygen was started with %s", seen)
	}
}
