package otpauth

import (
	"strings"

	"latchkey/backend/identity"
)

// A Content is what a text is, by how it begins.
type Content string

// What texts are, in QR codes above all.
const (
	Setup     Content = "setup"     // of a sign-in code: ParseURI reads it
	Migration Content = "migration" // of Google Authenticator: ParseMigration reads it
	WebLink   Content = "web_link"
	WiFi      Content = "wifi"
	Contact   Content = "contact"
	Mail      Content = "mail"
	Phone     Content = "phone" // a number or a text message
	Place     Content = "place"
	Event     Content = "event"
	Payment   Content = "payment"
	Passkey   Content = "passkey" // a sign-in on another device, by FIDO
	Push      Content = "push"    // the setup of an app that asks before it lets in, such as Microsoft's
	OtherLink Content = "link"
	Words     Content = "text"
	Nothing   Content = "empty"
)

// openings are the beginnings of texts, in lower case. The first that fits
// counts.
var openings = []struct {
	begins  string
	content Content
}{
	{migrationScheme, Migration},
	{scheme, Setup},
	{steamScheme, Setup},
	{"http://", WebLink},
	{"https://", WebLink},
	{"www.", WebLink},
	{"wifi:", WiFi},
	{"begin:vcard", Contact},
	{"mecard:", Contact},
	{"mailto:", Mail},
	{"matmsg:", Mail},
	{"smtp:", Mail},
	{"tel:", Phone},
	{"sms:", Phone},
	{"smsto:", Phone},
	{"geo:", Place},
	{"begin:vevent", Event},
	{"begin:vcalendar", Event},
	{"bitcoin:", Payment},
	{"ethereum:", Payment},
	{"bcd\n", Payment}, // EPC069-12: SEPA credit transfer
	{"bcd\r\n", Payment},
	{"spc\n", Payment}, // the Swiss QR bill
	{"spc\r\n", Payment},
	{"upi:", Payment},
	{"weixin:", Payment},
	{"wxp:", Payment},
	{"fido:", Passkey},
	{"phonefactor:", Push},
	{"msauth:", Push},
	{"duo:", Push},
	{"oktaverify:", Push},
}

// Recognise says what a text is. It reads no more than its beginning.
func Recognise(text string) Content {
	text = strings.TrimSpace(text)
	if text == "" {
		return Nothing
	}
	const longest = 64
	begin := strings.ToLower(text[:min(len(text), longest)])
	for _, o := range openings {
		if strings.HasPrefix(begin, o.begins) {
			return o.content
		}
	}
	if word, _, ok := strings.Cut(begin, "://"); ok && word != "" && strings.Trim(word, "abcdefghijklmnopqrstuvwxyz0123456789+-.") == "" {
		return OtherLink
	}
	return Words
}

// refusal says that a text is no setup of a code, but what it is. Each has a
// code of its own, "otp_not_" and the content.
func (c Content) refusal() *identity.Error {
	switch c {
	case WebLink:
		return identity.NewError(identity.Invalid, "otp_not_web_link",
			"That is a web link, not the setup of a sign-in code. It was not opened; look for the QR code that the page itself shows.")
	case WiFi:
		return identity.NewError(identity.Invalid, "otp_not_wifi",
			"That is the password of a Wi-Fi network, not the setup of a sign-in code.")
	case Contact:
		return identity.NewError(identity.Invalid, "otp_not_contact",
			"That is somebody's contact details, not the setup of a sign-in code.")
	case Mail:
		return identity.NewError(identity.Invalid, "otp_not_mail",
			"That is a mail to be written, not the setup of a sign-in code.")
	case Phone:
		return identity.NewError(identity.Invalid, "otp_not_phone",
			"That is a phone number or a message to be sent, not the setup of a sign-in code.")
	case Place:
		return identity.NewError(identity.Invalid, "otp_not_place",
			"That is a place on a map, not the setup of a sign-in code.")
	case Event:
		return identity.NewError(identity.Invalid, "otp_not_event",
			"That is an entry for a calendar, not the setup of a sign-in code.")
	case Payment:
		return identity.NewError(identity.Invalid, "otp_not_payment",
			"That is a payment, not the setup of a sign-in code. Nothing was paid.")
	case Passkey:
		return identity.NewError(identity.Invalid, "otp_not_passkey",
			"That is a sign-in with a passkey on your phone, not the setup of a sign-in code. Scan it with the phone's camera.")
	case Push:
		return identity.NewError(identity.Invalid, "otp_not_push",
			"That is the setup of an app that asks you before it lets you in, not that of a sign-in code. Look for a link such as \"use another app\" on the page.")
	case OtherLink:
		return identity.NewError(identity.Invalid, "otp_not_link",
			"That is a link for another program, not the setup of a sign-in code.")
	case Nothing:
		return identity.NewError(identity.Invalid, "otp_not_empty",
			"There is nothing in it. Scan or copy it again.")
	case Setup, Migration, Words:
	}
	return identity.NewError(identity.Invalid, "otp_not_text",
		"That is a text, not the setup of a sign-in code. Look for the QR code that the service shows when you turn on two-factor sign-in.")
}
