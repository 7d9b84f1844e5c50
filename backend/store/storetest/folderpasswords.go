package storetest

import (
	"errors"
	"testing"
	"time"

	"latchkey/backend/identity"
	"latchkey/backend/store"
)

func folderPasswords() []test {
	return []test{
		{"create and list", createFolders},
		{"update", updateFolders},
		{"delete", deleteFolders},
		{"copy and drop", copyFolders},
	}
}

func folderPassword(path string) identity.FolderPassword {
	return identity.FolderPassword{Path: path, Hash: identity.PasswordHash("hash of " + path), Subfolders: true, CreatedAt: now(), UpdatedAt: now()}
}

func keepFolder(f identity.FolderPassword) (identity.FolderPassword, error) { return f, nil }

func newFolder(t *testing.T, s store.Store, path string) identity.FolderPassword {
	t.Helper()
	return try(s.CreateFolderPassword(t.Context(), folderPassword(path), 10))(t)
}

// onlyFolder returns the one that there is.
func onlyFolder(t *testing.T, s store.Store) identity.FolderPassword {
	t.Helper()
	list := try(s.FolderPasswords(t.Context()))(t)
	if len(list) != 1 {
		t.Fatalf("there are %d", len(list))
	}
	return list[0]
}

func createFolders(t *testing.T, s store.Store) {
	same(t, "none", try(s.FolderPasswords(t.Context()))(t), []identity.FolderPassword{})
	b, a := newFolder(t, s, "/b"), newFolder(t, s, "/a")
	want := folderPassword("/b")
	want.ID, want.CreatedAt, want.UpdatedAt = b.ID, after(0), after(0)
	same(t, "the first", b, want)
	same(t, "both", try(s.FolderPasswords(t.Context()))(t), []identity.FolderPassword{a, b})
	_, err := s.CreateFolderPassword(t.Context(), folderPassword("/a"), 10)
	exists(t, "again", err, "path")
	_, err = s.CreateFolderPassword(t.Context(), folderPassword("/A"), 2)
	is(t, "one too many", err, store.ErrLimit)
	same(t, "still both", try(s.FolderPasswords(t.Context()))(t), []identity.FolderPassword{a, b})
}

func updateFolders(t *testing.T, s store.Store) {
	a, b := newFolder(t, s, "/a"), newFolder(t, s, "/b")
	got := try(s.UpdateFolderPassword(t.Context(), a.ID, func(f identity.FolderPassword) (identity.FolderPassword, error) {
		same(t, "the old one", f, a)
		f.ID, f.Path, f.Hash, f.Subfolders, f.UpdatedAt = 99, "/c", "new", false, now().Add(time.Hour)
		return f, nil
	}))(t)
	want := identity.FolderPassword{ID: a.ID, Path: "/c", Hash: "new", CreatedAt: after(0), UpdatedAt: after(time.Hour)}
	same(t, "the new one", got, want)
	to := func(path string, err error) func(identity.FolderPassword) (identity.FolderPassword, error) {
		return func(f identity.FolderPassword) (identity.FolderPassword, error) { f.Path = path; return f, err }
	}
	_, err := s.UpdateFolderPassword(t.Context(), b.ID, to("/c", nil))
	exists(t, "to a path that is taken", err, "path")
	refused := errors.New("refused")
	_, err = s.UpdateFolderPassword(t.Context(), b.ID, to("/d", refused))
	is(t, "refused", err, refused)
	_, err = s.UpdateFolderPassword(t.Context(), 99, keepFolder)
	is(t, "unknown", err, store.ErrNotFound)
	same(t, "both", try(s.FolderPasswords(t.Context()))(t), []identity.FolderPassword{b, want})
}

func deleteFolders(t *testing.T, s store.Store) {
	a := newFolder(t, s, "/a")
	must(t, s.DeleteFolderPassword(t.Context(), a.ID))
	is(t, "twice", s.DeleteFolderPassword(t.Context(), a.ID), store.ErrNotFound)
	if again := newFolder(t, s, "/a"); again.ID == a.ID {
		t.Error("an id is given again")
	}
}

func copyFolders(t *testing.T, s store.Store) {
	newFolder(t, s, "/a")
	newFolder(t, s, "/b")
	must(t, s.CopyFolderPasswords(t.Context(), []store.FolderPasswordCopy{
		{From: "/a", To: "/b", At: now().Add(time.Hour)},
		{From: "/a", To: "/a%", Subfolders: true, At: now().Add(time.Hour)},
		{From: "/none", To: "/x", At: now()},
	}, 3))
	hashes := func() map[string]identity.PasswordHash {
		out := map[string]identity.PasswordHash{}
		for _, f := range try(s.FolderPasswords(t.Context()))(t) {
			out[f.Path] = f.Hash
			same(t, "how far "+f.Path+" reaches", f.Subfolders, f.Path != "/b")
		}
		return out
	}
	of := identity.PasswordHash("hash of /a")
	same(t, "copied", hashes(), map[string]identity.PasswordHash{"/a": of, "/b": of, "/a%": of})
	is(t, "one too many", s.CopyFolderPasswords(t.Context(), []store.FolderPasswordCopy{{From: "/a", To: "/c"}}, 3), store.ErrLimit)
	must(t, s.DropFolderPasswords(t.Context(), []string{"/a%", "/none"}))
	same(t, "dropped", hashes(), map[string]identity.PasswordHash{"/a": of, "/b": of})
}
