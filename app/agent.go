package app

import (
	"strings"
)

// An agent is what a program calls itself (RFC 9110, section 10.1.5), in words.
// Anybody may send any text, so nothing of it gets into the words but names
// that are known here and single words of plain letters.
type agent struct {
	program string // "Firefox", "rclone 1.66"; empty if it cannot be told
	place   string // "Linux", or the name of the computer
	kind    deviceKind
}

// A deviceKind is what sort of thing a device is.
type deviceKind string

const (
	onComputer    deviceKind = "computer"
	onPhone       deviceKind = "phone"
	asProgram     deviceKind = "program"
	unknownDevice deviceKind = "unknown"
)

const (
	maxAgent = 512 // bytes that are looked at
	maxToken = 40  // bytes of a name that is not known
)

// browsers are what browsers call themselves. Most also call themselves what
// stands further down, so the first that fits is the one.
func browsers() [][2]string {
	return [][2]string{
		{"MicroMessenger/", "WeChat"}, {"DingTalk", "DingTalk"}, {"QQBrowser/", "QQ Browser"}, {"UCBrowser/", "UC Browser"},
		{"MiuiBrowser/", "Mi Browser"}, {"HuaweiBrowser/", "Huawei Browser"}, {"Quark/", "Quark"}, {"YaBrowser/", "Yandex"},
		{"SamsungBrowser/", "Samsung Internet"}, {"DuckDuckGo/", "DuckDuckGo"}, {"Vivaldi/", "Vivaldi"},
		{"OPR/", "Opera"}, {"OPT/", "Opera"}, {"Edg/", "Edge"}, {"EdgA/", "Edge"}, {"EdgiOS/", "Edge"}, {"Edge/", "Edge"},
		{"FxiOS/", "Firefox"}, {"Firefox/", "Firefox"}, {"CriOS/", "Chrome"}, {"Chrome/", "Chrome"},
		{"Trident/", "Internet Explorer"}, {"Safari/", "Safari"},
	}
}

// systems are what browsers call the system they run on; again the first.
func systems() []struct {
	mark, name string
	kind       deviceKind
} {
	return []struct {
		mark, name string
		kind       deviceKind
	}{
		{"iPhone", "iPhone", onPhone}, {"iPad", "iPad", onPhone}, {"HarmonyOS", "HarmonyOS", onPhone}, {"Android", "Android", onPhone},
		{"Windows", "Windows", onComputer}, {"CrOS", "ChromeOS", onComputer}, {"Macintosh", "macOS", onComputer},
		{"FreeBSD", "FreeBSD", onComputer}, {"Linux", "Linux", onComputer}, {"X11", "Linux", onComputer},
	}
}

// readAgent makes words of what a program calls itself.
func readAgent(text string) agent {
	text = strings.TrimSpace(text[:min(len(text), maxAgent)])
	if rest, ssh := strings.CutPrefix(text, "SSH-2.0-"); ssh { // RFC 4253, section 4.2
		text = strings.Replace(rest, "_", "/", 1)
	}
	first, rest, _ := strings.Cut(text, " ")
	name, version, _ := strings.Cut(first, "/")
	switch {
	case name == "Latchkey":
		return agent{program: name, place: ownPlace(rest), kind: onComputer}
	case name == "Mozilla":
		return readBrowser(rest)
	case !plainWord(name):
		return agent{kind: unknownDevice}
	}
	return agent{program: strings.TrimSpace(name + " " + shortVersion(version)), kind: asProgram}
}

// ownPlace reads what companion.UserAgent says: "(Linux; desk)".
func ownPlace(comment string) string {
	comment = strings.TrimSuffix(strings.TrimPrefix(comment, "("), ")")
	system, host, _ := strings.Cut(comment, "; ")
	for _, place := range []string{host, system} {
		if plainWord(place) {
			return place
		}
	}
	return ""
}

func readBrowser(text string) agent {
	a := agent{kind: unknownDevice}
	for _, b := range browsers() {
		if strings.Contains(text, b[0]) {
			a.program = b[1]
			break
		}
	}
	for _, s := range systems() {
		if strings.Contains(text, s.mark) {
			a.place, a.kind = s.name, s.kind
			break
		}
	}
	return a
}

// plainWord reports whether a text can stand among words as a name.
func plainWord(s string) bool {
	const letters, others = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789._+-"
	return s != "" && len(s) <= maxToken && strings.Trim(s, letters+others) == "" && strings.ContainsAny(s, letters)
}

// shortVersion is the part of a version that people know: 1.66 of v1.66.0-DEV.
func shortVersion(s string) string {
	const digits = "0123456789"
	s = strings.TrimPrefix(s, "v")
	end := 0
	for dots := 0; end < len(s) && end < 10; end++ {
		if s[end] == '.' {
			dots++
		} else if !strings.Contains(digits, s[end:end+1]) {
			break
		}
		if dots > 1 {
			break
		}
	}
	return strings.Trim(s[:end], ".")
}

// in says an agent in a language: "zh-CN", or English. It is empty for one that
// is not known.
func (a agent) in(language string) string {
	chinese := language == "zh-CN"
	switch {
	case a.place == "":
		return a.program
	case a.program == "" && chinese:
		return a.place + " 上的浏览器"
	case a.program == "":
		return "A browser on " + a.place
	case chinese:
		return a.place + " 上的 " + a.program
	}
	return a.program + " on " + a.place
}
