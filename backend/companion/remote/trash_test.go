package remote_test

import (
	"strings"
	"testing"
	"time"

	"latchkey/backend/companion/remote"
)

func TestTrash(t *testing.T) {
	o := options(t, "http://localhost")
	o.Transport = remote.InProcess(latchkey(t, nil).Handler())
	a := signIn(t, open(t, o), credentials("admin"))
	ctx := t.Context()
	if err := a.Upload(ctx, "/a/b.txt", remote.Upload{Body: strings.NewReader("12345"), Size: 5}); err != nil {
		t.Fatal(err)
	}
	if got, err := a.Storage(ctx); err != nil || got.Used != 5 || got.Limit < 5 {
		t.Errorf("Storage = %+v, %v", got, err)
	}
	put, err := a.Trash(ctx, "/a/b.txt")
	if err != nil || put.Path != "/a/b.txt" || put.Size != 5 || put.Folder || put.Gone.Sub(put.At) != 30*24*time.Hour {
		t.Fatalf("Trash = %+v, %v", put, err)
	}
	list, err := a.Trashed(ctx)
	if err != nil || len(list) != 1 || list[0] != put {
		t.Errorf("Trashed = %+v, %v", list, err)
	}
	if at, err := a.Restore(ctx, put.ID); err != nil || at != "/a/b.txt" {
		t.Errorf("Restore = %s, %v", at, err)
	}
	_, err = a.Restore(ctx, put.ID)
	wants(t, err, "remote_trash_not_found")
	if put, err = a.Trash(ctx, "/a"); err != nil || !put.Folder {
		t.Errorf("Trash = %+v, %v", put, err)
	}
	if err := a.Discard(ctx, put.ID); err != nil {
		t.Error(err)
	}
	wants(t, a.Discard(ctx, put.ID), "remote_trash_not_found")
	wants(t, a.Discard(ctx, "../a"), "remote_trash_not_found")
	_, err = a.Trash(ctx, "/a")
	wants(t, err, "remote_file_not_found")
}
