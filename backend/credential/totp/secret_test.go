package totp_test

import (
	"bytes"
	"encoding/base32"
	"fmt"
	"image/png"
	"log/slog"
	"net/url"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"latchkey/backend/credential/totp"
	"latchkey/backend/identity"
	"latchkey/backend/internal/env"
)

func TestNewSecret(t *testing.T) {
	s := totp.NewSecret(env.System())
	if raw, err := base32.StdEncoding.DecodeString(s.Base32()); err != nil || len(raw) != 20 {
		t.Errorf("%q holds %d bytes, %v; want 20", s.Base32(), len(raw), err)
	}
	if s == totp.NewSecret(env.System()) {
		t.Error("two secrets are equal")
	}
}

func TestParseSecret(t *testing.T) {
	const plain = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" // RFC 6238's seed
	for _, tc := range []struct{ name, in, want string }{
		{"as shown", plain, plain},
		{"lower case", strings.ToLower(plain), plain},
		{"in groups", "gezd gnbv gy3t qojq gezd gnbv gy3t qojq", plain},
		{"in groups with hyphens", "GEZD-GNBV-GY3T-QOJQ-GEZD-GNBV-GY3T-QOJQ", plain},
		{"space around", "\t" + plain + "\r\n", plain},
		{"16 bytes", "GEZDGNBVGY3TQOJQGEZDGNBVGY", "GEZDGNBVGY3TQOJQGEZDGNBVGY"},
		{"16 bytes, padded", "GEZDGNBVGY3TQOJQGEZDGNBVGY======", "GEZDGNBVGY3TQOJQGEZDGNBVGY"},
		{"stray bits at the end", "GEZDGNBVGY3TQOJQGEZDGNBVGZ", "GEZDGNBVGY3TQOJQGEZDGNBVGY"},
		{"15 bytes", "GEZDGNBVGY3TQOJQGEZDGNBV", ""},
		{"129 bytes", base32.StdEncoding.EncodeToString(make([]byte, 129)), ""},
		{"1 MiB", strings.Repeat("A", 1<<20), ""},
		{"empty", "", ""},
		{"only padding", strings.Repeat("=", 32), ""},
		{"padding inside", "GEZDGNBV=GY3TQOJQGEZDGNBVGY3TQOJQ", ""},
		{"digit 1", "1EZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", ""},
		{"hexadecimal", "3132333435363738393031323334353637383930", ""},
		{"the whole URI", "otpauth://totp/a?secret=" + plain, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := totp.ParseSecret(tc.in)
			if tc.want != "" && (err != nil || got.Base32() != tc.want) {
				t.Errorf("got %q, %v; want %q", got.Base32(), err, tc.want)
			}
			if tc.want == "" && (identity.KindOf(err) != identity.Invalid || !got.IsZero()) {
				t.Errorf("got %q, %v; want an Invalid error", got.Base32(), err)
			}
		})
	}
}

func FuzzParseSecret(f *testing.F) {
	f.Add("gezd gnbv gy3t qojq gezd gnbv gy3t qojq")
	f.Add("GEZDGNBVGY3TQOJQGEZDGNBVGY======")
	f.Fuzz(func(t *testing.T, in string) {
		s, err := totp.ParseSecret(in)
		if err != nil {
			return
		}
		if again, err := totp.ParseSecret(s.Base32()); err != nil || again != s {
			t.Errorf("%q reads as %q, which reads as %q, %v", in, s.Base32(), again.Base32(), err)
		}
	})
}

func TestURI(t *testing.T) {
	s := totp.NewSecret(env.System())
	for _, account := range []identity.Username{"carol", "ann+home@example.org", "小明", "a b"} {
		u, err := url.Parse(s.URI("Latchkey", account))
		if err != nil {
			t.Fatal(err)
		}
		if u.Scheme != "otpauth" || u.Host != "totp" || u.Path != "/Latchkey:"+string(account) {
			t.Errorf("%s: got %s://%s%s", account, u.Scheme, u.Host, u.Path)
		}
		if strings.Contains(u.RawQuery, "+") {
			t.Errorf("%s: %q: authenticators read a plus as a plus", account, u.RawQuery)
		}
		for name, want := range map[string]string{
			"secret": s.Base32(), "issuer": "Latchkey", "algorithm": "SHA1", "digits": "6", "period": "30",
		} {
			if got := u.Query().Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", account, name, got, want)
			}
		}
	}
}

func TestQRReadsBack(t *testing.T) {
	uri := totp.NewSecret(env.System()).URI("Latchkey", "小明@example.org")
	for _, px := range []int{0, 200, 400, 2048} {
		b, err := totp.QR(uri, px)
		if err != nil {
			t.Fatal(err)
		}
		img, err := png.Decode(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		if side := img.Bounds().Dx(); side != img.Bounds().Dy() || side < px {
			t.Errorf("%d pixels asked for, got %v", px, img.Bounds())
		}
		bitmap, err := gozxing.NewBinaryBitmapFromImage(img)
		if err != nil {
			t.Fatal(err)
		}
		got, err := qrcode.NewQRCodeReader().Decode(bitmap, nil)
		if err != nil {
			t.Errorf("%d pixels: %v", px, err)
		} else if got.GetText() != uri {
			t.Errorf("%d pixels: read %q, want %q", px, got.GetText(), uri)
		}
	}
}

func TestQRRefuses(t *testing.T) {
	for name, tc := range map[string]struct {
		uri string
		px  int
	}{
		"nothing":         {"", 200},
		"too much":        {strings.Repeat("x", 5000), 200},
		"huge image":      {"otpauth://totp/a", 1 << 20},
		"negative pixels": {"otpauth://totp/a", -1},
	} {
		if b, err := totp.QR(tc.uri, tc.px); err == nil {
			t.Errorf("%s: drew %d bytes", name, len(b))
		}
	}
}

func TestSecretNeverShows(t *testing.T) {
	s := totp.NewSecret(env.System())
	type holder struct{ Secret totp.Secret }
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&out, verb+" "+verb+"\n", s, holder{s})
	}
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", "s", s, "h", holder{s})
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "s", s, "h", holder{s})
	for _, form := range []string{s.Base32(), fmt.Sprintf("%x", s.Base32())} {
		if strings.Contains(out.String(), form) {
			t.Errorf("the secret shows:\n%s", out.String())
		}
	}
}
