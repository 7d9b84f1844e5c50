package backup

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"

	"latchkey/backend/companion/authenticator/otpauth"
	"latchkey/backend/internal/secret"
)

// The shapes of a backup of 2FAS, schema 1 to 4.
type (
	twoFASFile struct {
		Schema   int             `json:"schemaVersion"`
		Services json.RawMessage `json:"services"`
		Groups   json.RawMessage `json:"groups"`
		Sealed   string          `json:"servicesEncrypted"` // three parts in base64, with colons between them
	}
	twoFASService struct {
		Name   string `json:"name"`
		Secret loose  `json:"secret"`
		Group  string `json:"groupId"`
		OTP    struct {
			Label     string `json:"label"`
			Account   string `json:"account"`
			Issuer    string `json:"issuer"`
			Digits    loose  `json:"digits"`
			Period    loose  `json:"period"`
			Algorithm loose  `json:"algorithm"`
			Counter   loose  `json:"counter"`
			Kind      loose  `json:"tokenType"`
		} `json:"otp"`
	}
	twoFASGroup struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	}
)

const (
	twoFASSchema     = 4
	twoFASIterations = 10_000
)

func readTwoFAS(text []byte, password secret.Text) (Backup, error) {
	f, err := parse[twoFASFile](text)
	if err != nil {
		return Backup{}, err
	}
	if f.Schema > twoFASSchema {
		return Backup{}, ErrNewer
	}
	b := Backup{Format: TwoFAS}
	if f.Sealed != "" {
		b.Encrypted = true
		if f.Services, err = f.open(password); err != nil {
			return Backup{}, err
		}
	}
	return b, b.addTwoFAS(f)
}

// open decrypts the services: the parts are what is sealed, the salt and the
// nonce.
func (f twoFASFile) open(password secret.Text) ([]byte, error) {
	if password.IsZero() {
		return nil, ErrPasswordNeeded
	}
	texts := strings.SplitN(f.Sealed, ":", 4)
	if len(texts) != 3 {
		return nil, ErrDamaged
	}
	var parts [3][]byte
	for i, text := range texts {
		var err error
		if parts[i], err = base64.StdEncoding.DecodeString(text); err != nil {
			return nil, ErrDamaged
		}
	}
	key, err := pbkdf2Key(sha256.New, password, parts[1], twoFASIterations)
	if err != nil {
		return nil, err
	}
	return openGCM(key, parts[2], parts[0])
}

func (b *Backup) addTwoFAS(f twoFASFile) error {
	groups := map[string]string{}
	if err := each(f.Groups, func(_ int, g twoFASGroup) { groups[g.ID] = g.Name }); err != nil {
		return err
	}
	return each(bytes.TrimSpace(f.Services), func(at int, s twoFASService) {
		e := otpauth.Entry{Issuer: first(s.Name, s.OTP.Issuer), Account: first(s.OTP.Account, s.OTP.Label), Tags: []string{groups[s.Group]}}
		b.add(at, e, otpauth.Fields{
			Kind: s.OTP.Kind.String(), Secret: s.Secret.String(), Algorithm: s.OTP.Algorithm.String(), Digits: s.OTP.Digits.String(),
			Period: s.OTP.Period.String(), Counter: s.OTP.Counter.String(),
		})
	})
}

// first returns the first text with something in it.
func first(texts ...string) string {
	for _, t := range texts {
		if strings.TrimSpace(t) != "" {
			return t
		}
	}
	return ""
}
