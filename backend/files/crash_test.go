package files

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"latchkey/backend/internal/crashtest"
	"latchkey/backend/internal/env"
)

// childDir names, in the environment, the files folder of a child process that
// uploads until it is killed.
const (
	childDir  = "FILES_TEST_CHILD_DIR"
	childWork = "FILES_TEST_CHILD_WORK" // "trash": it throws away and restores
)

func TestMain(m *testing.M) {
	switch dir := os.Getenv(childDir); {
	case dir != "" && os.Getenv(childWork) == "trash":
		trashForEver(dir)
	case dir != "":
		uploadForEver(dir)
	}
	os.Exit(m.Run())
}

// version is the content of the file after the nth upload, of a length that
// gives a kill time to fall into it.
func version(n byte) []byte { return bytes.Repeat([]byte{n}, 64<<10) }

// fail ends a child process that cannot do its work.
func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func uploadForEver(dir string) {
	store, err := Open(dir, env.System())
	fail(err)
	tree, err := store.Tree("/ann")
	fail(err)
	crashtest.Begin()
	for n := byte(1); ; n++ {
		u, err := tree.Create("/f", Creation{})
		fail(err)
		for i, b := range version(n) {
			if i%4096 == 0 {
				_, err = u.WriteAt(bytes.Repeat([]byte{b}, 4096), int64(i))
				fail(err)
			}
		}
		fail(u.Close())
		fmt.Println(n) // acknowledged
	}
}

// Whenever the process is killed, the file is one whole version, no older than
// the last one that was acknowledged, and the next start cleans up.
func TestKilledDuringUploads(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "files")
	uploads := 0
	for after := range crashtest.Delays(8, 3*time.Millisecond, 5*time.Millisecond, func() bool { return uploads > 0 }) {
		acknowledged := crashtest.Kill(t, after, childDir+"="+dir)
		uploads += len(acknowledged)
		p := place{t: t, dir: dir, store: openStore(t, dir), base: filepath.Join(dir, "ann")}
		if left := p.temps(); len(left) != 0 {
			t.Errorf("left behind: %v", left)
		}
		got := []byte(p.content("f"))
		if string(got) == "-" && len(acknowledged) == 0 {
			continue // killed before the first one
		}
		if len(got) == 0 || !bytes.Equal(got, version(got[0])) {
			t.Fatalf("the file is no whole version: %d bytes", len(got))
		}
		if n := byte(len(acknowledged)); len(acknowledged) > 0 && got[0] != n && got[0] != n+1 {
			t.Errorf("version %d is there, %d was acknowledged", got[0], n)
		}
	}
	if uploads == 0 {
		t.Error("no child lived long enough to upload anything")
	}
}

// The sweep removes what notes tell of and nothing else, whatever lies in the
// folder of notes.
func TestSweep(t *testing.T) {
	p := newPlace(t, "/")
	p.folder("sub")
	u := p.create("/sub/f", "left by a crash", Creation{})
	p.outside("precious", "mine")
	p.outside("sub/"+tempStart+"other", "of no note")
	for id, note := range map[string]string{
		"a": "precious", "b": "../outside", "c": "/etc/passwd", "d": "sub/" + tempStart + "other",
		"e": "", "g": "sub/" + tempStart + "g", "h": string(bytes.Repeat([]byte("x"), maxNote+1)),
	} {
		p.outside(filepath.Join(notes, id), note)
	}
	p.folder(filepath.Join(notes, "folder"))
	p.link("../precious", filepath.Join(notes, "link"))
	again := openStore(t, p.dir)
	if got := p.content("sub/" + u.temp()); got != "-" {
		t.Errorf("the temporary file is still there: %q", got)
	}
	if p.content("precious") != "mine" || p.content("sub/"+tempStart+"other") != "of no note" {
		t.Error("the sweep took something that is not a crashed upload")
	}
	if got := names(t, openTree(t, again, "/"), "/sub"); len(got) != 0 {
		t.Errorf("the folder shows %v", got)
	}
}
