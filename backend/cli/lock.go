package cli

import (
	"context"
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
			counters, err := c.Store.Throttles(ctx, identity.Page{})
			if err != nil {
				return err
			}
			t := table{head: []string{"ACCOUNT", "ADDRESS", "FAILURES", "LOCKED UNTIL"}, empty: "Nothing is locked."}
			out := []lockJSON{}
			now := a.env.Now()
			for _, l := range counters {
				left, locked := throttle.LockLeft(l, now)
				if !locked {
					continue
				}
				row, until := toLockJSON(l, now.Add(left)), "somebody clears it"
				if !l.NeedsUnlock {
					until = a.when(row.LockedUntil)
				}
				out = append(out, row)
				t.add(orEvery(row.Account), orEvery(row.Address), strconv.Itoa(row.Failures), until)
			}
			return a.list(t, out)
		}),
	})
}

func toLockJSON(l identity.Throttle, until time.Time) lockJSON {
	if l.NeedsUnlock {
		until = time.Time{}
	}
	return lockJSON{l.Key.Scope, l.Key.Account, l.Key.Address, l.Failures, until.UTC(), l.NeedsUnlock}
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
			if !exactlyOne(len(args) == 1, all) || len(args) > 1 {
				return usagef("Say whose locks: one name, or --all.")
			}
			return nil
		},
		RunE: a.onCore(func(ctx context.Context, c *server.Core, args []string) error {
			name, whose := "", "everybody"
			if !all {
				name = lockName(args[0])
				whose = name
			}
			n, err := c.Throttle.Clear(ctx, name)
			if err != nil {
				return err
			}
			if n > 0 {
				c.Audit.Record(byHand().Event(identity.AuditUnlocked, whose))
			}
			a.say("Cleared for %s: %s.", whose, count(n, "failure counter"))
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
