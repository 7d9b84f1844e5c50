package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"latchkey/backend/credential/password"
	"latchkey/backend/identity"
	"latchkey/backend/internal/secret"
)

var (
	errDiffer = identity.NewError(identity.Unavailable, "passwords_differ",
		"The two that you typed differ, so nothing was changed. Run the command again.")
	errInput = identity.NewError(identity.Unavailable, "input_failed",
		"What was typed or piped in could not be read. Run the command again.")
)

// newPassword is where a command gets a new password from: never from an
// argument, which everybody on the machine can see.
type newPassword struct {
	fromStdin bool
	generate  bool
}

func (n *newPassword) addFlags(c *cobra.Command) {
	c.Flags().BoolVar(&n.fromStdin, "password-stdin", false, "read the password from standard input")
	c.Flags().BoolVar(&n.generate, "generate", false, "make a password up and print it")
}

// read gets the password for somebody or something. Who asked for one to be made up has to be
// shown it when it is in force.
func (n *newPassword) read(ctx context.Context, a *app, what string) (secret.Text, error) {
	switch {
	case n.fromStdin && n.generate:
		return secret.Text{}, usagef("Use either --password-stdin or --generate.")
	case n.generate:
		return password.Make(a.env), nil
	case n.fromStdin:
		return interruptible(ctx, func() (secret.Text, error) { return readLine(a.in, "password") })
	case !a.onTerminal():
		return secret.Text{}, usagef("There is no terminal to ask for the password on. Use --password-stdin or --generate.")
	}
	return a.askTwice(ctx, fmt.Sprintf("New password for %s: ", what))
}

// show prints a password that was made up.
func (n *newPassword) show(a *app, password secret.Text) error {
	if !n.generate {
		return nil
	}
	_, err := fmt.Fprintln(a.out, password.Reveal())
	return err
}

// noPasswordArgument explains why a second argument is not taken.
func noPasswordArgument(cmd *cobra.Command, args []string) error {
	if len(args) > 1 {
		return usagef("A password is not an argument: others on this machine could see it. Use --password-stdin, or type it when asked.")
	}
	return takes(1, 1)(cmd, args)
}

// readLine reads everything up to the end, of which the first line must be
// all: a secret with a line break in it is nobody's intention.
func readLine(r io.Reader, what string) (secret.Text, error) {
	const most = 64 << 10 // bytes; more than any rule allows
	text, err := io.ReadAll(io.LimitReader(r, most))
	if err != nil {
		return secret.Text{}, errInput.Because(err)
	}
	line := strings.TrimSuffix(strings.TrimSuffix(string(text), "\n"), "\r")
	if line == "" {
		return secret.Text{}, usagef("There is no %s on standard input. Pipe it in, or run the command on a terminal, which asks for it.", what)
	}
	if strings.ContainsAny(line, "\r\n") {
		return secret.Text{}, usagef("There is more than one line on standard input. Send the %s alone.", what)
	}
	return secret.New(line), nil
}

// onTerminal reports whether somebody can be asked.
func (a *app) onTerminal() bool {
	_, ok := terminal(a.in)
	return ok
}

// onTerminalErr reports whether what is said to a person goes to a terminal.
func (a *app) onTerminalErr() bool {
	f, ok := a.err.(*os.File)
	return ok && isTerminal(f)
}

func terminal(r io.Reader) (*os.File, bool) {
	f, ok := r.(*os.File)
	return f, ok && isTerminal(f)
}
