package otpauth

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"latchkey/backend/identity"
)

// Bounds on what is written about a key.
const (
	MostName = 256    // characters of an issuer or an account
	MostNote = 10_000 // characters
	MostTags = 50
	MostTag  = 100 // characters
)

// The refusals about what is written about a key.
var (
	ErrNameless = identity.InvalidField("issuer", "otp_name_missing",
		"That code has no name. Say which service or account it is for.")
	ErrName = identity.InvalidField("issuer", "otp_name_long",
		"The name of a service or an account has at most 256 characters. Choose a shorter one.")
	ErrNote = identity.InvalidField("note", "otp_note_long", "A note has at most 10,000 characters. Shorten it.")
	ErrTags = identity.InvalidField("tags", "otp_tags_too_many",
		"A code has at most 50 tags of at most 100 characters. Choose fewer or shorter ones.")
)

// An Entry is a key with what people know it by, as it travels from one app to
// another.
type Entry struct {
	Issuer  string // the service
	Account string // the person's name there
	Key     Key

	Tags   []string
	Pinned bool // shown before others
	Note   string
}

// Name writes what the entry is for in one line: "Service (account)".
func (e Entry) Name() string {
	switch {
	case e.Issuer == "":
		return e.Account
	case e.Account == "":
		return e.Issuer
	}
	return e.Issuer + " (" + e.Account + ")"
}

// Tidy takes out of the texts what does not show, or shows elsewhere than it
// stands, so that no name can look like another in that way; changed says that
// there was such a thing. Texts that are too long are refused: cut short they
// could become somebody else's.
func (e Entry) Tidy() (tidy Entry, changed bool, err error) {
	issuer, a := line(e.Issuer)
	account, b := line(e.Account)
	e.Issuer, e.Account, e.Note, e.Tags = issuer, account, strings.TrimSpace(visible(e.Note, '\n')), tidyTags(e.Tags)
	switch {
	case utf8.RuneCountInString(issuer) > MostName || utf8.RuneCountInString(account) > MostName:
		return Entry{}, false, ErrName
	case utf8.RuneCountInString(e.Note) > MostNote:
		return Entry{}, false, ErrNote
	case len(e.Tags) > MostTags, slices.ContainsFunc(e.Tags, func(t string) bool { return utf8.RuneCountInString(t) > MostTag }):
		return Entry{}, false, ErrTags
	}
	return e, a || b, nil
}

func tidyTags(tags []string) []string {
	var out []string
	for _, t := range tags {
		if t, _ = line(t); t != "" && !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	return out
}

// line makes one line of a text, with one space between words.
func line(text string) (tidy string, hid bool) {
	shown := visible(text, 0)
	spaced := strings.Join(strings.Fields(shown), " ")
	return spaced, utf8.RuneCountInString(shown) < utf8.RuneCountInString(strings.Map(unspace, text))
}

// unspace leaves out the line ends and tabs that visible makes spaces of, which
// are carelessness and no disguise.
func unspace(r rune) rune {
	if unicode.IsSpace(r) {
		return ' '
	}
	return r
}

// visible leaves out what does not show; line ends become spaces unless they
// are kept.
func visible(text string, keep rune) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == keep && keep != 0:
			return r
		case unicode.IsSpace(r):
			return ' '
		case hides(r) || r == utf8.RuneError:
			return -1
		}
		return r
	}, text)
}

// hides reports whether a character does not show or changes the direction of
// others. The joiners that emoji and some scripts need are let through.
func hides(r rune) bool {
	const joiner, nonJoiner = '\u200d', '\u200c'
	return !unicode.IsGraphic(r) && r != joiner && r != nonJoiner
}
