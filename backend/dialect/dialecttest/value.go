package dialecttest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
)

// A value is a JSON value that remembers the order of its members.
type value struct {
	kind    kind
	text    string // of a scalar: a string without quotes, otherwise as written
	items   []value
	members []member
}

type member struct {
	name string
	value
}

type kind string

const (
	object kind = "object"
	array  kind = "array"
	text   kind = "string"
	number kind = "number"
	word   kind = "word" // true, false or null
)

var errTrailing = errors.New("more than one JSON value")

// parseValue reads exactly one JSON value.
func parseValue(b []byte) (value, error) {
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	v, err := readValue(dec)
	if err != nil {
		return v, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return v, errTrailing
	}
	return v, nil
}

func readValue(dec *json.Decoder) (value, error) {
	t, err := dec.Token()
	if err != nil {
		return value{}, err
	}
	switch t := t.(type) {
	case json.Delim:
		if t == '{' {
			return readObject(dec)
		}
		return readArray(dec)
	case string:
		return value{kind: text, text: t}, nil
	case json.Number:
		return value{kind: number, text: t.String()}, nil
	case bool:
		if t {
			return value{kind: word, text: "true"}, nil
		}
		return value{kind: word, text: "false"}, nil
	}
	return value{kind: word, text: "null"}, nil
}

func readObject(dec *json.Decoder) (value, error) {
	v := value{kind: object}
	for dec.More() {
		name, err := readValue(dec)
		if err != nil {
			return v, err
		}
		inner, err := readValue(dec)
		if err != nil {
			return v, err
		}
		v.members = append(v.members, member{name.text, inner})
	}
	_, err := dec.Token()
	return v, err
}

func readArray(dec *json.Decoder) (value, error) {
	v := value{kind: array}
	for dec.More() {
		inner, err := readValue(dec)
		if err != nil {
			return v, err
		}
		v.items = append(v.items, inner)
	}
	_, err := dec.Token()
	return v, err
}

// find returns the member with a name.
func (v value) find(name string) (value, bool) {
	for _, m := range v.members {
		if m.name == name {
			return m.value, true
		}
	}
	return value{}, false
}

// width is what fits on one line of a recording.
const width = 100

// String writes the value as people write JSON: what is short on one line, and
// otherwise each part on its own.
func (v value) String() string { return v.format("") }

func (v value) format(indent string) string {
	short := v.line()
	if len(v.parts()) == 0 || len(indent)+len(short) <= width {
		return short
	}
	inner := indent + "  "
	var lines []string
	for _, m := range v.members {
		lines = append(lines, inner+quote(m.name)+": "+m.format(inner))
	}
	for _, i := range v.items {
		lines = append(lines, inner+i.format(inner))
	}
	return v.wrap("\n" + strings.Join(lines, ",\n") + "\n" + indent)
}

func (v value) line() string {
	if v.kind == text {
		return quote(v.text)
	}
	if v.kind != object && v.kind != array {
		return v.text
	}
	return v.wrap(strings.Join(v.parts(), ", "))
}

// parts are the members or items, each on one line.
func (v value) parts() []string {
	var out []string
	for _, m := range v.members {
		out = append(out, quote(m.name)+": "+m.line())
	}
	for _, i := range v.items {
		out = append(out, i.line())
	}
	return out
}

func (v value) wrap(inner string) string {
	if v.kind == object {
		return "{" + inner + "}"
	}
	return "[" + inner + "]"
}

func quote(s string) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a string can always be encoded
	return strings.TrimSuffix(b.String(), "\n")
}
