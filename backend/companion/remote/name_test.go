package remote

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"latchkey/backend/identity"
)

// named is a refusal in the dialect of AList, with a name.
func named(name, said string) error {
	got := reply{status: http.StatusOK, header: http.Header{"Latchkey-Error": {name}}, body: []byte(`{"code":400,"message":"` + said + `","data":null}`)}
	_, err := decode(got, &url.URL{}, time.Time{})
	return err
}

func TestNamesComeBeforeWords(t *testing.T) {
	for name, want := range map[string]string{
		"":                         "credentials_wrong",
		"password_common":          "password_common",
		"token_invalid":            "token_refused",
		"ssh_key_dsa":              "ssh_key_dsa",
		"ssh_key_exists":           "ssh_key_known",
		"totp_off":                 "factor_off",
		"user_disabled":            "user_disabled",
		"a_name_from_later":        "credentials_wrong",
		"Password_Common":          "credentials_wrong",
		"password_common ":         "credentials_wrong",
		strings.Repeat("p", 1<<10): "credentials_wrong",
	} {
		err := named(name, "username or password is incorrect")
		if e := identity.AsError(err); e.Code != want || !strings.HasSuffix(e.Message, ".") {
			t.Errorf("%.20s: %v; want %s", name, err, want)
		}
	}
}

// A server must not be able to make this program believe things that are its
// own to say.
func TestNamesOfOursMeanNothing(t *testing.T) {
	for _, name := range []string{"certificate_changed", "certificate_untrusted", "vault_locked", "not_signed_in", "call_cancelled", "server_refused"} {
		if e := identity.AsError(named(name, "Something new.")); e.Code != "server_refused" || e.Message != "The server refused that: Something new." {
			t.Errorf("%s became %v", name, e)
		}
	}
}

func TestErrorName(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "code_wrong": "code_wrong", "a": "a", "a b": "", "<b>": "", "é": "", strings.Repeat("a", 64): strings.Repeat("a", 64),
		strings.Repeat("a", 65): "", "A": "",
	} {
		if got := errorName(http.Header{"Latchkey-Error": {in}}); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	r, ok := errors.AsType[*RefusalError](named("code_wrong", "x"))
	if !ok || r.Error() != "HTTP 200, code 400 code_wrong: x" {
		t.Errorf("details are %v", r)
	}
}

func TestTooShort(t *testing.T) {
	for said, want := range map[string]string{
		"A password needs at least 12 characters. Choose a longer one.": "A password needs at least 12 characters. Choose a longer one.",
		"":                                      "That password is too short. Choose a longer one.",
		"at least 0":                            "That password is too short. Choose a longer one.",
		"at least 99999999999999999999 or 2000": "That password is too short. Choose a longer one.",
	} {
		if e := tooShort(said); e.Message != want || e.Code != "password_too_short" {
			t.Errorf("%q: %v", said, e)
		}
	}
}

// How long an account is locked until somebody unlocks it cannot be told; AList's
// five minutes are a guess for its own lock only.
func TestLockWithoutEnd(t *testing.T) {
	if e := identity.AsError(named("account_locked", "x")); e.Kind != identity.Throttled || e.RetryAfter != 0 {
		t.Errorf("%+v", e)
	}
	if e := identity.AsError(named("too_many_attempts", "x")); e.RetryAfter != alistLock {
		t.Errorf("%+v", e)
	}
}
