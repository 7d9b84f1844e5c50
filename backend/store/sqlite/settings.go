package sqlite

import (
	"context"
)

const settingByName = "SELECT value FROM settings WHERE name = ?"

// Setting implements store.Settings.
func (s *Store) Setting(ctx context.Context, name string) (value []byte, err error) {
	err = s.find(ctx, "find setting", func(t *tx) error {
		return t.row(settingByName, name).Scan(&value)
	})
	return value, err
}

// SaveSetting implements store.Settings.
func (s *Store) SaveSetting(ctx context.Context, name string, value []byte) error {
	return s.write(ctx, "save setting", func(t *tx) error {
		t.changed = true
		_, err := t.exec(`INSERT INTO settings (name, value) VALUES (?, ?)
			ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, blob(value))
		return err
	})
}

// AddSetting implements store.Settings.
func (s *Store) AddSetting(ctx context.Context, name string, value []byte) (kept []byte, err error) {
	err = s.write(ctx, "add setting", func(t *tx) error {
		n, err := t.exec("INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING", name, blob(value))
		if err != nil {
			return err
		}
		t.changed = n > 0
		return t.row(settingByName, name).Scan(&kept)
	})
	return kept, err
}
