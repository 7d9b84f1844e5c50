package app

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestReadAgent(t *testing.T) {
	const webkit = " AppleWebKit/605.1.15 (KHTML, like Gecko) "
	for _, tc := range []struct {
		text, en, zh string
		kind         deviceKind
	}{
		{"Latchkey/1.0.0 (Linux; desk)", "Latchkey on desk", "desk 上的 Latchkey", onComputer},
		{"Latchkey/1.0.0 (macOS)", "Latchkey on macOS", "macOS 上的 Latchkey", onComputer},
		{"Latchkey/1.0.0 (Linux; <b>desk</b>)", "Latchkey on Linux", "Linux 上的 Latchkey", onComputer},
		{"Latchkey", "Latchkey", "Latchkey", onComputer},
		{"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox on Linux", "Linux 上的 Firefox", onComputer},
		{"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0", "Edge on Windows", "Windows 上的 Edge", onComputer},
		{"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)" + webkit + "Version/17.5 Safari/605.1.15", "Safari on macOS", "macOS 上的 Safari", onComputer},
		{"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X)" + webkit + "Version/17.5 Mobile/15E148 Safari/604.1", "Safari on iPhone", "iPhone 上的 Safari", onPhone},
		{"Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X)" + webkit + "CriOS/126.0 Mobile/15E148 Safari/604.1", "Chrome on iPad", "iPad 上的 Chrome", onPhone},
		{"Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36", "Chrome on Android", "Android 上的 Chrome", onPhone},
		{"Mozilla/5.0 (Linux; Android 14; 23127) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/116.0 Mobile Safari/537.36 MicroMessenger/8.0.50", "WeChat on Android", "Android 上的 WeChat", onPhone},
		{"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36", "Chrome on ChromeOS", "ChromeOS 上的 Chrome", onComputer},
		{"Mozilla/5.0 (X11; Linux x86_64) Something/1.0", "A browser on Linux", "Linux 上的浏览器", onComputer},
		{"Mozilla/5.0", "", "", unknownDevice},
		{"rclone/v1.66.0", "rclone 1.66", "rclone 1.66", asProgram},
		{"rclone/v1.67.0-beta.7899.abc", "rclone 1.67", "rclone 1.67", asProgram},
		{"curl/8.5.0", "curl 8.5", "curl 8.5", asProgram},
		{"curl", "curl", "curl", asProgram},
		{"python-requests/2.32.3", "python-requests 2.32", "python-requests 2.32", asProgram},
		{"PicGo/2", "PicGo 2", "PicGo 2", asProgram},
		{"Kodi/20.2 (X11; Linux x86_64) App_Bitness/64", "Kodi 20.2", "Kodi 20.2", asProgram},
		{"SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3", "OpenSSH 9.2", "OpenSSH 9.2", asProgram},
		{"SSH-2.0-PuTTY_Release_0.78", "PuTTY", "PuTTY", asProgram},
		{"", "", "", unknownDevice},
		{"   ", "", "", unknownDevice},
		{"42", "", "", unknownDevice},
		{"<img/src=x onerror=alert(1)>", "", "", unknownDevice},
		{"\u202egro.live/1.0", "", "", unknownDevice},
		{"阿里云盘/3.1", "", "", unknownDevice},
		{strings.Repeat("a", 200) + "/1.0", "", "", unknownDevice},
		{"x/" + strings.Repeat("9", 200), "x 9999999999", "x 9999999999", asProgram},
	} {
		a := readAgent(tc.text)
		if en, zh := a.in(""), a.in("zh-CN"); en != tc.en || zh != tc.zh || a.kind != tc.kind {
			t.Errorf("%q: %q, %q, %s; want %q, %q, %s", tc.text, en, zh, a.kind, tc.en, tc.zh, tc.kind)
		}
	}
}

func FuzzReadAgent(f *testing.F) {
	for _, seed := range []string{"Latchkey/1 (Linux; desk)", "Mozilla/5.0 (X11; Linux) Firefox/1", "rclone/v1.66", "SSH-2.0-x_1", "\u202e", "a/.."} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, language := range []string{"", "zh-CN"} {
			got := readAgent(text).in(language)
			if utf8.RuneCountInString(got) > 2*maxToken || !utf8.ValidString(got) {
				t.Errorf("%q: %q is too long", text, got)
			}
			rest := strings.NewReplacer("上的浏览器", "", "上的", "").Replace(got)
			if i := strings.IndexFunc(rest, func(r rune) bool { return r != ' ' && !plainWord("a"+string(r)) }); i >= 0 {
				t.Errorf("%q: %q has a character that is no part of a plain word", text, got)
			}
		}
	})
}
