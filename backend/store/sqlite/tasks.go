package sqlite

import (
	"context"

	"latchkey/backend/identity"
	"latchkey/backend/store"
)

const selectTasks = "SELECT id, user_id, name, state, total, error, started_at, ended_at FROM tasks "

// SaveTask implements store.Tasks.
func (s *Store) SaveTask(ctx context.Context, k identity.Task, keep int) error {
	return s.write(ctx, "save task", func(t *tx) error {
		if _, err := userIn(t, userByID, k.User); err != nil {
			return err
		}
		_, err := t.exec(`INSERT INTO tasks (id, user_id, name, state, total, error, started_at, ended_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET
			state = excluded.state, total = excluded.total, error = excluded.error, ended_at = excluded.ended_at`,
			k.ID, k.User, k.Name, k.State, k.Total, k.Error, micros(k.StartedAt), micros(k.EndedAt))
		if err != nil {
			return err
		}
		_, err = t.exec(`DELETE FROM tasks WHERE ended_at > 0 AND user_id = ? AND id NOT IN (
			SELECT id FROM tasks WHERE user_id = ? ORDER BY ended_at = 0 DESC, started_at DESC, id DESC LIMIT ?)`, k.User, k.User, keep)
		return err
	})
}

// Tasks implements store.Tasks.
func (s *Store) Tasks(ctx context.Context, user identity.UserID) (list []identity.Task, err error) {
	err = s.snapshot(ctx, "list tasks", func(t *tx) (err error) {
		list, err = collect(t, scanTask, selectTasks+"WHERE user_id = ? ORDER BY started_at DESC, id DESC", user)
		return err
	})
	return list, err
}

// DeleteTask implements store.Tasks.
func (s *Store) DeleteTask(ctx context.Context, user identity.UserID, id identity.TaskID) error {
	return s.write(ctx, "delete task", func(t *tx) error {
		n, err := t.exec("DELETE FROM tasks WHERE id = ? AND user_id = ? AND ended_at > 0", id, user)
		if err == nil && n == 0 {
			return store.ErrNotFound
		}
		return err
	})
}

// EndTasks implements store.Tasks.
func (s *Store) EndTasks(ctx context.Context, end identity.Task) error {
	return s.write(ctx, "end tasks", func(t *tx) error {
		_, err := t.exec("UPDATE tasks SET state = ?, error = ?, ended_at = ? WHERE ended_at = 0",
			end.State, end.Error, micros(end.EndedAt))
		return err
	})
}

func scanTask(r scanner) (k identity.Task, err error) {
	err = r.Scan(&k.ID, &k.User, &k.Name, &k.State, &k.Total, &k.Error, (*stamp)(&k.StartedAt), (*stamp)(&k.EndedAt))
	return k, err
}
