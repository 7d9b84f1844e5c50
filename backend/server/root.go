package server

import (
	"net/http"
	"strings"

	"latchkey/backend/dialect/drive"
	"latchkey/backend/httpapi"
)

// maxPeek bounds the body that a choice is made by, in bytes. It is the most
// that either dialect takes.
const maxPeek = 64 << 10

// rememberMe is the field that only clients of iam send when they sign in.
const rememberMe = "remember_me"

// choices says whose the routes are at the root that drive and iam both have.
// A sign-in is iam's if it has rememberMe, whatever its value; what follows
// belongs to the dialect that the sign-in was made in. All else is drive's.
func (c *Core) choices() httpapi.Choices {
	return httpapi.Choices{
		drive.LoginRoute:   ofSignIn,
		drive.RefreshRoute: c.opener,
		drive.LogoutRoute:  c.opener,
	}
}

func ofSignIn(r *http.Request) string {
	if _, ok := peek(r).find(rememberMe); ok {
		return iamName
	}
	return driveName
}

// opener returns the dialect that the first token of ours in a request was
// issued by, wherever either dialect looks for one; if that has not the route,
// drive, which is mounted first, refuses it. The token proves nothing here: the
// dialect checks it.
func (c *Core) opener(r *http.Request) string {
	body := peek(r)
	for _, raw := range []string{body.text("refresh_token"), body.text("token"), bearer(r), cookie(r)} {
		if name, ok := c.Tokens.Opener(raw); ok {
			return string(name)
		}
	}
	return driveName
}

func bearer(r *http.Request) string {
	scheme, raw, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return raw
}

func cookie(r *http.Request) string {
	c, err := r.Cookie(drive.CookieName)
	if err != nil {
		return ""
	}
	return c.Value
}

// A peeked body is what a request's JSON says, by field.
type peeked map[string]any

func peek(r *http.Request) peeked {
	var body peeked
	if !httpapi.PeekJSON(r, maxPeek, &body) {
		return nil // for the dialect to refuse
	}
	return body
}

// find looks for a field as the dialects do, whatever the case of its name.
func (p peeked) find(name string) (any, bool) {
	for k, v := range p {
		if strings.EqualFold(k, name) {
			return v, true
		}
	}
	return nil, false
}

// text returns a field that is a text, or "".
func (p peeked) text(name string) string {
	v, _ := p.find(name)
	s, _ := v.(string)
	return s
}
