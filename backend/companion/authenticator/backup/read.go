package backup

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"

	"latchkey/backend/companion/authenticator/otpauth"
	"latchkey/backend/internal/secret"
)

// A Format is whose form a file has.
type Format string

// The formats that are read.
const (
	Aegis     Format = "aegis"
	TwoFAS    Format = "2fas"
	Ente      Format = "ente"
	Bitwarden Format = "bitwarden"
	Raivo     Format = "raivo"
	AndOTP    Format = "andotp"
	FreeOTP   Format = "freeotp"
	KeePassXC Format = "keepassxc"
	URIs      Format = "uris"
)

// name is what an entry is called that has no name.
func (f Format) name() string {
	return map[Format]string{
		Aegis: "Aegis", TwoFAS: "2FAS", Ente: "Ente", Bitwarden: "Bitwarden", Raivo: "Raivo", AndOTP: "andOTP",
		FreeOTP: "FreeOTP+", KeePassXC: "KeePassXC",
	}[f]
}

// MostBytes bounds a file.
const MostBytes = 10 << 20

// A Backup is a file that was read.
type Backup struct {
	otpauth.Reading
	Format    Format
	Encrypted bool
}

// Read reads the content of a file of at most 10 MB. The password is used only
// if the file is encrypted; ErrPasswordNeeded asks for it. Opening an encrypted
// file takes as long and as much memory as its app lets it, up to a few seconds
// and 1 GiB; ErrCostly refuses more.
func Read(content []byte, password secret.Text) (Backup, error) {
	if len(content) > MostBytes {
		return Backup{}, ErrLarge
	}
	b, err := read(content, password)
	if err == nil && len(b.Found)+len(b.Unread) == 0 {
		err = ErrNone
	}
	if err != nil {
		return Backup{}, err
	}
	return b, nil
}

// foreign are the beginnings of files that are no backups, with what to say.
var foreign = []struct {
	begins string
	err    error
}{
	{"\x89PNG", ErrPicture},
	{"\xff\xd8\xff", ErrPicture},
	{"GIF8", ErrPicture},
	{"RIFF", ErrPicture},
	{"PK\x03\x04", ErrArchive},
	{"\x1f\x8b", ErrArchive},
	{"7z\xbc\xaf", ErrArchive},
	{"-----BEGIN PGP", ErrPGP},
	{"SQLite format 3", ErrUnknown},
	{"%PDF", ErrUnknown},
	{"<", ErrUnknown},
	{"\x7fELF", ErrUnknown},
	{"MZ", ErrUnknown},
	{"\xff\xfe", ErrUnknown}, // UTF-16
}

func read(content []byte, password secret.Text) (Backup, error) {
	text := bytes.TrimSpace(bytes.TrimPrefix(content, []byte("\xef\xbb\xbf")))
	for _, f := range foreign {
		if bytes.HasPrefix(text, []byte(f.begins)) {
			return Backup{}, f.err
		}
	}
	switch {
	case len(text) == 0:
		return Backup{}, ErrEmpty
	case !utf8.Valid(text) || bytes.IndexByte(text, 0) >= 0:
		return readAndOTPSealed(content, password)
	case text[0] == '{':
		return readObject(text, password)
	case text[0] == '[':
		return readArray(text)
	}
	return readText(text)
}

// readObject tells by their names which app a JSON object is of.
func readObject(text []byte, password secret.Text) (Backup, error) {
	fields, err := parse[map[string]json.RawMessage](text)
	if err != nil {
		return Backup{}, err
	}
	has := func(names ...string) bool {
		for _, n := range names {
			if _, ok := fields[n]; !ok {
				return false
			}
		}
		return true
	}
	switch {
	case has("db", "header"):
		return readAegis(text, password)
	case has("services", "schemaVersion"), has("servicesEncrypted"):
		return readTwoFAS(text, password)
	case has("kdfParams", "encryptedData"):
		return readEnteSealed(text, password)
	case has("tokens", "tokenOrder"):
		return readFreeOTP(fields["tokens"])
	case has("items"), has("encrypted"):
		return readBitwarden(text)
	}
	return Backup{}, ErrUnknown
}

// readArray tells two apps that write bare lists by what is in the first
// element.
func readArray(text []byte) (Backup, error) {
	var first map[string]json.RawMessage
	err := each(text, func(at int, element map[string]json.RawMessage) {
		if at == 1 {
			first = element
		}
	})
	if err != nil {
		return Backup{}, err
	}
	if _, ok := first["timer"]; ok {
		return readRaivo(text)
	}
	_, secret := first["secret"]
	_, kind := first["type"]
	switch {
	case secret && kind:
		return readAndOTP(text)
	case len(first) == 0:
		return Backup{}, ErrNone
	}
	return Backup{}, ErrUnknown
}

// add sorts an entry in, under the app's name if it has none.
func (b *Backup) add(at int, e otpauth.Entry, f otpauth.Fields) {
	var err error
	e.Key, err = f.Key()
	b.addRead(at, e, err)
}

func (b *Backup) addRead(at int, e otpauth.Entry, err error) {
	if tidy, _, tooLong := e.Tidy(); tooLong == nil && tidy.Name() == "" {
		e.Issuer = b.Format.name()
	}
	b.Add(at, e, err)
}
