package cli

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"latchkey/backend/account"
	"latchkey/backend/identity"
	"latchkey/backend/server"
)

func (a *app) roleCommand() *cobra.Command {
	return group(&cobra.Command{
		Use:   "role",
		Short: "Look after what people may do",
		Long: "Look after what people may do. A role allows things at paths of the server's files and below\n" +
			"them; a user may do what any of their roles allows.",
	}, a.roleList(), a.roleShow(), a.roleAdd(), a.roleUpdate(), a.roleDelete())
}

type roleJSON struct {
	ID          identity.RoleID `json:"id"`
	Name        string          `json:"name"`
	Description string          `json:"description"`
	Default     bool            `json:"default"`
	BuiltIn     bool            `json:"built_in"`
	Users       int             `json:"users"` // how many have it
	Scopes      []scopeJSON     `json:"scopes"`
	Grants      []string        `json:"grants"` // beyond what it allows on files
}

func toRoleJSON(r identity.Role) roleJSON {
	return roleJSON{r.ID, r.Name, r.Description, r.Default, r.IsBuiltIn(), r.Users, toScopesJSON(r.Scopes), grantNames(r)}
}

func grantNames(r identity.Role) []string {
	out := make([]string, len(r.Grants))
	for i, p := range r.Grants {
		out[i] = string(p)
	}
	return out
}

func (a *app) roleList() *cobra.Command {
	return a.withJSON(&cobra.Command{
		Use:   "list",
		Short: "List the roles and what they allow",
		Args:  takes(0, 0),
		RunE: a.onCore(func(ctx context.Context, c *server.Core, _ []string) error {
			roles, err := c.Accounts.Roles(ctx)
			if err != nil {
				return err
			}
			return a.printRoles(roles)
		}),
	})
}

// printRoles prints one row for each path of each role, and one for what it
// grants by name.
func (a *app) printRoles(roles []identity.Role) error {
	t := table{head: []string{"ID", "NAME", "DEFAULT", "USERS", "PATH", "ALLOWS", "DESCRIPTION"}}
	out := make([]roleJSON, len(roles))
	for i, r := range roles {
		out[i] = toRoleJSON(r)
		begins := []string{strconv.FormatInt(int64(r.ID), 10), r.Name, yesNo(r.Default), strconv.Itoa(r.Users)}
		about := short(r.Description)
		for _, row := range out[i].rows() {
			t.add(append(append([]string{}, begins...), row[0], row[1], about)...)
			begins, about = []string{"", "", "", ""}, ""
		}
	}
	return a.list(t, out)
}

// rows are the paths of a role with what it allows there, and "-" with what it
// grants by name.
func (r roleJSON) rows() [][2]string {
	var out [][2]string
	for _, s := range r.Scopes {
		out = append(out, [2]string{s.Path, s.words()})
	}
	if len(r.Grants) > 0 {
		out = append(out, [2]string{"-", strings.Join(r.Grants, ", ")})
	}
	if out == nil {
		return [][2]string{{"-", "nothing"}}
	}
	return out
}

func (a *app) roleShow() *cobra.Command {
	return a.withJSON(&cobra.Command{
		Use:   "show NAME",
		Short: "Tell everything about a role",
		Args:  takes(1, 1),
		RunE: a.onCore(func(ctx context.Context, c *server.Core, args []string) error {
			r, err := findRole(ctx, c, args[0])
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(toRoleJSON(r))
			}
			return a.printRoles([]identity.Role{r})
		}),
	})
}

func (a *app) roleDelete() *cobra.Command {
	return &cobra.Command{
		Use:   "delete NAME",
		Short: "Delete a role that nobody has",
		Args:  takes(1, 1),
		RunE: a.onCore(func(ctx context.Context, c *server.Core, args []string) error {
			r, err := findRole(ctx, c, args[0])
			if err == nil {
				err = c.Accounts.DeleteRole(ctx, r.ID, byHand())
			}
			if err == nil {
				a.done(ctx, "The role %s has been deleted.", r.Name)
			}
			return err
		}),
	}
}

// findRole returns the role with a name.
func findRole(ctx context.Context, c *server.Core, name string) (identity.Role, error) {
	roles, err := c.Accounts.Roles(ctx)
	if err != nil {
		return identity.Role{}, err
	}
	var names []string
	for _, r := range roles {
		if r.Name == name {
			return r, nil
		}
		names = append(names, r.Name)
	}
	unknown := *account.ErrRoleNotFound
	unknown.Message = "There is no role " + strconv.Quote(name) + ". There are: " + strings.Join(names, ", ") + "."
	return identity.Role{}, &unknown
}

// findRoles returns the ids of the roles with the given names.
func findRoles(ctx context.Context, c *server.Core, names []string) ([]identity.RoleID, error) {
	var ids []identity.RoleID
	var errs []error
	for _, name := range names {
		r, err := findRole(ctx, c, name)
		ids, errs = append(ids, r.ID), append(errs, err)
	}
	return ids, errors.Join(errs...)
}

// roleNames are the names of roles by id.
type roleNames map[identity.RoleID]string

func namesOfRoles(ctx context.Context, c *server.Core) (roleNames, error) {
	roles, err := c.Accounts.Roles(ctx)
	return roleNamesIn(roles), err
}

func roleNamesIn(roles []identity.Role) roleNames {
	names := roleNames{}
	for _, r := range roles {
		names[r.ID] = r.Name
	}
	return names
}

// of returns the names of a user's roles, in order.
func (n roleNames) of(u identity.User) []string {
	out := make([]string, len(u.Roles))
	for i, id := range u.Roles {
		out[i] = n[id]
	}
	slices.Sort(out)
	return out
}

func yesNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}
