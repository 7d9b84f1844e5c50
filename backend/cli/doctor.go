package cli

import (
	"slices"

	"github.com/spf13/cobra"

	"latchkey/backend/cli/doctor"
	"latchkey/backend/identity"
)

var errUnhealthy = identity.NewError(identity.Unavailable, "unhealthy", "Something is wrong. See what the lines that begin with fail say.")

type findingJSON struct {
	Check string       `json:"check"`
	Level doctor.Level `json:"level"`
	Text  string       `json:"text"`
}

func (a *app) doctorCommand() *cobra.Command {
	var fix bool
	c := a.withJSON(&cobra.Command{
		Use:   "doctor",
		Short: "Look for what is wrong with the data folder, the ports, the clock and the keys",
		Args:  takes(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := loadConfig(cmd)
			found := doctor.Examination{
				Config: cfg, Settings: err, Options: a.options(a.faults()), Fix: fix, Command: a.command,
			}.Run(cmd.Context())
			if err := a.printFindings(found); err != nil {
				return err
			}
			if slices.ContainsFunc(found, func(f doctor.Finding) bool { return f.Level == doctor.Fail }) {
				return errUnhealthy
			}
			return nil
		},
	})
	addListeners(c.Flags())
	c.Flags().BoolVar(&fix, "fix", false, "make files private that others on this machine could read")
	return c
}

func (a *app) printFindings(found []doctor.Finding) error {
	t := table{head: []string{"", "CHECK", "RESULT"}}
	out := make([]findingJSON, len(found))
	for i, f := range found {
		out[i] = findingJSON{f.Check, f.Level, f.Text}
		t.add(string(f.Level), f.Check, f.Text)
	}
	return a.list(t, out)
}
