package passphrase

import (
	"fmt"
	"strings"
	"testing"

	"latchkey/backend/internal/secret"
)

func TestEstimate(t *testing.T) {
	for text, want := range map[string]struct {
		level    Level
		weakness Weakness
	}{
		"":                             {TooWeak, Short},
		"a":                            {TooWeak, Short},
		"x7#kQ":                        {TooWeak, Short},
		"password":                     {TooWeak, Common},
		"Password1":                    {TooWeak, Common},
		"P@ssw0rd!":                    {TooWeak, Common},
		"pa55word":                     {TooWeak, Common},
		"iloveyou2024":                 {TooWeak, Common},
		"woaini520520":                 {TooWeak, Common},
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaa": {TooWeak, Repeated},
		"catcatcatcatcatcat":           {TooWeak, Repeated},
		"abcdefghijklmnopqrstuvwxyz":   {TooWeak, Sequence},
		"zyxwvutsrqp":                  {TooWeak, Sequence},
		"qwertyuiop[]":                 {TooWeak, Keyboard},
		"1qaz2wsx3edc":                 {TooWeak, Keyboard},
		"20240229":                     {TooWeak, Date},
		"24.12.1999":                   {TooWeak, Date},
		"elephant":                     {TooWeak, Words},
		"blue elephant":                {Weak, Words},
		"x7#kQ9pL":                     {Weak, Short},
		"correct horse battery staple": {TooWeak, Common},
		"pelmet vortex sandal":         {Fair, Words},
		"我家的猫叫":                        {Fair, Short},
		"x7#kQ9pLw2":                   {Fair, Short},
		"pelmet vortex sandal quince":  {Good, NoWeakness},
		"pelmetvortexsandalquince":     {Good, NoWeakness},
		"x7#kQ9pLw2!m":                 {Good, NoWeakness},
		"我家的猫叫老虎":                      {Good, NoWeakness},
		"pelmet vortex sandal quince lagoon tundra": {Strong, NoWeakness},
		"x7#kQ9pLw2!mZ4&t":                          {Strong, NoWeakness},
		"我家的猫叫老虎它爱吃鱼":                               {Strong, NoWeakness},
	} {
		got := Estimate(secret.New(text))
		if got.Level != want.level || got.Weakness != want.weakness {
			t.Errorf("%q: got %+v, want %+v", text, got, want)
		}
	}
}

// More of a text is never weaker, and the time for a long one is bounded.
func TestLongTexts(t *testing.T) {
	last := 0.0
	text := "x7#kQ9pLw2!mZ4&tabc1x9"
	for n := range len(text) {
		got := Estimate(secret.New(text[:n])).Guesses
		if got < last-1.5 { // what follows may show that it is a pattern
			t.Errorf("%q has %f guesses, and one character less %f", text[:n], got, last)
		}
		last = got
	}
	if got := Estimate(secret.New(strings.Repeat("abc1x9\xff", 1<<17))); got.Level > Weak {
		t.Errorf("got %+v", got)
	}
}

func TestCommonListIsInOrder(t *testing.T) {
	seen := map[string]bool{}
	for line := range strings.Lines(common) {
		word := strings.TrimSuffix(line, "\n")
		if seen[word] || word != strings.ToLower(word) || len(word) < 3 || !strings.HasSuffix(line, "\n") {
			t.Errorf("%q is odd or there twice", line)
		}
		seen[word] = true
		if got := Estimate(secret.New(word)); got.Guesses > 3.6 {
			t.Errorf("%q: %+v", word, got)
		}
	}
}

func FuzzEstimate(f *testing.F) {
	f.Add("pelmet vortex sandal")
	f.Add("我家的猫\xff")
	f.Fuzz(func(t *testing.T, text string) {
		got := Estimate(secret.New(text))
		if got.Guesses < 0 || got.Guesses > 2*most || (got.Weakness == NoWeakness) != (got.Level >= Good) {
			t.Errorf("%q: %s", text, fmt.Sprintf("%+v", got))
		}
	})
}

func BenchmarkEstimate(b *testing.B) {
	for name, text := range map[string]string{
		"words": "pelmet vortex sandal quince",
		"worst": strings.Repeat("ab1", 5000),
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				Estimate(secret.New(text))
			}
		})
	}
}
