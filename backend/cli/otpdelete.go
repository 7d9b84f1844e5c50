package cli

import (
	"context"

	"github.com/spf13/cobra"
)

func (a *app) otpDelete() *cobra.Command {
	var forever, yes bool
	c := &cobra.Command{
		Use:   "delete NAME",
		Short: "Move a code to the trash, where it stays for 30 days",
		Args:  takes(1, 1),
		RunE: a.onDesk(func(ctx context.Context, d *desk, args []string) error {
			e, err := d.entry(ctx, args[0], forever)
			if err != nil {
				return err
			}
			if !forever {
				if err := d.Codes.Delete(ctx, e.ID); err != nil {
					return err
				}
				d.say("%s is in the trash for 30 days. To have it back: %s", e.Name(), d.command("otp restore "+shortID(e.ID)))
				return nil
			}
			const warning = "Without it you may not get into the account any more."
			if err := d.confirmName(ctx, yes, e.Name(), warning, "Type "+e.Name()+" to delete it for good: "); err != nil {
				return err
			}
			if err := d.Codes.Destroy(ctx, e.ID); err != nil {
				return err
			}
			d.say("%s is gone for good.", e.Name())
			return nil
		}),
	}
	c.Flags().BoolVar(&forever, "forever", false, "take it out of the trash for good")
	c.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask; what goes to the trash is never asked about")
	return c
}

func (a *app) otpRestore() *cobra.Command {
	return &cobra.Command{
		Use:   "restore NAME",
		Short: "Take a code out of the trash",
		Args:  takes(1, 1),
		RunE: a.onDesk(func(ctx context.Context, d *desk, args []string) error {
			e, err := d.entry(ctx, args[0], true)
			if err != nil {
				return err
			}
			if err := d.Codes.Restore(ctx, e.ID); err != nil {
				return err
			}
			d.say("%s is back.", e.Name())
			return nil
		}),
	}
}
