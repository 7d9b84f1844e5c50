package remote

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"latchkey/backend/identity"
)

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"":                           "",
		"plain":                      "plain",
		"  two\r\n\t lines ":         "two lines",
		"<b>&amp;":                   "<b>&amp;",
		"a\u202egnp.exe\u202c":       "agnp.exe",
		"\x1b[31mred\x1b[0m\x07\x00": "[31mred[0m",
		"\u200f\u061cשלום":           "שלום",
		"👩\u200d💻 می\u200cخو":        "👩\u200d💻 می\u200cخو",
		"\ufeffa\u2066b\u2069\ue000": "ab",
		"a\u2028b\u0085c":            "a b c",
		"\xff\xfeok":                 "��ok",
		"123456789012":               "1234567890…",
		"12345678 0 2":               "12345678 0…",
	} {
		if got := clean(in, 10); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestPrivate(t *testing.T) {
	for text, want := range map[string]bool{
		"127.0.0.1": true, "::1": true, "10.1.2.3": true, "172.31.0.1": true, "192.168.1.1": true, "169.254.1.1": true,
		"fe80::1": true, "fd00::1": true, "100.64.0.1": true, "100.127.255.255": true, "::ffff:192.168.1.1": true,
		"8.8.8.8": false, "172.32.0.1": false, "100.128.0.1": false, "100.63.0.1": false, "2001:db8::1": false,
		"0.0.0.0": false, "::": false, "255.255.255.255": false, "224.0.0.1": false, "::ffff:8.8.8.8": false,
	} {
		if got := private(netip.MustParseAddr(text)); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	for in, want := range map[string]time.Duration{
		"": 0, "7": 7 * time.Second, "-7": 0, "x": 0, "99999999999999": 0, "2000000000": maxRetryAfter,
		"Fri, 20 Nov 2026 12:01:00 GMT": time.Minute, "Fri, 20 Nov 2026 11:00:00 GMT": 0, "Fri, 20 Nov 2099 11:00:00 GMT": maxRetryAfter,
	} {
		if got := retryAfter(http.Header{"Retry-After": {in}}, now); got != want {
			t.Errorf("%q: %v, want %v", in, got, want)
		}
	}
}

func TestCaptcha(t *testing.T) {
	r := &RefusalError{Status: 200, Code: 403, Said: "A Captcha is needed."}
	if err := signInRefused(r.explain(), false); identity.KindOf(err) != identity.CaptchaRequired {
		t.Errorf("got %v", err)
	}
}

// FuzzDecode sends answers of any sort through all that reads them.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{
		`{"code":200,"message":"success","data":{"token":"x","device_key":"y","expires_in":1}}`,
		`{"code":402,"message":"Invalid 2FA code","data":null}`,
		`{"code":200,"data":{"id":1,"username":"bob","role":[2],"permissions":[{"path":"/","permission":1024}]}}`,
		`{"code":200,"data":{"role":2,"username":"a"}}`, `{"code":200,"data":{"version":"v3.62.0"}}`,
		`{"code":200,"data":[{"session_id":"x","last_active":1}]}`, `{"code":200,"data":{"content":[{"id":1,"added_time":"2026-11-20T20:17:30Z"}]}}`,
		"<html>", "", "null", "[]", "\xff",
	} {
		f.Add(200, "application/json", "", []byte(s))
		f.Add(500, "text/html", "/x", []byte(s))
	}
	f.Fuzz(func(t *testing.T, status int, kind, location string, body []byte) {
		asked := &url.URL{Scheme: "http", Host: "nas:5244", Path: pathMe}
		got := reply{status: status, header: http.Header{"Content-Type": {kind}, "Location": {location}, "Retry-After": {kind}}, body: body}
		data, err := decode(got, asked, time.Unix(0, 0))
		if err != nil {
			checkError(t, err)
			checkError(t, signInRefused(notAList(err), false))
			checkError(t, proofRefused(err, false))
			return
		}
		if !json.Valid(data) || !success(status) {
			t.Errorf("HTTP %d and %q gave %q", status, body, data)
		}
		readAnything(t, data)
	})
}

func checkError(t *testing.T, err error) {
	t.Helper()
	e, ok := errors.AsType[*identity.Error](err)
	if !ok || e.Code == "" || e.RetryAfter < 0 || e.RetryAfter > maxRetryAfter {
		t.Errorf("error %v", err)
		return
	}
	checkText(t, e.Message, maxMessage+100)
}

func checkText(t *testing.T, s string, most int) {
	t.Helper()
	if !utf8.ValidString(s) || utf8.RuneCountInString(s) > most+1 ||
		strings.ContainsFunc(s, func(r rune) bool { return hidden(r) || unicode.IsSpace(r) && r != ' ' }) {
		t.Errorf("text %q", s)
	}
}

// readAnything reads data as everything that it could be.
func readAnything(t *testing.T, data []byte) {
	t.Helper()
	a := &Account{c: New(Options{}), grant: Grant{}}
	var me wireMe
	if json.Unmarshal(data, &me) == nil {
		m := me.me()
		checkText(t, m.Username, maxName)
		if m.Permission&^identity.PathKnown != 0 {
			t.Errorf("permission %b", m.Permission)
		}
	}
	var settings map[string]any
	if json.Unmarshal(data, &settings) == nil {
		s := serverOf(settings)
		checkText(t, s.Version, 20)
		checkText(t, s.Title, maxName)
		_ = s.Capabilities()
	}
	var list []wireSession
	if json.Unmarshal(data, &list) == nil {
		for _, d := range a.devices(list) {
			checkText(t, d.UserAgent, maxMessage)
			if _, err := json.Marshal(d); err != nil || d.ID == "" {
				t.Errorf("device %+v: %v", d, err)
			}
		}
	}
	var keys wirePage[wireKey]
	if json.Unmarshal(data, &keys) == nil {
		for _, w := range keys.Content {
			if _, err := json.Marshal(w.key()); err != nil {
				t.Error(err)
			}
		}
	}
}

func FuzzPublicKey(f *testing.F) {
	f.Add("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB0sz/fOiRpM8CawqtJhKbidJmEkDnjuOKQ5knyjaQCn ann@laptop")
	f.Fuzz(func(t *testing.T, text string) {
		line, fp, err := publicKey(text)
		if err != nil {
			return
		}
		again, same, err := publicKey(line)
		if err != nil || again != line || same != fp || strings.ContainsAny(line, "\r\n") {
			t.Errorf("%q became %q, then %q, %v", text, line, again, err)
		}
	})
}

func TestSFTPOf(t *testing.T) {
	const key = "SHA256:3uMWgSMhi9Z6OKbOdLkqSYMykglfjUz5f2k77b7L+X0"
	for _, tc := range []struct {
		port, keys any
		want       SFTP
	}{
		{nil, nil, SFTP{}},
		{"off", key, SFTP{Off: true}},
		{"5222", key + "," + key, SFTP{Port: 5222, HostKeys: []identity.Fingerprint{key, key}}},
		{"5222", nil, SFTP{Port: 5222}},
		{"0", key, SFTP{}},
		{"-1", key, SFTP{}},
		{"65536", key, SFTP{}},
		{"22 ", key, SFTP{}},
		{5222.0, key, SFTP{}},
		{"22", []any{key}, SFTP{Port: 22}},
		{"22", "SHA256:,SHA256:x,MD5:00,<b>, " + key + "," + key + "=," + key, SFTP{Port: 22, HostKeys: []identity.Fingerprint{key}}},
		{"22", strings.Repeat(key+",", 1000), SFTP{Port: 22, HostKeys: slices.Repeat([]identity.Fingerprint{key}, maxHostKeys)}},
	} {
		settings := map[string]any{"latchkey_sftp_port": tc.port, "latchkey_sftp_host_keys": tc.keys}
		if diff := cmp.Diff(tc.want, sftpOf(settings)); diff != "" {
			t.Errorf("%v %.50v (-want +got):\n%s", tc.port, tc.keys, diff)
		}
	}
}
