package captcha

import (
	"encoding/binary"
	"strconv"

	"latchkey/backend/internal/env"
)

// An ID names a challenge: 53 random bits, the most that a number in JSON holds
// exactly (RFC 8259, section 6). It is no secret worth guessing, because it is
// good for nothing at another address.
type ID int64

const idBits = 53

func newID(e env.Env) ID { return ID(binary.BigEndian.Uint64(e.Bytes(8)) >> (64 - idBits)) }

// ParseID reads an ID in decimal digits. What cannot be one gets the answer
// that an unknown one gets.
func ParseID(s string) (ID, error) {
	n, err := strconv.ParseUint(s, 10, idBits)
	if err != nil || s != ID(n).String() {
		return 0, errGone
	}
	return ID(n), nil
}

func (id ID) String() string { return strconv.FormatInt(int64(id), 10) }
