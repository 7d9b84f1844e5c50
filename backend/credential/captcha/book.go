package captcha

import (
	"crypto/subtle"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/text/width"

	"latchkey/backend/identity"
	"latchkey/backend/internal/env"
)

const (
	lifetime = 5 * time.Minute

	// How many live at once. The oldest goes first: who keeps asking pushes out
	// their own. IPv6 addresses count by their network, of which a home has one,
	// since each machine has as many addresses as it wants.
	mostPerNetwork = 20
	mostInAll      = 10_000
	ipv6Network    = 64 // bits (RFC 4291, section 2.5.4)

	mostAnswer = 64 // bytes
)

// errGone is the one answer for a challenge that is unknown, expired, spent or
// somebody else's, so that ids cannot be tried out.
var errGone = identity.NewError(identity.NotFound, "captcha_not_found", "That picture is gone. Ask for a new one.")

// A Book holds the challenges that are open. It may be used by many at once.
type Book struct {
	env env.Env

	mu   sync.Mutex
	open []*challenge // the oldest first; some may have expired
}

type challenge struct {
	id      ID
	account string // empty: it fits every account
	from    netip.Addr
	made    time.Time
	text    string
	look    [32]byte // what makes its picture this one
}

// NewBook returns an empty book.
func NewBook(e env.Env) *Book { return &Book{env: e} }

// Make opens a challenge for an account, by its normalised name, whether there
// is such an account or not. With "" it fits any account from that address.
func (b *Book) Make(account string, from netip.Addr) ID {
	c := &challenge{id: newID(b.env), account: account, from: plain(from), text: newText(b.env)}
	copy(c.look[:], b.env.Bytes(len(c.look)))
	b.mu.Lock()
	defer b.mu.Unlock()
	c.made = b.env.Now()
	b.drop(func(o *challenge) bool { return !o.lives(c.made) || o.id == c.id })
	b.trim(mostInAll-1, func(*challenge) bool { return true })
	b.trim(mostPerNetwork-1, func(o *challenge) bool { return network(o.from) == network(c.from) })
	b.open = append(b.open, c)
	return c.id
}

// Picture draws a challenge as a PNG of 240 by 80 pixels. Returns NotFound
// unless it is open and was made for this address.
func (b *Book) Picture(id ID, from netip.Addr) ([]byte, error) {
	c := b.find(id, plain(from))
	if c == nil {
		return nil, errGone
	}
	return paint(c.text, c.look)
}

// Spend reports whether a challenge for the account, or for any, is open at
// that address and has this answer, in capitals or small letters. That one is
// then spent. A wrong answer burns all that it could have been for; an empty
// one is none, and changes nothing.
func (b *Book) Spend(account string, from netip.Addr, answer string) bool {
	typed := normalize(answer)
	if typed == "" {
		return false
	}
	from = plain(from)
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.env.Now()
	asked := func(c *challenge) bool {
		return c.lives(now) && c.from == from && (c.account == account || c.account == "")
	}
	right := 0
	for i, c := range b.open {
		if asked(c) && subtle.ConstantTimeCompare([]byte(c.text), []byte(typed)) == 1 {
			right = i + 1
		}
	}
	if right > 0 {
		b.open = slices.Delete(b.open, right-1, right)
		return true
	}
	b.drop(asked)
	return false
}

func (b *Book) find(id ID, from netip.Addr) *challenge {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.env.Now()
	for _, c := range b.open {
		if c.id == id && c.from == from && c.lives(now) {
			return c
		}
	}
	return nil
}

func (b *Book) drop(which func(*challenge) bool) { b.open = slices.DeleteFunc(b.open, which) }

// trim drops the oldest of some challenges until no more than most are left.
func (b *Book) trim(most int, which func(*challenge) bool) {
	excess := -most
	for _, c := range b.open {
		if which(c) {
			excess++
		}
	}
	b.drop(func(c *challenge) bool {
		if excess <= 0 || !which(c) {
			return false
		}
		excess--
		return true
	})
}

// lives reports whether a challenge is open at a time. A clock that was set
// back makes none live longer.
func (c *challenge) lives(now time.Time) bool {
	age := now.Sub(c.made)
	return age >= 0 && age < lifetime
}

// plain gives an address one spelling.
func plain(a netip.Addr) netip.Addr { return a.Unmap().WithZone("") }

// network returns what the bound for a network counts by.
func network(a netip.Addr) netip.Addr {
	if !a.Is6() {
		return a
	}
	p, err := a.Prefix(ipv6Network)
	if err != nil {
		return a // an IPv6 address has more bits than that
	}
	return p.Addr()
}

// normalize returns an answer as it stands in a picture. The full-width letters
// of East Asian keyboards count as what they look like. What is too long is
// some wrong answer.
func normalize(answer string) string {
	if len(answer) > mostAnswer {
		return "?"
	}
	return strings.ToUpper(width.Narrow.String(strings.TrimSpace(answer)))
}
