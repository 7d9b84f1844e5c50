//go:build !unix || darwin

package vault

import "latchkey/backend/identity"

// busMeaning says what an error of the system's keyring means, where none has
// a type of its own.
func busMeaning(error) *identity.Error { return ErrKeyringFailing }
