package dialecttest

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"
)

// placeholder matches what stands in angle brackets.
var placeholder = regexp.MustCompile(`<[a-z][^<>=\n]*>`)

// forms are what a word of its own in angle brackets stands for.
var forms = map[string]string{
	"any":         `(?s:.*)`,
	"int":         `-?[0-9]+`,
	"hex32":       `[0-9a-f]{32}`,
	"time":        `[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?Z`,
	"fingerprint": `SHA256:[A-Za-z0-9+/]{43}`,
}

// vars are the texts kept under a name.
type vars map[string]string

// keep binds a name to a text, or compares the text with what it was bound to.
func (v vars) keep(name, text string) error {
	if old, ok := v[name]; ok {
		if old != text {
			return fmt.Errorf("<%s> was %q and is now %q", name, old, text)
		}
		return nil
	}
	if other, ok := v.nameOf(text); ok {
		return fmt.Errorf("<%s> is the same as <%s>: %q", name, other, text)
	}
	v[name] = text
	return nil
}

func (v vars) nameOf(text string) (string, bool) {
	for name, kept := range v {
		if kept == text {
			return name, true
		}
	}
	return "", false
}

// match compares a text with an expected one that may have placeholders in it.
func (v vars) match(want, got string) error {
	expr, names := pattern(want)
	found := regexp.MustCompile(expr).FindStringSubmatch(got)
	if found == nil {
		return fmt.Errorf("got %q, want %q", got, want)
	}
	for i, name := range names {
		if name == "" {
			continue
		}
		if err := v.keep(name, found[i+1]); err != nil {
			return err
		}
	}
	return nil
}

// pattern turns an expected text into a regular expression with one group for
// each placeholder, and the names that these are to be kept under.
func pattern(want string) (expr string, names []string) {
	var b strings.Builder
	end := 0
	for _, at := range placeholder.FindAllStringIndex(want, -1) {
		form, name := splitForm(want[at[0]+1 : at[1]-1])
		b.WriteString(regexp.QuoteMeta(want[end:at[0]]) + "(" + form + ")")
		names = append(names, name)
		end = at[1]
	}
	b.WriteString(regexp.QuoteMeta(want[end:]))
	return "^" + b.String() + "$", names
}

// splitForm tells the form and the name in a placeholder; either may be missing.
func splitForm(inner string) (form, name string) {
	first, rest, _ := strings.Cut(inner, " ")
	if form, ok := forms[first]; ok {
		return form, rest
	}
	if many, err := repeat(rest); first == "repeat" && err == nil {
		return regexp.QuoteMeta(many), ""
	}
	return `(?s:.+)`, inner
}

// expand replaces the placeholders of a request.
func (v vars) expand(s string, now time.Time) (string, error) {
	var failed error
	out := placeholder.ReplaceAllStringFunc(s, func(p string) string {
		text, err := v.resolve(p[1:len(p)-1], now)
		if err != nil {
			failed = err
		}
		return text
	})
	return out, failed
}

func (v vars) resolve(inner string, now time.Time) (string, error) {
	if text, ok := v[inner]; ok {
		return text, nil
	}
	switch function, args, _ := strings.Cut(inner, " "); function {
	case "otp":
		return v.code(args, now)
	case "repeat":
		return repeat(args)
	}
	return "", fmt.Errorf("nothing was kept as <%s>", inner)
}

// period is the time step of a code (RFC 6238, section 5.2).
const period = 30 * time.Second

// code computes the one-time code for "secret" or "secret +1".
func (v vars) code(args string, now time.Time) (string, error) {
	name, steps := args, 0
	if before, after, ok := strings.Cut(args, " "); ok && strings.ContainsAny(after[:1], "+-") {
		n, err := strconv.Atoi(after)
		if err != nil {
			return "", fmt.Errorf("<otp %s>: %w", args, err)
		}
		name, steps = before, n
	}
	secret, ok := v[name]
	if !ok {
		return "", fmt.Errorf("no secret was kept as <%s>", name)
	}
	return totp.GenerateCodeCustom(secret, now.Add(time.Duration(steps)*period), totp.ValidateOpts{
		Period: uint(period / time.Second), Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1,
	})
}

func repeat(args string) (string, error) {
	count, text, _ := strings.Cut(args, " ")
	n, err := strconv.Atoi(count)
	if err != nil || text == "" {
		return "", fmt.Errorf("<repeat %s>: want a number and a text", args)
	}
	return strings.Repeat(text, n), nil
}
