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

// wordText is how a list of words is stored.
func wordText[W ~string](list []W) string {
	text := make([]string, len(list))
	for i, w := range list {
		text[i] = string(w)
	}
	return strings.Join(text, " ")
}

// words scans a stored list of words. The list is never nil.
type words[W ~string] []W

// Scan implements sql.Scanner.
func (l *words[W]) Scan(v any) error {
	text, ok := v.(string)
	if !ok {
		return fmt.Errorf("words are stored as %T", v)
	}
	list := strings.Fields(text)
	*l = make(words[W], len(list))
	for i, w := range list {
		(*l)[i] = W(w)
	}
	return nil
}

// networkText is how a list of networks is stored.
func networkText(list []netip.Prefix) string {
	text := make([]string, len(list))
	for i, p := range list {
		text[i] = p.String()
	}
	return strings.Join(text, " ")
}

// networks scans a stored list of networks. The list is never nil.
type networks []netip.Prefix

// Scan implements sql.Scanner.
func (l *networks) Scan(v any) error {
	text, ok := v.(string)
	if !ok {
		return fmt.Errorf("networks are stored as %T", v)
	}
	list := strings.Fields(text)
	*l = make(networks, len(list))
	for i, w := range list {
		p, err := netip.ParsePrefix(w)
		if err != nil {
			return err
		}
		(*l)[i] = p
	}
	return nil
}

// A hash scans the stored hash of a secret.
type hash identity.SecretHash

// Scan implements sql.Scanner.
func (h *hash) Scan(v any) error {
	b, ok := v.([]byte)
	if !ok || len(b) != len(h) {
		return fmt.Errorf("hash is stored as %T of %d bytes", v, len(b))
	}
	copy(h[:], b)
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
