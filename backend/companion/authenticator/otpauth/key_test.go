package otpauth_test

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"latchkey/backend/companion/authenticator/otpauth"
	"latchkey/backend/identity"
)

// RFC 4226, appendix D.
func TestCountedVectors(t *testing.T) {
	k := keyOf(t, otpauth.Fields{Kind: "hotp", Counter: "7"})
	for counter, want := range []string{"755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"} {
		if got := k.Counted(uint64(counter)); got != (otpauth.Code{Text: want, Step: uint64(counter)}) {
			t.Errorf("%d: %+v, want %s", counter, got, want)
		}
	}
	if k.Counter != 7 || k.Period != 0 {
		t.Errorf("%+v", k)
	}
}

// RFC 6238, appendix B: each algorithm has a secret of its own length.
func TestTimedVectors(t *testing.T) {
	for algorithm, length := range map[string]int{"SHA1": 20, "SHA256": 32, "SHA512": 64} {
		secret, err := otpauth.NewSecret([]byte(strings.Repeat("1234567890", 7)[:length]))
		if err != nil {
			t.Fatal(err)
		}
		k := keyOf(t, otpauth.Fields{Secret: secret.Base32(), Algorithm: algorithm, Digits: "8"})
		for at, codes := range map[int64]map[string]string{
			59:          {"SHA1": "94287082", "SHA256": "46119246", "SHA512": "90693936"},
			1111111109:  {"SHA1": "07081804", "SHA256": "68084774", "SHA512": "25091201"},
			2000000000:  {"SHA1": "69279037", "SHA256": "90698825", "SHA512": "38618901"},
			20000000000: {"SHA1": "65353130", "SHA256": "77737706", "SHA512": "47863826"},
		} {
			if got := k.At(time.Unix(at, 0)); got.Text != codes[algorithm] {
				t.Errorf("%s at %d: %s, want %s", algorithm, at, got.Text, codes[algorithm])
			}
		}
	}
}

// Steam publishes no vectors. These are what its own app showed for an account
// made for the purpose, published with the tests of KeePassXC.
func TestSteamVectors(t *testing.T) {
	k := keyOf(t, otpauth.Fields{Kind: "Steam", Secret: "63BEDWCQZKTQWPESARIERL5DTTQFCJTK", Digits: "6", Period: "60", Algorithm: "SHA512"})
	for at, want := range map[int64]string{1511200518: "FR8RV", 1511200714: "9P3VP"} {
		if got := k.At(time.Unix(at, 0)).Text; got != want {
			t.Errorf("at %d: %s, want %s", at, got, want)
		}
	}
}

func TestCodesMatchOathtool(t *testing.T) {
	tool, err := exec.LookPath("oathtool")
	if err != nil {
		t.Skip("skipped: oathtool is not installed")
	}
	ask := func(args ...string) string {
		out, err := exec.CommandContext(t.Context(), tool, args...).CombinedOutput()
		if err != nil {
			t.Fatalf("oathtool %v: %v: %s", args, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	chance := rand.New(rand.NewPCG(1, 2))
	periods := []int{1, 15, 30, 60, 300, 86_400}
	for round := range 10 {
		raw := make([]byte, 10+chance.IntN(55))
		for i := range raw {
			raw[i] = byte(chance.Uint32())
		}
		s, err := otpauth.NewSecret(raw)
		if err != nil {
			t.Fatal(err)
		}
		at, counter := chance.Int64N(1<<35), chance.Uint64N(1<<40)
		for _, digits := range []int{6, 7, 8} {
			for _, algorithm := range []string{"SHA1", "SHA256", "SHA512"} {
				period := periods[chance.IntN(len(periods))]
				k := keyOf(t, otpauth.Fields{
					Secret: s.Base32(), Algorithm: algorithm, Digits: strconv.Itoa(digits), Period: strconv.Itoa(period),
				})
				want := ask("--totp="+algorithm, "-b", "-d", strconv.Itoa(digits), "-s", strconv.Itoa(period)+"s", "-w", "1", "-N", "@"+strconv.FormatInt(at, 10), s.Base32())
				if got := k.At(time.Unix(at, 0)); got.Text+"\n"+got.Next != want {
					t.Errorf("round %d, %d digits, %s, %d s, at %d: %+v, want %s", round, digits, algorithm, period, at, got, want)
				}
			}
			k := keyOf(t, otpauth.Fields{Kind: "hotp", Secret: s.Base32(), Digits: strconv.Itoa(digits)})
			if want := ask("-b", "-d", strconv.Itoa(digits), "-c", strconv.FormatUint(counter, 10), s.Base32()); k.Compute(counter) != want {
				t.Errorf("round %d, %d digits, counter %d: %s, want %s", round, digits, counter, k.Compute(counter), want)
			}
		}
	}
}

// oathtool makes 6 to 8 digits. By RFC 4226, section 5.3, fewer digits are the
// last ones of more.
func TestOtherLengths(t *testing.T) {
	for counter := range uint64(500) {
		ten := keyOf(t, otpauth.Fields{Kind: "hotp", Digits: "10"}).Compute(counter)
		if len(ten) != 10 {
			t.Fatalf("%q", ten)
		}
		for digits := 5; digits < 10; digits++ {
			if got := keyOf(t, otpauth.Fields{Kind: "hotp", Digits: strconv.Itoa(digits)}).Compute(counter); got != ten[10-digits:] {
				t.Fatalf("%d digits of %s are %s", digits, ten, got)
			}
		}
	}
}

func TestTimeOfACode(t *testing.T) {
	k := keyOf(t, otpauth.Fields{Period: "60"})
	at := time.Unix(119, 500_000_000)
	got := k.At(at)
	if got.Step != 1 || !got.Until.Equal(time.Unix(120, 0)) || got.Left != 500*time.Millisecond || got.Next != k.At(time.Unix(120, 0)).Text {
		t.Errorf("%+v", got)
	}
	if left := k.At(time.Unix(120, 0)).Left; left != time.Minute {
		t.Errorf("a new code is good for %v", left)
	}
	if early := k.At(time.Unix(-1000, 0)); early.Step != 0 || early.Text != k.Compute(0) {
		t.Errorf("before 1970 it is %+v", early)
	}
}

func TestFields(t *testing.T) {
	for _, tc := range []struct {
		f    otpauth.Fields
		want *identity.Error // nil: it is a key
	}{
		{otpauth.Fields{}, nil},
		{otpauth.Fields{Kind: " TOTP ", Algorithm: "HmacSHA256", Digits: "5", Period: "1"}, nil},
		{otpauth.Fields{Algorithm: "sha-512", Digits: "10", Period: "86400"}, nil},
		{otpauth.Fields{Kind: "hotp", Counter: "9223372036854775807", Period: "0"}, nil},
		{otpauth.Fields{Kind: "motp"}, otpauth.ErrKind},
		{otpauth.Fields{Kind: "yandex"}, otpauth.ErrKind},
		{otpauth.Fields{Algorithm: "MD5"}, otpauth.ErrAlgorithm},
		{otpauth.Fields{Algorithm: "SHA224"}, otpauth.ErrAlgorithm},
		{otpauth.Fields{Digits: "-1"}, otpauth.ErrDigits},
		{otpauth.Fields{Digits: "0"}, otpauth.ErrDigits},
		{otpauth.Fields{Digits: "4"}, otpauth.ErrDigits},
		{otpauth.Fields{Digits: "11"}, otpauth.ErrDigits},
		{otpauth.Fields{Digits: "six"}, otpauth.ErrDigits},
		{otpauth.Fields{Period: "0"}, otpauth.ErrPeriod},
		{otpauth.Fields{Period: "-1"}, otpauth.ErrPeriod},
		{otpauth.Fields{Period: "86401"}, otpauth.ErrPeriod},
		{otpauth.Fields{Period: "2147483648"}, otpauth.ErrPeriod},
		{otpauth.Fields{Period: "30.0"}, otpauth.ErrPeriod},
		{otpauth.Fields{Kind: "hotp", Counter: "-1"}, otpauth.ErrCounter},
		{otpauth.Fields{Kind: "hotp", Counter: "9223372036854775808"}, otpauth.ErrCounter},
		{otpauth.Fields{Secret: "nonsense!"}, otpauth.ErrSecret},
	} {
		if tc.f.Secret == "" {
			tc.f.Secret = seed
		}
		k, err := tc.f.Key()
		if tc.want == nil && err == nil {
			_ = k.Compute(1)
			continue
		}
		wantError(t, fmt.Sprintf("%+v", tc.f), err, tc.want)
	}
}

func TestParseSecret(t *testing.T) {
	for _, tc := range []struct {
		in, want string
		err      *identity.Error
	}{
		{in: "JBSWY3DPEHPK3PXP", want: "JBSWY3DPEHPK3PXP"},
		{in: " jbsw y3dp-ehpk 3pxp\r\n", want: "JBSWY3DPEHPK3PXP"},
		{in: "JBSW\u00a0Y3DP\u3000EHPK3PXP", want: "JBSWY3DPEHPK3PXP"},
		{in: "JBSWY3DP\u200bEHPK3PXP\ufeff", want: "JBSWY3DPEHPK3PXP"},
		{in: "MFRGGZDFM", want: "MFRGGZDF"},
		{in: "MFRGGZDF MY======", want: "MFRGGZDFMY"},
		{in: "MFRGGZDFMY", want: "MFRGGZDFMY"},
		{in: "MFRGGZA=", want: "MFRGGZA"},
		{in: "", err: otpauth.ErrNoSecret},
		{in: "====", err: otpauth.ErrNoSecret},
		{in: "ME", err: otpauth.ErrSecretShort},
		{in: "MFRGG", err: otpauth.ErrSecretShort},
		{in: "JBSWY3DPEHPK3PX0", err: otpauth.ErrSecret},
		{in: "JBSWY3DPEHPK3PXP1", err: otpauth.ErrSecret},
		{in: "JBSW=Y3DP", err: otpauth.ErrSecret},
		{in: "ＪＢＳＷＹ３ＤＰ", err: otpauth.ErrSecret},
		{in: "\x00\x00\x00\x00", err: otpauth.ErrSecret},
		{in: strings.Repeat("A", 412), err: otpauth.ErrSecretLong},
		{in: strings.Repeat("A", 1<<20), err: otpauth.ErrSecretLong},
	} {
		s, err := otpauth.ParseSecret(tc.in)
		if tc.err != nil {
			wantError(t, tc.in, err, tc.err)
		} else if err != nil || s.Base32() != tc.want {
			t.Errorf("%q is %q, %v", tc.in, s.Base32(), err)
		}
	}
}

// Whatever prints a key or an entry prints no secret.
func TestSecretsDoNotPrint(t *testing.T) {
	e := otpauth.Entry{Issuer: "Service", Key: keyOf(t, otpauth.Fields{})}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "entry", e, "key", e.Key, "secret", e.Key.Secret)
	for _, text := range []string{fmt.Sprint(e, &e), fmt.Sprintf("%+v %#v %q %x", e, e.Key, e.Key.Secret, e.Key.Secret), log.String()} {
		if strings.Contains(text, seed) || strings.Contains(strings.ToUpper(text), fmt.Sprintf("%X", seed)) {
			t.Errorf("it prints: %s", text)
		}
	}
}
