package iam_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"testing"

	"go.uber.org/goleak"

	"latchkey/backend/dialect/dialecttest"
	"latchkey/backend/dialect/iam"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestRecordings(t *testing.T) { dialecttest.Run(t, spec(), "/iam") }

func FuzzBodies(f *testing.F) { dialecttest.FuzzBodies(f, spec(), "/iam") }

// spec describes the dialect to the kit. A route comes onto one of its lists
// by review only.
func spec() dialecttest.Spec {
	return dialecttest.Spec{
		API:  iam.New(iam.Config{}),
		Code: code,
		Public: []string{
			"POST /api/v1/auth/login",
			"POST /api/v1/auth/refresh",
		},
		Limited: []string{
			"POST /api/v1/auth/logout",
			"PUT /api/v1/auth/users/{user_id}/password",
		},
		AdminAreas: []string{"/api/v1/auth/roles"},
		AdminRoutes: []string{
			"GET /api/v1/auth/users",
			"POST /api/v1/auth/users",
			"PUT /api/v1/auth/users/{user_id}",
			"DELETE /api/v1/auth/users/{user_id}",
			"POST /api/v1/auth/users/{user_id}/reset-password",
			"POST /api/v1/auth/permissions",
		},
		Accounts:     "accounts",
		Admin:        "Authorization: Bearer <admin token>",
		OrdinaryUser: "Authorization: Bearer <bob token>",
		MustChange:   "Authorization: Bearer <eve token>",
	}
}

// errorName is how a refusal is named in the header Latchkey-Error.
var errorName = regexp.MustCompile(`^[a-z][a-z0-9_]{1,63}$`)

// code reads the envelope: exactly success, code, message and data, in that
// order, with the code that HTTP says, an object as data, and in a refusal null
// and a name.
func code(a dialecttest.Answer) (int, error) {
	var e struct {
		Success bool            `json:"success"`
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
	refused := e.Code != http.StatusOK
	switch {
	case err != nil:
		return 0, err
	case !bytes.Equal(again, bytes.TrimSpace(a.Body)):
		return 0, errors.New("the answer is not success, code, message and data in this order")
	case e.Message == "":
		return 0, errors.New("the answer has no message")
	case e.Success == refused:
		return 0, errors.New("success and code tell different things")
	case refused != (string(e.Data) == "null") || !refused && e.Data[0] != '{':
		return 0, errors.New("data is no object in a success, or something in a refusal")
	case refused != errorName.MatchString(a.Header.Get("Latchkey-Error")):
		return 0, errors.New("a refusal has no name, or something else has one")
	case a.Status != e.Code:
		return 0, errors.New("HTTP tells something else than the envelope")
	case (e.Code == http.StatusUnauthorized) != (a.Header.Get("WWW-Authenticate") == "Bearer"):
		return 0, errors.New("401 does not say how to sign in, or something else does")
	}
	return e.Code, nil
}
