package authenticator

import (
	"cmp"
	"hash/fnv"
	"slices"
	"strings"
	"time"
	"unicode"

	"latchkey/backend/companion/authenticator/otpauth"
)

// An ID names an entry: 32 lower-case hexadecimal digits.
type ID string

// An Entry is one of the person's codes. It prints without its secret.
type Entry struct {
	otpauth.Entry
	ID        ID
	AddedAt   time.Time
	ChangedAt time.Time // the same, until something changes
	DeletedAt time.Time // when it went to the trash; zero: it has not
	Link      Link

	order int    // among those that are as pinned as it is
	spent uint64 // the time step last given to a sign-in
}

// A Link says for which account on a server of the person a code is.
type Link struct {
	Server   string // the server's id in the list
	Username string
}

// IsZero reports whether there is no link.
func (l Link) IsZero() bool { return l == Link{} }

// is reports whether two links are to the same account, however its name is
// typed.
func (l Link) is(other Link) bool {
	return l.Server == other.Server && strings.EqualFold(l.Username, other.Username)
}

// Details are what a person may change of an entry.
type Details struct {
	Issuer, Account string
	Tags            []string
	Pinned          bool
	Note            string
}

// Details returns them.
func (e Entry) Details() Details { return Details{e.Issuer, e.Account, e.Tags, e.Pinned, e.Note} }

// An Icon stands for an entry where there is no picture.
type Icon struct {
	Letters string // one or two
	Colour  int    // from 0 to Colours-1
}

// Colours is how many an icon may have.
const Colours = 12

// Icon returns the initials of the service, or of the account if there is
// none, and a colour that stays the same for the name.
func (e Entry) Icon() Icon {
	name := cmp.Or(e.Issuer, e.Account)
	h := fnv.New32a()
	_, _ = h.Write([]byte(strings.ToLower(name)))
	return Icon{Letters: initials(name), Colour: int(h.Sum32() % Colours)}
}

// initials returns the first letters of the first two words, or the first one
// of a name in a script that has no capitals: there one character is a word.
func initials(name string) string {
	var out []rune
	for _, word := range strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		first := []rune(word)[0]
		capital := unicode.ToUpper(first)
		if out = append(out, capital); len(out) == 2 || capital == unicode.ToLower(first) && !unicode.IsDigit(first) {
			break
		}
	}
	if len(out) == 0 {
		return "?"
	}
	return string(out)
}

// Search returns the entries in which every word is found: in the names, the
// tags or the note. Case makes no difference.
func Search(entries []Entry, words string) []Entry {
	wanted := strings.Fields(strings.ToLower(words))
	var out []Entry
	for _, e := range entries {
		text := strings.ToLower(strings.Join(append([]string{e.Issuer, e.Account, e.Note}, e.Tags...), "\n"))
		if !slices.ContainsFunc(wanted, func(w string) bool { return !strings.Contains(text, w) }) {
			out = append(out, e)
		}
	}
	return out
}

// Portable returns what of the entries can be exported, in their order.
func Portable(entries []Entry) []otpauth.Entry {
	out := make([]otpauth.Entry, len(entries))
	for i, e := range entries {
		out[i] = e.Entry
	}
	return out
}

// sorted puts entries into the order in which they are shown: pinned ones
// first.
func sorted(entries []Entry) []Entry {
	slices.SortFunc(entries, func(a, b Entry) int {
		if a.Pinned != b.Pinned {
			if a.Pinned {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(a.order, b.order), cmp.Compare(a.ID, b.ID))
	})
	return entries
}
