package sshkeys

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"latchkey/backend/internal/secret"
)

// childFolder names, in the environment, the folder of a child process that
// makes keys until it is killed.
const childFolder = "SSHKEYS_TEST_CHILD_FOLDER"

func makeForEver(folder string) {
	for {
		k, err := workshop().Make(context.Background(), Request{Folder: folder})
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Println(k.Name) // acknowledged
	}
}

// Whenever the program is killed, what has the name of a key is one, whole and
// for its owner alone, and every key that was reported is there.
func TestKilledDuringMake(t *testing.T) {
	made, left := 0, 0
	life := 15 * time.Millisecond
	for range 20 {
		folder := t.TempDir()
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), childFolder+"="+folder)
		var said, complaint bytes.Buffer
		cmd.Stdout, cmd.Stderr = &said, &complaint
		must(t, cmd.Start())
		time.AfterFunc(life, func() { _ = cmd.Process.Kill() })
		if err := cmd.Wait(); err == nil || complaint.Len() > 0 {
			t.Fatalf("the child was not killed: %v\n%s", err, complaint.String())
		}
		for _, name := range strings.Fields(said.String()) {
			k, err := Find(filepath.Join(folder, name))
			if err != nil || !k.HasPrivate || !k.HasPublic {
				t.Errorf("%s was reported and is %+v, %v", name, k, err)
			}
			made++
		}
		left += wantWhole(t, folder)
		if made == 0 && life < 4*time.Second {
			life *= 2 // a slow machine has not started the child yet
		} else {
			life += 3 * time.Millisecond
		}
	}
	if made == 0 {
		t.Error("no child lived long enough to make a key")
	}
	if left > 0 && runtime.GOOS == "linux" {
		t.Errorf("%d hidden files are left behind", left)
	}
	t.Logf("20 kills, %d keys", made)
}

// wantWhole checks every file of a folder, and counts the hidden ones.
func wantWhole(t *testing.T, folder string) (hidden int) {
	t.Helper()
	for _, name := range strings.Fields(names(t, folder)) {
		path := filepath.Join(folder, name)
		info, err := os.Stat(path)
		must(t, err)
		if strings.HasPrefix(name, ".") {
			if mode := info.Mode().Perm(); mode != 0o600 && !strings.Contains(name, ".pub.") {
				t.Errorf("%s has mode %v", name, mode)
			}
			hidden++
			continue
		}
		if base, public := strings.CutSuffix(name, ".pub"); public {
			if _, err := Find(path); err != nil || !strings.Contains(names(t, folder), base+" ") {
				t.Errorf("%s: %v; the folder holds %s", name, err, names(t, folder))
			}
			continue
		}
		if _, err := Open(path, secret.Text{}); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v: %v", name, info.Mode(), err)
		}
	}
	return hidden
}
