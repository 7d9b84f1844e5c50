package sqlite

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
)

//go:embed migrations/*.sql
var released embed.FS

// A step brings the schema from one number to the next.
type step struct {
	number int
	sql    string
}

// schema lists the steps in folder, named like 0003_api_keys.sql, by number.
func schema(folder fs.FS) ([]step, error) {
	names, err := fs.Glob(folder, "migrations/*.sql") // sorted
	if err != nil {
		return nil, err
	}
	steps := make([]step, 0, len(names))
	for _, name := range names {
		digits, _, _ := strings.Cut(strings.TrimPrefix(name, "migrations/"), "_")
		number, err := strconv.Atoi(digits)
		if err != nil {
			return nil, fmt.Errorf("migration %s: %w", name, err)
		}
		text, err := fs.ReadFile(folder, name)
		if err != nil {
			return nil, err
		}
		steps = append(steps, step{number, string(text)})
	}
	return steps, nil
}

// latest is the number of the newest schema.
func latest(steps []step) int { return steps[len(steps)-1].number }

// migrate brings the schema up to date, each step in a transaction of its
// own. Two processes may try at once: each looks again once it holds the lock.
func migrate(ctx context.Context, c *conn, steps []step) error {
	for _, st := range steps {
		err := transact(ctx, c, "BEGIN IMMEDIATE", func(t *tx) error { return apply(t, st) })
		if err != nil {
			return fmt.Errorf("migration %d: %w", st.number, err)
		}
	}
	return nil
}

func apply(t *tx, st step) error {
	var version int
	if err := t.row("PRAGMA user_version").Scan(&version); err != nil {
		return err
	}
	if version >= st.number {
		return nil
	}
	if _, err := t.c.raw.ExecContext(t.ctx, st.sql); err != nil {
		return err
	}
	_, err := t.c.raw.ExecContext(t.ctx, fmt.Sprintf("PRAGMA user_version = %d", st.number))
	return err
}
