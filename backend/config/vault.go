package config

import (
	"os"

	"latchkey/backend/internal/secret"
)

// VaultPassphrase returns the passphrase of the desktop's vault for commands
// that nobody sits at: LATCHKEY_VAULT_PASSPHRASE. It is no setting, as it must
// stand in no file, and it is read only when a vault is to be opened.
func VaultPassphrase() secret.Text { return secret.New(os.Getenv(envPrefix + "VAULT_PASSPHRASE")) }
