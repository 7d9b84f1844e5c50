package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"latchkey/backend/identity"
	"latchkey/backend/server"
)

func (e Examination) database(ctx context.Context, r *report, c *server.Core) {
	const check = "database"
	if err := c.Store.Check(ctx); err != nil {
		r.fail(check, "%s", identity.AsError(err).Message)
		return
	}
	r.ok(check, "Every page and every reference in the database is sound.")
}

// secrets opens what is sealed. The token keys were opened with the services.
func (e Examination) secrets(ctx context.Context, r *report, c *server.Core) {
	const check = "master key"
	if err := c.CheckSealed(ctx); err != nil {
		r.fail(check, "The master key in %s does not open every second factor. Put the one that belongs to this database back from a backup.",
			server.SecretsFolder(e.Config.Data))
		return
	}
	r.ok(check, "The master key opens everything that is sealed.")
}

// clock compares the machine's clock with the newest thing on record. A clock
// that is behind breaks codes, tokens and locks.
func (e Examination) clock(ctx context.Context, r *report, c *server.Core) {
	const check, slack = "clock", time.Minute
	now := e.Options.Env.Now()
	events, err := c.Audit.List(ctx, 0, 1)
	if err != nil {
		r.fail(check, "The record of events cannot be read.")
		return
	}
	for _, newest := range events {
		if now.Before(newest.At.Add(-slack)) {
			r.fail(check, "The clock says %s, but something happened here at %s. Set the clock.", stamp(now), stamp(newest.At))
			return
		}
	}
	r.ok(check, "It is %s, which is plausible.", stamp(now))
}

func stamp(t time.Time) string { return t.Local().Format("2006-01-02 15:04") }

// people looks for users who cannot do what they were made for.
func (e Examination) people(ctx context.Context, r *report, c *server.Core) {
	const check = "users"
	users, _, err := c.Accounts.Users(ctx, identity.UserFilter{}, identity.Page{})
	if err != nil {
		r.fail(check, "The users cannot be read.")
		return
	}
	var stuck, idle []string
	for _, u := range users {
		useless, err := keysWithoutUse(ctx, c, u)
		if err != nil {
			r.fail(check, "The user %s cannot be read.", u.Username)
			return
		}
		if useless {
			idle = append(idle, string(u.Username))
		}
		if u.MustChangePassword && !u.Disabled {
			stuck = append(stuck, string(u.Username))
		}
	}
	if len(stuck) > 0 {
		r.warn("passwords", "Must still change their password before anything else works: %s.", names(stuck))
	}
	if len(idle) > 0 {
		r.warn("SFTP rights", "Have SSH keys but no role that lets them use SFTP: %s. Allow it with: %s", names(idle), e.Command("role update ROLE --allow sftp"))
	}
	r.ok(check, "There are %d users.", len(users))
}

// keysWithoutUse reports whether a user has SSH keys that let them in nowhere.
func keysWithoutUse(ctx context.Context, c *server.Core, u identity.User) (bool, error) {
	_, keys, err := c.Accounts.SSHKeys(ctx, u.ID, identity.Page{Limit: 1})
	if err != nil || keys == 0 || u.Disabled {
		return false, err
	}
	who, err := c.Sessions.Principal(ctx, u.ID)
	return !who.PathPermission(u.BasePath).Has(identity.PathSFTPRead), err
}

// storage counts what the files of those who have a limit take.
func (e Examination) storage(ctx context.Context, r *report, c *server.Core) {
	const check = "storage"
	users, _, err := c.Accounts.Users(ctx, identity.UserFilter{}, identity.Page{})
	if err != nil {
		return // said by people
	}
	var full []string
	limited := 0
	for _, u := range users {
		if u.StorageLimit == 0 {
			continue
		}
		limited++
		room, err := c.Files.Usage(ctx, u.BasePath)
		if err != nil {
			r.fail(check, "The files of %s cannot be counted.", u.Username)
			return
		}
		if room.Used >= u.StorageLimit {
			full = append(full, fmt.Sprintf("%s (%d of %d MB)", u.Username, room.Used>>20, u.StorageLimit>>20))
		}
	}
	switch {
	case len(full) > 0:
		r.warn(check, "Have used up their storage: %s. Give more with: %s", names(full), e.Command("user update NAME --storage SIZE"))
	case limited > 0:
		r.ok(check, "The files of those who have a storage limit, %d of %d, are within it.", limited, len(users))
	}
}

// names lists names, but not many.
func names(all []string) string {
	const most = 10
	if len(all) <= most {
		return strings.Join(all, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(slices.Clone(all[:most]), ", "), len(all)-most)
}
