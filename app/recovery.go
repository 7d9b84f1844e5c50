package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"
	"unicode"

	"latchkey/backend/companion"
	"latchkey/backend/companion/vault"
	"latchkey/backend/identity"
)

// Whether somebody has shown that they have the recovery key is noted in the
// vault itself, so that a new vault does not have it from an old one. Without
// the note the vault has a problem, even if the program ended between making
// the key and showing it.
const (
	keyNotes     = vault.Bucket("recovery")
	keyConfirmed = "confirmed"
)

var errUnconfirmed = identity.NewError(identity.Conflict, "vault_recovery_unconfirmed",
	"Nobody has confirmed yet that they have the recovery key of the vault. Make a new one in the settings and write it down.")

// ConfirmRecovery checks that a person has the recovery key.
func (v *Vault) ConfirmRecovery(typed string) error {
	return do(v.d, atOnce, func(ctx context.Context) error {
		if err := v.d.companion.Vault.Check(ctx, vault.WithRecovery(companion.NewSecret(typed))); err != nil {
			return err
		}
		if err := v.d.companion.Vault.Shelf(keyNotes).Put(ctx, keyConfirmed, nil); err != nil {
			return err
		}
		v.d.vaultChanged()
		return nil
	})
}

// unconfirmed returns errUnconfirmed unless the open vault has the note.
func (d *desk) unconfirmed() error {
	_, err := d.companion.Vault.Shelf(keyNotes).Get(d.ctx, keyConfirmed)
	if errors.Is(err, vault.ErrNoRecord) {
		return errUnconfirmed
	}
	return nil // Status tells what else there is
}

// NewRecoveryKey makes a new recovery key for whoever can open the vault; the
// one before opens nothing any more.
func (v *Vault) NewRecoveryKey(current Protection) (string, error) {
	return ask(v.d, byKeyring, func(ctx context.Context) (string, error) {
		k, err := current.key()
		if err != nil {
			return "", err
		}
		if err := v.d.companion.Vault.Check(ctx, k); err != nil {
			return "", err
		}
		// First, so that no key is taken for confirmed that nobody has seen.
		if err := v.d.companion.Vault.Shelf(keyNotes).Delete(ctx, keyConfirmed); err != nil {
			return "", err
		}
		defer v.d.vaultChanged()
		key, err := v.d.companion.Vault.NewRecoveryKey(ctx)
		return key.Reveal(), err
	})
}

// SaveRecovery writes the recovery key into a file that the person chooses, and
// returns its path, or "" if they cancelled.
func (v *Vault) SaveRecovery(key string) (string, error) {
	return ask(v.d, byPerson, func(ctx context.Context) (string, error) {
		if err := v.d.companion.Vault.Check(ctx, vault.WithRecovery(companion.NewSecret(key))); err != nil {
			return "", err // what is kept for years has to be right
		}
		computer := hostname()
		note := v.d.recoveryNote()
		path, err := v.d.desktop.SaveFile(dialog{Title: v.d.words().SaveRecovery, Name: note.file(computer)})
		if err != nil || path == "" {
			return "", err
		}
		if err := companion.WriteFile(path, []byte(note.text(key, computer, v.d.env.Now()))); err != nil {
			return "", err
		}
		return path, nil
	})
}

func hostname() string {
	name, err := os.Hostname()
	if err != nil {
		return ""
	}
	return name
}

// A recoveryNote is the language of the file with the recovery key.
type recoveryNote string

func (d *desk) recoveryNote() recoveryNote {
	d.mu.Lock()
	defer d.mu.Unlock()
	return recoveryNote(d.language)
}

// file is the file's name. It names the computer, because a stick may hold the
// keys of several.
func (n recoveryNote) file(computer string) string {
	computer = strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '_' {
			return r
		}
		return '-'
	}, computer)
	if n == "zh-CN" {
		return strings.TrimSpace("Latchkey 恢复密钥 "+computer) + ".txt"
	}
	return strings.TrimSpace("Latchkey recovery key "+computer) + ".txt"
}

// text says to whoever finds it in years what it is for.
func (n recoveryNote) text(key, computer string, at time.Time) string {
	if n == "zh-CN" {
		return fmt.Sprintf(`Latchkey 恢复密钥

    %s

用途：当系统钥匙串丢失或忘记密码短语时，用它打开 Latchkey 的保险库。
计算机：%s
保存日期：%s

拿到此密钥和这台计算机上文件的人可以打开保险库，请将它与计算机分开存放。
如果以后生成了新的恢复密钥，此密钥即失效。
`, key, computer, at.Format("2006 年 1 月 2 日"))
	}
	return fmt.Sprintf(`Latchkey recovery key

    %s

What it is for: it opens the vault of Latchkey if the system's keyring
is lost or the passphrase is forgotten.
Computer: %s
Saved on: %s

Whoever has this key and the files of that computer can open the vault,
so keep it somewhere else. A newer recovery key makes this one useless.
`, key, computer, at.Format("2 January 2006"))
}
