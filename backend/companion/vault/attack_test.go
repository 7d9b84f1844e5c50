package vault

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"testing"

	"latchkey/backend/internal/secret"
)

// sumUp puts the right checksum on a file, as an attacker would.
func sumUp(file []byte) []byte {
	content := file[:len(file)-checksumLen]
	sum := sha256.Sum256(content)
	return append(content, sum[:]...)
}

// wantShut tries every way into what lies in the file.
func (b *bench) wantShut(what string, file []byte) {
	b.t.Helper()
	b.write(file)
	v := b.another()
	for _, k := range []Key{WithPassphrase(secret.New(passphrase)), WithRecovery(b.recovery)} {
		if err := v.Unlock(b.ctx(), k); err == nil {
			b.t.Errorf("%s: it opens by %v", what, k.method)
		}
	}
	if !bytes.Equal(b.read(b.file), file) {
		b.t.Errorf("%s: the file has changed", what)
	}
}

// Damage by chance is told from a wrong passphrase before one is typed.
func TestEveryBitCounts(t *testing.T) {
	b := made(t)
	b.put(b.Vault, "nas", "one")
	whole := b.read(b.file)
	for n := range len(whole) * 8 {
		file := bytes.Clone(whole)
		file[n/8] ^= 1 << (n % 8)
		if _, err := parse(file); !errors.Is(err, ErrDamaged) {
			t.Errorf("bit %d: got %v", n, err)
		}
	}
	b.write(append(bytes.Clone(whole), 0))
	s := b.wantState(b.another(), Unusable)
	b.want(s.Problem, ErrDamaged)
	b.want(b.another().Unlock(b.ctx(), WithPassphrase(secret.New(passphrase))), ErrDamaged)
}

// Who can compute the checksum still opens nothing else.
func TestEveryBitIsSealed(t *testing.T) {
	b := made(t)
	b.put(b.Vault, "nas", "one")
	whole := b.read(b.file)
	readable := 0
	made := map[string]key{} // by method and terms
	for n := range (len(whole) - checksumLen) * 8 {
		file := bytes.Clone(whole)
		file[n/8] ^= 1 << (n % 8)
		i, err := parse(sumUp(file))
		if err != nil {
			continue
		}
		readable++
		for _, k := range []Key{WithPassphrase(secret.New(passphrase)), WithRecovery(b.recovery)} {
			s, err := i.header.slot(k.method)
			if err != nil || s.costs.MemoryKiB > cheap().MemoryKiB { // paid for elsewhere
				continue
			}
			label := string(s.label(vaultID{}))
			with, ok := made[label]
			if !ok {
				with, err = b.derive(b.ctx(), k, s)
				b.must(err)
				made[label] = with
			}
			if master, ok := s.unwrap(i.header.id, with); ok {
				again, err := parse(bytes.Clone(file))
				b.must(err)
				if _, err := again.unseal(master); err == nil {
					t.Errorf("bit %d: it opens by %v", n, k.method)
				}
			}
		}
		if n%97 == 0 {
			b.wantShut(fmt.Sprintf("bit %d", n), file)
		}
	}
	if readable < len(whole)*4 {
		t.Errorf("only %d of %d changes got as far as the seals", readable, len(whole)*8)
	}
}

func TestTruncated(t *testing.T) {
	b := made(t)
	whole := b.read(b.file)
	for n := range whole {
		if _, err := parse(whole[:n]); !errors.Is(err, ErrDamaged) {
			t.Errorf("%d bytes: got %v", n, err)
		}
		if n > checksumLen {
			if _, err := parse(sumUp(bytes.Clone(whole[:n]))); err == nil {
				b.wantShut(fmt.Sprintf("%d bytes", n), sumUp(bytes.Clone(whole[:n])))
			}
		}
	}
}

// A header opens no body but its own, and a slot nothing in another vault.
func TestMixedVersions(t *testing.T) {
	b := made(t)
	versions := [][]byte{b.read(b.file)}
	b.put(b.Vault, "nas", "one")
	versions = append(versions, b.read(b.file))
	b.must(b.ChangePassphrase(b.ctx(), WithPassphrase(secret.New(passphrase)), secret.New("another passphrase")))
	b.must(b.ChangePassphrase(b.ctx(), WithPassphrase(secret.New("another passphrase")), secret.New(passphrase)))
	versions = append(versions, b.read(b.file))
	other := made(t)
	versions = append(versions, other.read(other.file))
	for n, one := range versions {
		for m, two := range versions {
			if n == m {
				continue
			}
			head, err := parse(bytes.Clone(one))
			b.must(err)
			body, err := parse(bytes.Clone(two))
			b.must(err)
			mixed := append(append(bytes.Clone(head.head), body.sealed...), make([]byte, checksumLen)...)
			b.wantShut(fmt.Sprintf("header %d, body %d", n, m), sumUp(mixed))
		}
	}
}

// An attacker with the passphrase of one vault puts its slot into another.
func TestSlotOfAnotherVault(t *testing.T) {
	b, other := made(t), made(t)
	mine, err := parse(b.read(b.file))
	b.must(err)
	theirs, err := parse(other.read(other.file))
	b.must(err)
	for name, change := range map[string]func(h *header){
		"slot":          func(h *header) { h.protection = theirs.header.protection },
		"slot and id":   func(h *header) { h.protection, h.id = theirs.header.protection, theirs.header.id },
		"both slots":    func(h *header) { h.protection, h.recovery = theirs.header.protection, theirs.header.recovery },
		"whole header":  func(h *header) { *h = theirs.header },
		"revision":      func(h *header) { h.revision++ },
		"swapped slots": func(h *header) { h.protection, h.recovery = h.recovery, h.protection },
	} {
		h := mine.header
		change(&h)
		b.wantShut(name, assemble(h, mine.sealed))
	}
}

// assemble makes a file of a header and a sealed body.
func assemble(h header, sealed []byte) []byte {
	plain := h.append(nil)
	file := binary.BigEndian.AppendUint16([]byte(magic), version)
	file = binary.BigEndian.AppendUint16(file, uint16(len(plain)))
	file = append(append(append(file, plain...), sealed...), make([]byte, checksumLen)...)
	return sumUp(file)
}

func TestAbsurdCosts(t *testing.T) {
	b := made(t)
	whole, err := parse(b.read(b.file))
	b.must(err)
	for _, c := range []Costs{
		{MemoryKiB: 1<<32 - 1, Passes: 1, Lanes: 1},
		{MemoryKiB: mostMemory + 1, Passes: 1, Lanes: 1},
		{MemoryKiB: mostMemory, Passes: 5, Lanes: 1},
		{MemoryKiB: 64, Passes: 1<<32 - 1, Lanes: 1},
		{MemoryKiB: 64, Passes: mostPasses + 1, Lanes: 1},
		{MemoryKiB: 1024, Passes: 1, Lanes: 255},
		{MemoryKiB: 1024, Passes: 1, Lanes: mostLanes + 1},
		{MemoryKiB: 7, Passes: 1, Lanes: 1},
		{MemoryKiB: 64, Passes: 1},
		{MemoryKiB: 64, Lanes: 1},
		{},
	} {
		h := whole.header
		h.protection.costs = c
		file := assemble(h, whole.sealed)
		if _, err := parse(file); !errors.Is(err, ErrDamaged) {
			t.Errorf("%+v: got %v", c, err)
		}
	}
	if !usualCosts().bearable() {
		t.Error("the usual costs are not bearable")
	}
}

func TestRolledBackWhileOpen(t *testing.T) {
	for name, look := range map[string]func(b *bench) error{
		"reading": func(b *bench) error { _, err := b.Get(b.ctx(), "tokens", "nas"); return err },
		"writing": func(b *bench) error { return b.Update(b.ctx(), func(*Tx) error { return nil }) },
	} {
		t.Run(name, func(t *testing.T) {
			b := made(t)
			b.put(b.Vault, "nas", "one")
			older := b.read(b.file)
			b.put(b.Vault, "nas", "two")
			b.write(older)
			b.want(look(b), ErrRolledBack)
			b.want(look(b), ErrRolledBack) // until somebody has seen it
			b.want(b.wantState(b.Vault, Locked).Problem, ErrRolledBack)
			b.wantFile(older)
			b.must(b.Unlock(b.ctx(), WithPassphrase(secret.New(passphrase))))
			b.wantRecord(b.Vault, "nas", "one")
		})
	}
}

// Two copies of a vault that both went on are not one.
func TestForkedWhileOpen(t *testing.T) {
	b := made(t)
	fork := b.read(b.file)
	b.put(b.Vault, "nas", "one")
	mine := b.read(b.file)
	b.write(fork)
	v := b.another()
	b.must(v.Unlock(b.ctx(), WithPassphrase(secret.New(passphrase))))
	b.put(v, "nas", "two")
	_, err := b.Get(b.ctx(), "tokens", "nas")
	b.want(err, ErrRolledBack)
	b.write(mine)
	_, err = v.Get(b.ctx(), "tokens", "nas")
	b.want(err, ErrRolledBack)
}

// What lies in memory is still good, but nothing is written over the damage.
func TestBodyDamagedWhileOpen(t *testing.T) {
	b := made(t)
	b.put(b.Vault, "nas", "one")
	cut := b.read(b.file)[:400]
	b.write(cut)
	b.wantRecord(b.Vault, "nas", "one")
	b.want(b.Update(b.ctx(), func(tx *Tx) error { return tx.Put("tokens", "nas", []byte("two")) }), ErrDamaged)
	b.wantFile(cut)
	_, err := b.RestorePrevious(b.ctx())
	b.must(err)
}

func TestDamagedWhileOpen(t *testing.T) {
	for name, damage := range map[string]struct {
		do   func(b *bench)
		want error
	}{
		"cut":     {func(b *bench) { b.write(b.read(b.file)[:100]) }, ErrDamaged},
		"removed": {func(b *bench) { b.must(os.Remove(b.file)) }, ErrMissing},
		"another": {func(b *bench) { o := made(b.t); b.write(o.read(o.file)) }, ErrChanged},
		"newer":   {func(b *bench) { b.write(newer(b.read(b.file))) }, ErrNewer},
	} {
		t.Run(name, func(t *testing.T) {
			b := made(t)
			b.put(b.Vault, "nas", "one")
			damage.do(b)
			before := b.folder()
			_, err := b.Get(b.ctx(), "tokens", "nas")
			b.want(err, damage.want)
			b.want(b.Update(b.ctx(), func(tx *Tx) error { return tx.Put("tokens", "nas", []byte("two")) }), damage.want)
			_, err = b.NewRecoveryKey(b.ctx())
			b.want(err, damage.want)
			if got := b.folder(); got != before {
				t.Errorf("the folder holds %s, and held %s", got, before)
			}
		})
	}
}
