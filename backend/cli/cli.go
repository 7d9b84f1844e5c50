// Package cli is the program's face to the shell: it starts the server, looks
// after a server's data folder, also while the server runs on it, and acts for
// a person on any server, as the window does. The main package hands it the
// arguments and exits with the code that it returns.
//
// A command reads its flags, makes one call to a service, and prints. Standard
// output is for results alone, so that a script can use them; everything said
// to a person goes to standard error. It holds no rules of its own: those are
// the services', so that the window and the APIs keep to the same ones.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"latchkey/backend/companion/sshkeys/askpass"
	"latchkey/backend/companion/vault"
	"latchkey/backend/config"
	"latchkey/backend/internal/env"
)

// Streams are what the commands read and write.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
}

// Run runs the command that args name, and returns the exit code: 0 done, 1
// failed, 2 wrong use, 3 refused, 4 unreachable. An interrupt or a termination
// signal ends the command in good order; a second one ends the program at once.
func Run(args []string, p Program, s Streams) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	if door, notice := config.Askpass(); door != "" {
		return answerPrompt(ctx, door, args, notice, s)
	}

	out := &sticky{w: s.Out}
	a := &app{in: s.In, out: out, err: s.Err, env: env.System(), version: p.Version, costs: p.Costs, open: p.Window, program: programName()}
	root := a.root()
	root.SetArgs(args)
	root.SetOut(out)
	root.SetErr(s.Err)
	err := root.ExecuteContext(ctx)
	if err != nil && !a.started {
		err = asUsage(err)
		a.json = a.json || slices.Contains(args, "--json") // which may not have been read yet
	}
	if err != nil && a.json && !out.wrote {
		err = errors.Join(err, a.reportJSON(err))
	}
	if out.failed != nil {
		err = errOutput.Because(out.failed)
	}
	return a.report(err)
}

// answerPrompt is the program that OpenSSH starts to ask the window something.
func answerPrompt(ctx context.Context, door string, args []string, notice bool, s Streams) int {
	if err := askpass.Ask(ctx, askpass.Address(door), strings.Join(args, " "), notice, s.Out); err != nil {
		fmt.Fprintln(s.Err, "latchkey:", err)
		return 1
	}
	return 0
}

// An app is one run of the program.
type app struct {
	in       io.Reader
	out, err io.Writer
	env      env.Env
	version  string
	costs    vault.Costs
	open     func(context.Context, Launch) error
	program  string // what it was started as
	at       string // the flags that say where everything is, for advice
	data     string // the data folder of the command that runs
	files    string // the folder of people's files
	json     bool
	sofar    any // what of a result there is although it failed
	// folderStdin has the password of a folder read from standard input.
	folderStdin bool
	debug       bool
	hidden      bool // the window begins in the background
	started     bool // the command line was understood
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   a.program,
		Short: "Sign-in, devices, keys and files for a home server",
		Long: "Latchkey serves sign-in, devices, keys and files over HTTP and SFTP.\n" +
			"Start the server with: " + a.program + " serve\n\n" +
			"Exit codes: 0 done, 1 failed, 2 wrong use, 3 refused, 4 unreachable.",
		Args:             cobra.ArbitraryArgs,
		PersistentPreRun: a.begin,
		RunE:             a.window,
		Version:          a.version,
		SilenceErrors:    true,
		SilenceUsage:     true,
	}
	root.SetVersionTemplate("latchkey {{.Version}}\n")
	root.SetHelpCommand(helpCommand())
	root.SetFlagErrorFunc(flagError)
	root.Flags().BoolVar(&a.hidden, "hidden", false, "open the window in the background")
	root.PersistentFlags().BoolVar(&a.debug, "debug", false, "tell the inner cause of an error too")
	addPath(root.PersistentFlags(), "data", cobra.BashCompSubdirsInDir, "keep everything in the folder `DIR` (or LATCHKEY_DATA)")
	addPath(root.PersistentFlags(), "config", cobra.BashCompFilenameExt, "read the settings from `FILE` (or LATCHKEY_CONFIG)")
	root.CompletionOptions.SetDefaultShellCompDirective(cobra.ShellCompDirectiveNoFileComp)
	addGroup(root, "The server on this computer:",
		a.serveCommand(), a.userCommand(), a.roleCommand(), a.permissionCommand(), a.sessionCommand(), a.apiKeyCommand(), a.folderCommand(), a.lockCommand(), a.auditCommand(), a.doctorCommand())
	addGroup(root, "You, on any server:",
		a.serverCommand(), a.loginCommand(), a.logoutCommand(), a.whoamiCommand(), a.sessionsCommand(), a.evictCommand(),
		a.keyCommand(), a.devKeyCommand(), a.otpCommand(), a.vaultCommand())
	addGroup(root, "Your files, on any server:", a.filesCommands()...)
	root.AddCommand(a.versionCommand())
	return root
}

// addGroup adds commands that help lists under a title.
func addGroup(root *cobra.Command, title string, commands ...*cobra.Command) {
	root.AddGroup(&cobra.Group{ID: title, Title: title})
	for _, c := range commands {
		c.GroupID = title
	}
	root.AddCommand(commands...)
}

// begin notes that the command line was understood, and what of it advice has
// to repeat.
func (a *app) begin(cmd *cobra.Command, _ []string) {
	a.started = true
	for _, name := range []string{"data", "config"} {
		if f := cmd.Flag(name); f != nil && f.Changed {
			a.at += " --" + name + " " + shellWord(f.Value.String())
		}
	}
}

// command writes a command of this program as advice: called as it was
// started, on the same data folder.
func (a *app) command(words string) string { return a.program + " " + words + a.at }

// programName is what the program was started as.
func programName() string { return strings.TrimSuffix(filepath.Base(os.Args[0]), ".exe") }

// shellWord quotes a word for a shell if it has to be.
func shellWord(s string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:,+@%="
	if s != "" && strings.Trim(s, plain) == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// group is a command that only holds others.
func group(c *cobra.Command, commands ...*cobra.Command) *cobra.Command {
	c.Args = cobra.ArbitraryArgs
	c.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 {
			return unknownCommand(cmd, args[0])
		}
		return usagef("Say which command you mean. List them with: %s --help", cmd.CommandPath())
	}
	c.AddCommand(commands...)
	return c
}
