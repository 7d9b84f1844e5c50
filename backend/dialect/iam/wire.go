package iam

import (
	"time"

	"latchkey/backend/identity"
	"latchkey/backend/session"
)

// stamp writes a time as the document does: RFC 3339, UTC, whole seconds.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// stampOrNull is stamp where a zero time is null.
func stampOrNull(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	text := stamp(t)
	return &text
}

// changed is when something was changed last, or made if it never was.
func changed(updated, created time.Time) string {
	if updated.IsZero() {
		updated = created
	}
	return stamp(updated)
}

type loginRequest struct {
	Username   string `json:"username" required:"true" description:"Or the e-mail address."`
	Password   string `json:"password" required:"true"`
	RememberMe bool   `json:"remember_me" default:"false"`
	OTPCode    string `json:"otp_code" description:"The code of the second factor, or a recovery code, where one is on."`
}

type loginResponse struct {
	Token     string   `json:"token"`
	ExpiresAt string   `json:"expires_at" format:"date-time"`
	UserInfo  userInfo `json:"user_info"`
}

type userInfo struct {
	ID          string                `json:"id"`
	Username    identity.Username     `json:"username"`
	Email       identity.Email        `json:"email"`
	Roles       []string              `json:"roles"`
	Permissions []identity.Permission `json:"permissions"`
	MustChange  bool                  `json:"must_change_password"`
}

func fromSignedIn(in session.SignedIn) loginResponse {
	p := in.Principal
	return loginResponse{
		Token: in.Token, ExpiresAt: stamp(in.ExpiresAt),
		UserInfo: userInfo{
			ID: idText(p.User.ID), Username: p.User.Username, Email: p.User.Email, Roles: roleNames(p.Roles),
			Permissions: p.Permissions(), MustChange: p.User.MustChangePassword,
		},
	}
}

type refreshRequest struct {
	Token        string `json:"token" required:"true" description:"The current one."`
	RefreshToken string `json:"refresh_token" description:"At the root in place of it: the refresh token that stands beside it there."`
}

type refreshResponse struct {
	Token     string `json:"token"`
	ExpiresAt string `json:"expires_at" format:"date-time"`
}

// pageHead begins every list.
type pageHead struct {
	Total    int `json:"total"`
	Page     int `json:"page"`
	PageSize int `json:"page_size"`
}

type permissionPage struct {
	pageHead
	Permissions []wirePermission `json:"permissions"`
}

type wirePermission struct {
	ID          string              `json:"id"`
	Name        identity.Permission `json:"name"`
	Category    string              `json:"category"`
	Description string              `json:"description"`
	CreatedAt   string              `json:"created_at" format:"date-time"`
}

func fromPermission(p identity.PermissionInfo) wirePermission {
	return wirePermission{
		ID: idText(p.ID), Name: p.Name, Category: p.Category, Description: p.Description, CreatedAt: stamp(p.CreatedAt),
	}
}

type permissionRequest struct {
	Name        string `json:"name" required:"true"`
	Category    string `json:"category"`
	Description string `json:"description"`
}
