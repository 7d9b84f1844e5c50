package httpapi

import (
	"bytes"
	"strconv"
	"unicode/utf16"
)

// text takes a string and returns it with its quotes.
func (c *checker) text() ([]byte, error) {
	quoted := c.rest
	for i := 1; i < len(quoted); i++ {
		switch b := quoted[i]; {
		case b == '"':
			c.rest = quoted[i+1:]
			return quoted[:i+1], nil
		case b < ' ':
			return nil, errNotJSON
		case b == '\\':
			n, err := escape(quoted[i:])
			if err != nil {
				return nil, err
			}
			i += n - 1
		}
	}
	return nil, errNotJSON
}

// escape returns the length of the escape sequence that s begins with.
func escape(s []byte) (int, error) {
	if len(s) < 2 {
		return 0, errNotJSON
	}
	if s[1] != 'u' {
		if !bytes.ContainsRune([]byte(`"\/bfnrt`), rune(s[1])) {
			return 0, errNotJSON
		}
		return 2, nil
	}
	first, ok := codeUnit(s)
	if !ok {
		return 0, errNotJSON
	}
	if first == 0 {
		return 0, errText
	}
	if !utf16.IsSurrogate(first) {
		return unitLen, nil
	}
	second, ok := codeUnit(s[unitLen:])
	if !ok || utf16.DecodeRune(first, second) == '\uFFFD' {
		return 0, errText
	}
	return 2 * unitLen, nil
}

const unitLen = len(`\u0000`)

// codeUnit reads the UTF-16 code unit in an escape such as \u00e4.
func codeUnit(s []byte) (rune, bool) {
	if len(s) < unitLen || s[0] != '\\' || s[1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(string(s[2:unitLen]), 16, 16)
	return rune(n), err == nil
}

// number takes a number: -? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?
func (c *checker) number() error {
	c.option("-")
	if !c.option("0") && c.digits() == 0 {
		return errNotJSON
	}
	if c.option(".") && c.digits() == 0 {
		return errNotJSON
	}
	if c.option("eE") {
		c.option("+-")
		if c.digits() == 0 {
			return errNotJSON
		}
	}
	return nil
}

// option takes one byte if it is among those of set.
func (c *checker) option(set string) bool {
	if len(c.rest) == 0 || bytes.IndexByte([]byte(set), c.rest[0]) < 0 {
		return false
	}
	c.rest = c.rest[1:]
	return true
}

// digits takes digits and returns how many.
func (c *checker) digits() int {
	n := 0
	for n < len(c.rest) && isDigit(c.rest[n]) {
		n++
	}
	c.rest = c.rest[n:]
	return n
}
