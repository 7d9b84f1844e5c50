package backup

import (
	"bytes"
	"encoding/json"
	"strings"

	"latchkey/backend/companion/authenticator/otpauth"
)

// A loose is a text that may also be a number in the file, or be missing.
type loose string

// UnmarshalJSON takes texts and numbers as they are written, and nothing else.
func (l *loose) UnmarshalJSON(raw []byte) error {
	switch {
	case bytes.Equal(raw, []byte("null")):
		return nil
	case raw[0] == '"':
		return json.Unmarshal(raw, (*string)(l))
	case raw[0] == '-' || raw[0] >= '0' && raw[0] <= '9':
		*l = loose(raw)
		return nil
	}
	*l = "?" // which no field accepts
	return nil
}

func (l loose) String() string { return strings.TrimSpace(string(l)) }

// parse decodes JSON of which the form was recognised.
func parse[T any](raw []byte) (T, error) {
	var v T
	if err := json.Unmarshal(raw, &v); err != nil {
		return v, ErrDamaged // the cause could quote it
	}
	return v, nil
}

// each decodes the elements of an array one by one, so that one that is wrong
// spoils no other, and as many as anybody can have. An element of the wrong form
// is the zero T.
func each[T any](array json.RawMessage, do func(at int, element T)) error {
	if len(array) == 0 || bytes.Equal(array, []byte("null")) {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(array))
	if open, err := d.Token(); err != nil || open != json.Delim('[') {
		return ErrDamaged
	}
	for at := 1; d.More(); at++ {
		if at > otpauth.MostEntries {
			return otpauth.ErrTooMany
		}
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return ErrDamaged
		}
		var element T
		if json.Unmarshal(raw, &element) != nil {
			var none T
			element = none
		}
		do(at, element)
	}
	if _, err := d.Token(); err != nil {
		return ErrDamaged // it ends before its end
	}
	return nil
}
