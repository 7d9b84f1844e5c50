package hosts

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // names in known_hosts are hashed with it
	"encoding/base64"
	"strings"
)

// hashesTo reports whether a hashed name, "|1|salt|hash", is that of a host.
func hashesTo(hashedName, host string) bool {
	parts := strings.Split(hashedName, "|")
	if len(parts) != 4 {
		return false
	}
	salt, err1 := base64.StdEncoding.DecodeString(parts[2])
	want, err2 := base64.StdEncoding.DecodeString(parts[3])
	mac := hmac.New(sha1.New, salt)
	mac.Write([]byte(host))
	return err1 == nil && err2 == nil && hmac.Equal(mac.Sum(nil), want)
}
