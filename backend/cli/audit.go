package cli

import (
	"context"
	"net/netip"
	"time"

	"github.com/spf13/cobra"

	"latchkey/backend/identity"
	"latchkey/backend/server"
)

func (a *app) auditCommand() *cobra.Command {
	return group(&cobra.Command{Use: "audit", Short: "Read what happened that matters for security"}, a.auditList())
}

type auditJSON struct {
	ID      int64                 `json:"id"`
	At      time.Time             `json:"at"`
	Actor   string                `json:"actor,omitempty"`
	Action  identity.AuditAction  `json:"action"`
	Target  string                `json:"target,omitempty"`
	Door    string                `json:"door"`
	Address netip.Addr            `json:"address,omitzero"`
	Outcome identity.AuditOutcome `json:"outcome"`
	Reason  string                `json:"reason,omitempty"`
}

func (a *app) auditList() *cobra.Command {
	var limit int
	c := a.withJSON(&cobra.Command{
		Use:   "list",
		Short: "List the newest events, newest first",
		Args: func(cmd *cobra.Command, args []string) error {
			if limit < 1 {
				return usagef("The flag --limit cannot be less than 1.")
			}
			return takes(0, 0)(cmd, args)
		},
		RunE: a.onCore(func(ctx context.Context, c *server.Core, _ []string) error {
			events, err := c.Audit.List(ctx, 0, limit)
			if err != nil {
				return err
			}
			t := table{
				head:  []string{"WHEN", "WHO", "DID", "TO", "BY WAY OF", "FROM", "OUTCOME"},
				empty: "Nothing has happened yet.",
			}
			names := people{core: c}
			out := make([]auditJSON, len(events))
			for i, e := range events {
				if out[i], err = names.event(ctx, e); err != nil {
					return err
				}
				row := out[i]
				if row.Target, err = names.target(ctx, row.Target); err != nil {
					return err
				}
				t.add(a.auditRow(row)...)
			}
			return a.list(t, out)
		}),
	})
	c.Flags().IntVar(&limit, "limit", 50, "list at most `N` events")
	return c
}

func (p *people) event(ctx context.Context, e identity.AuditEvent) (auditJSON, error) {
	out := auditJSON{
		ID: e.ID, At: e.At, Action: e.Action, Target: e.Target, Door: e.Door, Address: e.Address,
		Outcome: e.Outcome, Reason: e.Reason,
	}
	if e.Actor == 0 {
		return out, nil
	}
	var err error
	out.Actor, err = p.name(ctx, e.Actor)
	return out, err
}

func (a *app) auditRow(e auditJSON) []string {
	from, outcome := "", string(e.Outcome)
	if e.Address.IsValid() {
		from = e.Address.String()
	}
	if e.Reason != "" {
		outcome += " (" + e.Reason + ")"
	}
	return []string{a.when(e.At), orDash(e.Actor), string(e.Action), orDash(e.Target), e.Door, orDash(from), outcome}
}
