package alist_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"testing"

	"go.uber.org/goleak"

	"latchkey/backend/dialect/alist"
	"latchkey/backend/dialect/dialecttest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestRecordings(t *testing.T) { dialecttest.Run(t, spec(), "", "/alist") }

func FuzzBodies(f *testing.F) { dialecttest.FuzzBodies(f, spec(), "") }

// spec describes the dialect to the kit. A route comes onto one of its lists
// by review only.
func spec() dialecttest.Spec {
	return dialecttest.Spec{
		API:  alist.New(alist.Config{}),
		Code: code,
		Public: []string{
			"GET /ping",
			"POST /ping",
			"GET /api/public/settings",
			"POST /api/public/settings",
			"POST /api/auth/login",
			"POST /api/auth/login/hash",
			"POST /api/auth/login/ldap",
			"POST /api/auth/register",
			"GET /d/{path...}",
			"GET /p/{path...}",
		},
		Limited: []string{
			"GET /api/auth/logout",
			"HEAD /api/auth/logout",
			"GET /api/me",
			"POST /api/me/update",
		},
		NeverSucceed: []string{
			"HEAD /api/auth/logout",
			"POST /api/auth/login/ldap",
			"POST /api/auth/register",
			"POST /api/task/upload/retry",
		},
		Meanwhile:    []string{"POST /api/task/upload/cancel"},
		AdminAreas:   []string{"/api/admin/"},
		Accounts:     "accounts",
		Admin:        "Authorization: <admin token>",
		OrdinaryUser: "Authorization: <bob token>",
		MustChange:   "Authorization: <eve token>",
	}
}

// errorName is how a refusal is named in the header Latchkey-Error.
var errorName = regexp.MustCompile(`^[a-z][a-z0-9_]{1,63}$`)

// code reads the envelope: exactly code, message and data, in that order, with
// data null and a name in a refusal, and HTTP saying 200 or the same code.
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
	case e.Code != http.StatusOK && string(e.Data) != "null":
		return 0, errors.New("a refusal has data")
	case (e.Code == http.StatusOK) == errorName.MatchString(a.Header.Get("Latchkey-Error")):
		return 0, errors.New("a refusal has no name, or something else has one")
	case a.Status != http.StatusOK && a.Status != e.Code:
		return 0, errors.New("HTTP tells another refusal than the envelope")
	}
	return e.Code, nil
}
