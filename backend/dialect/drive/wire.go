package drive

import (
	"strconv"
	"time"

	"github.com/google/uuid"

	"latchkey/backend/files"
	"latchkey/backend/identity"
)

type loginRequest struct {
	Username string `json:"username" required:"true" description:"User name or e-mail address."`
	Password string `json:"password" required:"true"`
	OTPCode  string `json:"otp_code" description:"Where a second factor is on: its code, or a recovery code."`
}

type loginResponse struct {
	AccessToken  string   `json:"access_token"`
	RefreshToken string   `json:"refresh_token"`
	ExpiresIn    int      `json:"expires_in" description:"Of the access token, in seconds."`
	TokenType    string   `json:"token_type" enum:"Bearer"`
	User         wireUser `json:"user"`
}

type wireUser struct {
	ID         string            `json:"id" format:"uuid"`
	Username   identity.Username `json:"username"`
	Email      identity.Email    `json:"email" description:"Empty if there is none."`
	Role       string            `json:"role" enum:"admin,user"`
	MustChange bool              `json:"password_must_change"`
}

func (h *Handler) fromUser(u identity.User) wireUser {
	return wireUser{ID: h.userID(u.ID), Username: u.Username, Email: u.Email, Role: role(u), MustChange: u.MustChangePassword}
}

// userID returns what this API calls a user: a UUID (RFC 9562, version 5) that
// stays, and that no other server has. It opens nothing, as no route takes one.
func (h *Handler) userID(id identity.UserID) string {
	return uuid.NewSHA1(h.Installation, strconv.AppendInt(nil, int64(id), 10)).String()
}

// role returns the one word that this API has for somebody's roles.
func role(u identity.User) string {
	if u.IsAdmin() {
		return "admin"
	}
	return "user"
}

// refreshRequest is the body of a refresh. Clients of the dialect that shares
// the route send their token instead.
type refreshRequest struct {
	RefreshToken string `json:"refresh_token" description:"Good once; for ten seconds it gets the same answer."`
	Token        string `json:"token" description:"At the root in place of it: the access token, which may have expired."`
}

type registerRequest struct {
	Username string `json:"username" required:"true" description:"3 to 32 characters."`
	Email    string `json:"email" required:"true" format:"email"`
	Password string `json:"password" required:"true" description:"6 to 64 characters, and what the server's own rules ask for."`
}

type passwordRequest struct {
	OldPassword string `json:"old_password" required:"true"`
	NewPassword string `json:"new_password" required:"true"`
}

type resetRequest struct {
	Username    string  `json:"username" required:"true"`
	Email       *string `json:"email" format:"email"`
	Password    string  `json:"password" required:"true"`
	OldPassword string  `json:"old_password" description:"Needed later than ten minutes after signing in."`
}

// profileRequest is the body of a change of one's profile: what is not there,
// or null, stays, and an empty text is none.
type profileRequest struct {
	Nickname  *string `json:"nickname"`
	Email     *string `json:"email"`
	AvatarURL *string `json:"avatar_url"`
	Password  string  `json:"password" description:"For another e-mail address later than ten minutes after signing in."`
}

type wireProfile struct {
	ID           string            `json:"id" format:"uuid"`
	Username     identity.Username `json:"username"`
	Nickname     string            `json:"nickname"`
	Email        identity.Email    `json:"email"`
	AvatarURL    string            `json:"avatar_url"`
	Role         string            `json:"role" enum:"admin,user"`
	StorageLimit int64             `json:"storage_limit" description:"Bytes: what an administrator has set, or if that is more or nothing, storage_used and what the disk has left for files; 0 if the system does not say."`
	StorageUsed  int64             `json:"storage_used" description:"Bytes of one's own files."`
	IsActive     bool              `json:"is_active"`
	CreatedAt    string            `json:"created_at" format:"date-time"`
}

func (h *Handler) fromProfile(u identity.User, room files.Usage) wireProfile {
	return wireProfile{
		ID: h.userID(u.ID), Username: u.Username, Nickname: u.Profile.Nickname, Email: u.Email, AvatarURL: u.Profile.AvatarURL,
		Role: role(u), StorageLimit: room.Limit, StorageUsed: room.Used, IsActive: !u.Disabled, CreatedAt: rfc3339(u.CreatedAt),
	}
}

type tokenRequest struct {
	Name        string    `json:"name" required:"true"`
	ExpiresIn   *int64    `json:"expires_in" description:"Seconds; without it the token never ends."`
	Permissions *[]string `json:"permissions" description:"All that it may do of what its owner may; without it, all of that."`
	Password    string    `json:"password" description:"For a token that reaches far, later than ten minutes after signing in."`
}

type wireToken struct {
	ID          identity.APIKeyID     `json:"id"`
	Name        string                `json:"name"`
	Prefix      string                `json:"prefix" description:"How the token begins."`
	Permissions []identity.Permission `json:"permissions"`
	Status      identity.KeyStatus    `json:"status" enum:"active,inactive,expired"`
	CreatedAt   string                `json:"created_at" format:"date-time"`
	ExpiresAt   *string               `json:"expires_at" format:"date-time" description:"Null: never."`
	LastUsedAt  *string               `json:"last_used_at" format:"date-time" description:"Null: never used."`
}

// newToken is a token when it was made, the only time that its text is seen.
type newToken struct {
	wireToken
	Token string `json:"token"`
}

func fromKey(k identity.APIKey, now time.Time) wireToken {
	return wireToken{
		ID: k.ID, Name: k.Name, Prefix: k.Prefix, Permissions: k.Permissions, Status: k.Status(now),
		CreatedAt: rfc3339(k.CreatedAt), ExpiresAt: optional(k.ExpiresAt), LastUsedAt: optional(k.LastUsedAt),
	}
}

func rfc3339(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// optional is null where there is no time.
func optional(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	text := rfc3339(t)
	return &text
}
