package cli

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"latchkey/backend/identity"
	"latchkey/backend/server"
)

func (a *app) permissionCommand() *cobra.Command {
	return group(&cobra.Command{
		Use:   "permission",
		Short: "See and make the permissions that roles can grant by name",
		Long: "See and make the permissions that roles can grant by name and API keys be limited to. Those that\n" +
			"are made here mean nothing to Latchkey; other programs can ask who has them.",
	}, a.permissionList(), a.permissionAdd())
}

type permissionJSON struct {
	ID          identity.PermissionID `json:"id"`
	Name        identity.Permission   `json:"name"`
	Category    string                `json:"category"`
	Description string                `json:"description"`
	BuiltIn     bool                  `json:"built_in"`
}

func (a *app) permissionList() *cobra.Command {
	return a.withJSON(&cobra.Command{
		Use:   "list",
		Short: "List the permissions, those that are built in first",
		Args:  takes(0, 0),
		RunE: a.onCore(func(ctx context.Context, c *server.Core, _ []string) error {
			all, err := c.Accounts.Permissions(ctx)
			if err != nil {
				return err
			}
			t := table{head: []string{"ID", "NAME", "CATEGORY", "BUILT IN", "DESCRIPTION"}}
			out := make([]permissionJSON, len(all))
			for i, p := range all {
				out[i] = permissionJSON{p.ID, p.Name, p.Category, p.Description, p.CreatedAt.IsZero()}
				t.add(strconv.FormatInt(int64(p.ID), 10), string(p.Name), orDash(p.Category), yesNo(out[i].BuiltIn), short(p.Description))
			}
			return a.list(t, out)
		}),
	})
}

func (a *app) permissionAdd() *cobra.Command {
	var p identity.PermissionInfo
	c := &cobra.Command{
		Use:   "add NAME",
		Short: "Make a permission",
		Args:  takes(1, 1),
		RunE: a.onCore(func(ctx context.Context, c *server.Core, args []string) error {
			p.Name = identity.Permission(args[0])
			made, err := c.Accounts.CreatePermission(ctx, p, byHand())
			if err == nil {
				a.done(ctx, "The permission %s has been made.", made.Name)
			}
			return err
		}),
	}
	c.Flags().StringVar(&p.Category, "category", "", "list it under `WORD`")
	c.Flags().StringVar(&p.Description, "description", "", "say in `WORDS` what it allows")
	return c
}

// A grantEdit changes what a role grants by name.
type grantEdit struct{ grant, revoke []identity.Permission }

// apply returns grants as edited.
func (e grantEdit) apply(grants []identity.Permission) []identity.Permission {
	grants = slices.Clone(grants)
	for _, p := range e.grant {
		if !slices.Contains(grants, p) {
			grants = append(grants, p)
		}
	}
	return slices.DeleteFunc(grants, func(p identity.Permission) bool { return slices.Contains(e.revoke, p) })
}

// readGrants reads the names of permissions that a role can grant by name.
func readGrants(ctx context.Context, c *server.Core, words []string) ([]identity.Permission, error) {
	if len(words) == 0 {
		return nil, nil
	}
	all, err := c.Accounts.Permissions(ctx)
	if err != nil {
		return nil, err
	}
	var known []string
	for _, p := range all {
		if byName(p.Name) {
			known = append(known, string(p.Name))
		}
	}
	var out []identity.Permission
	for _, word := range words {
		name, err := identity.ParsePermission(word)
		switch {
		case err == nil && slices.Contains(known, string(name)):
			out = append(out, name)
		case err == nil && !name.IsReserved() && !byName(name):
			return nil, usagef("The permission %q is about files. Use --allow or --deny for those.", word)
		default:
			return nil, unknownGrant(word, known)
		}
	}
	return out, nil
}

// byName reports whether a role keeps a permission by its name, and not as
// what it allows at the top of the files.
func byName(p identity.Permission) bool {
	return p != identity.Admin && len(identity.Role{}.WithPermissions([]identity.Permission{p}).Grants) > 0
}

func unknownGrant(word string, known []string) error {
	if near := nearest(word, known); near != "" {
		return usagef("There is no permission %q to grant by name. Did you mean %s?", word, near)
	}
	return usagef("There is no permission %q to grant by name. There are: %s.", word, strings.Join(known, ", "))
}
