package backup

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"latchkey/backend/companion/authenticator/otpauth"
	"latchkey/backend/identity"
	"latchkey/backend/internal/secret"
)

func TestReadPlain(t *testing.T) {
	all := three(t)
	bitwarden := bare(all, "note")
	bitwarden = append(bitwarden, otpauth.Entry{Issuer: "Bare", Account: "ann", Key: keyOf(t, otpauth.Fields{Secret: other})})
	freeOTP := append(bare(all[:2], "tags", "note", "pin"), otpauth.Entry{Issuer: "Bytes", Account: "ann", Key: keyOf(t, otpauth.Fields{Secret: other})})
	table := bare(all, "note")
	for _, tc := range []struct {
		format  Format
		content string
		want    []otpauth.Entry
		unread  int
	}{
		{Aegis, aegisPlain, all, 0},
		{TwoFAS, twoFASPlain, bare(all, "note", "pin"), 0},
		{Bitwarden, bitwardenPlain, bitwarden, 0},
		{Bitwarden, bitwardenTable, table, 0},
		{Raivo, raivoPlain, bare(all, "tags", "note"), 0},
		{AndOTP, andOTPPlain, bare(all, "note", "pin"), 0},
		{FreeOTP, freeOTPPlain, freeOTP, 0},
		{KeePassXC, keePassXCPlain, bare(all, "note", "pin"), 0},
		{URIs, uriLines, bare(all, "tags", "note", "pin"), 1},
	} {
		t.Run(string(tc.format), func(t *testing.T) {
			b, err := Read([]byte(tc.content), secret.Text{})
			if err != nil {
				t.Fatal(err)
			}
			if b.Format != tc.format || b.Encrypted || len(b.Unread) != tc.unread {
				t.Errorf("%s, encrypted %v, unread %+v", b.Format, b.Encrypted, b.Unread)
			}
			wantEntries(t, b, tc.want)
			if strings.Contains(fmt.Sprintf("%+v", b), canary) {
				t.Error("something was taken that is none of our business")
			}
		})
	}
}

func TestReadSealed(t *testing.T) {
	all := three(t)
	for _, tc := range []struct {
		name    string
		format  Format
		content []byte
		want    []otpauth.Entry
		unread  int
	}{
		{"Aegis", Aegis, aegisSealed(t, 1<<12), all, 0},
		{"2FAS", TwoFAS, twoFASSealed(t), bare(all, "note", "pin"), 0},
		{"Ente", Ente, enteSealed(t), all, 1},
		{"andOTP", AndOTP, andOTPSealed(t, 20_000), bare(all, "note", "pin"), 0},
		{"andOTP, old", AndOTP, andOTPSealedOld(t), bare(all, "note", "pin"), 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b, err := Read(tc.content, typed())
			if err != nil {
				t.Fatal(err)
			}
			if b.Format != tc.format || !b.Encrypted || len(b.Unread) != tc.unread {
				t.Errorf("%s, encrypted %v, unread %+v", b.Format, b.Encrypted, b.Unread)
			}
			wantEntries(t, b, tc.want)
			_, err = Read(tc.content, secret.Text{})
			wantError(t, err, ErrPasswordNeeded)
			_, err = Read(tc.content, secret.New("four oars"))
			wantError(t, err, ErrPasswordWrong)
			for _, cut := range []int{len(tc.content) / 3, len(tc.content) - 10} {
				_, err = Read(tc.content[:cut], typed())
				wantSafe(t, err)
			}
		})
	}
}

// One entry that cannot be used keeps no other from being read, and is named.
func TestReadGoesOn(t *testing.T) {
	for format, content := range map[Format]string{
		Aegis: `{"version":1,"header":{},"db":{"entries":[{"type":"motp","name":"ann","issuer":"Odd","info":{"secret":"GEZDGNBVGY3TQOJQ"}},7,{"type":"totp","issuer":"Service","info":{"secret":"JBSWY3DPEHPK3PXP","digits":true}},
			{"type":"totp","name":"ann","issuer":"Good","info":{"secret":"JBSWY3DPEHPK3PXP","digits":"6","period":30}}]}}`,
		TwoFAS:    `{"schemaVersion":4,"services":[{"name":"Odd","secret":"GEZDGNBVGY3TQOJQ","otp":{"account":"ann","tokenType":"MOTP"}},7,{"name":"Service","secret":"JBSWY3DPEHPK3PXP","otp":{"period":0}},{"name":"Good","secret":"JBSWY3DPEHPK3PXP","otp":{"account":"ann"}}]}`,
		Raivo:     `[{"kind":"X","issuer":"Odd","account":"ann","secret":"GEZDGNBVGY3TQOJQ","timer":"30"},7,{"issuer":"Service","secret":"JBSWY3DPEHPK3PXP","digits":"11","timer":"30"},{"issuer":"Good","account":"ann","secret":"JBSWY3DPEHPK3PXP","timer":30}]`,
		AndOTP:    `[{"type":"X","issuer":"Odd","label":"ann","secret":"GEZDGNBVGY3TQOJQ"},7,{"type":"TOTP","issuer":"Service","secret":"JBSWY3DPEHPK3PX!"},{"type":"TOTP","issuer":"Good","label":"ann","secret":"JBSWY3DPEHPK3PXP"}]`,
		FreeOTP:   `{"tokenOrder":[],"tokens":[{"type":"X","issuerExt":"Odd","label":"ann","secret":[1,2,3,4,5]},7,{"issuerExt":"Service","secret":[]},{"issuerExt":"Good","label":"ann","secret":[72,101,108,108,111,33,-34,-83,-66,-17]}]}`,
		Bitwarden: `{"items":[{"name":"Odd","login":{"username":"ann","totp":"otpauth://x/y?secret=GEZDGNBVGY3TQOJQ"}},{"name":"Text","login":{"totp":"0 1 8 9"}},{"name":"Service","login":{"totp":"otpauth://totp/x"}},{"name":"Good","login":{"username":"ann","totp":"JBSWY3DPEHPK3PXP"}}]}`,
		KeePassXC: "Title,Username,TOTP\nOdd,ann,otpauth://x/y?secret=GEZDGNBVGY3TQOJQ\nText,,0 1 8 9\nService,,otpauth://totp/x\nGood,ann,JBSWY3DPEHPK3PXP\n",
		URIs:      "otpauth://x/Odd:ann?secret=GEZDGNBVGY3TQOJQ\nhello\notpauth://totp/Service\notpauth://totp/Good:ann?secret=JBSWY3DPEHPK3PXP",
	} {
		t.Run(string(format), func(t *testing.T) {
			b, err := Read([]byte(content), secret.Text{})
			if err != nil {
				t.Fatal(err)
			}
			wantEntries(t, b, []otpauth.Entry{{Issuer: "Good", Account: "ann", Key: keyOf(t, otpauth.Fields{Secret: other})}})
			if len(b.Unread) != 3 {
				t.Errorf("%+v", b.Unread)
			}
			for i, u := range b.Unread {
				if u.At < i+1 || u.Err == nil {
					t.Errorf("%+v", u)
				}
				wantSafe(t, u.Err)
			}
		})
	}
}

// An entry without a name is not lost.
func TestReadNameless(t *testing.T) {
	b, err := Read([]byte(`[{"type":"TOTP","secret":"JBSWY3DPEHPK3PXP","issuer":"\u200b"}]`), secret.Text{})
	if err != nil || len(b.Found) != 1 || b.Found[0].Entry.Issuer != "andOTP" {
		t.Errorf("%+v, %v", b, err)
	}
}

func TestReadRefuses(t *testing.T) {
	many := "[" + strings.Repeat(`{"type":"TOTP","secret":"a"},`, 5001)
	many = many[:len(many)-1] + "]"
	for name, tc := range map[string]struct {
		content string
		want    error
	}{
		"nothing":              {"", ErrEmpty},
		"space":                {" \r\n", ErrEmpty},
		"a mark and nothing":   {"\xef\xbb\xbf", ErrEmpty},
		"too large":            {strings.Repeat(" ", MostBytes+1), ErrLarge},
		"words":                {"hello", ErrUnknown},
		"a web page":           {"<!doctype html>", ErrUnknown},
		"a PDF":                {"%PDF-1.7\n\x00", ErrUnknown},
		"a database":           {"SQLite format 3\x00", ErrUnknown},
		"UTF-16":               {"\xff\xfeo\x00t\x00", ErrUnknown},
		"a few bytes":          {"\x00\x01\x02", ErrUnknown},
		"a picture":            {"\x89PNG\r\n\x1a\n", ErrPicture},
		"an archive":           {"PK\x03\x04", ErrArchive},
		"PGP":                  {"-----BEGIN PGP MESSAGE-----", ErrPGP},
		"a number in brackets": {"[7]", ErrNone},
		"an empty list":        {"[]", ErrNone},
		"an object":            {"{}", ErrUnknown},
		"another object":       {`{"a":1}`, ErrUnknown},
		"half an object":       {`{"services":[`, ErrDamaged},
		"half a list":          {`[{"type":"TOTP","secret":"JBSWY3DPEHPK3PXP"}`, ErrDamaged},
		"deep nesting":         {strings.Repeat("[", 1<<20), ErrDamaged},
		"too many":             {many, otpauth.ErrTooMany},
		"a table without any":  {"Title,Username,TOTP\na,b,\n", ErrNone},
		"a table that breaks":  {"Title,Username,TOTP\na,b,\"c\nd", ErrDamaged},
		"Aegis, newer":         {`{"version":2,"header":{},"db":{}}`, ErrNewer},
		"Aegis, newer inside":  {`{"version":1,"header":{},"db":{"version":4}}`, ErrNewer},
		"Aegis, no list":       {`{"version":1,"header":{},"db":{"entries":{}}}`, ErrDamaged},
		"Aegis, only a finger": {`{"version":1,"header":{"slots":[{"type":2}],"params":{}},"db":""}`, ErrNoPasswordSlot},
		"2FAS, newer":          {`{"services":[],"schemaVersion":5}`, ErrNewer},
		"Ente, newer":          {`{"version":2,"kdfParams":{},"encryptedData":""}`, ErrNewer},
		"Bitwarden, encrypted": {`{"encrypted":true,"data":"x"}`, ErrOtherEncryption},
	} {
		b, err := Read([]byte(tc.content), secret.Text{})
		if err == nil {
			t.Errorf("%s: %+v", name, b)
			continue
		}
		wantError(t, err, tc.want)
	}
}

// A file says itself how much work its password is. What would take the
// computer's memory or minutes is not begun.
func TestCostIsBounded(t *testing.T) {
	slot := func(n, r, p int) string {
		return fmt.Sprintf(`{"type":1,"key":"00","key_params":{"nonce":"","tag":""},"n":%d,"r":%d,"p":%d,"salt":""}`, n, r, p)
	}
	aegis := func(slots ...string) string {
		return `{"version":1,"header":{"slots":[` + strings.Join(slots, ",") + `],"params":{"nonce":"","tag":""}},"db":""}`
	}
	ente := func(memory, passes int) string {
		return fmt.Sprintf(`{"version":1,"kdfParams":{"memLimit":%d,"opsLimit":%d,"salt":"AAAAAAAAAAAAAAAAAAAAAA=="},"encryptedData":"","encryptionNonce":""}`, memory, passes)
	}
	for name, tc := range map[string]struct {
		content string
		want    error
	}{
		"scrypt, 1 TiB":           {aegis(slot(1<<30, 8, 1)), ErrCostly},
		"scrypt, overflow":        {aegis(slot(1<<62, 1<<62, 1<<62)), ErrCostly},
		"scrypt, wide":            {aegis(slot(1<<15, 1<<20, 1)), ErrCostly},
		"scrypt, many in a row":   {aegis(slot(1<<15, 8, 1<<20)), ErrCostly},
		"scrypt, many slots":      {aegis(strings.Split(strings.Repeat(slot(1<<15, 8, 1)+" ", 40), " ")[:40]...), ErrCostly},
		"scrypt, too many slots":  {aegis(strings.Split(strings.Repeat(slot(2, 1, 1)+" ", 51), " ")[:51]...), ErrDamaged},
		"scrypt, no power of two": {aegis(slot(1000, 8, 1)), ErrDamaged},
		"scrypt, negative":        {aegis(slot(-1, -8, -1)), ErrDamaged},
		"Argon2, 1 TiB":           {ente(1<<40, 1), ErrCostly},
		"Argon2, for years":       {ente(8<<10, 1<<40), ErrCostly},
		"Argon2, many passes":     {ente(1<<30, 5), ErrCostly},
		"Argon2, negative":        {ente(-1, -1), ErrDamaged},
		"Argon2, nothing":         {ente(0, 0), ErrDamaged},
	} {
		_, err := Read([]byte(tc.content), typed())
		if err == nil {
			t.Errorf("%s is read", name)
			continue
		}
		wantError(t, err, tc.want)
	}
	if _, err := pbkdf2Key(nil, typed(), nil, mostIterations+1); err != ErrCostly {
		t.Error(err)
	}
	// what is not tried is told before a password is asked for
	_, err := Read([]byte(aegis(slot(1<<30, 8, 1))), secret.Text{})
	wantError(t, err, ErrCostly)
}

// Ids and names that stand twice in a file harm nothing: each entry is there.
func TestDuplicateIDs(t *testing.T) {
	var f map[string]any
	must(t, 0, json.Unmarshal([]byte(aegisPlain), &f))
	db := f["db"].(map[string]any)
	entries := db["entries"].([]any)
	db["entries"] = append(entries, entries...)
	groups := db["groups"].([]any)
	db["groups"] = append(groups, groups...)
	content, err := json.Marshal(f)
	must(t, content, err)
	b, err := Read(content, secret.Text{})
	must(t, b, err)
	wantEntries(t, b, append(three(t), three(t)...))
}

// A file cut anywhere is refused or read in part, and nothing else happens.
func TestCutAnywhere(t *testing.T) {
	for _, sample := range samples() {
		for cut := 0; cut < len(sample); cut += 7 {
			if _, err := Read([]byte(sample[:cut]), secret.Text{}); err != nil {
				wantSafe(t, err)
			}
		}
	}
}

func TestReadTakesAllItMay(t *testing.T) {
	var content bytes.Buffer
	for n := range otpauth.MostEntries {
		fmt.Fprintf(&content, "otpauth://totp/a%d?secret=%s\n", n, seed)
	}
	b, err := Read(content.Bytes(), secret.Text{})
	if err != nil || len(b.Found) != otpauth.MostEntries || len(b.Unread) != 0 {
		t.Errorf("%d, %d, %v", len(b.Found), len(b.Unread), err)
	}
	content.WriteString("otpauth://totp/last?secret=" + seed)
	b, err = Read(content.Bytes(), secret.Text{})
	if err != nil || len(b.Unread) != 1 || b.Unread[0].Err.Code != otpauth.ErrTooMany.Code || b.Unread[0].Err.Kind != identity.Invalid {
		t.Errorf("%+v, %v", b.Unread, err)
	}
}
