package vault

import (
	"bytes"
	"errors"
	"testing"

	"latchkey/backend/internal/env"
	"latchkey/backend/internal/secret"
)

// fuzzed is a vault whose key is known.
func fuzzed(f *testing.F) (file []byte, master key) {
	b := made(f)
	b.put(b.Vault, "nas", "one")
	b.put(b.Vault, "other", "two")
	return b.read(b.file), b.opened.master
}

// The reader of files meets what a disk, a sync program or a stranger made of
// one. The checksum is put right, so that chance gets past it.
func FuzzParse(f *testing.F) {
	file, master := fuzzed(f)
	f.Add(file)
	f.Add(file[:100])
	f.Add([]byte(magic))
	f.Fuzz(func(t *testing.T, file []byte) {
		if len(file) >= checksumLen {
			file = sumUp(bytes.Clone(file))
		}
		i, err := parse(file)
		if err != nil {
			if !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrNewer) {
				t.Errorf("got %v", err)
			}
			return
		}
		if !i.header.protection.costs.bearable() && i.header.protection.method == ByPassphrase {
			t.Errorf("costs %+v", i.header.protection.costs)
		}
		if !bytes.Equal(assemble(i.header, i.sealed), file) {
			t.Error("it reads as another file")
		}
		if _, ok := i.header.recovery.unwrap(i.header.id, master); ok {
			t.Error("a slot opens with the wrong key")
		}
		_, _ = i.unseal(master)
	})
}

func FuzzReadContents(f *testing.F) {
	file, master := fuzzed(f)
	i, err := parse(file)
	if err != nil {
		f.Fatal(err)
	}
	c, err := i.unseal(master)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(c.append(nil))
	f.Add(make([]byte, 2*keyLen+4))
	f.Fuzz(func(t *testing.T, plain []byte) {
		c, ok := readContents(bytes.Clone(plain))
		if !ok {
			return
		}
		if again := c.append(nil); !bytes.Equal(again, plain) || c.size() != len(plain) {
			t.Errorf("%x reads as %x", plain, again)
		}
		c.wipe()
	})
}

func FuzzParseRecovery(f *testing.F) {
	_, text := newRecovery(env.System())
	f.Add(text.Reveal())
	f.Add("０１２３－４５６７")
	f.Fuzz(func(t *testing.T, typed string) {
		bits, err := parseRecovery(secret.New(typed))
		if err != nil && (bits != [recoveryLen]byte{} || !errors.Is(err, ErrRecoveryMistyped)) {
			t.Errorf("got %x, %v", bits, err)
		}
	})
}

func FuzzParseEntry(f *testing.F) {
	f.Add(entryText(key{1, 2, 3}).Reveal())
	f.Fuzz(func(t *testing.T, text string) {
		k, err := parseEntry(secret.New(text))
		if err == nil && entryText(k).Reveal() != text {
			t.Errorf("%q reads as %q", text, entryText(k).Reveal())
		}
	})
}
