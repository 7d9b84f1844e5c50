package vault

import (
	"encoding/base64"
	"errors"

	"github.com/zalando/go-keyring"

	"latchkey/backend/internal/secret"
)

// A Keyring keeps a few short texts for a person. Its methods may hang, and
// panic: the vault calls them in a goroutine of its own, one at a time.
// Errors are ErrKeyringMissing if there is no such entry, and the others that
// begin with ErrKeyring.
type Keyring interface {
	Get(entry string) (secret.Text, error)
	Set(entry string, value secret.Text) error
	Delete(entry string) error
}

// service is what our entries are filed under.
const service = "Latchkey"

// SystemKeyring is the operating system's own: the Secret Service of the
// desktop, the macOS keychain or the Windows credential manager.
type SystemKeyring struct{}

// Get implements Keyring.
func (SystemKeyring) Get(entry string) (secret.Text, error) {
	value, err := keyring.Get(service, entry)
	return secret.New(value), explainKeyring(err)
}

// Set implements Keyring.
func (SystemKeyring) Set(entry string, value secret.Text) error {
	return explainKeyring(keyring.Set(service, entry, value.Reveal()))
}

// Delete implements Keyring.
func (SystemKeyring) Delete(entry string) error {
	return explainKeyring(keyring.Delete(service, entry))
}

func explainKeyring(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, keyring.ErrNotFound):
		return ErrKeyringMissing.Because(err)
	case errors.Is(err, keyring.ErrUnsupportedPlatform):
		return ErrKeyringAbsent.Because(err)
	}
	return busMeaning(err).Because(err)
}

// entryText is a key as the keyring keeps it; some keep text only.
func entryText(k key) secret.Text {
	return secret.New(base64.RawStdEncoding.EncodeToString(k[:]))
}

// parseEntry reads an entry of the keyring. Returns ErrKeyMismatch if it is not
// as entryText writes them.
func parseEntry(text secret.Text) (key, error) {
	b, err := base64.RawStdEncoding.DecodeString(text.Reveal())
	if err != nil || len(b) != keyLen || entryText(key(b)) != text {
		return key{}, ErrKeyMismatch
	}
	defer clear(b)
	return key(b), nil
}
