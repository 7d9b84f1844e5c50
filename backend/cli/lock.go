package cli

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"latchkey/backend/identity"
	"latchkey/backend/server"
	"latchkey/backend/throttle"
)

func (a *app) lockCommand() *cobra.Command {
	return group(&cobra.Command{Use: "lock", Short: "Look after accounts and addresses that are locked after failed sign-ins"},
		a.lockList(), a.lockClear())
}

type lockJSON struct {
	Scope       identity.ThrottleScope `json:"scope"`
	Account     string                 `json:"account,omitempty"`
	Address     string                 `json:"address,omitempty"`
	Failures    int                    `json:"failures"`
	LockedUntil time.Time              `json:"locked_until,omitzero"`
	NeedsUnlock bool                   `json:"needs_unlock"`
}

func (a *app) lockList() *cobra.Command {
	return a.withJSON(&cobra.Command{
		Use:   "list",
		Short: "List the locks that hold now",
		Long: "List the locks that hold now. A lock is on an account from one address, on an account from\n" +
			"everywhere, or on an address for every account. Names that nobody has lock too.",
		Args: takes(0, 0),
		RunE: a.onCore(func(ctx context.Context, c *server.Core, _ []string) error {
			counters, err := c.Throttle.List(ctx, identity.Page{})
			if err != nil {
				return err
			}
			t := table{head: []string{"ACCOUNT", "ADDRESS", "FAILURES", "LOCKED UNTIL"}, empty: "Nothing is locked."}
			out := held(counters, a.env.Now())
			for _, l := range out {
				until := a.when(l.LockedUntil)
				if l.NeedsUnlock {
					until = "somebody clears it"
				}
				t.add(orEvery(l.Account), orEvery(l.Address), strconv.Itoa(l.Failures), until)
			}
			return a.list(t, out)
		}),
	})
}

// held returns the locks among failure counters that hold at a time.
func held(counters []identity.Throttle, now time.Time) []lockJSON {
	out := []lockJSON{}
	for _, c := range counters {
		left, locked := throttle.LockLeft(c, now)
		if !locked {
			continue
		}
		l := lockJSON{c.Key.Scope, c.Key.Account, c.Key.Address, c.Failures, now.Add(left).UTC(), c.NeedsUnlock}
		if c.NeedsUnlock {
			l.LockedUntil = time.Time{}
		}
		out = append(out, l)
	}
	return out
}

// orEvery stands in for what a lock does not name, because it is for all.
func orEvery(s string) string {
	if s == "" {
		return "(every)"
	}
	return s
}

func (a *app) lockClear() *cobra.Command {
	var all bool
	c := &cobra.Command{
		Use:   "clear NAME | --all",
		Short: "Let an account, or everybody, sign in again at once",
		Long: "Let an account, or everybody, sign in again at once. Failures so far are forgotten. A lock on an\n" +
			"address for every account goes with --all only.",
		Args: func(cmd *cobra.Command, args []string) error {
			if !exactlyOne(len(args) == 1, all) || len(args) > 1 || slices.Contains(args, "") {
				return usagef("Say whose locks: one name, or --all.")
			}
			return nil
		},
		RunE: a.onCore(func(ctx context.Context, c *server.Core, args []string) error {
			whose, clearLocks := "everybody", c.Throttle.ClearAll
			if !all {
				whose = lockName(args[0])
				clearLocks = func(ctx context.Context) (int, error) { return c.Throttle.Clear(ctx, whose) }
			}
			n, err := clearLocks(ctx)
			if err != nil {
				return err
			}
			if n == 0 {
				a.say("Nothing was locked for %s.", whose)
				return nil
			}
			c.Audit.Record(byHand().Event(identity.AuditUnlocked, whose))
			a.done(ctx, "Cleared for %s: %s.", whose, count(n, "failure counter"))
			return nil
		}),
	}
	c.Flags().BoolVar(&all, "all", false, "clear every lock of every account and address")
	return c
}

// lockName is the name that an account's locks are kept under. What is no user
// name is kept under a word of its own, which lock list shows.
func lockName(typed string) string {
	if name, err := identity.ParseUsername(typed); err == nil {
		return string(name)
	}
	return typed
}
