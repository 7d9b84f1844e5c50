package account

import (
	"net/url"
	"strings"

	"latchkey/backend/identity"
)

// Bounds of a profile.
const (
	maxProfileText = 100  // characters
	maxAvatarURL   = 2048 // bytes
	maxNetworks    = 50
)

var (
	errProfile  = identity.InvalidField("profile", "profile_text_invalid", "What a profile tells has at most 100 characters each, without control characters.")
	errAvatar   = identity.InvalidField("avatar_url", "avatar_url_invalid", "The address of a picture begins with https:// or http:// and has at most 2,048 characters.")
	errNetworks = identity.InvalidField("allowed_from", "allowed_from_invalid", "An account can be limited to at most 50 networks.")
)

// ProfileChange says what to change of a profile; nil leaves a thing as it is.
type ProfileChange struct {
	Nickname, AvatarURL, RealName, Phone, Department, Position *string
}

// apply returns the profile as changed.
func (c ProfileChange) apply(p identity.Profile) (identity.Profile, error) {
	for _, text := range []struct {
		to    *string
		from  *string
		field string
	}{
		{&p.Nickname, c.Nickname, "nickname"},
		{&p.RealName, c.RealName, "real_name"},
		{&p.Phone, c.Phone, "phone"},
		{&p.Department, c.Department, "department"},
		{&p.Position, c.Position, "position"},
	} {
		if text.from == nil {
			continue
		}
		*text.to = strings.TrimSpace(*text.from)
		if !plainText(*text.to, maxProfileText) {
			e := *errProfile
			e.Field = text.field
			return p, &e
		}
	}
	if c.AvatarURL != nil {
		p.AvatarURL = strings.TrimSpace(*c.AvatarURL)
		if p.AvatarURL != "" && !isWebAddress(p.AvatarURL) {
			return p, errAvatar
		}
	}
	return p, nil
}

// isWebAddress takes what can only be the address of a picture: clients put it
// into pages.
func isWebAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && len(s) <= maxAvatarURL && plainText(s, maxAvatarURL) && (u.Scheme == "https" || u.Scheme == "http") &&
		u.Host != "" && u.User == nil
}
