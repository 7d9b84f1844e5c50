package httpapi

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode"
	"unicode/utf8"

	"latchkey/backend/identity"
)

const (
	maxDepth     = 32
	maxFieldName = 40 // bytes of an unknown name that a message repeats
)

var (
	errEmptyBody = invalidBody("body_empty", "The request needs a JSON object as its body.")
	errNotObject = invalidBody("body_not_object", "The request body must be one JSON object.")
	errNotJSON   = invalidBody("body_not_json", "The request body is not valid JSON.")
	errTooDeep   = invalidBody("body_too_deep", "The request body is nested too deeply.")
	errText      = invalidBody("body_text_invalid", "The request body holds text that is not valid Unicode.")
	errTwice     = invalidBody("field_duplicate", "A field of the request body is given twice.")
)

func invalidBody(code, message string) *identity.Error {
	return identity.NewError(identity.Invalid, code, message)
}

// checkJSON accepts what encoding/json does, less what it lets pass: text
// that is not Unicode, NUL, names that come twice, deep nesting, and anything
// but an object.
func checkJSON(body []byte) error {
	if !utf8.Valid(body) {
		return errText
	}
	c := checker{rest: body}
	if c.next(); len(c.rest) == 0 {
		return errEmptyBody
	}
	object := c.rest[0] == '{'
	if err := c.value(0); err != nil {
		return err
	}
	if c.next(); !object || len(c.rest) > 0 {
		return errNotObject
	}
	return nil
}

// A checker walks over one JSON text (RFC 8259).
type checker struct{ rest []byte }

// next skips white space and returns the byte after it, or 0 at the end.
func (c *checker) next() byte {
	for i, b := range c.rest {
		switch b {
		case ' ', '\t', '\n', '\r':
			continue
		}
		c.rest = c.rest[i:]
		return b
	}
	c.rest = nil
	return 0
}

// take skips white space and, if the byte after it is b, that.
func (c *checker) take(b byte) bool {
	if c.next() != b {
		return false
	}
	c.rest = c.rest[1:]
	return true
}

// value takes a value that stands inside so many others.
func (c *checker) value(depth int) error {
	switch b := c.next(); {
	case b == '{' || b == '[':
		if depth == maxDepth {
			return errTooDeep
		}
		if b == '{' {
			return c.object(depth)
		}
		return c.array(depth)
	case b == '"':
		_, err := c.text()
		return err
	case b == '-' || isDigit(b):
		return c.number()
	}
	return c.word()
}

func (c *checker) word() error {
	for _, word := range []string{"true", "false", "null"} {
		if rest, ok := bytes.CutPrefix(c.rest, []byte(word)); ok {
			c.rest = rest
			return nil
		}
	}
	return errNotJSON
}

func (c *checker) array(depth int) error {
	c.take('[')
	if c.take(']') {
		return nil
	}
	for {
		if err := c.value(depth + 1); err != nil {
			return err
		}
		if c.take(']') {
			return nil
		}
		if !c.take(',') {
			return errNotJSON
		}
	}
}

func (c *checker) object(depth int) error {
	c.take('{')
	if c.take('}') {
		return nil
	}
	seen := map[string]bool{}
	for {
		if err := c.member(seen, depth); err != nil {
			return err
		}
		if c.take('}') {
			return nil
		}
		if !c.take(',') {
			return errNotJSON
		}
	}
}

func (c *checker) member(seen map[string]bool, depth int) error {
	if c.next() != '"' {
		return errNotJSON
	}
	quoted, err := c.text()
	if err != nil {
		return err
	}
	if !c.take(':') {
		return errNotJSON
	}
	var name string
	if err := json.Unmarshal(quoted, &name); err != nil {
		return errNotJSON
	}
	folded := fold(name)
	if seen[folded] {
		return twice(name)
	}
	seen[folded] = true
	return c.value(depth + 1)
}

// fold returns the same text for all names that encoding/json takes for one:
// it compares runes by the smallest of those that differ only by case.
func fold(name string) string {
	return strings.Map(func(r rune) rune {
		for {
			folded := unicode.SimpleFold(r)
			if folded <= r {
				return folded
			}
			r = folded
		}
	}, name)
}

// twice names the field, unless its name is not fit to be repeated.
func twice(name string) error {
	if len(name) > maxFieldName || strings.Trim(name, fieldLetters) != "" {
		return errTwice
	}
	return identity.InvalidField(name, errTwice.Code, "The field "+name+" is given twice.")
}

const fieldLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"

func isDigit(b byte) bool { return '0' <= b && b <= '9' }
