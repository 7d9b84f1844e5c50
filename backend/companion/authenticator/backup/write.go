package backup

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"latchkey/backend/companion/authenticator/otpauth"
	"latchkey/backend/internal/env"
	"latchkey/backend/internal/secret"
)

// WriteURIs writes a line with a URI for each entry. Whoever reads it has the
// codes; tags, notes and pins are not in it.
func WriteURIs(entries []otpauth.Entry) []byte {
	var out strings.Builder
	for _, e := range entries {
		out.WriteString(e.URI() + "\n")
	}
	return []byte(out.String())
}

// aegisCost is what Aegis itself stretches a password by.
func aegisCost() scryptCost { return scryptCost{n: 1 << 15, r: 8, p: 1} }

// WriteAegis writes a vault of Aegis that a password opens. Returns
// ErrPasswordMissing.
func WriteAegis(entries []otpauth.Entry, password secret.Text, e env.Env) ([]byte, error) {
	if password.IsZero() {
		return nil, ErrPasswordMissing
	}
	db, err := json.Marshal(newAegisDB(entries, e))
	if err != nil {
		return nil, fmt.Errorf("encode entries: %w", err)
	}
	slot := aegisSlot{
		Type: aegisPasswordSlot, UUID: uuid(e), N: aegisCost().n, R: aegisCost().r, P: aegisCost().p,
		Salt: hex.EncodeToString(e.Bytes(keyLen)), Repaired: true,
	}
	master := e.Bytes(keyLen)
	if err := slot.wrap(master, password, e); err != nil {
		return nil, err
	}
	sealed, params, err := sealGCM(master, db, e)
	if err != nil {
		return nil, err
	}
	encoded, err := json.Marshal(base64.StdEncoding.EncodeToString(sealed))
	if err != nil {
		return nil, fmt.Errorf("encode vault: %w", err)
	}
	return indented(aegisFile{Version: aegisVersion, Header: aegisHeader{[]aegisSlot{slot}, &params}, DB: encoded})
}

// WritePlainAegis writes a vault of Aegis that is open to everybody.
func WritePlainAegis(entries []otpauth.Entry, e env.Env) ([]byte, error) {
	db, err := json.Marshal(newAegisDB(entries, e))
	if err != nil {
		return nil, fmt.Errorf("encode entries: %w", err)
	}
	return indented(aegisFile{Version: aegisVersion, DB: db})
}

func indented(f aegisFile) ([]byte, error) {
	text, err := json.MarshalIndent(f, "", "    ")
	if err != nil {
		return nil, fmt.Errorf("encode vault: %w", err)
	}
	return append(text, '\n'), nil
}

// newAegisDB makes a database of which the tags are the groups.
func newAegisDB(entries []otpauth.Entry, e env.Env) aegisWrite {
	db := aegisWrite{Version: aegisDBVersion, Entries: []aegisEntry{}, Groups: []aegisGroup{}}
	groups := map[string]string{}
	for _, x := range entries {
		a := newAegisEntry(x, uuid(e))
		for _, tag := range x.Tags {
			if groups[tag] == "" {
				groups[tag] = uuid(e)
				db.Groups = append(db.Groups, aegisGroup{groups[tag], tag})
			}
			a.Groups = append(a.Groups, groups[tag])
		}
		db.Entries = append(db.Entries, a)
	}
	return db
}

// aegisWrite is an aegisDB that is whole.
type aegisWrite struct {
	Version int          `json:"version"`
	Entries []aegisEntry `json:"entries"`
	Groups  []aegisGroup `json:"groups"`
}

func newAegisEntry(x otpauth.Entry, id string) aegisEntry {
	a := aegisEntry{
		Type: string(x.Key.Kind), UUID: id, Name: x.Account, Issuer: x.Issuer, Note: x.Note, Favorite: x.Pinned, Groups: []string{},
		Info: aegisInfo{Secret: x.Key.Secret.Base32(), Algo: string(x.Key.Algorithm), Digits: x.Key.Digits, Period: x.Key.Period},
	}
	if x.Key.Kind == otpauth.HOTP {
		a.Info.Counter = &x.Key.Counter
	}
	return a
}

// wrap puts the master key into a slot.
func (s *aegisSlot) wrap(master []byte, password secret.Text, e env.Env) error {
	salt, err := hex.DecodeString(s.Salt)
	if err != nil {
		return fmt.Errorf("decode salt: %w", err)
	}
	key, err := scryptKey(password, salt, s.cost())
	if err != nil {
		return err
	}
	sealed, params, err := sealGCM(key, master, e)
	s.Key, s.KeyParams = hex.EncodeToString(sealed), params
	return err
}

// sealGCM encrypts with a key that is used once.
func sealGCM(key, plain []byte, e env.Env) (sealed []byte, p aegisParams, err error) {
	gcm, err := newGCM(key)
	if err != nil {
		return nil, p, fmt.Errorf("encrypt: %w", err)
	}
	nonce := e.Bytes(gcm.NonceSize())
	out := gcm.Seal(nil, nonce, plain, nil)
	sealed, tag := out[:len(plain)], out[len(plain):]
	return sealed, aegisParams{Nonce: hex.EncodeToString(nonce), Tag: hex.EncodeToString(tag)}, nil
}

// uuid makes an id as RFC 9562, section 5.4, has them.
func uuid(e env.Env) string {
	b := e.Bytes(16)
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
