package xswitch_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"testing"

	"go.uber.org/goleak"

	"latchkey/backend/dialect/dialecttest"
	"latchkey/backend/dialect/xswitch"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestRecordings(t *testing.T) { dialecttest.Run(t, spec(), "", "/xswitch") }

func FuzzBodies(f *testing.F) { dialecttest.FuzzBodies(f, spec(), "") }

// spec describes the dialect to the kit. A route comes onto one of its lists
// by review only.
func spec() dialecttest.Spec {
	return dialecttest.Spec{
		API:  xswitch.New(xswitch.Config{}),
		Code: code,
		Public: []string{
			"POST /api/sessions",
			"DELETE /api/sessions",
			"GET /api/captchas",
			"HEAD /api/captchas",
			"GET /api/captchas/{id}",
		},
		NeverSucceed: []string{"HEAD /api/captchas"},
		Accounts:     "accounts",
		Admin:        "X-XTRA-AUTH-ID: <admin token>",
		OrdinaryUser: "X-XTRA-AUTH-ID: <bob token>",
		MustChange:   "X-XTRA-AUTH-ID: <eve token>",
	}
}

// errorName is how a refusal is named in the header Latchkey-Error.
var errorName = regexp.MustCompile(`^[a-z][a-z0-9_]{1,63}$`)

// code reads the envelope: code repeats the HTTP status, and a refusal has
// nothing but that and a text.
func code(a dialecttest.Answer) (int, error) {
	var e map[string]any
	if err := json.Unmarshal(a.Body, &e); err != nil {
		return 0, err
	}
	code, ok := e["code"].(float64)
	text, _ := e["text"].(string)
	switch {
	case !ok || int(code) != a.Status:
		return 0, errors.New("the code is not the HTTP status")
	case code != http.StatusOK && (len(e) != 2 || text == ""):
		return 0, errors.New("a refusal has more than code and text")
	case (code == http.StatusOK) == errorName.MatchString(a.Header.Get("Latchkey-Error")):
		return 0, errors.New("a refusal has no name, or something else has one")
	}
	return int(code), nil
}
