package cli

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"latchkey/backend/companion/remote"
	"latchkey/backend/identity"
	"latchkey/backend/internal/secret"
)

func (a *app) devKeyMake() *cobra.Command {
	var expires, code string
	c := a.withJSON(&cobra.Command{
		Use:   "make NAME [SERVER]",
		Short: "Make a key and print it, this once",
		Long: "Make a key and print it on standard output, this once: the server keeps only how to recognise it.\n" +
			"If you signed in a while ago your password is asked for, or read from standard input where there\n" +
			"is no terminal.",
		Args: takes(1, 2),
	})
	c.RunE = a.onDesk(func(ctx context.Context, d *desk, args []string) error {
		days, err := readDays("expires", expires)
		if err != nil {
			return err
		}
		return d.printDevKey(ctx, word(args, 1), code, func(ctx context.Context, acc *remote.Account, p remote.Proof) (remote.DevKey, secret.Text, error) {
			return acc.MakeDevKey(ctx, remote.NewDevKey{Name: args[0], Days: days, Proof: p})
		})
	})
	c.Flags().StringVar(&expires, "expires", "never", "let it end after so many days, such as `90d`")
	addCode(c, &code)
	return c
}

func (a *app) devKeyReplace() *cobra.Command {
	var overlap, code string
	c := a.withJSON(&cobra.Command{
		Use:   "replace KEY [SERVER]",
		Short: "Make a new key in place of an old one, which goes on for a while",
		Long: "Make a new key in place of an old one, and print it as make does. The old one goes on for a while,\n" +
			"in which what uses it can be given the new one.",
		Args: takes(1, 2),
	})
	c.RunE = a.onDesk(func(ctx context.Context, d *desk, args []string) error {
		goesOn, err := readOverlap(overlap)
		if err != nil {
			return err
		}
		err = d.printDevKey(ctx, word(args, 1), code, func(ctx context.Context, acc *remote.Account, p remote.Proof) (remote.DevKey, secret.Text, error) {
			keys, err := acc.DevKeys(ctx)
			if err != nil {
				return remote.DevKey{}, secret.Text{}, err
			}
			old, err := findDevKey(keys, args[0])
			if err != nil {
				return remote.DevKey{}, secret.Text{}, err
			}
			return acc.ReplaceDevKey(ctx, remote.DevKeyReplacement{ID: old.ID, Overlap: goesOn, Proof: p})
		})
		if err == nil {
			d.say("The old key %s.", ending(goesOn))
		}
		return err
	})
	c.Flags().StringVar(&overlap, "overlap", "24h", "let the old key go on for so long, such as `24h` or 7d; 0 ends it at once")
	addCode(c, &code)
	return c
}

func ending(in time.Duration) string {
	if in == 0 {
		return "has ended"
	}
	return "ends in " + span(in)
}

func addCode(c *cobra.Command, code *string) {
	c.Flags().StringVar(code, "code", "", "the `CODE` of the second factor, or a recovery code")
}

// printDevKey makes a key under the proof that the server wants, and prints it.
func (d *desk) printDevKey(ctx context.Context, named, code string,
	ask func(context.Context, *remote.Account, remote.Proof) (remote.DevKey, secret.Text, error),
) error {
	var key remote.DevKey
	var text secret.Text
	err := d.proven(ctx, code, func(p remote.Proof) error {
		return d.act(ctx, named, func(ctx context.Context, acc *remote.Account) (err error) {
			key, text, err = ask(ctx, acc, p)
			return err
		})
	})
	if err != nil {
		return err
	}
	d.changed(ctx, "The developer key %q has been made. It is shown only now.", key.Name)
	d.say("Whoever has it can act as %s on %s, by the XSwitch API. Keep it as you keep your password.", d.at.Username, d.at.Name)
	if !key.ExpiresAt.IsZero() {
		d.say("It ends: %s", d.when(key.ExpiresAt))
	}
	if d.json {
		out := toDevKeyJSON(key)
		out.Key = text.Reveal()
		return d.printJSON(out)
	}
	_, err = fmt.Fprintln(d.out, text.Reveal())
	return err
}

// proven does what the server may want proof for, and asks for what it wants:
// the password, and the code if there is none yet or the one given is wrong.
func (d *desk) proven(ctx context.Context, code string, do func(remote.Proof) error) error {
	proof := remote.Proof{Code: code}
	err := do(proof)
	for codes := 0; err != nil; {
		var asked error
		switch wanted := identity.AsError(err); {
		case wanted.Code == "proof_needed" && proof.Password.IsZero():
			proof.Password, asked = d.askOrRead(ctx, "Password of "+d.at.Username+" on "+d.at.Name+": ", "password")
		case wanted.Kind == identity.FactorRequired && d.onTerminal() && codes < mostCodes:
			if proof.Code != "" {
				d.say("%s", wanted.Message)
			}
			codes++
			proof.Code, asked = d.askCode(ctx)
		default:
			return err
		}
		if asked != nil {
			return asked
		}
		err = do(proof)
	}
	return nil
}

// mostDays is more than any server lets a key last.
const mostDays = 100 * 365

// readDays reads a number of days for a flag, such as "90d". "never" is 0.
func readDays(flag, typed string) (int, error) {
	if typed == "never" {
		return 0, nil
	}
	n, err := strconv.Atoi(strings.TrimSuffix(typed, "d"))
	if err != nil || n < 1 || n > mostDays {
		return 0, usagef("Write --%s as a number of days, such as 90d, or as never.", flag)
	}
	return n, nil
}

// readOverlap reads a number of hours or days, such as "24h" or "7d".
func readOverlap(typed string) (time.Duration, error) {
	unit := time.Hour
	number, isDays := strings.CutSuffix(typed, "d")
	if isDays {
		unit = 24 * time.Hour
	} else {
		number = strings.TrimSuffix(typed, "h")
	}
	n, err := strconv.Atoi(number)
	if err != nil || n < 0 || n > math.MaxInt16 {
		return 0, usagef("Write --overlap as hours or days, such as 24h or 7d, or as 0.")
	}
	return time.Duration(n) * unit, nil
}
