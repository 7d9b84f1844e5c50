package folderpassword

import (
	"context"
	"errors"

	"latchkey/backend/files"
	"latchkey/backend/store"
)

// Kept implements files.Keeper. It reads the store itself: names are changed in
// turn with other processes, and what those have protected must count.
func (s *Service) Kept() ([]files.Protected, error) {
	all, err := s.Store.FolderPasswords(context.Background())
	out := make([]files.Protected, len(all))
	for i, f := range all {
		out[i] = s.protected(f)
	}
	return out, err
}

// Copy implements files.Keeper.
func (s *Service) Copy(copies []files.ProtectedCopy) error {
	out := make([]store.FolderPasswordCopy, len(copies))
	for i, c := range copies {
		out[i] = store.FolderPasswordCopy{From: string(c.From), To: string(c.To), Subfolders: c.Subfolders, At: s.Env.Now()}
	}
	err := s.Store.CopyFolderPasswords(context.Background(), out, mostOnTheWay)
	if errors.Is(err, store.ErrLimit) {
		return errTooMany
	}
	return err
}

// Drop implements files.Keeper. Of no paths it writes nothing.
func (s *Service) Drop(paths []files.Path) error {
	if len(paths) == 0 {
		return nil
	}
	out := make([]string, len(paths))
	for i, p := range paths {
		out[i] = string(p)
	}
	return s.Store.DropFolderPasswords(context.Background(), out)
}
