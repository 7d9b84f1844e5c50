package companion

import (
	"os"
	"runtime"
	"strings"
)

// UserAgent says what this program calls itself to servers, where a person
// finds it again in the list of their devices: "Latchkey/1.2.3 (Linux; desk)".
func UserAgent(version string) string {
	host, err := os.Hostname()
	if err != nil {
		host = "" // the device is known without
	}
	return userAgent(version, system(runtime.GOOS), host)
}

// userAgent leaves out what cannot be said in a header.
func userAgent(version, system, host string) string {
	about := system
	if host = word(host); host != "" {
		about += "; " + host
	}
	program := "Latchkey"
	if version = word(strings.TrimPrefix(version, "v")); version != "" {
		program += "/" + version
	}
	return program + " (" + about + ")"
}

// system is what people call an operating system.
func system(goos string) string {
	switch goos {
	case "darwin":
		return "macOS"
	case "windows":
		return "Windows"
	case "linux":
		return "Linux"
	}
	return goos
}

// maxWord bounds a word, in bytes.
const maxWord = 64

// word makes of a text something that needs no quoting in a User-Agent header
// (RFC 9110, section 10.1.5): runs of what else is in it become one hyphen.
func word(text string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._"
	out := strings.Join(strings.FieldsFunc(text, func(r rune) bool { return !strings.ContainsRune(plain, r) }), "-")
	return strings.TrimRight(out[:min(len(out), maxWord)], "-")
}
