package sshagent_test

import (
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"latchkey/backend/companion/sshkeys"
	"latchkey/backend/companion/sshkeys/sshagent"
	"latchkey/backend/internal/env"
	"latchkey/backend/internal/secret"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func want(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("got %v, want %v", err, want)
	}
}

// folder is short enough for the path of a socket.
func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "a") //nolint:usetesting // the path of a socket has to be short
	must(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// start runs the real ssh-agent, and returns its socket.
func start(t *testing.T) string {
	t.Helper()
	socket := filepath.Join(folder(t), "s")
	cmd := exec.Command("ssh-agent", "-D", "-a", socket)
	must(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for range 12_000 {
		if conn, err := net.Dial("unix", socket); err == nil {
			must(t, conn.Close())
			return socket
		}
		<-tick.C
	}
	t.Fatal("ssh-agent does not come")
	return ""
}

// sshAdd runs the real ssh-add.
func sshAdd(t *testing.T, socket, in string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "ssh-add", args...)
	cmd.Env = append(os.Environ(), "SSH_AUTH_SOCK="+socket, "SSH_ASKPASS_REQUIRE=force", "SSH_ASKPASS="+in)
	out, err := cmd.CombinedOutput()
	if _, exit := errors.AsType[*exec.ExitError](err); err != nil && !exit {
		t.Fatal(err)
	}
	return string(out)
}

func dial(t *testing.T, socket string) *sshagent.Agent {
	t.Helper()
	a, err := sshagent.Dial(t.Context(), socket)
	must(t, err)
	t.Cleanup(func() { _ = a.Close() })
	return a
}

func makeKey(t *testing.T, kind sshkeys.Kind) (sshkeys.KeyFile, *sshkeys.Private) {
	t.Helper()
	k, err := sshkeys.NewWorkshop(env.System()).Make(t.Context(), sshkeys.Request{Kind: kind, Folder: t.TempDir(), Comment: string(kind)})
	must(t, err)
	p, err := sshkeys.OpenWithComment(k.Path, secret.Text{})
	must(t, err)
	return k, p
}

func TestAddListRemove(t *testing.T) {
	socket := start(t)
	a := dial(t, socket)
	for _, kind := range []sshkeys.Kind{sshkeys.Ed25519, sshkeys.ECDSA384, sshkeys.RSA3072} {
		k, p := makeKey(t, kind)
		must(t, a.Add(t.Context(), sshagent.Addition{Key: p}))
		if got := sshAdd(t, socket, "", "-L"); got != k.Line+"\n" {
			t.Errorf("ssh-add lists %s, want %s", got, k.Line)
		}
		if list, err := a.List(t.Context()); err != nil || len(list) != 1 || list[0].Line != k.Line {
			t.Errorf("listed %+v, %v", list, err)
		}
		if signers, err := a.Signers(t.Context()); err != nil || len(signers) != 1 {
			t.Errorf("signers %v, %v", signers, err)
		}
		must(t, a.Remove(t.Context(), k.Fingerprint))
		want(t, a.Remove(t.Context(), k.Fingerprint), sshagent.ErrNotThere)
		if got := sshAdd(t, socket, "", "-L"); !strings.Contains(got, "no identities") {
			t.Errorf("ssh-add lists %s", got)
		}
	}
}

// The real agent lets go of the key by itself.
func TestLifetime(t *testing.T) {
	socket := start(t)
	a := dial(t, socket)
	_, p := makeKey(t, sshkeys.Ed25519)
	must(t, a.Add(t.Context(), sshagent.Addition{Key: p, Lifetime: time.Second, Confirm: true}))
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for range 1200 {
		list, err := a.List(t.Context())
		must(t, err)
		if len(list) == 0 {
			return
		}
		<-tick.C
	}
	t.Error("the key is still there")
}

func TestBadLifetimes(t *testing.T) {
	a := dial(t, start(t))
	_, p := makeKey(t, sshkeys.Ed25519)
	for _, d := range []time.Duration{-1, time.Millisecond, 11 * 365 * 24 * time.Hour} {
		want(t, a.Add(t.Context(), sshagent.Addition{Key: p, Lifetime: d}), sshagent.ErrLifetime)
	}
}

func TestLocked(t *testing.T) {
	socket := start(t)
	a := dial(t, socket)
	_, p := makeKey(t, sshkeys.Ed25519)
	must(t, a.Add(t.Context(), sshagent.Addition{Key: p}))
	asker := filepath.Join(folder(t), "ask")
	must(t, os.WriteFile(asker, []byte("#!/bin/sh\necho secret\n"), 0o700))
	if out := sshAdd(t, socket, asker, "-x"); !strings.Contains(out, "Agent locked") {
		t.Fatal(out)
	}
	if list, err := a.List(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("a locked agent lists %+v, %v", list, err)
	}
	want(t, a.Add(t.Context(), sshagent.Addition{Key: p}), sshagent.ErrRefused)
}

func TestAbsent(t *testing.T) {
	_, err := sshagent.Dial(t.Context(), "")
	want(t, err, sshagent.ErrNone)
	_, err = sshagent.Dial(t.Context(), filepath.Join(folder(t), "none"))
	want(t, err, sshagent.ErrGone)
}

// listen takes one connection for an agent that does what is given.
func listen(t *testing.T, do func(net.Conn)) string {
	t.Helper()
	socket := filepath.Join(folder(t), "s")
	l, err := net.Listen("unix", socket)
	must(t, err)
	done := make(chan struct{})
	go func() {
		defer close(done)
		if conn, err := l.Accept(); err == nil {
			do(conn)
			_ = conn.Close()
		}
	}()
	t.Cleanup(func() {
		_ = l.Close()
		<-done
	})
	return socket
}

func TestAgentsThatFail(t *testing.T) {
	t.Run("silent", func(t *testing.T) {
		socket := listen(t, func(c net.Conn) {
			for b := make([]byte, 100); ; {
				if _, err := c.Read(b); err != nil {
					return
				}
			}
		})
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(20*time.Millisecond, cancel)
		_, err := dial(t, socket).List(ctx)
		want(t, err, sshagent.ErrSlow)
	})
	for name, answer := range map[string]string{
		"gone":      "",
		"cut":       "\x00\x00\x00\x09\x0c",
		"too large": "\xff\xff\xff\xff",
	} {
		t.Run(name, func(t *testing.T) {
			socket := listen(t, func(c net.Conn) {
				_, _ = c.Read(make([]byte, 100))
				_, _ = c.Write([]byte(answer))
			})
			if _, err := dial(t, socket).List(t.Context()); !errors.Is(err, sshagent.ErrGone) && !errors.Is(err, sshagent.ErrRefused) {
				t.Errorf("got %v", err)
			}
		})
	}
}
