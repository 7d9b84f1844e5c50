package identity

import (
	"net/mail"
	"strings"
)

// An Email is the normalised e-mail address of a user.
type Email string

// MaxEmail is the longest e-mail address, in bytes (RFC 5321, 4.5.3.1.3).
const MaxEmail = 254

var errEmail = InvalidField("email", "email_invalid", "That is not an e-mail address. It looks like ann@example.com.")

// ParseEmail checks an e-mail address and returns it in small letters, without
// space around it. It takes what people have: a local part of letters, digits
// and the marks of RFC 5322 (3.2.3) with single dots between, and a domain
// name with a dot in it (RFC 1123, 2.1), all of it ASCII. Names, comments,
// quotes, addresses in brackets and encoded words (RFC 2047) are refused: mail
// programs disagree on them.
func ParseEmail(s string) (Email, error) {
	text := strings.ToLower(strings.TrimSpace(s))
	local, domain, ok := strings.Cut(text, "@")
	if !ok || len(text) > MaxEmail || len(local) > 64 || strings.Contains(local, "=?") || !isDotAtom(local) || !isDomain(domain) {
		return "", errEmail
	}
	if parsed, err := mail.ParseAddress(text); err != nil || parsed.Address != text {
		return "", errEmail // what a mail program would read otherwise
	}
	return Email(text), nil
}

func isDotAtom(s string) bool {
	for part := range strings.SplitSeq(s, ".") {
		if part == "" || strings.Trim(part, "abcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-/=?^_`{|}~") != "" {
			return false
		}
	}
	return true
}

func isDomain(s string) bool {
	labels := strings.Split(s, ".")
	for _, label := range labels {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' ||
			strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			return false
		}
	}
	last := labels[len(labels)-1]
	return len(labels) > 1 && strings.Trim(last, "0123456789") != ""
}
