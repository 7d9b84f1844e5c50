package drive_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"testing"

	"go.uber.org/goleak"

	"latchkey/backend/dialect/dialecttest"
	"latchkey/backend/dialect/drive"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// At the root the answers have another dialect's fields, too: see the
// recordings of package server.
func TestRecordings(t *testing.T) { dialecttest.Run(t, spec(), "/drive") }

func FuzzBodies(f *testing.F) { dialecttest.FuzzBodies(f, spec(), "/drive") }

// spec describes the dialect to the kit. A route comes onto one of its lists
// by review only.
func spec() dialecttest.Spec {
	return dialecttest.Spec{
		API:  drive.New(drive.Config{}),
		Code: code,
		Public: []string{
			"POST /api/v1/auth/login",
			"POST /api/v1/auth/register",
			"POST /api/v1/auth/refresh",
		},
		Limited: []string{
			"POST /api/v1/auth/logout",
			"POST /api/v1/auth/change-password",
			"POST /api/v1/auth/first-login-reset",
		},
		Accounts:     "people",
		Admin:        "Authorization: Bearer <admin token>",
		OrdinaryUser: "Authorization: Bearer <bob token>",
		MustChange:   "Authorization: Bearer <eve token>",
	}
}

// errorName is how a refusal is named in the header Latchkey-Error.
var errorName = regexp.MustCompile(`^[a-z][a-z0-9_]{1,63}$`)

// code reads the envelope: exactly code, message and data, in that order; 0
// with 200, or else the HTTP status and two digits, with data null and a name.
func code(a dialecttest.Answer) (int, error) {
	var e struct {
		Code    int             `json:"code"`
		Message string          `json:"message"`
		Data    json.RawMessage `json:"data"`
	}
	dec := json.NewDecoder(bytes.NewReader(a.Body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&e); err != nil {
		return 0, err
	}
	again, err := json.Marshal(e)
	switch {
	case err != nil:
		return 0, err
	case !bytes.Equal(again, bytes.TrimSpace(a.Body)):
		return 0, errors.New("the answer is not code, message and data in this order")
	case e.Message == "":
		return 0, errors.New("the answer has no message")
	case (e.Code == 0) != (a.Status == http.StatusOK), e.Code != 0 && e.Code/100 != a.Status:
		return 0, errors.New("HTTP tells another result than the envelope")
	case e.Code != 0 && string(e.Data) != "null":
		return 0, errors.New("a refusal has data")
	case (e.Code == 0) == errorName.MatchString(a.Header.Get("Latchkey-Error")):
		return 0, errors.New("a refusal has no name, or something else has one")
	case (a.Status == http.StatusUnauthorized) != (a.Header.Get("WWW-Authenticate") == "Bearer"):
		return 0, errors.New("a refusal with 401 does not say how to sign in, or another answer does")
	}
	return a.Status, nil
}
