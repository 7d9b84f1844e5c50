package seal_test

import (
	"bytes"
	"errors"
	"fmt"
	"sync"
	"testing"

	"latchkey/backend/internal/seal"
)

func box(t *testing.T) *seal.Box {
	t.Helper()
	dir, _ := secrets(t)
	return open(t, dir, true)
}

func TestSealOpens(t *testing.T) {
	b := box(t)
	for _, plain := range [][]byte{{}, []byte("x"), bytes.Repeat([]byte("secret"), 1<<10)} {
		sealed := b.Seal("totp:17", plain)
		if len(plain) > 8 && bytes.Contains(sealed, plain[:8]) {
			t.Error("the plain text shows")
		}
		if got, err := b.Open("totp:17", sealed); err != nil || !bytes.Equal(got, plain) {
			t.Errorf("%d bytes came back as %d, %v", len(plain), len(got), err)
		}
		if bytes.Equal(sealed, b.Seal("totp:17", plain)) {
			t.Error("sealing twice gives the same: the nonce is not random")
		}
	}
}

func TestOpenRefusesForeignValues(t *testing.T) {
	b, other := box(t), box(t)
	sealed := b.Seal("totp:17", []byte("plain"))
	refuse := func(name string, b *seal.Box, label string, sealed []byte) {
		t.Helper()
		if plain, err := b.Open(label, sealed); !errors.Is(err, seal.ErrSealed) || plain != nil {
			t.Errorf("%s: %q, %v; want ErrSealed", name, plain, err)
		}
	}
	refuse("another master key", other, "totp:17", sealed)
	for _, label := range []string{"", "totp:1", "totp:170", "totp:18", "totp-pending:17", "Totp:17"} {
		refuse("label "+label, b, label, sealed)
	}
	for n := range sealed {
		refuse(fmt.Sprintf("cut to %d bytes", n), b, "totp:17", sealed[:n])
		changed := bytes.Clone(sealed)
		changed[n] ^= 1
		refuse(fmt.Sprintf("changed at byte %d", n), b, "totp:17", changed)
	}
	refuse("longer", b, "totp:17", append(bytes.Clone(sealed), 0))
	refuse("nothing", b, "totp:17", nil)
}

func TestMAC(t *testing.T) {
	dir, _ := secrets(t)
	b := open(t, dir, true)
	mac := b.MAC("recovery:1", []byte("code"))
	if again := open(t, dir, false).MAC("recovery:1", []byte("code")); again != mac {
		t.Error("the MAC does not survive a restart")
	}
	for name, other := range map[string][32]byte{
		"another master key": box(t).MAC("recovery:1", []byte("code")),
		"another label":      b.MAC("recovery:2", []byte("code")),
		"other data":         b.MAC("recovery:1", []byte("codf")),
		"data in the label":  b.MAC("recovery:1c", []byte("ode")),
		"label in the data":  b.MAC("recovery:", []byte("1code")),
		"length in the data": b.MAC("", []byte("10:recovery:1code")),
		"no data":            b.MAC("recovery:1", nil),
	} {
		if other == mac {
			t.Errorf("%s gives the same MAC", name)
		}
	}
}

// Hashes are used again, by whoever needs one next.
func TestMACFromManyGoroutines(t *testing.T) {
	b := box(t)
	data := func(i int) []byte { return bytes.Repeat([]byte{byte(i)}, i) }
	var alone [100][32]byte
	for i := range alone {
		alone[i] = b.MAC("link", data(i))
	}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for i := range alone {
				if b.MAC("link", data(i)) != alone[i] {
					t.Errorf("another MAC for %d bytes", i)
				}
			}
		})
	}
	all.Wait()
}

func TestBoxNeverShows(t *testing.T) {
	b := box(t)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x"} {
		if got := fmt.Sprintf(verb, b); got != "[sealing box]" {
			t.Errorf("%s prints %s", verb, got)
		}
	}
}
