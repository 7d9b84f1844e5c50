package xswitch

import (
	"fmt"
	"slices"
	"strings"

	"latchkey/backend/credential/captcha"
	"latchkey/backend/identity"
	"latchkey/backend/session"
)

// refused is a refusal, and the answer of a success that has nothing to tell.
type refused struct {
	Code int    `json:"code"`
	Text string `json:"text"`
}

// signInRequest is the body of POST /api/sessions, as a form or as JSON.
type signInRequest struct {
	Login    string `json:"login"`
	Password string `json:"password"`
	DevKey   string `json:"dev_key"`
	Captcha  string `json:"captcha_str"`
	OTPCode  string `json:"otp_code"` // an extension, as XSwitch has no second factor
}

type systemRoles struct {
	SeniorRoles string `json:"senior_roles_str"`
	Roles       string `json:"roles_str"`
}

type signedIn struct {
	SystemRoles systemRoles     `json:"system_roles"`
	Extension   string          `json:"extn"`
	Code        int             `json:"code"`
	Authority   string          `json:"currentAuthority"`
	Expires     int64           `json:"expires"` // Unix seconds
	UserID      identity.UserID `json:"user_id"`
	Token       string          `json:"token" format:"uuid"`
}

func fromSignedIn(in session.SignedIn) signedIn {
	u := in.Principal.User
	return signedIn{
		SystemRoles: systemRoles{SeniorRoles: "()", Roles: roleList(u.Roles)}, Extension: string(u.Username), Code: ok,
		Authority: authority(u), Expires: in.ExpiresAt.Unix(), UserID: u.ID, Token: in.Token,
	}
}

// ok is the code of every success.
const ok = 200

// authority is what the document calls the built-in roles.
func authority(u identity.User) string {
	if u.IsAdmin() {
		return "admin"
	}
	return "user"
}

// roleList writes the ids of roles that authority does not tell, as in "(4,7)".
func roleList(ids []identity.RoleID) string {
	var out []string
	for _, id := range ids {
		if !(identity.Role{ID: id}).IsBuiltIn() {
			out = append(out, fmt.Sprint(int64(id)))
		}
	}
	return "(" + strings.Join(slices.Compact(out), ",") + ")"
}

type wireUser struct {
	ID        identity.UserID `json:"id"`
	Login     string          `json:"login"`
	Extension string          `json:"extn"`
	Name      string          `json:"name"`
	Email     string          `json:"email"`
	Authority string          `json:"authority"`
	Disabled  bool            `json:"disabled"`
	CreatedAt int64           `json:"created_epoch"` // Unix seconds
}

func fromUser(u identity.User) wireUser {
	return wireUser{
		ID: u.ID, Login: string(u.Username), Extension: string(u.Username), Name: u.Profile.Nickname, Email: string(u.Email),
		Authority: authority(u), Disabled: u.Disabled, CreatedAt: u.CreatedAt.Unix(),
	}
}

type userPage struct {
	Code    int        `json:"code"`
	Data    []wireUser `json:"data"`
	Rows    int        `json:"rowCount"`
	Pages   int        `json:"pageCount"`
	Current int        `json:"curPage"`
}

type pageQuery struct {
	Page int `query:"page" default:"1" minimum:"1"`
	Size int `query:"page_size" default:"100" minimum:"1" maximum:"1000"`
}

type captchaQuery struct {
	Login string `query:"login" description:"For whom; without it, for any account from the same address."`
}

type captchaMade struct {
	Message string          `json:"message"`
	Code    int             `json:"code"`
	Data    captchaLocation `json:"data"`
}

type captchaLocation struct {
	ID   captcha.ID `json:"captcha_id"`
	Path string     `json:"pic_path"`
}
