package captcha

import (
	"bytes"
	"container/list"
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
	mostInAll      = 2_000
	ipv6Network    = 64 // bits (RFC 4291, section 2.5.4)

	mostAnswer = 64 // bytes

	// How many are drawn at once. Anybody may ask for a picture, and one takes
	// milliseconds to draw. So each is drawn once and kept: they have 5 kB, none
	// more than 8 KiB, which makes 16 MiB at most.
	mostDrawn = 2
)

// errGone is the one answer for a challenge that is unknown, expired, spent or
// somebody else's, so that ids cannot be tried out.
var errGone = identity.NewError(identity.NotFound, "captcha_not_found", "That picture is gone. Ask for a new one.")

// A Book holds the challenges that are open. It may be used by many at once.
type Book struct {
	env     env.Env
	drawing chan struct{} // as many as are being drawn

	mu    sync.Mutex
	byID  map[ID]*challenge
	of    map[netip.Addr][]*challenge // by network, the oldest first
	order *list.List                  // of all, the oldest first
}

type challenge struct {
	id      ID
	account string // empty: it fits every account
	from    netip.Addr
	made    time.Time
	text    string
	picture func() ([]byte, error) // drawn when it is first asked for
	place   *list.Element
}

// NewBook returns an empty book.
func NewBook(e env.Env) *Book {
	return &Book{
		env: e, drawing: make(chan struct{}, mostDrawn),
		byID: map[ID]*challenge{}, of: map[netip.Addr][]*challenge{}, order: list.New(),
	}
}

// Make opens a challenge for an account, by its normalised name, whether there
// is such an account or not. With "" it fits any account from that address.
func (b *Book) Make(account string, from netip.Addr) ID {
	c := &challenge{id: newID(b.env), account: account, from: plain(from), text: newText(b.env)}
	look := [32]byte(b.env.Bytes(32))
	c.picture = sync.OnceValues(func() ([]byte, error) { return b.draw(c.text, look) })
	b.mu.Lock()
	defer b.mu.Unlock()
	c.made = b.env.Now()
	b.makeRoom(c)
	b.byID[c.id] = c
	b.of[network(c.from)] = append(b.of[network(c.from)], c)
	c.place = b.order.PushBack(c)
	return c.id
}

// makeRoom removes what a new challenge is one too many for, and what expired.
func (b *Book) makeRoom(c *challenge) {
	if twin := b.byID[c.id]; twin != nil {
		b.remove(twin)
	}
	if old := b.of[network(c.from)]; len(old) == mostPerNetwork {
		b.remove(old[0])
	}
	for e := b.order.Front(); e != nil; e = b.order.Front() {
		oldest := e.Value.(*challenge) // nothing else is put in
		if oldest.lives(c.made) && b.order.Len() < mostInAll {
			return
		}
		b.remove(oldest)
	}
}

func (b *Book) remove(c *challenge) {
	at := network(c.from)
	delete(b.byID, c.id)
	b.order.Remove(c.place)
	b.of[at] = slices.DeleteFunc(b.of[at], func(o *challenge) bool { return o == c })
	if len(b.of[at]) == 0 {
		delete(b.of, at)
	}
}

// Picture returns a challenge as a PNG of 240 by 80 pixels, which must not be
// changed. Returns NotFound unless it is open and was made for this address.
func (b *Book) Picture(id ID, from netip.Addr) ([]byte, error) {
	c := b.find(id)
	if c == nil || c.from != plain(from) {
		return nil, errGone
	}
	return c.picture()
}

// draw draws a picture when it is its turn.
func (b *Book) draw(text string, look [32]byte) ([]byte, error) {
	b.drawing <- struct{}{}
	defer func() { <-b.drawing }()
	pic, err := paint(text, look)
	return bytes.Clone(pic), err // without the room that it was written in
}

// find returns an open challenge, or nil. What is drawn of one never changes.
func (b *Book) find(id ID) *challenge {
	b.mu.Lock()
	defer b.mu.Unlock()
	if c := b.byID[id]; c != nil && c.lives(b.env.Now()) {
		return c
	}
	return nil
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
	b.mu.Lock()
	defer b.mu.Unlock()
	asked := b.asked(account, plain(from))
	var right *challenge
	for _, c := range asked {
		if subtle.ConstantTimeCompare([]byte(c.text), []byte(typed)) == 1 {
			right = c
		}
	}
	if right != nil {
		asked = []*challenge{right}
	}
	for _, c := range asked {
		b.remove(c)
	}
	return right != nil
}

// asked returns the open challenges that an answer can be for.
func (b *Book) asked(account string, from netip.Addr) []*challenge {
	now := b.env.Now()
	var out []*challenge
	for _, c := range b.of[network(from)] {
		if c.from == from && (c.account == account || c.account == "") && c.lives(now) {
			out = append(out, c)
		}
	}
	return out
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
