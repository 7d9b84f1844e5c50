package cli

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"latchkey/backend/companion/sshkeys"
	"latchkey/backend/companion/sshkeys/sshagent"
	"latchkey/backend/identity"
)

func (a *app) keyAgent() *cobra.Command {
	return group(&cobra.Command{Use: "agent", Short: "Put keys into the SSH agent, so that their passphrase is typed once"},
		a.keyAgentAdd(), a.keyAgentList(), a.keyAgentRemove())
}

// withAgent connects to the agent for as long as a call takes.
func withAgent(ctx context.Context, socket string, do func(*sshagent.Agent) error) error {
	agent, err := sshagent.Dial(ctx, socket)
	if err != nil {
		return err
	}
	defer agent.Close()
	return do(agent)
}

func (a *app) keyAgentAdd() *cobra.Command {
	var n sshagent.Addition
	var socket string
	var stdin bool
	c := a.withJSON(&cobra.Command{
		Use:   "add FILE",
		Short: "Put a key into the SSH agent",
		Args:  takes(1, 1),
		RunE: a.onDesk(func(ctx context.Context, d *desk, args []string) error {
			typed, err := d.passphraseOf(ctx, args[0], stdin)
			if err != nil {
				return err
			}
			if n.Key, err = sshkeys.OpenWithComment(args[0], typed); err != nil {
				return err
			}
			return withAgent(ctx, socket, func(agent *sshagent.Agent) error {
				if err := agent.Add(ctx, n); err != nil {
					return err
				}
				d.say("The agent has the key %s%s.", args[0], forHowLong(n.Lifetime))
				return d.tell(inAgentJSON{n.Key.Fingerprint(), true, int(n.Lifetime.Seconds()), n.Confirm})
			})
		}),
	})
	c.Flags().DurationVar(&n.Lifetime, "lifetime", 0, "keep it for so long, such as `8h` (default: as long as the agent runs)")
	c.Flags().BoolVar(&n.Confirm, "confirm", false, "have the agent ask before each use")
	c.Flags().BoolVar(&stdin, "passphrase-stdin", false, "read the passphrase from standard input")
	socketFlag(c, &socket)
	return c
}

func forHowLong(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return " for " + remaining(d)
}

// inAgentJSON says how a key stands with the agent.
type inAgentJSON struct {
	Fingerprint identity.Fingerprint `json:"fingerprint"`
	InAgent     bool                 `json:"in_agent"`
	Lifetime    int                  `json:"lifetime,omitempty"` // seconds; as long as the agent runs without it
	Confirm     bool                 `json:"confirm,omitempty"`
}

type agentKeyJSON struct {
	Type        string               `json:"type"`
	Bits        int                  `json:"bits"`
	Fingerprint identity.Fingerprint `json:"fingerprint"`
	Comment     string               `json:"comment,omitempty"`
}

func (a *app) keyAgentList() *cobra.Command {
	var socket string
	c := a.withJSON(&cobra.Command{
		Use:   "list",
		Short: "List the keys in the SSH agent",
		Args:  takes(0, 0),
		RunE: a.onDesk(func(ctx context.Context, d *desk, _ []string) error {
			return withAgent(ctx, socket, func(agent *sshagent.Agent) error {
				keys, err := agent.List(ctx)
				if err != nil {
					return err
				}
				t := table{head: []string{"COMMENT", "TYPE", "FINGERPRINT"}, empty: "The agent has no keys, or is locked. Put one into it with: " + d.command("key agent add FILE")}
				out := make([]agentKeyJSON, len(keys))
				for i, k := range keys {
					out[i] = agentKeyJSON{k.Type, k.Bits, k.Fingerprint, k.Comment}
					t.add(orDash(k.Comment), k.Type, string(k.Fingerprint))
				}
				return d.list(t, out)
			})
		}),
	})
	socketFlag(c, &socket)
	return c
}

func (a *app) keyAgentRemove() *cobra.Command {
	var socket string
	c := a.withJSON(&cobra.Command{
		Use:   "remove FILE|FINGERPRINT",
		Short: "Take a key out of the SSH agent; its file stays",
		Args:  takes(1, 1),
		RunE: a.onDesk(func(ctx context.Context, d *desk, args []string) error {
			which := identity.Fingerprint("SHA256:" + strings.TrimPrefix(args[0], "SHA256:"))
			if k, err := sshkeys.Find(args[0]); err == nil && k.Fingerprint != "" {
				which = k.Fingerprint
			}
			return withAgent(ctx, socket, func(agent *sshagent.Agent) error {
				if err := agent.Remove(ctx, which); err != nil {
					return err
				}
				d.say("The agent does not have that key any more: %s", which)
				return d.tell(inAgentJSON{Fingerprint: which})
			})
		}),
	})
	socketFlag(c, &socket)
	return c
}
