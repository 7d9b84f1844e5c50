package vault

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"latchkey/backend/internal/crashtest"
	"latchkey/backend/internal/env"
	"latchkey/backend/internal/secret"
)

// play is what a child process does: "write" for ever, one record after the
// other; "move" for ever, from one protection to the other; "count" to fifty.
func play(part, file string) {
	ctx := context.Background()
	fail := func(err error) {
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	v, err := Open(file, Options{Env: env.System(), Keyring: childRing(file), Costs: cheap()})
	fail(err)
	fail(v.Unlock(ctx, WithPassphrase(secret.New(passphrase))))
	crashtest.Begin()
	switch part {
	case "write":
		for n := 1; ; n++ {
			fail(v.Update(ctx, func(tx *Tx) error { return tx.Put("tokens", "n", bulk(n)) }))
			fmt.Println(n) // acknowledged
		}
	case "move":
		for {
			fail(v.Move(ctx, WithKeyring(Briefly)))
			fmt.Println("keyring")
			fail(v.Move(ctx, WithPassphrase(secret.New(passphrase))))
			fmt.Println("passphrase")
		}
	case "count":
		for range 50 {
			fail(v.Update(ctx, count))
		}
		os.Exit(0)
	}
}

// bulk is the nth content, of a length that gives a kill time to fall into it.
func bulk(n int) []byte { return bytes.Repeat([]byte{byte(n)}, 256<<10) }

// count adds one to a number.
func count(tx *Tx) error {
	n := 0
	if b, err := tx.Get("tokens", "count"); err == nil {
		n, _ = strconv.Atoi(string(b))
	}
	return tx.Put("tokens", "count", []byte(strconv.Itoa(n+1)))
}

// A fileRing is a keyring that outlives the process: one file per entry.
type fileRing string

func childRing(file string) fileRing { return fileRing(file + ".ring.") }

func (r fileRing) name(entry string) string { return string(r) + strings.ReplaceAll(entry, " ", "-") }

func (r fileRing) Get(entry string) (secret.Text, error) {
	b, err := os.ReadFile(r.name(entry))
	if errors.Is(err, os.ErrNotExist) {
		return secret.Text{}, ErrKeyringMissing
	}
	return secret.New(string(b)), err
}

func (r fileRing) Set(entry string, value secret.Text) error {
	return os.WriteFile(r.name(entry), []byte(value.Reveal()), fileMode)
}

func (r fileRing) Delete(entry string) error { return os.Remove(r.name(entry)) }

// runAndKill returns what a child acknowledged before it was killed.
func (b *bench) runAndKill(part string, after time.Duration) []string {
	b.t.Helper()
	return crashtest.Kill(b.t, after, child+"="+part, childFile+"="+b.file)
}

// Whenever the program is killed, the file is one whole version, no older than
// the last one that was acknowledged, and so is the one before.
func TestKilledDuringSave(t *testing.T) {
	b := made(t)
	acks := 0
	for after := range crashtest.Delays(25, 20*time.Millisecond, 7*time.Millisecond, func() bool { return acks > 0 }) {
		acknowledged := b.runAndKill("write", after)
		acks += len(acknowledged)
		v := b.another2()
		got, err := v.Get(t.Context(), "tokens", "n")
		if err != nil && len(acknowledged) == 0 {
			continue
		}
		b.must(err)
		n := len(acknowledged)
		if !bytes.Equal(got, bulk(n)) && !bytes.Equal(got, bulk(n+1)) && n > 0 {
			t.Fatalf("after %v: version %d with %d bytes is there, %d was acknowledged", after, got[0], len(got), n)
		}
		_, err = readImage(b.place.previous())
		b.must(err)
		b.put(v, "after", "a crash")
		for _, name := range strings.Fields(b.folder()) {
			if strings.HasSuffix(name, ".new") {
				t.Errorf("after %v: %s is left behind by the next save", after, name)
			}
		}
	}
	if acks == 0 {
		t.Error("no child lived long enough to write anything")
	}
	t.Logf("%d acknowledged writes", acks)
}

// Whenever the program is killed while it changes the protection, the vault
// opens by one of the two, by the recovery key in any case, and the copy of
// the version before never by more than the file.
func TestKilledDuringMove(t *testing.T) {
	b := made(t)
	b.put(b.Vault, "nas", "one")
	moves := 0
	for after := range crashtest.Delays(25, 20*time.Millisecond, 5*time.Millisecond, func() bool { return moves > 0 }) {
		moves += len(b.runAndKill("move", after))
		v, err := Open(b.file, Options{Env: env.System(), Keyring: childRing(b.file), Costs: cheap()})
		b.must(err)
		b.must(v.Check(t.Context(), WithRecovery(b.recovery)))
		s := b.wantState(v, Locked)
		if s.Protection == ByKeyring {
			b.must(v.Unlock(t.Context(), WithKeyring(Briefly)))
			b.must(v.Move(t.Context(), WithPassphrase(secret.New(passphrase))))
		} else {
			b.must(v.Unlock(t.Context(), WithPassphrase(secret.New(passphrase))))
		}
		b.wantRecord(v, "nas", "one")
	}
	if moves == 0 {
		t.Error("no child lived long enough to move")
	}
	t.Logf("%d acknowledged moves", moves)
}

// Three programs, one of them with two goroutines, count together.
func TestManyWriters(t *testing.T) {
	b := made(t)
	var wait sync.WaitGroup
	for range 2 {
		wait.Go(func() {
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), child+"=count", childFile+"="+b.file)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
		wait.Go(func() {
			for range 50 {
				if err := b.Update(b.ctx(), count); err != nil {
					t.Error(err)
				}
				if _, err := b.Get(b.ctx(), "tokens", "count"); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
	b.wantRecord(b.Vault, "count", "200")
	if s := b.wantState(b.Vault, Unlocked); s.Revision != 201 {
		t.Errorf("revision %d", s.Revision)
	}
}
