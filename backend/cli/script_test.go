package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"go.uber.org/goleak"

	"latchkey/backend/companion/vault"
	"latchkey/backend/identity"
)

// checked runs the tests and then looks for goroutines that were left behind.
type checked struct{ *testing.M }

func (c checked) Run() int {
	code := c.M.Run()
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

// TestMain makes the test binary the program itself where it is run as latchkey.
func TestMain(m *testing.M) {
	testscript.Main(checked{m}, map[string]func(){
		"latchkey": func() {
			os.Exit(Run(os.Args[1:], Program{Version: "v9.8.7-test", Costs: cheap, Window: noWindow}, Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}))
		},
	})
}

// cheap is what a passphrase costs here: the scripts type one hundreds of times.
var cheap = vault.Costs{MemoryKiB: 64, Passes: 1, Lanes: 1}

// noWindow stands in for a window in an edition without one.
func noWindow(context.Context, Launch) error {
	return identity.NewError(identity.Unavailable, "no_window", "This edition of Latchkey has no window. Start the server with:")
}

// TestScripts types what people type, against the real program. Each script
// has a data folder of its own at $WORK/data, which is not made yet.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Condition: func(cond string) (bool, error) {
			switch cond {
			case "root":
				return os.Geteuid() == 0, nil
			case "keyring":
				return hasKeyring(), nil
			case "x11":
				return hasX11(), nil
			case "devfull":
				_, err := os.Stat("/dev/full")
				return err == nil, nil
			}
			return false, fmt.Errorf("unknown condition %q", cond)
		},
		Setup: func(e *testscript.Env) error {
			e.Setenv("LATCHKEY_DATA", filepath.Join(e.WorkDir, "data"))
			e.Setenv("XDG_CONFIG_HOME", filepath.Join(e.WorkDir, "config"))
			e.Setenv("GORACE", os.Getenv("GORACE"))
			e.Values[worldKey{}] = &world{dir: e.WorkDir}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"serve":      inWorld((*world).serve),
			"halt":       inWorld((*world).halt), // testscript has a stop: it ends the script, as passed
			"kill9":      inWorld((*world).kill9),
			"insist":     inWorld((*world).insist),
			"hang":       inWorld((*world).hang),
			"listen":     inWorld((*world).listen),
			"request":    inWorld((*world).request),
			"await":      inWorld((*world).await),
			"signin":     inWorld((*world).signIn),
			"enable2fa":  inWorld((*world).enable2FA),
			"keygen":     inWorld((*world).keygen),
			"sshopen":    inWorld((*world).sshOpen),
			"sshalive":   inWorld((*world).sshAlive),
			"sshclosed":  inWorld((*world).sshClosed),
			"sql":        inWorld((*world).sql),
			"mode":       inWorld((*world).mode),
			"findenv":    inWorld((*world).findEnv),
			"code":       inWorld((*world).code),
			"fake":       inWorld((*world).fake),
			"hides":      inWorld((*world).hides),
			"picture":    inWorld((*world).picture),
			"show":       inWorld((*world).show),
			"keyring":    inWorld((*world).keyring),
			"sshagent":   inWorld((*world).sshAgent),
			"changehost": inWorld((*world).changeHost),
		},
	})
}

// A world is what a script has under way besides commands.
type world struct {
	dir     string
	server  *process
	tlsPin  string
	ssh     *sshConn
	ts      *testscript.TestScript
	negated bool
}

type worldKey struct{}

// inWorld makes a method of world a command of the scripts.
func inWorld(do func(w *world, args []string)) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, negated bool, args []string) {
		w := ts.Value(worldKey{}).(*world)
		w.ts, w.negated = ts, negated
		do(w, args)
	}
}

// must ends the script unless got is what the script wants of the command.
func (w *world) must(got bool, format string, args ...any) {
	if got == w.negated {
		w.ts.Fatalf(format, args...)
	}
}

func (w *world) arg(args []string, n int, usage string) {
	if len(args) != n {
		w.ts.Fatalf("usage: %s", usage)
	}
}

// code runs a command that must end with an exit code: code N PROGRAM ARG...
func (w *world) code(args []string) {
	err := w.ts.Exec(args[1], args[2:]...)
	got := 0
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		got = exit.ExitCode()
	} else {
		w.ts.Check(err)
	}
	w.must(strconv.Itoa(got) == args[0], "exit code %d", got)
}

// mode checks the permissions of a file: mode 600 FILE.
func (w *world) mode(args []string) {
	w.arg(args, 2, "mode PERM FILE")
	info, err := os.Stat(w.ts.MkAbs(args[1]))
	w.ts.Check(err)
	w.must(fmt.Sprintf("%o", info.Mode().Perm()) == args[0], "%s has mode %o", args[1], info.Mode().Perm())
}

// findEnv sets a variable to what a regular expression's first group matches
// in a file: findenv NAME REGEXP FILE. FILE may be stdout.
func (w *world) findEnv(args []string) {
	w.arg(args, 3, "findenv NAME REGEXP FILE")
	found := find(w.ts, args[1], w.ts.ReadFile(args[2]))
	w.must(found != "", "%s is not in %s", args[1], args[2])
	w.ts.Setenv(args[0], strings.TrimSpace(found))
}
