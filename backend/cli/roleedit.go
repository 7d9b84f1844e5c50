package cli

import (
	"context"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"latchkey/backend/identity"
	"latchkey/backend/server"
)

// roleFlags is what a command changes of a role.
type roleFlags struct {
	name, description, path string
	isDefault               bool
	allow, deny             []string
	grant, revoke           []string
}

func (f *roleFlags) addTo(c *cobra.Command) {
	c.Flags().StringVar(&f.description, "description", "", "say in `WORDS` what the role is for")
	c.Flags().BoolVar(&f.isDefault, "default", false, "give the role to new users who are given no other")
	c.Flags().StringVar(&f.path, "path", "/", "allow or deny at `PATH` of the server's files, and below it")
	c.Flags().StringSliceVar(&f.allow, "allow", nil, "allow the things in `LIST`, such as sftp, or sftp-read alone")
	c.Flags().StringSliceVar(&f.grant, "grant", nil, "grant the permissions in `LIST` by name, such as user.read; see them with: permission list")
}

// change returns what the flags that were given make of a role.
func (f *roleFlags) change(ctx context.Context, core *server.Core, c *cobra.Command) (func(identity.Role) identity.Role, error) {
	given := c.Flags().Changed
	e, err := f.scope()
	if err != nil {
		return nil, err
	}
	var g grantEdit
	if g.grant, err = readGrants(ctx, core, f.grant); err != nil {
		return nil, err
	}
	g.revoke, err = readGrants(ctx, core, f.revoke)
	return func(r identity.Role) identity.Role {
		if given("name") {
			r.Name = f.name
		}
		if given("description") {
			r.Description = f.description
		}
		if given("default") {
			r.Default = f.isDefault
		}
		r.Scopes, r.Grants = e.apply(r.Scopes), g.apply(r.Grants)
		return r
	}, err
}

// scope reads the flags about one path.
func (f *roleFlags) scope() (scopeEdit, error) {
	path, err := identity.ParsePath(f.path)
	if err != nil {
		return scopeEdit{}, err
	}
	allow, err := readPermissions(f.allow)
	if err != nil {
		return scopeEdit{}, err
	}
	deny, err := readPermissions(f.deny)
	if err == nil && path != "/" && allow|deny == 0 {
		err = usagef("Say with --allow or --deny what is to change at %s.", path)
	}
	return scopeEdit{path, allow, deny}, err
}

func (a *app) roleAdd() *cobra.Command {
	var f roleFlags
	c := &cobra.Command{
		Use:     "add NAME",
		Short:   "Make a role",
		Long:    "Make a role. --allow says what it allows at --path, and below it:\n\n" + permissionHelp(),
		Example: "  " + a.program + " role add family --allow sftp",
		Args:    takes(1, 1),
	}
	c.RunE = a.onCore(func(ctx context.Context, core *server.Core, args []string) error {
		change, err := f.change(ctx, core, c)
		if err != nil {
			return err
		}
		r, err := core.Accounts.CreateRole(ctx, change(identity.Role{Name: args[0]}), byHand())
		if err != nil {
			return err
		}
		a.done(ctx, "The role %s has been made.", r.Name)
		return nil
	})
	f.addTo(c)
	return c
}

func (a *app) roleUpdate() *cobra.Command {
	var f roleFlags
	c := &cobra.Command{
		Use:   "update NAME",
		Short: "Change a role",
		Long: "Change a role. --allow adds to what the role allows at --path, and --deny takes away from it;\n" +
			"what another of its paths or another role allows there stays. The things that can be allowed:\n\n" + permissionHelp() +
			"\n\nThe other doors that AList has words for are not there yet; what is said about them is kept.",
		Example: "  " + a.program + " role update general --allow sftp-read,sftp-write,write,rename,move,delete",
		Args:    takes(1, 1),
	}
	c.RunE = a.onCore(func(ctx context.Context, core *server.Core, args []string) error {
		if !anyChanged(c.LocalNonPersistentFlags()) {
			return usagef("Say what to change. See %s --help", c.CommandPath())
		}
		r, err := findRole(ctx, core, args[0])
		if err != nil {
			return err
		}
		change, err := f.change(ctx, core, c)
		if err != nil {
			return err
		}
		if r, err = core.Accounts.UpdateRole(ctx, r.ID, change, byHand()); err != nil {
			return err
		}
		a.done(ctx, "The role %s has been changed.", r.Name)
		return nil
	})
	f.addTo(c)
	c.Flags().StringVar(&f.name, "name", "", "call it `NAME` from now on")
	c.Flags().StringSliceVar(&f.revoke, "revoke", nil, "no longer grant the permissions in `LIST`")
	c.Flags().StringSliceVar(&f.deny, "deny", nil, "no longer allow the things in `LIST`")
	return c
}

func anyChanged(flags *pflag.FlagSet) bool {
	changed := false
	flags.VisitAll(func(f *pflag.Flag) { changed = changed || f.Changed })
	return changed
}
