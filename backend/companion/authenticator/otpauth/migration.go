package otpauth

import (
	"encoding/base64"
	"net/url"
	"strconv"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"

	"latchkey/backend/identity"
)

// Bounds on an export of Google Authenticator. It puts ten keys into one QR
// code; others have written more.
const (
	maxMigration = 1 << 20 // bytes of text
	MostEntries  = 5000    // in one reading
	mostParts    = 100
)

// The refusals of such an export.
var (
	ErrMigration = identity.InvalidField("uri", "otp_migration_invalid",
		"That export of Google Authenticator is damaged or cut short. Scan or copy it again.")
	ErrTooMany = identity.NewError(identity.Invalid, "otp_too_many",
		"That is more than 5,000 codes at once. Split it into smaller parts.")
)

// A Part is one QR code of an export of Google Authenticator.
type Part struct {
	Reading
	Batch int32 // the same in all parts of one export
	Index int   // from 0
	Size  int   // how many parts there are
}

// ParseMigration reads otpauth-migration://offline?data=..., of at most 1 MiB
// and 5,000 keys. A key in it that cannot be used is listed, and the others are
// read all the same.
func ParseMigration(text string) (Part, error) {
	rest, ok := cutScheme(strings.TrimSpace(text), migrationScheme)
	switch {
	case !ok:
		return Part{}, ErrNotURI
	case len(text) > maxMigration:
		return Part{}, ErrURILong
	}
	_, query, _ := strings.Cut(rest, "?")
	for pair := range strings.SplitSeq(query, "&") {
		if name, raw, _ := strings.Cut(pair, "="); strings.EqualFold(name, "data") {
			return parseData(raw)
		}
	}
	return Part{}, ErrMigration
}

// parseData decodes base64, of which the plus signs may have become spaces and
// the padding lost.
func parseData(raw string) (Part, error) {
	text, err := url.PathUnescape(raw)
	if err != nil {
		return Part{}, ErrMigration
	}
	text = strings.NewReplacer(" ", "+", "-", "+", "_", "/").Replace(text)
	payload, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(text, "="))
	if err != nil || len(payload) == 0 {
		return Part{}, ErrMigration
	}
	return parsePayload(payload)
}

// The fields of Google's message MigrationPayload, and of OtpParameters in it.
const (
	fieldParameters = 1
	fieldBatchSize  = 3
	fieldBatchIndex = 4
	fieldBatchID    = 5

	fieldSecret    = 1
	fieldName      = 2
	fieldIssuer    = 3
	fieldAlgorithm = 4
	fieldDigits    = 5
	fieldType      = 6
	fieldCounter   = 7
)

func parsePayload(payload []byte) (Part, error) {
	var p Part
	err := eachField(payload, func(f field) error {
		switch f.number {
		case fieldParameters:
			if len(p.Found)+len(p.Unread) == MostEntries {
				return ErrTooMany
			}
			return p.add(f.bytes)
		case fieldBatchSize:
			p.Size = int(int32(f.value))
		case fieldBatchIndex:
			p.Index = int(int32(f.value))
		case fieldBatchID:
			p.Batch = int32(f.value)
		}
		return nil
	})
	p.Size = max(p.Size, 1)
	if err == nil && (p.Size > mostParts || p.Index < 0 || p.Index >= p.Size) {
		err = ErrMigration
	}
	if err != nil {
		return Part{}, err
	}
	return p, nil
}

func (p *Part) add(message []byte) error {
	var name, issuer string
	var raw []byte
	f := map[int]uint64{}
	err := eachField(message, func(x field) error {
		switch x.number {
		case fieldSecret:
			raw = x.bytes
		case fieldName:
			name = string(x.bytes)
		case fieldIssuer:
			issuer = string(x.bytes)
		case fieldAlgorithm, fieldDigits, fieldType, fieldCounter:
			f[x.number] = x.value
		}
		return nil
	})
	if err != nil {
		return err
	}
	e := Entry{}
	e.Issuer, e.Account = splitLabel(name, issuer)
	e.Key, err = migrated(raw, f)
	p.Add(len(p.Found)+len(p.Unread)+1, e, err)
	return nil
}

// migrated makes a key of the numbers that stand for its parts; 0 is what is
// usual.
func migrated(raw []byte, f map[int]uint64) (Key, error) {
	s, err := NewSecret(raw)
	if err != nil {
		return Key{}, err
	}
	return Fields{
		Kind:      enum(f[fieldType], string(TOTP), string(HOTP), string(TOTP)),
		Secret:    s.Base32(),
		Algorithm: enum(f[fieldAlgorithm], string(SHA1), string(SHA1), string(SHA256), string(SHA512), "MD5"),
		Digits:    enum(f[fieldDigits], "6", "6", "8"),
		Counter:   strconv.FormatUint(f[fieldCounter], 10),
	}.Key()
}

// enum returns the word for a number, or one that no field accepts.
func enum(n uint64, words ...string) string {
	if n < uint64(len(words)) {
		return words[n]
	}
	return "unknown"
}

// A field is one of a message in protocol buffers, of the two forms that are
// used here: a number or a run of bytes.
type field struct {
	number int
	value  uint64
	bytes  []byte
}

// eachField goes through the fields of a message. Of a known number, but in
// another form, a field is empty.
func eachField(message []byte, do func(field) error) error {
	for len(message) > 0 {
		number, form, n := protowire.ConsumeTag(message)
		if n < 0 {
			return ErrMigration.Because(protowire.ParseError(n))
		}
		message = message[n:]
		f := field{number: int(number)}
		n = protowire.ConsumeFieldValue(number, form, message)
		if form == protowire.VarintType {
			f.value, n = protowire.ConsumeVarint(message)
		}
		if form == protowire.BytesType {
			f.bytes, n = protowire.ConsumeBytes(message)
		}
		if n < 0 {
			return ErrMigration.Because(protowire.ParseError(n))
		}
		if err := do(f); err != nil {
			return err
		}
		message = message[n:]
	}
	return nil
}
