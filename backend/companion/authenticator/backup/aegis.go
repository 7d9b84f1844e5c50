package backup

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"

	"latchkey/backend/companion/authenticator/otpauth"
	"latchkey/backend/internal/secret"
)

// The shapes of Aegis's vault, as its docs/vault.md has them. Numbers of a kind
// that differs between versions are loose.
type (
	aegisFile struct {
		Version int             `json:"version"`
		Header  aegisHeader     `json:"header"`
		DB      json.RawMessage `json:"db"` // an aegisDB, or base64 of one that is sealed
	}
	aegisHeader struct {
		Slots  []aegisSlot  `json:"slots"`
		Params *aegisParams `json:"params"`
	}
	aegisParams struct {
		Nonce string `json:"nonce"`
		Tag   string `json:"tag"`
	}
	aegisSlot struct {
		Type      int         `json:"type"`
		UUID      string      `json:"uuid"`
		Key       string      `json:"key"`
		KeyParams aegisParams `json:"key_params"`
		N         int         `json:"n"`
		R         int         `json:"r"`
		P         int         `json:"p"`
		Salt      string      `json:"salt"`
		Repaired  bool        `json:"repaired"`
		IsBackup  bool        `json:"is_backup"`
	}
	aegisDB struct {
		Version int             `json:"version"`
		Entries json.RawMessage `json:"entries"`
		Groups  json.RawMessage `json:"groups,omitempty"`
	}
	aegisEntry struct {
		Type     string    `json:"type"`
		UUID     string    `json:"uuid"`
		Name     string    `json:"name"`
		Issuer   string    `json:"issuer"`
		Note     string    `json:"note"`
		Favorite bool      `json:"favorite"`
		Icon     *string   `json:"icon"`
		Info     aegisInfo `json:"info"`
		Group    string    `json:"group,omitempty"` // a name, before version 3
		Groups   []string  `json:"groups"`          // ids
	}
	aegisInfo struct {
		Secret  string  `json:"secret"`
		Algo    string  `json:"algo"`
		Digits  int     `json:"digits"`
		Period  int     `json:"period,omitempty"`
		Counter *uint64 `json:"counter,omitempty"`
	}
	aegisGroup struct {
		UUID string `json:"uuid"`
		Name string `json:"name"`
	}
)

// aegisRead is an aegisEntry with what may be written in several ways.
type aegisRead struct {
	aegisEntry
	Info struct {
		Secret  loose `json:"secret"`
		Algo    loose `json:"algo"`
		Digits  loose `json:"digits"`
		Period  loose `json:"period"`
		Counter loose `json:"counter"`
	} `json:"info"`
}

const (
	aegisVersion      = 1
	aegisDBVersion    = 3 // what is written; others differ in their groups alone
	aegisPasswordSlot = 1
	mostSlots         = 50
)

func readAegis(text []byte, password secret.Text) (Backup, error) {
	f, err := parse[aegisFile](text)
	if err != nil {
		return Backup{}, err
	}
	if f.Version > aegisVersion {
		return Backup{}, ErrNewer
	}
	b := Backup{Format: Aegis}
	db := []byte(f.DB)
	if f.Header.Slots != nil || f.Header.Params != nil {
		b.Encrypted = true
		if db, err = f.open(password); err != nil {
			return Backup{}, err
		}
	}
	return b, b.addAegis(db)
}

func (b *Backup) addAegis(text []byte) error {
	db, err := parse[aegisDB](text)
	if err != nil {
		return err
	}
	if db.Version > aegisDBVersion {
		return ErrNewer
	}
	groups := map[string]string{}
	if err := each(db.Groups, func(_ int, g aegisGroup) { groups[g.UUID] = g.Name }); err != nil {
		return err
	}
	return each(db.Entries, func(at int, e aegisRead) {
		tags := []string{e.Group}
		for _, id := range e.Groups {
			tags = append(tags, groups[id])
		}
		b.add(at, otpauth.Entry{Issuer: e.Issuer, Account: e.Name, Note: e.Note, Pinned: e.Favorite, Tags: tags}, otpauth.Fields{
			Kind: e.Type, Secret: e.Info.Secret.String(), Algorithm: e.Info.Algo.String(), Digits: e.Info.Digits.String(),
			Period: e.Info.Period.String(), Counter: e.Info.Counter.String(),
		})
	})
}

// open decrypts the database: the password opens a slot, what lies in the slot
// opens the database.
func (f aegisFile) open(password secret.Text) ([]byte, error) {
	if f.Header.Params == nil || len(f.Header.Slots) > mostSlots {
		return nil, ErrDamaged
	}
	slots, err := f.passwordSlots()
	if err != nil {
		return nil, err
	}
	if password.IsZero() {
		return nil, ErrPasswordNeeded
	}
	encoded, err := parse[string](f.DB)
	if err != nil {
		return nil, err
	}
	sealed, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return nil, ErrDamaged
	}
	master, err := openSlots(slots, password)
	if err != nil {
		return nil, err
	}
	plain, err := f.Header.Params.open(master, sealed)
	if err != nil {
		return nil, ErrDamaged // the password was right
	}
	return plain, nil
}

// passwordSlots returns the slots that a password may open, if trying them all
// is within bounds.
func (f aegisFile) passwordSlots() (slots []aegisSlot, err error) {
	work := int64(0)
	for _, s := range f.Header.Slots {
		if s.Type != aegisPasswordSlot {
			continue
		}
		w, err := s.cost().work()
		if err != nil {
			return nil, err
		}
		if work += w; work > mostScryptWork {
			return nil, ErrCostly
		}
		slots = append(slots, s)
	}
	if len(slots) == 0 {
		return nil, ErrNoPasswordSlot
	}
	return slots, nil
}

func (s aegisSlot) cost() scryptCost { return scryptCost{s.N, s.R, s.P} }

// openSlots tries a password on each slot.
func openSlots(slots []aegisSlot, password secret.Text) (master []byte, err error) {
	for _, s := range slots {
		if master, err = s.open(password); err == nil {
			return master, nil
		}
	}
	return nil, err
}

func (s aegisSlot) open(password secret.Text) ([]byte, error) {
	salt, err := hex.DecodeString(s.Salt)
	if err != nil {
		return nil, ErrDamaged
	}
	sealed, err := hex.DecodeString(s.Key)
	if err != nil {
		return nil, ErrDamaged
	}
	key, err := scryptKey(password, salt, s.cost())
	if err != nil {
		return nil, err
	}
	return s.KeyParams.open(key, sealed)
}

func (p aegisParams) open(key, sealed []byte) ([]byte, error) {
	nonce, err := hex.DecodeString(p.Nonce)
	if err != nil {
		return nil, ErrDamaged
	}
	tag, err := hex.DecodeString(p.Tag)
	if err != nil {
		return nil, ErrDamaged
	}
	return openGCM(key, nonce, append(sealed, tag...))
}
