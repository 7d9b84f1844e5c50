package sqlite

import (
	"fmt"
	"math"
	"net/netip"
	"strings"
	"time"

	"latchkey/backend/identity"
)

// all is a LIMIT that limits nothing.
const all = math.MaxInt64

// micros is how a time is stored. The zero time is 0, and so is the first
// microsecond of 1970, which reads as zero.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func fromMicros(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}

// A stamp scans a stored time.
type stamp time.Time

// Scan implements sql.Scanner.
func (s *stamp) Scan(v any) error {
	us, ok := v.(int64)
	if !ok {
		return fmt.Errorf("time is stored as %T", v)
	}
	*s = stamp(fromMicros(us))
	return nil
}

// A span scans a stored duration.
type span time.Duration

// Scan implements sql.Scanner.
func (s *span) Scan(v any) error {
	us, ok := v.(int64)
	if !ok {
		return fmt.Errorf("duration is stored as %T", v)
	}
	*s = span(time.Duration(us) * time.Microsecond)
	return nil
}

// blob is bytes as they are stored: nil would be NULL.
func blob(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// addrText is how an address is stored.
func addrText(a netip.Addr) string {
	if !a.IsValid() {
		return ""
	}
	return a.String()
}

// An addr scans a stored address.
type addr netip.Addr

// Scan implements sql.Scanner.
func (a *addr) Scan(v any) error {
	text, ok := v.(string)
	if !ok {
		return fmt.Errorf("address is stored as %T", v)
	}
	if text == "" {
		*a = addr{}
		return nil
	}
	parsed, err := netip.ParseAddr(text)
	*a = addr(parsed)
	return err
}

// factorText is how factors are stored.
func factorText(list []identity.FactorKind) string {
	words := make([]string, len(list))
	for i, f := range list {
		words[i] = string(f)
	}
	return strings.Join(words, " ")
}

// factors scans stored factors. The list is never nil.
type factors []identity.FactorKind

// Scan implements sql.Scanner.
func (f *factors) Scan(v any) error {
	text, ok := v.(string)
	if !ok {
		return fmt.Errorf("factors are stored as %T", v)
	}
	words := strings.Fields(text)
	*f = make(factors, len(words))
	for i, w := range words {
		(*f)[i] = identity.FactorKind(w)
	}
	return nil
}

// bounds returns LIMIT and OFFSET for a page.
func bounds(p identity.Page) (limit, offset int64) {
	limit, offset = int64(p.Limit), int64(max(p.Offset, 0))
	if limit <= 0 {
		limit = all
	}
	return limit, offset
}
