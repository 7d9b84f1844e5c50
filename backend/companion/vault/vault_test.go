package vault

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"latchkey/backend/internal/disk"
	"latchkey/backend/internal/env"
	"latchkey/backend/internal/secret"
)

func TestLife(t *testing.T) {
	for name, protection := range map[string]Key{
		"keyring":    WithKeyring(Briefly),
		"passphrase": WithPassphrase(secret.New(passphrase)),
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.wantState(b.Vault, New)
			if got := b.folder(); got != "" {
				t.Errorf("looking at it has made %s", got)
			}
			b.create(protection)
			s := b.wantState(b.Vault, Unlocked)
			if s.Protection.String() != name || s.OpenedBy.String() != name || s.Revision != 1 {
				t.Errorf("status %+v", s)
			}
			b.put(b.Vault, "nas", "one")
			b.put(b.Vault, "nas", "two")
			b.wantRecord(b.Vault, "nas", "two")

			b.Lock()
			if s := b.wantState(b.Vault, Locked); s.Protection.String() != name || s.OpenedBy != 0 || s.Problem != nil {
				t.Errorf("status %+v", s)
			}
			_, err := b.Get(b.ctx(), "tokens", "nas")
			b.want(err, ErrLocked)
			_, err = b.List(b.ctx(), "tokens")
			b.want(err, ErrLocked)
			b.want(b.Update(b.ctx(), func(*Tx) error { return nil }), ErrLocked)

			for _, k := range []Key{protection, WithRecovery(b.recovery)} {
				v := b.another()
				b.wantState(v, Locked)
				b.must(v.Unlock(b.ctx(), k))
				b.wantRecord(v, "nas", "two")
				if s := b.wantState(v, Unlocked); s.OpenedBy != k.method || s.Revision != 3 {
					t.Errorf("status %+v", s)
				}
			}
			if got := b.folder(); got != "vault.db vault.db.previous" {
				t.Errorf("the folder holds %s", got)
			}
		})
	}
}

func TestEverythingWithoutAVault(t *testing.T) {
	b := newBench(t)
	_, err := b.Get(b.ctx(), "tokens", "nas")
	b.want(err, ErrNew)
	b.want(b.Update(b.ctx(), func(*Tx) error { return nil }), ErrNew)
	b.want(b.Unlock(b.ctx(), WithPassphrase(secret.New(passphrase))), ErrNew)
	b.want(b.Check(b.ctx(), WithKeyring(Briefly)), ErrNew)
	b.want(b.Move(b.ctx(), WithKeyring(Briefly)), ErrNew)
	b.want(b.ChangePassphrase(b.ctx(), WithPassphrase(secret.New("a")), secret.New(passphrase)), ErrNew)
	_, err = b.NewRecoveryKey(b.ctx())
	b.want(err, ErrNew)
	_, err = b.SetAside(b.ctx())
	b.want(err, ErrNew)
	_, err = b.RestorePrevious(b.ctx())
	b.want(err, ErrNew)
	b.Lock()
	if got := b.folder(); got != "" || b.ring.calls != 0 {
		t.Errorf("the folder holds %s; the keyring was asked %d times", got, b.ring.calls)
	}
}

func TestWrongKeysChangeNothing(t *testing.T) {
	b, other := made(t), made(t)
	b.put(b.Vault, "nas", "one")
	b.Lock()
	before := b.read(b.file)
	for name, tc := range map[string]struct {
		key  Key
		want error
	}{
		"another passphrase":  {WithPassphrase(secret.New("four words of yours")), ErrPassphraseWrong},
		"a prefix":            {WithPassphrase(secret.New(passphrase[:8])), ErrPassphraseWrong},
		"more":                {WithPassphrase(secret.New(passphrase + " ")), ErrPassphraseWrong},
		"no passphrase":       {WithPassphrase(secret.New("")), ErrPassphraseEmpty},
		"a long passphrase":   {WithPassphrase(secret.New(strings.Repeat("x", 1<<20))), ErrPassphraseWrong},
		"no text":             {WithPassphrase(secret.New("\xff\xfe")), ErrPassphraseWrong},
		"the recovery key":    {WithPassphrase(b.recovery), ErrPassphraseWrong},
		"a foreign recovery":  {WithRecovery(other.recovery), ErrRecoveryWrong},
		"a mistyped recovery": {WithRecovery(secret.New(passphrase)), ErrRecoveryMistyped},
		"the keyring":         {WithKeyring(Briefly), ErrOtherProtection},
		"nothing":             {Key{}, ErrOtherProtection},
	} {
		t.Run(name, func(t *testing.T) {
			for _, v := range []*Vault{b.Vault, b.another()} {
				b.want(v.Unlock(t.Context(), tc.key), tc.want)
				b.want(v.Check(t.Context(), tc.key), tc.want)
				b.wantState(v, Locked)
			}
		})
	}
	b.must(b.Unlock(b.ctx(), WithPassphrase(secret.New(passphrase))))
	b.want(b.Unlock(b.ctx(), WithPassphrase(secret.New("four words of yours"))), ErrPassphraseWrong)
	b.wantRecord(b.Vault, "nas", "one") // it stays open
	b.wantFile(before)
	if b.ring.calls != 0 {
		t.Errorf("the keyring was asked %d times about a vault that is not in it", b.ring.calls)
	}
}

func TestCheck(t *testing.T) {
	b := keyed(t)
	b.Lock()
	b.must(b.Check(b.ctx(), WithRecovery(b.recovery)))
	b.must(b.Check(b.ctx(), WithKeyring(Briefly)))
	b.wantState(b.Vault, Locked)
}

func TestPassphrases(t *testing.T) {
	for typed, want := range map[string]error{
		"":                             ErrPassphraseEmpty,
		"1234567":                      ErrPassphraseShort,
		"密码密码密码密":                      ErrPassphraseShort,
		"e\u0301e\u0301e\u0301e\u0301": ErrPassphraseShort, // four characters
		"12345678":                     nil,
		"密码密码密码密码":                     nil,
		"with\nline end":               ErrPassphraseCharacters,
		"with\x00NUL..":                ErrPassphraseCharacters,
		"no text \xff":                 ErrPassphraseCharacters,
		strings.Repeat("x", 1024):      nil,
		strings.Repeat("x", 1025):      ErrPassphraseLong,
	} {
		if err := CheckPassphrase(secret.New(typed)); !errors.Is(err, want) {
			t.Errorf("CheckPassphrase(%.20q) = %v, want %v", typed, err, want)
		}
		if want == nil {
			continue
		}
		b := newBench(t)
		_, err := b.Create(b.ctx(), WithPassphrase(secret.New(typed)))
		b.want(err, want)
		b.wantState(b.Vault, New)
	}
}

// Keyboards encode one character in different ways.
func TestPassphraseThatLooksTheSame(t *testing.T) {
	b := newBench(t)
	b.create(WithPassphrase(secret.New("cafe\u0301\u3000au lait")))
	b.must(b.another().Unlock(b.ctx(), WithPassphrase(secret.New("caf\u00e9 au\u00a0lait"))))
	b.want(b.another().Unlock(b.ctx(), WithPassphrase(secret.New("cafe au lait"))), ErrPassphraseWrong)
}

// A file that an earlier program wrote opens, and is written on.
func TestFormatStays(t *testing.T) {
	for _, k := range []Key{
		WithPassphrase(secret.New("a vault of version one")),
		WithRecovery(secret.New("430C-PPPE-3YZC-WX5R-DBWG-R7D4-TP08-V7T7")),
	} {
		b := &bench{t: t, file: filepath.Join(t.TempDir(), "vault.db"), ring: newRing()}
		b.write(b.read(filepath.Join("testdata", "v1.db")))
		v := b.another()
		if s := b.wantState(v, Locked); s.Protection != ByPassphrase || s.Revision != 2 {
			t.Errorf("status %+v", s)
		}
		b.must(v.Unlock(b.ctx(), k))
		b.wantRecord(v, "nas", "a token")
		b.wantRecord(v, "安", "")
		b.put(v, "安", "another token")
		b.wantRecord(v, "安", "another token")
	}
}

func TestFolderThatIsNotOurs(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root may read and write everywhere")
	}
	b := made(t)
	b.put(b.Vault, "nas", "one")
	folder := filepath.Dir(b.file)
	b.must(os.Chmod(folder, 0o500))
	defer func() { b.must(os.Chmod(folder, dirMode)) }()
	b.want(b.Update(b.ctx(), func(tx *Tx) error { return tx.Put("tokens", "nas", nil) }), disk.ErrDenied)
	b.wantRecord(b.another2(), "nas", "one")
	b.must(os.Chmod(b.file, 0))
	_, err := b.another().Status(b.ctx())
	b.want(err, disk.ErrDenied)
	b.want(b.another().Unlock(b.ctx(), WithRecovery(b.recovery)), disk.ErrDenied)
	other := &bench{t: t, file: filepath.Join(folder, "new", "vault.db"), ring: newRing()}
	other.Vault = other.another()
	_, err = other.Create(b.ctx(), WithPassphrase(secret.New(passphrase)))
	b.want(err, disk.ErrDenied)
}

func TestNeverMadeOverAFile(t *testing.T) {
	for name, prepare := range map[string]struct {
		do   func(b *bench)
		want error
	}{
		"a vault":           {func(*bench) {}, ErrExists},
		"an empty file":     {func(b *bench) { b.write(nil) }, ErrDamaged},
		"half a vault":      {func(b *bench) { b.write(b.read(b.file)[:200]) }, ErrDamaged},
		"another file":      {func(b *bench) { b.write(bytes.Repeat([]byte("notes "), 100)) }, ErrDamaged},
		"only the previous": {func(b *bench) { b.must(os.Remove(b.file)) }, ErrMissing},
		"a newer vault":     {func(b *bench) { b.write(newer(b.read(b.file))) }, ErrNewer},
		"a folder": {func(b *bench) {
			b.must(os.Remove(b.file))
			b.must(os.Mkdir(b.file, dirMode))
		}, ErrDamaged},
		"64 MiB and one byte": {func(b *bench) { b.must(os.Truncate(b.file, maxFile+1)) }, ErrDamaged},
	} {
		for _, protection := range []Key{WithKeyring(Briefly), WithPassphrase(secret.New(passphrase))} {
			t.Run(name+", "+protection.method.String(), func(t *testing.T) {
				b := made(t)
				b.put(b.Vault, "nas", "one")
				prepare.do(b)
				before := b.folder()
				_, err := b.another().Create(b.ctx(), protection)
				b.want(err, prepare.want)
				if got := b.folder(); got != before || len(b.ring.names()) != 0 {
					t.Errorf("the folder holds %s, and held %s; the keyring holds %v", got, before, b.ring.names())
				}
			})
		}
	}
}

// newer returns a vault as a later program might write it.
func newer(file []byte) []byte {
	file[len(magic)+1]++
	return sumUp(file)
}

func TestCreateWithoutProtection(t *testing.T) {
	b := newBench(t)
	for _, k := range []Key{{}, WithRecovery(secret.New("x"))} {
		_, err := b.Create(b.ctx(), k)
		b.want(err, ErrNoProtection)
	}
	b.wantState(b.Vault, New)
}

func TestModes(t *testing.T) {
	b := made(t)
	b.put(b.Vault, "nas", "one")
	check := func() {
		t.Helper()
		for name, want := range map[string]fs.FileMode{"": 0o700, "vault.db": 0o600, "vault.db.previous": 0o600, "vault.db.lock": 0o600} {
			info, err := os.Stat(filepath.Join(filepath.Dir(b.file), name))
			if err != nil || info.Mode().Perm() != want {
				t.Errorf("%s has mode %v, %v", name, info.Mode(), err)
			}
		}
	}
	check()
	for _, name := range []string{"vault.db", "vault.db.previous"} {
		b.must(os.Chmod(filepath.Join(filepath.Dir(b.file), name), 0o666))
	}
	b.another()
	check()
}

func TestLinkToTheFile(t *testing.T) {
	b := made(t)
	link := filepath.Join(t.TempDir(), "link.db")
	b.must(os.Symlink(b.file, link))
	v, err := Open(link, Options{Env: env.System()})
	b.must(err)
	b.must(v.Unlock(b.ctx(), WithPassphrase(secret.New(passphrase))))
	b.put(v, "nas", "one")
	if info, err := os.Lstat(link); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("the link is now %v, %v", info.Mode(), err)
	}
	b.wantRecord(b.Vault, "nas", "one")
}

// Whatever is on the disk, printed or logged shows nothing.
func TestNothingShows(t *testing.T) {
	b := newBench(t)
	b.create(WithPassphrase(secret.New(canary)))
	b.put(b.Vault, "nas", canary)
	b.put(b.Vault, "nas", canary+canary)
	var out bytes.Buffer
	records, err := b.List(b.ctx(), "tokens")
	b.must(err)
	b.must(b.Update(b.ctx(), func(tx *Tx) error {
		fmt.Fprintf(&out, "%v %+v %#v\n", tx, tx, tx)
		return nil
	}))
	for _, x := range []any{b.Vault, b.opened.master, records, records[0], WithPassphrase(secret.New(canary)), b.recovery} {
		fmt.Fprintf(&out, "%v %+v %#v %s %x %d\n", x, x, x, x, x, x)
		slog.New(slog.NewTextHandler(&out, nil)).Info("x", "x", x)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "x", x)
	}
	for _, name := range strings.Fields(b.folder()) {
		out.Write(b.read(filepath.Join(filepath.Dir(b.file), name)))
	}
	for name, planted := range map[string]string{
		"record": canary, "master": string(b.opened.master[:]), "recovery": b.recovery.Reveal(),
		"record in hex": fmt.Sprintf("%x", canary), "record in numbers": fmt.Sprintf("%d", []byte(canary)),
		"master in hex": fmt.Sprintf("%x", b.opened.master[:]), "master in numbers": fmt.Sprintf("%d", b.opened.master[:]),
	} {
		if strings.Contains(out.String(), strings.Trim(planted, "[]")) {
			t.Errorf("the %s shows", name)
		}
	}
}

func TestLockOverwrites(t *testing.T) {
	b := made(t)
	b.put(b.Vault, "nas", canary)
	b.put(b.Vault, "other", canary)
	b.put(b.Vault, "other", canary) // from memory of its own
	o := b.opened
	plain, record := o.contents.plain, o.contents.records["tokens"]["other"]
	if !bytes.Contains(plain, []byte(canary)) || string(record) != canary {
		t.Fatal("this looks at the wrong memory")
	}
	b.Lock()
	if o.master != (key{}) || bytes.Contains(plain, []byte(canary)) || string(record) == canary {
		t.Error("Lock leaves secrets in memory")
	}
}
