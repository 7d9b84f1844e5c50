package backup

import (
	"encoding/json"
	"strings"

	"latchkey/backend/companion/authenticator/otpauth"
)

// bitwardenFile is an export of Bitwarden, of the password manager and of the
// authenticator alike.
type bitwardenFile struct {
	Encrypted bool            `json:"encrypted"`
	Items     json.RawMessage `json:"items"`
	Folders   json.RawMessage `json:"folders"`
}

type (
	bitwardenItem struct {
		Name     string `json:"name"`
		Favorite bool   `json:"favorite"`
		Folder   string `json:"folderId"`
		Login    struct {
			Username string `json:"username"`
			TOTP     string `json:"totp"` // a URI, or the secret alone
		} `json:"login"`
	}
	bitwardenFolder struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	}
)

// readBitwarden leaves out logins without a code, and everything else that is
// in them: passwords above all.
func readBitwarden(text []byte) (Backup, error) {
	f, err := parse[bitwardenFile](text)
	if err != nil {
		return Backup{}, err
	}
	if f.Encrypted {
		return Backup{}, ErrOtherEncryption
	}
	folders := map[string]string{}
	if err := each(f.Folders, func(_ int, x bitwardenFolder) { folders[x.ID] = x.Name }); err != nil {
		return Backup{}, err
	}
	b := Backup{Format: Bitwarden}
	err = each(f.Items, func(at int, i bitwardenItem) {
		if strings.TrimSpace(i.Login.TOTP) != "" {
			b.addLogin(at, otpauth.Entry{Issuer: i.Name, Account: i.Login.Username, Pinned: i.Favorite, Tags: []string{folders[i.Folder]}}, i.Login.TOTP)
		}
	})
	return b, err
}

// addLogin adds the code of a login, which is a URI or a bare secret. The
// login's own name counts more than the URI's: it is what the person has given
// it.
func (b *Backup) addLogin(at int, e otpauth.Entry, code string) {
	if otpauth.Recognise(code) != otpauth.Setup {
		b.add(at, e, otpauth.Fields{Secret: code})
		return
	}
	read, err := otpauth.ParseURI(code)
	e.Key, e.Issuer, e.Account = read.Key, first(e.Issuer, read.Issuer), first(e.Account, read.Account)
	b.addRead(at, e, err)
}

type raivoEntry struct {
	Kind      loose  `json:"kind"`
	Issuer    string `json:"issuer"`
	Account   string `json:"account"`
	Secret    loose  `json:"secret"`
	Algorithm loose  `json:"algorithm"`
	Digits    loose  `json:"digits"`
	Timer     loose  `json:"timer"`
	Counter   loose  `json:"counter"`
	Pinned    loose  `json:"pinned"`
}

func readRaivo(text []byte) (Backup, error) {
	b := Backup{Format: Raivo}
	err := each(text, func(at int, e raivoEntry) {
		b.add(at, otpauth.Entry{Issuer: e.Issuer, Account: e.Account, Pinned: e.Pinned == "true" || e.Pinned == "1"}, otpauth.Fields{
			Kind: e.Kind.String(), Secret: e.Secret.String(), Algorithm: e.Algorithm.String(), Digits: e.Digits.String(),
			Period: e.Timer.String(), Counter: e.Counter.String(),
		})
	})
	return b, err
}

type freeOTPToken struct {
	Kind      loose  `json:"type"`
	Algorithm loose  `json:"algo"`
	Digits    loose  `json:"digits"`
	Period    loose  `json:"period"`
	Counter   loose  `json:"counter"`
	IssuerExt string `json:"issuerExt"` // as the person sees it
	IssuerInt string `json:"issuerInt"`
	Label     string `json:"label"`
	Secret    []int8 `json:"secret"` // bytes, as Java counts them
}

func readFreeOTP(tokens json.RawMessage) (Backup, error) {
	b := Backup{Format: FreeOTP}
	err := each(tokens, func(at int, t freeOTPToken) {
		raw := make([]byte, len(t.Secret))
		for i, x := range t.Secret {
			raw[i] = byte(x)
		}
		e := otpauth.Entry{Issuer: first(t.IssuerExt, t.IssuerInt), Account: t.Label}
		s, err := otpauth.NewSecret(raw)
		if err != nil {
			b.addRead(at, e, err)
			return
		}
		b.add(at, e, otpauth.Fields{
			Kind: t.Kind.String(), Secret: s.Base32(), Algorithm: t.Algorithm.String(), Digits: t.Digits.String(),
			Period: t.Period.String(), Counter: t.Counter.String(),
		})
	})
	return b, err
}
