package otpauth

import (
	"strconv"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"

	"latchkey/backend/identity"
)

// A Kind is what the codes of a key depend on, and how they look.
type Kind string

// The kinds of key.
const (
	TOTP  Kind = "totp"  // the time, RFC 6238
	HOTP  Kind = "hotp"  // a counter, RFC 4226
	Steam Kind = "steam" // the time, in five letters and digits, as Steam Guard shows it
)

// An Algorithm is the hash that a code is made with.
type Algorithm string

// The algorithms of RFC 6238, section 1.2.
const (
	SHA1   Algorithm = "SHA1"
	SHA256 Algorithm = "SHA256"
	SHA512 Algorithm = "SHA512"
)

// What a key has unless it says otherwise, and the bounds of that.
const (
	UsualDigits = 6
	LeastDigits = 5
	MostDigits  = 10
	UsualPeriod = 30 // seconds
	LeastPeriod = 1
	MostPeriod  = 86_400

	steamDigits = 5
	mostCounter = 1<<63 - 1 // what a backup of another app can hold
)

// The refusals of a key.
var (
	ErrKind = identity.InvalidField("kind", "otp_kind_unknown",
		"That is a kind of code that Latchkey does not make: it makes TOTP, HOTP and Steam codes.")
	ErrAlgorithm = identity.InvalidField("algorithm", "otp_algorithm_unknown",
		"That code is made with an algorithm other than SHA1, SHA256 and SHA512, so Latchkey cannot make it.")
	ErrDigits = identity.InvalidField("digits", "otp_digits_invalid",
		"A code has 5 to 10 digits, and this one asks for another number of them.")
	ErrPeriod = identity.InvalidField("period", "otp_period_invalid",
		"A code is good for 1 to 86,400 seconds, and this one asks for another time.")
	ErrCounter = identity.InvalidField("counter", "otp_counter_invalid",
		"The counter of that code is not a whole number from 0 on.")
)

// A Key is what codes are made from. It is comparable, and prints without its
// secret.
type Key struct {
	Kind      Kind
	Secret    Secret
	Algorithm Algorithm
	Digits    int
	Period    int    // in seconds; 0 with HOTP
	Counter   uint64 // of the next code, with HOTP; otherwise 0
}

// Fields are the parts of a key as texts, as URIs and backups have them. Empty
// ones stand for what is usual.
type Fields struct {
	Kind, Secret, Algorithm, Digits, Period, Counter string
}

// Key reads the parts. What does not matter to the kind is left out: Steam
// Guard knows one length, period and algorithm only.
func (f Fields) Key() (Key, error) {
	k := Key{Kind: Kind(strings.ToLower(strings.TrimSpace(f.Kind)))}
	var err error
	if k.Secret, err = ParseSecret(f.Secret); err != nil {
		return Key{}, err
	}
	switch k.Kind {
	case Steam:
		k.Algorithm, k.Digits, k.Period = SHA1, steamDigits, UsualPeriod
		return k, nil
	case HOTP:
		if k.Counter, err = whole(f.Counter, 0, mostCounter, 0, ErrCounter); err != nil {
			return Key{}, err
		}
	case TOTP, "":
		k.Kind = TOTP
		period, err := whole(f.Period, LeastPeriod, MostPeriod, UsualPeriod, ErrPeriod)
		if err != nil {
			return Key{}, err
		}
		k.Period = int(period)
	default:
		return Key{}, ErrKind
	}
	if k.Algorithm, err = parseAlgorithm(f.Algorithm); err != nil {
		return Key{}, err
	}
	digits, err := whole(f.Digits, LeastDigits, MostDigits, UsualDigits, ErrDigits)
	k.Digits = int(digits)
	return k, err
}

// whole reads a whole number within bounds, or takes the usual one.
func whole(text string, least, most, usual uint64, refusal error) (uint64, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return usual, nil
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil || n < least || n > most {
		return 0, refusal
	}
	return n, nil
}

// parseAlgorithm knows the names that apps give them: SHA1, sha-256, HmacSHA512.
func parseAlgorithm(text string) (Algorithm, error) {
	bare := strings.Map(func(r rune) rune {
		if strings.ContainsRune("-_ ", r) {
			return -1
		}
		return r
	}, strings.ToUpper(text))
	switch a := Algorithm(strings.TrimPrefix(bare, "HMAC")); a {
	case "":
		return SHA1, nil
	case SHA1, SHA256, SHA512:
		return a, nil
	}
	return "", ErrAlgorithm
}

// Same reports whether two keys make the same codes, wherever their counters
// stand.
func (k Key) Same(other Key) bool {
	k.Counter, other.Counter = 0, 0
	return k == other
}

// Compute returns the code of a time step, or of a counter with HOTP. The key
// is one that Fields.Key has made.
func (k Key) Compute(step uint64) string {
	opts := hotp.ValidateOpts{Digits: otp.Digits(k.Digits)}
	switch k.Algorithm {
	case SHA1:
		opts.Algorithm = otp.AlgorithmSHA1
	case SHA256:
		opts.Algorithm = otp.AlgorithmSHA256
	case SHA512:
		opts.Algorithm = otp.AlgorithmSHA512
	}
	if k.Kind == Steam {
		opts.Encoder = otp.EncoderSteam
	}
	code, err := hotp.GenerateCodeCustom(k.Secret.Base32(), step, opts)
	if err != nil {
		panic("otpauth: malformed secret: " + err.Error()) // every Secret is made from bytes
	}
	return code
}

// Step returns the time step that a moment is in (RFC 6238, section 4.2); 0
// before 1970, and with HOTP.
func (k Key) Step(at time.Time) uint64 {
	if k.Period == 0 || at.Unix() < 0 {
		return 0
	}
	return uint64(at.Unix()) / uint64(k.Period)
}

// A Code is one of a key's codes.
type Code struct {
	Text  string
	Next  string        // the one after it; empty with HOTP, where showing it would use it
	Step  uint64        // the time step, or the counter with HOTP
	Until time.Time     // when the next takes its place; zero with HOTP
	Left  time.Duration // until then
}

// At returns the code of a moment, by the clock of the service. The key is not
// one of HOTP.
func (k Key) At(at time.Time) Code {
	step := k.Step(at)
	until := time.Unix(int64(step+1)*int64(k.Period), 0)
	return Code{Text: k.Compute(step), Next: k.Compute(step + 1), Step: step, Until: until, Left: until.Sub(at)}
}

// Counted returns the code of a counter, with HOTP.
func (k Key) Counted(counter uint64) Code { return Code{Text: k.Compute(counter), Step: counter} }
