package app

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A filesDesk is a desk whose own server has files.
type filesDesk struct {
	*testDesk
	files *Files
	id    string
	dir   string // here
}

func newFilesDesk(t *testing.T) *filesDesk {
	t.Helper()
	d := &filesDesk{testDesk: newTestDesk(t), dir: t.TempDir()}
	d.files = &Files{d.desk}
	d.id = d.withOwn(t).ID
	return d
}

// here makes a file of this computer.
func (d *filesDesk) here(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(d.dir, name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// settled waits until nothing is on its way, and returns how it ended.
func (d *filesDesk) settled(t *testing.T) []Transfer {
	t.Helper()
	var list []Transfer
	until(t, "nothing is on its way", func() bool {
		var err error
		if list, err = d.files.Transfers(); err != nil {
			t.Fatal(err)
		}
		return !slices.ContainsFunc(list, func(x Transfer) bool { return x.State == "waiting" || x.State == "running" })
	})
	return list
}

// put uploads files as if they were chosen.
func (d *filesDesk) put(t *testing.T, into string, paths ...string) {
	t.Helper()
	d.screen.answer = strings.Join(paths, " ")
	if err := d.files.UploadFiles(FileRef{d.id, into}); err != nil {
		t.Fatal(err)
	}
	d.settled(t)
}

// listed returns the names in a folder.
func (d *filesDesk) listed(t *testing.T, path string) (names []string) {
	t.Helper()
	f, err := d.files.List(FileRef{d.id, path})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range f.Entries {
		names = append(names, e.Name)
	}
	return names
}

func TestFiles(t *testing.T) {
	d := newFilesDesk(t)
	at, err := d.files.MakeFolder(FileName{d.id, "/", " pictures "})
	if err != nil || at != "/pictures" {
		t.Fatalf("MakeFolder = %q, %v", at, err)
	}
	_, err = d.files.MakeFolder(FileName{d.id, "/", "pictures"})
	checkProblem(t, "a name that is taken", err, "remote_file_exists")
	for _, name := range []string{"", " ", ".", "..", "a/b", `a\b`, "../x", "a\nb", "/"} {
		_, err = d.files.MakeFolder(FileName{d.id, "/", name})
		checkProblem(t, name, err, "file_name_refused")
		_, err = d.files.Rename(FileName{d.id, "/pictures", name})
		checkProblem(t, name, err, "file_name_refused")
	}
	d.put(t, "/pictures", d.here(t, "cat.svg", "12345"))
	f, err := d.files.List(FileRef{d.id, "/pictures"})
	if err != nil || f.Path != "/pictures" || len(f.Above) != 2 || f.Above[1].Name != "pictures" || f.AsOf == 0 {
		t.Errorf("List = %+v, %v", f, err)
	}
	if len(f.Entries) != 1 || f.Entries[0].Path != "/pictures/cat.svg" || f.Entries[0].Size != 5 || f.Entries[0].Modified == 0 {
		t.Errorf("it has %+v", f.Entries)
	}
	if at, err = d.files.Rename(FileName{d.id, "/pictures/cat.svg", "dog.svg"}); err != nil || at != "/pictures/dog.svg" {
		t.Errorf("Rename = %q, %v", at, err)
	}
	if at, err = d.files.Rename(FileName{d.id, "/pictures/dog.svg", "dog.svg"}); err != nil || at != "/pictures/dog.svg" {
		t.Errorf("to its own name: %q, %v", at, err)
	}
	if u, err := d.files.Usage(d.id); err != nil || u.Used != 5 || u.Limit < 5 {
		t.Errorf("Usage = %+v, %v", u, err)
	}
	checkProblem(t, "delete", d.files.Delete(FileRefs{d.id, []string{"/pictures"}}), "")
	checkProblem(t, "delete again", d.files.Delete(FileRefs{d.id, []string{"/pictures"}}), "remote_file_not_found")
	_, err = d.files.List(FileRef{d.id, "/pictures"})
	checkProblem(t, "a folder that is gone", err, "remote_file_not_found")
	_, err = d.files.List(FileRef{"none", "/"})
	checkProblem(t, "a server that is none", err, "server_unknown")
}

func TestFilesTrash(t *testing.T) {
	d := newFilesDesk(t)
	d.put(t, "/", d.here(t, "a", "1"), d.here(t, "b", "2"))
	gone, err := d.files.Trash(FileRefs{d.id, []string{"/a", "/b"}})
	if err != nil || len(gone) != 2 || len(d.listed(t, "/")) != 0 {
		t.Fatalf("Trash = %v, %v", gone, err)
	}
	list, err := d.files.Trashed(d.id)
	if err != nil || len(list) != 2 || list[0].Was != "/" || list[0].GoneAt == 0 {
		t.Errorf("Trashed = %+v, %v", list, err)
	}
	d.put(t, "/", d.here(t, "a", "new"))
	if names, err := d.files.Restore(TrashRefs{d.id, gone[:1]}); err != nil || !slices.Equal(names, []string{"a (2)"}) {
		t.Errorf("Restore = %v, %v", names, err)
	}
	checkProblem(t, "discard", d.files.Discard(TrashRefs{d.id, gone[1:]}), "")
	_, err = d.files.Restore(TrashRefs{d.id, gone})
	checkProblem(t, "restore what is gone", err, "remote_trash_not_found")
	_, err = d.files.Trash(FileRefs{d.id, []string{"/../../etc"}})
	checkProblem(t, "a path that leads out", err, "remote_file_not_found")
}

func TestTransfers(t *testing.T) {
	d := newFilesDesk(t)
	path := d.here(t, "a.txt", "12345")
	d.put(t, "/", path)
	d.put(t, "/", path)
	list := d.settled(t)
	if len(list) != 2 || list[1].State != "asking" || !list[1].Replaceable || list[1].Name != "a.txt" || !list[1].Up {
		t.Fatalf("the second is %+v", list)
	}
	checkProblem(t, "a choice that is none", d.files.Answer(TransferAnswer{list[1].Number, "overwrite", false}), "transfer_choice_unknown")
	checkProblem(t, "answer", d.files.Answer(TransferAnswer{list[1].Number, "both", false}), "")
	d.settled(t)
	if got := d.listed(t, "/"); !slices.Equal(got, []string{"a (2).txt", "a.txt"}) {
		t.Errorf("there are %v", got)
	}
	until(t, "the page is told", func() bool {
		told, ok := d.screen.last(eventTransfers).([]Transfer)
		return ok && len(told) == 2 && told[1].State == "done" && told[1].Done == 5
	})
	checkProblem(t, "clear", d.files.Clear(), "")

	// One file by its name, several into a folder.
	d.screen.answer = filepath.Join(d.dir, "saved")
	checkProblem(t, "one", d.files.DownloadFile(FileRef{d.id, "/a.txt"}), "")
	list = d.settled(t)
	if asked := d.screen.dialogs[len(d.screen.dialogs)-1]; asked.Name != "a.txt" || len(list) != 1 || list[0].State != "done" {
		t.Errorf("asked %+v, %+v", asked, list)
	}
	d.screen.answer = t.TempDir()
	checkProblem(t, "several", d.files.Download(FileRefs{d.id, []string{"/a.txt", "/a (2).txt"}}), "")
	list = d.settled(t)
	if got, err := os.ReadFile(filepath.Join(d.screen.answer, "a (2).txt")); err != nil || string(got) != "12345" {
		t.Errorf("%q, %v", got, err)
	}
	checkProblem(t, "show", d.files.Show(list[1].Number), "")
	if !slices.Equal(d.screen.revealed, []string{d.screen.answer}) {
		t.Errorf("shown: %v", d.screen.revealed)
	}
	// Nothing was chosen.
	d.screen.answer = ""
	for _, err := range []error{
		d.files.UploadFiles(FileRef{d.id, "/"}), d.files.UploadFolder(FileRef{d.id, "/"}),
		d.files.DownloadFile(FileRef{d.id, "/a.txt"}), d.files.Download(FileRefs{d.id, []string{"/a.txt"}}),
	} {
		checkProblem(t, "cancelled", err, "")
	}
	// Behind the lock screen there is nothing.
	d.companion.Vault.Lock()
	d.vaultChanged()
	if list, err := d.files.Transfers(); err != nil || len(list) != 0 {
		t.Errorf("locked: %+v, %v", list, err)
	}
}

// What is dropped is uploaded where the page says, once, and the page names no
// path of this computer.
func TestDropOnFiles(t *testing.T) {
	d := newFilesDesk(t)
	if err := (&Shell{d.desk}).SaveView(viewFiles); err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(d.dir, "folder")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	d.dropped([]string{d.here(t, "a\u202eb", "x"), folder})
	news, ok := d.screen.last(eventCarried).(FileDrop)
	if !ok || news.Name != "ab" || news.Count != 2 {
		t.Fatalf("told %+v", news)
	}
	checkProblem(t, "another number", d.files.UploadDropped(FileLanding{d.id, "/", news.Number + 1}), "file_drop_gone")
	d.dropped([]string{folder})
	news, _ = d.screen.last(eventCarried).(FileDrop)
	checkProblem(t, "dropped", d.files.UploadDropped(FileLanding{d.id, "/", news.Number}), "")
	d.settled(t)
	if got := d.listed(t, "/"); !slices.Equal(got, []string{"folder"}) {
		t.Errorf("there are %v", got)
	}
	checkProblem(t, "again", d.files.UploadDropped(FileLanding{d.id, "/", news.Number}), "file_drop_gone")
	d.dropped(nil)
}
