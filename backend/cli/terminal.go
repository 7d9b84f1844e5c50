package cli

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"strings"

	"golang.org/x/term"

	"latchkey/backend/internal/secret"
)

func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }

// askHidden asks for a line that is not shown while it is typed.
func (a *app) askHidden(ctx context.Context, prompt string) (secret.Text, error) {
	f, ok := terminal(a.in)
	if !ok {
		return secret.Text{}, errInput
	}
	fd := int(f.Fd())
	before, err := term.GetState(fd)
	if err != nil {
		return secret.Text{}, errInput.Because(err)
	}
	fmt.Fprint(a.err, printable(prompt))
	line, err := interruptible(ctx, func() (secret.Text, error) {
		typed, err := term.ReadPassword(fd)
		if err != nil {
			return secret.Text{}, errInput.Because(err)
		}
		return secret.New(string(typed)), nil
	})
	fmt.Fprintln(a.err)
	if ctx.Err() != nil {
		_ = term.Restore(fd, before) // the reader still holds it without echo
	}
	return line, err
}

// confirm asks a question that has to be answered with yes. Without a terminal
// the flag --yes answers it.
func (a *app) confirm(ctx context.Context, yes bool, question string) error {
	if yes {
		return nil
	}
	if !a.onTerminal() {
		return usagef("There is no terminal to ask on. If you are sure, add --yes.")
	}
	answer, err := a.askLine(ctx, question+" [y/N] ")
	if err != nil {
		return err
	}
	switch strings.ToLower(answer) {
	case "y", "yes":
		return nil
	}
	return errUnconfirmed
}

// askLine asks for a line, and takes the space around it off.
func (a *app) askLine(ctx context.Context, prompt string) (string, error) {
	fmt.Fprint(a.err, printable(prompt))
	return interruptible(ctx, func() (string, error) {
		line, err := bufio.NewReader(a.in).ReadString('\n')
		if err != nil {
			return "", errInput.Because(err)
		}
		return strings.TrimSpace(line), nil
	})
}

// askTwice asks for a new secret, and for the same again.
func (a *app) askTwice(ctx context.Context, prompt string) (secret.Text, error) {
	first, err := a.askHidden(ctx, prompt)
	if err != nil {
		return first, err
	}
	again, err := a.askHidden(ctx, "The same again: ")
	if err == nil && first != again {
		err = errDiffer
	}
	return first, err
}

// interruptible runs something that waits for a person, and stops waiting when
// ctx ends. The reader is then left behind: the program is about to end.
func interruptible[T any](ctx context.Context, read func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		value, err := read()
		done <- result{value, err}
	}()
	select {
	case r := <-done:
		return r.value, r.err
	case <-ctx.Done():
		var zero T
		return zero, errInterrupted
	}
}
