package app

import (
	"context"

	"latchkey/backend/companion/remote"
)

// A TrashedFile is a file or folder in the trash of a server, as the page sees
// it.
type TrashedFile struct {
	Trash  string `json:"trash"` // its id there
	Name   string `json:"name"`  // safe to show, as is Was
	Was    string `json:"was"`   // the folder that it was in
	Folder bool   `json:"folder"`
	Size   int64  `json:"size"`   // bytes
	GoneAt int64  `json:"goneAt"` // when it goes for good
}

// TrashRefs name things in the trash of a server.
type TrashRefs struct {
	ID    string   `json:"id"`
	Trash []string `json:"trash"`
}

// Trash puts files and folders into the trash of a server that has one, and
// returns what Restore takes. What went before one that fails is there.
func (f *Files) Trash(r FileRefs) ([]string, error) {
	return act(f.d, r.ID, func(ctx context.Context, acc *remote.Account) ([]string, error) {
		out := make([]string, 0, len(r.Paths))
		for _, p := range r.Paths {
			t, err := acc.Trash(ctx, filePath(p))
			if err != nil {
				return nil, err
			}
			out = append(out, string(t.ID))
		}
		return out, nil
	})
}

// Trashed lists what is in the trash, the latest first.
func (f *Files) Trashed(id string) ([]TrashedFile, error) {
	return act(f.d, id, func(ctx context.Context, acc *remote.Account) ([]TrashedFile, error) {
		list, err := acc.Trashed(ctx)
		out := make([]TrashedFile, len(list))
		for i, t := range list {
			out[i] = TrashedFile{
				Trash: string(t.ID), Name: remote.FileLabel(t.Path.Name()), Was: remote.FileLabel(string(t.Path.Dir())),
				Folder: t.Folder, Size: t.Size, GoneAt: millis(t.Gone),
			}
		}
		return out, err
	})
}

// Restore takes files and folders out of the trash, and returns what they are
// called now: something else may have their names.
func (f *Files) Restore(r TrashRefs) ([]string, error) {
	return act(f.d, r.ID, func(ctx context.Context, acc *remote.Account) ([]string, error) {
		out := make([]string, 0, len(r.Trash))
		for _, id := range r.Trash {
			at, err := acc.Restore(ctx, remote.TrashID(id))
			if err != nil {
				return nil, err
			}
			out = append(out, remote.FileLabel(at.Name()))
		}
		return out, nil
	})
}

// Discard removes files and folders in the trash for good.
func (f *Files) Discard(r TrashRefs) error {
	_, err := act(f.d, r.ID, func(ctx context.Context, acc *remote.Account) (struct{}, error) {
		for _, id := range r.Trash {
			if err := acc.Discard(ctx, remote.TrashID(id)); err != nil {
				return struct{}{}, err
			}
		}
		return struct{}{}, nil
	})
	return err
}
