package vault

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"latchkey/backend/internal/disk"
	"latchkey/backend/internal/secret"
)

// onDisk returns a vault on a disk of its own of 256 KiB.
func onDisk(t *testing.T) *bench {
	t.Helper()
	at := t.TempDir()
	if err := unix.Mount("none", at, "tmpfs", 0, "size=256k"); err != nil {
		t.Skipf("cannot mount a small disk here (needs root): %v", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(at, unix.MNT_DETACH) })
	b := &bench{t: t, file: filepath.Join(at, "vault.db"), ring: newRing()}
	b.Vault = b.another()
	b.create(WithPassphrase(secret.New(passphrase)))
	b.put(b.Vault, "nas", "one")
	return b
}

// fill takes all the room that is left, and free gives it back.
func (b *bench) fill() (free func()) {
	b.t.Helper()
	name := filepath.Join(filepath.Dir(b.file), "filler")
	_ = os.WriteFile(name, bytes.Repeat([]byte("x"), 1<<20), fileMode)
	return func() { b.must(os.Remove(name)) }
}

func TestDiskFull(t *testing.T) {
	for name, change := range map[string]func(b *bench) error{
		"record": func(b *bench) error {
			return b.Update(b.ctx(), func(tx *Tx) error { return tx.Put("tokens", "nas", make([]byte, 64<<10)) })
		},
		"recovery": func(b *bench) error { _, err := b.NewRecoveryKey(b.ctx()); return err },
		"move":     func(b *bench) error { return b.Move(b.ctx(), WithKeyring(Briefly)) },
		"passphrase": func(b *bench) error {
			return b.ChangePassphrase(b.ctx(), WithPassphrase(secret.New(passphrase)), secret.New("another passphrase"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := onDisk(t)
			before, files := b.read(b.file), b.folder()
			free := b.fill()
			b.want(change(b), disk.ErrFull)
			b.wantFile(before)
			b.wantRecord(b.Vault, "nas", "one") // it stays open
			b.must(b.another().Unlock(b.ctx(), WithPassphrase(secret.New(passphrase))))
			b.must(b.another().Unlock(b.ctx(), WithRecovery(b.recovery)))
			if got := b.ring.names(); len(got) != 0 {
				t.Errorf("the keyring holds %v", got)
			}
			_, err := readImage(b.place.previous())
			b.must(err)
			free()
			if got := b.folder(); got != files {
				t.Errorf("the folder holds %s, and held %s", got, files)
			}
			b.must(change(b))
		})
	}
}

func TestCreateOnFullDisk(t *testing.T) {
	b := onDisk(t)
	_, err := b.SetAside(b.ctx())
	b.must(err)
	free := b.fill()
	for _, k := range []Key{WithKeyring(Briefly), WithPassphrase(secret.New(passphrase))} {
		_, err := b.Create(b.ctx(), k)
		b.want(err, disk.ErrFull)
		b.wantState(b.Vault, New)
	}
	if got := b.ring.names(); len(got) != 0 {
		t.Errorf("the keyring holds %v", got)
	}
	free()
	b.create(WithKeyring(Briefly))
}

// On a disk that cannot be written to, the vault can still be read.
func TestReadOnlyDisk(t *testing.T) {
	b := onDisk(t)
	b.must(os.Chmod(b.file, 0o640))
	b.must(os.Remove(b.place.lockFile()))
	b.must(unix.Mount("none", filepath.Dir(b.file), "", unix.MS_REMOUNT|unix.MS_RDONLY, ""))
	v := b.another2()
	b.wantRecord(v, "nas", "one")
	b.wantState(v, Unlocked)
	b.want(v.Update(b.ctx(), func(tx *Tx) error { return tx.Put("tokens", "nas", nil) }), disk.ErrReadOnly)
	b.want(v.Move(b.ctx(), WithKeyring(Briefly)), disk.ErrReadOnly)
	b.wantRecord(v, "nas", "one")
	if got := b.ring.names(); len(got) != 0 {
		t.Errorf("the keyring holds %v", got)
	}
}
