package password_test

import (
	"strings"
	"testing"

	"latchkey/backend/credential/password"
)

func TestCheckNew(t *testing.T) {
	const least = 8
	for _, tc := range []struct{ name, in, code string }{
		{"words", "correct staple pony attic", ""},
		{"random", "k7Vq2mZx", ""},
		{"Chinese words", "月亮爬上柳树梢头了", ""},
		{"begins with a common word", "password-of-my-cat-1987", ""},
		{"empty", "", "password_too_short"},
		{"7 characters", "k7Vq2mZ", "password_too_short"},
		{"7 characters of 3 bytes", "月亮爬上柳树梢", "password_too_short"},
		{"1,024 bytes", strings.Repeat("k7Vq2mZxP", 113) + "abcdefg", ""},
		{"1,025 bytes", strings.Repeat("k7Vq2mZxP", 113) + "abcdefgh", "password_too_long"},
		{"user name", "charlotte.q", "password_is_username"},
		{"user name in capitals", "CHARLOTTE.Q", "password_is_username"},
		{"user name, wide", "ｃｈａｒｌｏｔｔｅ．ｑ", "password_is_username"},
		{"user name in space", " charlotte.q ", "password_is_username"},
		{"one character", "zzzzzzzzzzzzzzzz", "password_common"},
		{"one Chinese character", "我我我我我我我我我", "password_common"},
		{"one piece", "x9#Kx9#Kx9#K", "password_common"},
		{"run up", "efghijklmnop", "password_common"},
		{"run down over zero", "3210987654", "password_common"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			wantCode(t, password.CheckNew(tc.in, "charlotte.q", least), tc.code)
		})
	}
}

func TestCheckNewNeverAllowsUnderSix(t *testing.T) {
	for _, least := range []int{-1, 0, 1, 6} {
		wantCode(t, password.CheckNew("k7Vq2", "ann", least), "password_too_short")
		wantCode(t, password.CheckNew("k7Vq2m", "ann", least), "")
	}
}

func TestCheckNewNamesTheLength(t *testing.T) {
	if err := password.CheckNew("short", "ann", 12); !strings.Contains(err.Error(), "at least 12 characters") {
		t.Errorf("got %v", err)
	}
}

// What lists of leaked passwords have at their top, for years.
func TestCheckNewRefusesFavourites(t *testing.T) {
	for _, p := range strings.Fields(`
		123456 12345678 123456789 1234567890 11111111 00000000 88888888 66666666 87654321 password
		password1 password123 Password123 P@ssw0rd passw0rd admin123 administrator admin@123 admin888
		qwerty qwerty123 qwertyuiop 1q2w3e4r 1q2w3e4r5t 1qaz2wsx qazwsxedc zxcvbnm asdfghjkl zaq12wsx
		iloveyou letmein letmein1 welcome1 welcome123 monkey123 dragon123 sunshine princess football
		baseball superman trustno1 starwars whatever computer michelle jennifer abc12345 abcd1234
		changeme secret123 test1234 root1234 latchkey summer2025 11223344 147258369 123123123 123qweasd
		woaini1314 woaini520 5201314a a123456789 a1234567 aa123456 qq123456 zxcvbnm123 asd123456
		1314520 5201314 7758521 123456aa 1qaz@wsx wang123456 zhang123456 woaiwojia nihao123 147852369
		QWERTYUIOP !QAZ2wsx asdf1234 qwer1234 110110110 caonima123`) {
		wantCode(t, password.CheckNew(p, "ann", 6), "password_common")
	}
}
