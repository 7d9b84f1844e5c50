package backup

import (
	"encoding/base64"

	"latchkey/backend/internal/secret"
)

// enteFile is an encrypted export of Ente. The plain one is a list of URIs,
// which is also what is sealed in this one.
type enteFile struct {
	Version int `json:"version"`
	KDF     struct {
		Memory int64  `json:"memLimit"` // bytes
		Passes int64  `json:"opsLimit"`
		Salt   string `json:"salt"`
	} `json:"kdfParams"`
	Data  string `json:"encryptedData"`
	Nonce string `json:"encryptionNonce"`
}

const enteVersion = 1

func readEnteSealed(text []byte, password secret.Text) (Backup, error) {
	f, err := parse[enteFile](text)
	if err != nil {
		return Backup{}, err
	}
	if f.Version > enteVersion {
		return Backup{}, ErrNewer
	}
	if password.IsZero() {
		return Backup{}, ErrPasswordNeeded
	}
	var parts [3][]byte
	for i, encoded := range []string{f.KDF.Salt, f.Nonce, f.Data} {
		if parts[i], err = base64.StdEncoding.DecodeString(encoded); err != nil {
			return Backup{}, ErrDamaged
		}
	}
	key, err := argonKey(password, parts[0], f.KDF.Memory, f.KDF.Passes)
	if err != nil {
		return Backup{}, err
	}
	plain, err := openStream(key, parts[1], parts[2])
	if err != nil {
		return Backup{}, err
	}
	b := Backup{Format: Ente, Encrypted: true}
	b.addLines(plain)
	return b, nil
}
