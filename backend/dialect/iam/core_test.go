package iam_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"latchkey/backend/account"
	"latchkey/backend/dialect/iam"
	"latchkey/backend/httpapi"
	"latchkey/backend/identity"
	"latchkey/backend/internal/secret"
	"latchkey/backend/internal/testkit"
	"latchkey/backend/session"
)

// What a recording cannot show, because it takes another API or a mail server,
// is asked here of the dialect on a core.

// serve mounts the dialect on a core.
func serve(c *testkit.Core, more iam.Config) http.Handler {
	more.Login, more.Sessions, more.Accounts, more.Keys, more.Now = c.Login, c.Sessions, c.Accounts, c.Keys, c.Clock.Now
	h := iam.New(more)
	m := httpapi.NewMux(h.Dialect())
	h.Mount(m)
	return httpapi.NewRouter(slog.New(slog.DiscardHandler), nil, httpapi.Mount{Mux: m})
}

type answer struct {
	Code    int            `json:"code"`
	Message string         `json:"message"`
	Data    map[string]any `json:"data"`
	name    string
}

func ask(t *testing.T, h http.Handler, token, route, body string) answer {
	t.Helper()
	method, path, _ := strings.Cut(route, " ")
	r := httptest.NewRequestWithContext(t.Context(), method, "/api/v1/auth"+path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, r)
	a := answer{name: rec.Header().Get("Latchkey-Error")}
	if err := json.Unmarshal(rec.Body.Bytes(), &a); err != nil || a.Code != rec.Code {
		t.Fatalf("%s: %d %s, %v", route, rec.Code, rec.Body, err)
	}
	return a
}

func (a answer) text(field string) string {
	text, _ := a.Data[field].(string)
	return text
}

func login(t *testing.T, h http.Handler, name string) answer {
	t.Helper()
	a := ask(t, h, "", "POST /login", `{"username": "`+name+`", "password": "`+testkit.Password+`"}`)
	if a.Code != http.StatusOK {
		t.Fatalf("%s cannot sign in: %+v", name, a)
	}
	return a
}

// A second factor is asked for with 401, as the document has it of a sign-in
// that fails, and the name of the refusal tells it from others.
func TestSecondFactor(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	h := serve(c, iam.Config{})
	c.User("ann")
	who := c.MustWho(c.MustSignIn("ann", "desk").Token)
	started, err := c.Accounts.StartTOTP(t.Context(), who)
	if err != nil {
		t.Fatal(err)
	}
	code := func() string {
		text, err := totp.GenerateCode(started.Base32(), c.Clock.Now())
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	recovery, err := c.Accounts.EnableTOTP(t.Context(), who, account.TOTPSetUp{Secret: started.Base32(), Code: code(), RecoveryCodes: true}, testkit.Origin())
	if err != nil {
		t.Fatal(err)
	}
	try := func(code string) answer {
		return ask(t, h, "", "POST /login", `{"username": "ann", "password": "`+testkit.Password+`", "otp_code": "`+code+`"}`)
	}
	wants := func(what string, got answer, status int, name string) {
		t.Helper()
		if got.Code != status || got.name != name {
			t.Errorf("%s: %d %q, want %d %q", what, got.Code, got.name, status, name)
		}
	}
	wants("no code", try(""), http.StatusUnauthorized, "code_needed")
	wants("the code that turned it on", try(code()), http.StatusUnauthorized, "code_wrong")
	c.Clock.Add(time.Minute)
	wants("a code", try(code()), http.StatusOK, "")
	wants("the same again", try(code()), http.StatusUnauthorized, "code_wrong")
	wants("a recovery code", try(recovery[0]), http.StatusOK, "")
	wrong := ask(t, h, "", "POST /login", `{"username": "ann", "password": "wrong", "otp_code": "`+recovery[1]+`"}`)
	wants("a wrong password with a good code", wrong, http.StatusUnauthorized, "credentials_wrong")
}

// A token is good in the dialects that it was made for, and in no other; a
// refresh token is no access token.
func TestTokensOfOtherDialects(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	h := serve(c, iam.Config{})
	c.User("ann")
	for what, audiences := range map[string][]identity.Audience{
		"alist": {"alist"}, "drive and alist": {"drive", "alist"}, "nothing": nil,
	} {
		in := open(t, c, session.Terms{Audiences: audiences, Life: time.Hour, Renew: 24 * time.Hour})
		for _, token := range []string{in.Token, in.Refresh} {
			if a := ask(t, h, token, "GET /users/3", ""); a.name != "token_invalid" {
				t.Errorf("a token for %s: %+v", what, a)
			}
			if a := ask(t, h, "", "POST /refresh", `{"token": "`+token+`"}`); a.name != "token_invalid" {
				t.Errorf("a token for %s is exchanged: %+v", what, a)
			}
		}
	}
	both := open(t, c, session.Terms{Audiences: []identity.Audience{"drive", "iam"}, Life: time.Hour, Renew: 24 * time.Hour})
	if a := ask(t, h, both.Token, "GET /users/3", ""); a.Code != http.StatusOK {
		t.Errorf("a token that is also for this dialect: %+v", a)
	}
	for _, token := range []string{both.Refresh, "Bearer " + both.Token} {
		if a := ask(t, h, token, "GET /users/3", ""); a.Code != http.StatusUnauthorized {
			t.Errorf("what is no access token: %+v", a)
		}
	}
	if a := ask(t, h, "", "POST /refresh", `{"token": "`+both.Refresh+`"}`); a.name != "token_invalid" {
		t.Errorf("a refresh token, which this dialect does not have, is exchanged: %+v", a)
	}
}

func open(t *testing.T, c *testkit.Core, terms session.Terms) session.SignedIn {
	t.Helper()
	u, err := c.Accounts.UserByName(t.Context(), "ann")
	if err != nil {
		t.Fatal(err)
	}
	in, err := c.Sessions.Open(t.Context(), u.ID, []identity.FactorKind{identity.FactorPassword}, session.Client{UserAgent: "test"}, terms)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// Where a sign-in is shared with another API, its fields stand beside the
// document's, whose own go first.
func TestBeside(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	h := serve(c, iam.Config{
		Audiences: []identity.Audience{"iam", "drive"},
		Beside: func(in session.SignedIn) any {
			return map[string]string{"access_token": in.Token, "refresh_token": in.Refresh, "token": "never seen"}
		},
	})
	c.User("ann")
	c.Clock.Add(time.Minute)
	in := login(t, h, "ann")
	next := ask(t, h, "", "POST /refresh", `{"token": "`+in.text("token")+`"}`)
	for what, a := range map[string]answer{"sign-in": in, "refresh": next} {
		if a.text("token") == "" || a.text("token") != a.text("access_token") || a.text("refresh_token") == "" || a.text("expires_at") == "" {
			t.Errorf("%s: %+v", what, a)
		}
		if _, err := c.Sessions.Authenticate(t.Context(), a.text("token"), "drive", session.Client{}); err != nil {
			t.Errorf("the token of a %s in the other API: %v", what, err)
		}
	}
}

// A mailer keeps what it was to send.
type mailer struct {
	to   identity.Email
	text string
	fail error
}

func (m *mailer) SendTemporaryPassword(_ context.Context, to identity.Email, _ identity.Username, p secret.Text) error {
	m.to, m.text = to, p.Reveal()
	return m.fail
}

// The message of a reset says whether a mail was sent.
func TestResetByMail(t *testing.T) {
	mail := &mailer{}
	c := testkit.Open(t, testkit.Options{Mail: mail})
	h := serve(c, iam.Config{})
	c.User("ann")
	token := login(t, h, "admin").text("token")
	const sent, unsent = "密码重置成功,新密码已发送至用户邮箱", "密码重置成功,未发送邮件,请将临时密码转交用户"
	for _, tc := range []struct {
		what, email, body, message string
		fail                       error
	}{
		{"nobody to send it to", "", `{"send_email": true}`, unsent, nil},
		{"as by default", "ann@example.com", `{}`, sent, nil},
		{"without a body", "ann@example.com", ``, sent, nil},
		{"null", "ann@example.com", `{"send_email": null}`, sent, nil},
		{"not wanted", "ann@example.com", `{"send_email": false}`, unsent, nil},
		{"a mail server that fails", "ann@example.com", `{"send_email": true}`, unsent, context.DeadlineExceeded},
	} {
		*mail = mailer{fail: tc.fail}
		ask(t, h, token, "PUT /users/3", `{"email": "`+tc.email+`"}`)
		a := ask(t, h, token, "POST /users/3/reset-password", tc.body)
		if a.Code != http.StatusOK || a.Message != tc.message || a.text("temporary_password") == "" {
			t.Errorf("%s: %+v", tc.what, a)
		}
		if tc.message == sent && (mail.text != a.text("temporary_password") || mail.to != "ann@example.com") {
			t.Errorf("%s: the mail to %q has another password", tc.what, mail.to)
		}
		if tc.fail == nil && tc.message == unsent && mail.text != "" {
			t.Errorf("%s: a mail was sent", tc.what)
		}
	}
}
