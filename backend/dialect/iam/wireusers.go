package iam

import (
	"encoding/json"
	"net/netip"
	"time"

	"latchkey/backend/account"
	"latchkey/backend/identity"
)

var (
	errExpiresAt = identity.InvalidField("expires_at", "expires_at_invalid", "expires_at is a time such as 2030-01-31T12:00:00Z, or null for an account without end.")
	errNetworks  = identity.InvalidField("allowed_from", "allowed_from_invalid", "allowed_from is a list of addresses and networks, such as 192.0.2.7 and 10.0.0.0/24.")
)

// userBase is what every answer tells of a user.
type userBase struct {
	ID       string              `json:"id"`
	Username identity.Username   `json:"username"`
	Email    identity.Email      `json:"email"`
	Status   identity.UserStatus `json:"status" enum:"active,inactive,locked"`
	Roles    []string            `json:"roles"`
}

type userPage struct {
	pageHead
	Users []wireUser `json:"users"`
}

type wireUser struct {
	userBase
	CreatedAt string  `json:"created_at" format:"date-time"`
	LastLogin *string `json:"last_login" format:"date-time"` // null: never
}

type userDetail struct {
	userBase
	Permissions []identity.Permission `json:"permissions"`
	Profile     wireProfile           `json:"profile"`
	CreatedAt   string                `json:"created_at" format:"date-time"`
	UpdatedAt   string                `json:"updated_at" format:"date-time"`
	LastLogin   *string               `json:"last_login" format:"date-time"`
	LoginCount  int64                 `json:"login_count"`
	ExpiresAt   *string               `json:"expires_at" format:"date-time"`
	AllowedFrom []string              `json:"allowed_from"`
	MustChange  bool                  `json:"must_change_password"`
}

type wireProfile struct {
	RealName   string `json:"real_name"`
	Phone      string `json:"phone"`
	Department string `json:"department"`
	Position   string `json:"position"`
}

// fromUser tells all of a user, whose roles come with them.
func fromUser(p identity.Principal, b userBase) userDetail {
	u := p.User
	out := userDetail{
		userBase: b, Permissions: p.Permissions(),
		Profile: wireProfile{
			RealName: u.Profile.RealName, Phone: u.Profile.Phone, Department: u.Profile.Department, Position: u.Profile.Position,
		},
		CreatedAt: stamp(u.CreatedAt), UpdatedAt: changed(u.UpdatedAt, u.CreatedAt), LastLogin: stampOrNull(u.LastLoginAt),
		LoginCount: u.LoginCount, ExpiresAt: stampOrNull(u.ExpiresAt), AllowedFrom: make([]string, len(u.AllowedFrom)),
		MustChange: u.MustChangePassword,
	}
	for i, network := range u.AllowedFrom {
		out.AllowedFrom[i] = network.String()
	}
	return out
}

type userCreated struct {
	userBase
	CreatedAt string `json:"created_at" format:"date-time"`
}

type userUpdated struct {
	userBase
	UpdatedAt string `json:"updated_at" format:"date-time"`
}

type newUserRequest struct {
	Username    string         `json:"username" required:"true"`
	Email       string         `json:"email" required:"true"`
	Password    string         `json:"password" required:"true"`
	Roles       []string       `json:"roles" required:"true"`
	Profile     profileRequest `json:"profile"`
	ExpiresAt   expiry         `json:"expires_at"`
	AllowedFrom []string       `json:"allowed_from"`
	MustChange  bool           `json:"must_change_password"`
}

type userRequest struct {
	Email       *string              `json:"email"`
	Roles       *[]string            `json:"roles"`
	Status      *identity.UserStatus `json:"status" enum:"active,inactive,locked"`
	Profile     profileRequest       `json:"profile"`
	ExpiresAt   expiry               `json:"expires_at"`
	AllowedFrom *[]string            `json:"allowed_from"`
	MustChange  *bool                `json:"must_change_password"`
}

type profileRequest struct {
	RealName   *string `json:"real_name"`
	Phone      *string `json:"phone"`
	Department *string `json:"department"`
	Position   *string `json:"position"`
}

func (r profileRequest) toChange() account.ProfileChange {
	return account.ProfileChange{RealName: r.RealName, Phone: r.Phone, Department: r.Department, Position: r.Position}
}

// An expiry is when an account ends: a time, null for never, or not sent.
type expiry struct {
	sent bool
	at   time.Time // zero: never
}

// UnmarshalJSON reads RFC 3339 or null. What lies before 1970 is no time that
// somebody means, and the zero time would be never.
func (e *expiry) UnmarshalJSON(b []byte) error {
	var text *string
	if err := json.Unmarshal(b, &text); err != nil {
		return errExpiresAt
	}
	e.sent, e.at = true, time.Time{}
	if text == nil {
		return nil
	}
	at, err := time.Parse(time.RFC3339, *text)
	if err != nil || at.Unix() < 0 {
		return errExpiresAt
	}
	e.at = at.UTC()
	return nil
}

// JSONSchemaBytes describes the form.
func (expiry) JSONSchemaBytes() ([]byte, error) {
	return []byte(`{"type":["string","null"],"format":"date-time"}`), nil
}

// toNetworks reads where an account can be used from.
func toNetworks(texts []string) ([]netip.Prefix, error) {
	out := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		var err error
		if out[i], err = identity.ParseNetwork(text); err != nil {
			return nil, errNetworks
		}
	}
	return out, nil
}

type passwordRequest struct {
	Current string `json:"current_password" required:"true"`
	New     string `json:"new_password" required:"true"`
}

type resetRequest struct {
	SendEmail *bool `json:"send_email" default:"true"`
}

type resetResponse struct {
	Temporary string `json:"temporary_password"`
	ExpiresIn int64  `json:"expires_in"` // seconds
}
