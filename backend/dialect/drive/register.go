package drive

import (
	"net/http"
	"unicode/utf8"

	"latchkey/backend/account"
	"latchkey/backend/identity"
)

// The bounds of a registration's fields, in characters, as the document says.
const (
	minUsername, maxUsername = 3, 32
	minPassword, maxPassword = 6, 64
)

var (
	errUsernameLength = identity.InvalidField("username", "username_length", "A user name has 3 to 32 characters.")
	errPasswordLength = identity.InvalidField("password", "password_length", "A password has 6 to 64 characters.")
)

func (h *Handler) register(w http.ResponseWriter, r *http.Request) error {
	body, err := decode[registerRequest](w, r)
	if err != nil {
		return err
	}
	if h.Accounts.Open { // otherwise that is what is wrong
		if err := body.check(); err != nil {
			return err
		}
	}
	u, err := h.Accounts.Register(r.Context(), account.NewUser{
		Username: body.Username, Email: body.Email, Password: body.Password,
	}, origin(r))
	if err != nil {
		return err
	}
	return h.succeed(w, r, h.fromUser(u))
}

// check holds the fields to the bounds of this API, within which the core has
// stricter rules of its own.
func (b registerRequest) check() error {
	name, err := identity.ParseUsername(b.Username)
	if err != nil {
		return err
	}
	if !between(string(name), minUsername, maxUsername) {
		return errUsernameLength
	}
	if !between(b.Password, minPassword, maxPassword) {
		return errPasswordLength
	}
	return nil
}

func between(s string, least, most int) bool {
	n := utf8.RuneCountInString(s)
	return n >= least && n <= most
}
