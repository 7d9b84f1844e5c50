package vault

import (
	"fmt"
	"strconv"
	"testing"

	"latchkey/backend/internal/env"
	"latchkey/backend/internal/secret"
)

// kept returns an open vault with n records of 300 bytes.
func kept(b *testing.B, n int) *bench {
	b.Helper()
	v := made(b)
	v.must(v.Update(v.ctx(), func(tx *Tx) error {
		for i := range n {
			v.must(tx.Put("codes", strconv.Itoa(i), make([]byte, 300)))
		}
		return nil
	}))
	return v
}

func BenchmarkGet(b *testing.B) {
	for _, n := range []int{10, 1000} {
		b.Run(fmt.Sprintf("of-%d", n), func(b *testing.B) {
			v := kept(b, n)
			for b.Loop() {
				if _, err := v.Get(b.Context(), "codes", "7"); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkList1000(b *testing.B) {
	v := kept(b, 1000)
	for b.Loop() {
		if _, err := v.List(b.Context(), "codes"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkUpdate(b *testing.B) {
	for _, n := range []int{10, 1000} {
		b.Run(fmt.Sprintf("of-%d", n), func(b *testing.B) {
			v := kept(b, n)
			for b.Loop() {
				v.put(v.Vault, "nas", "one")
			}
		})
	}
}

func BenchmarkUnlock(b *testing.B) {
	v := newBench(b)
	usual, err := Open(v.file, Options{Env: env.System(), Keyring: v.ring})
	v.must(err)
	v.Vault = usual
	v.create(WithPassphrase(secret.New(passphrase)))
	v.put(v.Vault, "nas", "one")
	for name, k := range map[string]Key{"passphrase": WithPassphrase(secret.New(passphrase)), "recovery": WithRecovery(v.recovery)} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if err := v.Unlock(b.Context(), k); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
