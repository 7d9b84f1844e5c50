// Package askpass has a program of OpenSSH ask this one instead of a terminal.
// OpenSSH starts a program for each question (SSH_ASKPASS in ssh(1)); that is
// our own once more, which hands the question to the one that runs already, at
// a Door, and prints what it answers.
package askpass

import (
	"bytes"
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
	"unicode"

	"latchkey/backend/internal/env"
	"latchkey/backend/internal/secret"
)

const (
	// variable tells the program that OpenSSH starts where to ask, as
	// WORD:PATH. The package config reads it.
	variable = "LATCHKEY_ASKPASS"

	maxQuestion = 1000 // bytes, with the word
	maxAnswer   = 1100 // bytes, more than a passphrase may have
	maxCallers  = 8    // at once

	// patience is how long a caller may take to say what it wants.
	patience = 10 * time.Second

	notice = "notice"
)

var errRefused = errors.New("the question was not answered")

// An Answer answers a prompt of OpenSSH, which is at most 1,000 bytes and can be
// shown. The answer is a line. OpenSSH takes a question that is refused for one
// with an empty answer, so what is not answered stays open until the door shuts.
type Answer func(ctx context.Context, prompt string) (secret.Text, error)

// A Door is a private socket at which questions are answered until it is shut.
type Door struct {
	env      env.Env
	folder   string
	word     string // only who knows it is answered
	listener net.Listener
	answer   Answer
	shut     context.CancelFunc
	callers  chan struct{}
	tasks    sync.WaitGroup
}

// Open opens a door in a folder of its own. Whoever opens it shuts it.
func Open(ctx context.Context, e env.Env, answer Answer) (*Door, error) {
	folder, err := os.MkdirTemp("", "latchkey-ask-*") // made 0700
	if err != nil {
		return nil, err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "unix", filepath.Join(folder, "s"))
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	d := &Door{env: e, folder: folder, word: e.ID(), listener: listener, answer: answer, callers: make(chan struct{}, maxCallers)}
	ctx, d.shut = context.WithCancel(ctx)
	d.tasks.Go(func() { d.serve(ctx) })
	return d, nil
}

// Environment is what to add to that of the program that is to ask here.
func (d *Door) Environment() ([]string, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return []string{"SSH_ASKPASS=" + self, "SSH_ASKPASS_REQUIRE=force", variable + "=" + d.word + ":" + d.listener.Addr().String()}, nil
}

// Shut ends every question, and leaves nothing behind.
func (d *Door) Shut() error {
	d.shut()
	err := d.listener.Close()
	d.tasks.Wait()
	return errors.Join(err, os.RemoveAll(d.folder))
}

func (d *Door) serve(ctx context.Context) {
	for {
		select {
		case d.callers <- struct{}{}:
		case <-ctx.Done():
			return
		}
		caller, err := d.listener.Accept()
		if err != nil {
			return
		}
		d.tasks.Go(func() {
			d.hear(ctx, caller)
			<-d.callers
		})
	}
}

// hear hears one caller out. Who does not know the word hears nothing.
func (d *Door) hear(ctx context.Context, caller net.Conn) {
	defer caller.Close()
	defer context.AfterFunc(ctx, func() { _ = caller.Close() })()
	if caller.SetDeadline(d.env.Now().Add(patience)) != nil {
		return
	}
	said, err := io.ReadAll(io.LimitReader(caller, maxQuestion))
	word, question, _ := strings.Cut(string(said), "\n")
	if err != nil || subtle.ConstantTimeCompare([]byte(word), []byte(d.word)) != 1 {
		return
	}
	hint, prompt, _ := strings.Cut(question, "\n")
	var answer secret.Text
	if hint != notice {
		answer, err = d.answer(ctx, printable(prompt))
	}
	if hint == notice || err != nil || !isLine(answer) {
		<-ctx.Done()
		return
	}
	if caller.SetDeadline(d.env.Now().Add(patience)) != nil {
		return
	}
	_, _ = io.WriteString(caller, answer.Reveal()+"\n") // who has gone hears nothing
}

// isLine reports whether OpenSSH reads an answer as it is.
func isLine(answer secret.Text) bool {
	text := answer.Reveal()
	return len(text) < maxAnswer && !strings.ContainsAny(text, "\x00\r\n")
}

// printable makes foreign text fit to be shown.
func printable(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, " ")))
}

// An Address is what the environment tells of a door: the word and the path.
type Address string

// Ask is the other side: it asks a prompt at the door that the environment
// names, and writes the answer as a line. A notice, which asks for nothing, ends
// with ctx or the door.
func Ask(ctx context.Context, door Address, prompt string, isNotice bool, out io.Writer) error {
	word, path, _ := strings.Cut(string(door), ":")
	c, err := (&net.Dialer{}).DialContext(ctx, "unix", path)
	if err != nil {
		return err
	}
	defer c.Close()
	defer context.AfterFunc(ctx, func() { _ = c.Close() })()
	hint := ""
	if isNotice {
		hint = notice
	}
	question := word + "\n" + hint + "\n" + prompt
	if _, err := io.WriteString(c, question[:min(len(question), maxQuestion)]); err != nil {
		return err
	}
	if half, ok := c.(*net.UnixConn); ok {
		if err := half.CloseWrite(); err != nil {
			return err
		}
	}
	answer, err := io.ReadAll(io.LimitReader(c, maxAnswer))
	defer clear(answer)
	if err != nil {
		return fmt.Errorf("hear the answer: %w", err)
	}
	if !bytes.HasSuffix(answer, []byte("\n")) {
		return errRefused
	}
	_, err = out.Write(answer)
	return err
}
