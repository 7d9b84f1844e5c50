package otpauth_test

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"latchkey/backend/companion/authenticator/otpauth"
	"latchkey/backend/identity"
)

// A message is one in protocol buffers that a test puts together.
type message []byte

func (m message) number(field protowire.Number, value uint64) message {
	return protowire.AppendVarint(protowire.AppendTag(m, field, protowire.VarintType), value)
}

func (m message) bytes(field protowire.Number, value []byte) message {
	return protowire.AppendBytes(protowire.AppendTag(m, field, protowire.BytesType), value)
}

func account(secret, name, issuer string) message {
	return message{}.bytes(1, []byte(secret)).bytes(2, []byte(name)).bytes(3, []byte(issuer))
}

func (m message) uri() string {
	return "otpauth-migration://offline?data=" + url.QueryEscape(base64.StdEncoding.EncodeToString(m))
}

// part is one of size QR codes, with one key for each name.
func part(batch int32, index, size int, names ...string) message {
	var m message
	for _, name := range names {
		m = m.bytes(1, account("Hello!\xde\xad\xbe\xef", name, "Service").number(4, 1).number(5, 1).number(6, 2))
	}
	return m.number(2, 1).number(3, uint64(size)).number(4, uint64(index)).number(5, uint64(batch))
}

func TestParseMigration(t *testing.T) {
	m := message{}.
		bytes(1, account("Hello!\xde\xad\xbe\xef", "GitHub:ann", "GitHub").number(4, 1).number(5, 1).number(6, 2)).
		bytes(1, account("12345678901234567890", "ann:work", "C++").number(4, 3).number(5, 2).number(6, 1).number(7, 42)).
		bytes(1, account("12345678901234567890", "ann", "")). // all that is not said is usual
		bytes(1, account("12345678901234567890", "md5", "Old").number(4, 4)).
		bytes(1, account("12345678901234567890", "digits", "Odd").number(5, 9)).
		bytes(1, account("", "empty", "None")).
		number(2, 1).number(3, 1)
	p, err := otpauth.ParseMigration("\n" + m.uri() + " ")
	if err != nil || p.Size != 1 || p.Index != 0 {
		t.Fatalf("%+v, %v", p, err)
	}
	want := []otpauth.Entry{
		{Issuer: "GitHub", Account: "ann", Key: keyOf(t, otpauth.Fields{Secret: "JBSWY3DPEHPK3PXP"})},
		{Issuer: "C++", Account: "work", Key: keyOf(t, otpauth.Fields{Kind: "hotp", Algorithm: "SHA512", Digits: "8", Counter: "42"})},
		{Account: "ann", Key: keyOf(t, otpauth.Fields{})},
	}
	want[1].Account = "work"
	for i, e := range want {
		if i >= len(p.Found) || !reflect.DeepEqual(p.Found[i].Entry, e) {
			t.Errorf("%d is %+v, want %+v", i, p.Found, e)
		}
	}
	for i, e := range []struct {
		name string
		err  *identity.Error
	}{{"Old (md5)", otpauth.ErrAlgorithm}, {"Odd (digits)", otpauth.ErrDigits}, {"None (empty)", otpauth.ErrNoSecret}} {
		if i >= len(p.Unread) || p.Unread[i].Name != e.name || p.Unread[i].Err != e.err || p.Unread[i].At != i+4 {
			t.Errorf("%d is %+v, want %+v", i, p.Unread, e)
		}
	}
	// plus signs that became spaces, no escapes, no padding, the alphabet of URLs
	raw := "otpauth-migration://offline?data=" + strings.ReplaceAll(strings.TrimRight(base64.StdEncoding.EncodeToString(m), "="), "+", " ")
	for _, text := range []string{raw, "OTPAUTH-MIGRATION://offline?x=1&DATA=" + base64.URLEncoding.EncodeToString(m)} {
		if again, err := otpauth.ParseMigration(text); err != nil || len(again.Found) != 3 {
			t.Errorf("%s: %+v, %v", text, again, err)
		}
	}
}

func TestParseMigrationRefuses(t *testing.T) {
	whole := part(7, 0, 2, "ann")
	many := message{}
	for range 5001 {
		many = many.bytes(1, message{})
	}
	for name, tc := range map[string]struct {
		in   string
		want *identity.Error
	}{
		"another scheme":       {"otpauth://offline?data=", otpauth.ErrNotURI},
		"nothing in it":        {"otpauth-migration://offline", otpauth.ErrMigration},
		"no data":              {"otpauth-migration://offline?data=", otpauth.ErrMigration},
		"no base64":            {"otpauth-migration://offline?data=%21%21", otpauth.ErrMigration},
		"a bad escape":         {"otpauth-migration://offline?data=%2", otpauth.ErrMigration},
		"cut short":            {whole[:20].uri(), otpauth.ErrMigration},
		"a length beyond":      {message("\x0a\xff\xff\xff\xff\x0f").uri(), otpauth.ErrMigration},
		"field number 0":       {message("\x00\x01").uri(), otpauth.ErrMigration},
		"a group without end":  {message("\x0b\x0b\x0b").uri(), otpauth.ErrMigration},
		"index beyond":         {part(7, 2, 2, "ann").uri(), otpauth.ErrMigration},
		"negative index":       {part(7, -1, 2, "ann").uri(), otpauth.ErrMigration},
		"too many parts":       {part(7, 0, 1<<30, "ann").uri(), otpauth.ErrMigration},
		"too many keys":        {many.uri(), otpauth.ErrTooMany},
		"too long":             {"otpauth-migration://offline?data=" + strings.Repeat("A", 1<<20), otpauth.ErrURILong},
		"a key that is broken": {message{}.bytes(1, []byte{0x0a, 0x7f}).uri(), otpauth.ErrMigration},
	} {
		_, err := otpauth.ParseMigration(tc.in)
		wantError(t, name, err, tc.want)
	}
}

// Parts come in any order, twice, and from two exports; what is missing is told.
func TestReadParts(t *testing.T) {
	r := otpauth.Read([]string{
		part(-7, 2, 3, "c").uri(), part(-7, 0, 3, "a").uri(), part(-7, 2, 3, "c").uri(), part(9, 1, 2, "z").uri(), part(5, 0, 1, "alone").uri(),
	})
	var names []string
	for _, f := range r.Found {
		names = append(names, fmt.Sprint(f.At, f.Entry.Account))
	}
	want := []otpauth.Batch{{ID: -7, Size: 3, Missing: []int{2}}, {ID: 9, Size: 2, Missing: []int{1}}}
	if fmt.Sprint(names) != "[1c 2a 4z 5alone]" || !reflect.DeepEqual(r.Batches, want) || len(r.Unread) != 0 {
		t.Errorf("%v %+v", names, r)
	}
	if whole := otpauth.Read([]string{part(1, 0, 2, "a").uri(), part(1, 1, 2, "b").uri()}); len(whole.Batches) != 1 || len(whole.Batches[0].Missing) != 0 {
		t.Errorf("%+v", whole.Batches)
	}
}

func TestReadNamesWhatItIs(t *testing.T) {
	for text, want := range map[string]string{
		"https://example.com/2fa":                    "web_link",
		"HTTP://EXAMPLE.COM":                         "web_link",
		"WIFI:T:WPA;S:home;P:canary;;":               "wifi",
		"BEGIN:VCARD\nFN:Ann\nEND:VCARD":             "contact",
		"MECARD:N:Ann;;":                             "contact",
		"mailto:ann@example.com":                     "mail",
		"tel:+15550100":                              "phone",
		"smsto:+15550100:hello":                      "phone",
		"geo:47.6,-122.3":                            "place",
		"BEGIN:VEVENT\nEND:VEVENT":                   "event",
		"bitcoin:1BoatSLRHtKNngkdXEeobR76b53LETtpyT": "payment",
		"BCD\n001\n1\nSCT":                           "payment",
		"FIDO:/0123456789":                           "passkey",
		"phonefactor://activate_account?code=1":      "push",
		"file:///etc/passwd":                         "link",
		"javascript:alert(1)":                        "text",
		"hello":                                      "text",
		"4006381333931":                              "text",
		" \n":                                        "empty",
	} {
		r := otpauth.Read([]string{text})
		if len(r.Found) != 0 || len(r.Unread) != 1 || r.Unread[0].Err.Code != "otp_not_"+want || r.Unread[0].At != 1 {
			t.Errorf("%q: %+v", text, r)
			continue
		}
		if said := fmt.Sprint(r.Unread[0].Err); strings.Contains(said, "canary") || r.Unread[0].Err.Kind != identity.Invalid {
			t.Errorf("%q: %s", text, said)
		}
	}
}

func TestReadGoesOn(t *testing.T) {
	r := otpauth.Read([]string{"https://example.com", "otpauth://totp/Goo\u200bgle:ann?secret=JBSWY3DPEHPK3PXP", "otpauth://totp/a", "otpauth-migration://"})
	if len(r.Found) != 1 || !r.Found[0].Cleaned || r.Found[0].Entry.Issuer != "Google" || r.Found[0].At != 2 || len(r.Unread) != 3 || r.Unread[1].Name != "a" || r.Unread[2].At != 4 {
		t.Errorf("%+v", r)
	}
	many := otpauth.Read(make([]string, otpauth.MostEntries+100))
	if last := many.Unread[len(many.Unread)-1]; len(many.Unread) != otpauth.MostEntries+1 || last.Err != otpauth.ErrTooMany {
		t.Errorf("%d, the last %+v", len(many.Unread), last)
	}
}

func FuzzParseMigration(f *testing.F) {
	f.Add(part(7, 0, 2, "Service:ann", "bob").uri())
	f.Add(message("\x0b\x0b\x0b").uri())
	f.Fuzz(func(t *testing.T, in string) {
		p, err := otpauth.ParseMigration(in)
		if err != nil {
			wantError(t, in, err, identity.AsError(err))
			return
		}
		if p.Index < 0 || p.Index >= p.Size || len(p.Found)+len(p.Unread) > otpauth.MostEntries {
			t.Errorf("%+v", p)
		}
		for _, x := range p.Found {
			if _, err := otpauth.ParseURI(x.Entry.URI()); err != nil {
				t.Errorf("%+v: %v", x, err)
			}
		}
	})
}

// The payload itself, without base64 in its way.
func FuzzPayload(f *testing.F) {
	f.Add([]byte(part(7, 0, 2, "Service:ann", "bob")))
	f.Add([]byte("\x0b\x0b\x0b"))
	f.Fuzz(func(t *testing.T, payload []byte) {
		r := otpauth.Read([]string{message(payload).uri()})
		for _, x := range r.Found {
			_ = x.Entry.Key.Compute(x.Entry.Key.Counter)
		}
	})
}
