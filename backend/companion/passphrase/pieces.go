package passphrase

import (
	_ "embed"
	"math"
	"slices"
	"strings"
	"time"
	"unicode"
)

// common is what people choose most, one to a line, about the most used first:
// our own selection of what leaks have shown for years, in English, in Chinese
// and elsewhere.
//
//go:embed common.txt
var common string

// known finds what everybody tries first, also in capitals and with digits for
// letters.
func known(part []rune) piece {
	const capitals, digits = 0.3, 0.6 // what it takes to guess that there are some
	if len(part) < 3 || len(part) > 32 {
		return never()
	}
	text, extra := strings.ToLower(string(part)), 0.3
	if text != string(part) {
		extra += capitals
	}
	rank := rankOf(text)
	if rank == 0 && strings.ContainsFunc(text, unicode.IsLetter) {
		rank, extra = rankOf(lettersFor(text)), extra+digits
	}
	if rank == 0 {
		return never()
	}
	return piece{math.Log10(float64(rank)) + extra, Common}
}

// lettersFor undoes digits and signs that stand for letters.
func lettersFor(text string) string {
	return strings.Map(func(r rune) rune {
		if i := strings.IndexRune("01345 7@$!", r); i >= 0 {
			return rune("oieas tasi"[i])
		}
		return r
	}, text)
}

// rankOf returns the line of a word in the list, or 0.
func rankOf(word string) int {
	for from := 0; ; from++ {
		i := strings.Index(common[from:], word+"\n")
		if i < 0 {
			return 0
		}
		from += i
		if from == 0 || common[from-1] == '\n' {
			return 1 + strings.Count(common[:from], "\n")
		}
	}
}

// word takes letters that can be pronounced for words from a list of 2,000,
// one for every six of them. A person who makes a passphrase of words chose
// them from not many more.
func word(part []rune) piece {
	const list, perLetter = 3.3, 0.55
	if len(part) < 3 || !plainCase(part) || !pronounceable(part) {
		return never()
	}
	guesses := min(float64(len(part)), max(list, perLetter*float64(len(part))))
	if unicode.IsUpper(part[0]) {
		guesses += 0.3
	}
	return piece{guesses, Words}
}

// plainCase reports whether a word is written as words are.
func plainCase(part []rune) bool {
	upper := 0
	for _, r := range part {
		if r >= 0x80 || !unicode.IsLetter(r) {
			return false
		}
		if unicode.IsUpper(r) {
			upper++
		}
	}
	return upper == 0 || upper == len(part) || upper == 1 && unicode.IsUpper(part[0])
}

// pronounceable reports whether vowels and consonants take turns.
func pronounceable(part []rune) bool {
	vowels, run, last := 0, 0, false
	for n, r := range part {
		vowel := strings.ContainsRune("aeiouy", unicode.ToLower(r))
		if vowel {
			vowels++
		}
		if n == 0 || vowel != last {
			run = 0
		}
		run++
		last = vowel
		if run > 4 {
			return false
		}
	}
	return vowels*5 >= len(part)
}

// repetition finds a part that is the same over and over.
func repetition(part []rune) piece {
	for unit := 1; unit <= len(part)/2; unit++ {
		if len(part)%unit == 0 && slices.Equal(part[unit:], part[:len(part)-unit]) {
			once, _ := cheapest(part[:unit])
			return piece{once + math.Log10(float64(len(part)/unit)), Repeated}
		}
	}
	return never()
}

// sequence finds letters or digits in their order, or against it.
func sequence(part []rune) piece {
	if len(part) < 3 {
		return never()
	}
	step := part[1] - part[0]
	if step != 1 && step != -1 {
		return never()
	}
	for n := 1; n < len(part); n++ {
		if part[n]-part[n-1] != step {
			return never()
		}
	}
	start := 1.4
	if strings.ContainsRune("aAzZ019", part[0]) {
		start = 0.6
	}
	return piece{start + math.Log10(float64(len(part))), Sequence}
}

// rows are keys that lie side by side, along and across.
const rows = "1234567890-= qwertyuiop[] asdfghjkl;' zxcvbnm,./ !@#$%^&*()_+ " +
	"1qaz 2wsx 3edc 4rfv 5tgb 6yhn 7ujm 8ik, 9ol. 0p;/ " +
	"1qaz2wsx3edc4rfv5tgb6yhn7ujm qawsedrftgyhujikolp qazwsxedcrfvtgbyhnujm"

// walk finds keys that lie side by side.
func walk(part []rune) piece {
	if len(part) < 3 || slices.Contains(part, ' ') {
		return never()
	}
	keys := []rune(strings.ToLower(string(part)))
	there := strings.Contains(rows, string(keys))
	slices.Reverse(keys)
	if !there && !strings.Contains(rows, string(keys)) {
		return never()
	}
	return piece{1.7 + math.Log10(float64(len(part))), Keyboard}
}

// date finds a year, or a day written in digits.
func date(part []rune) piece {
	text := string(part)
	if len(text) == 4 && (strings.HasPrefix(text, "19") || strings.HasPrefix(text, "20")) && isDate("2006", text) {
		return piece{2, Date}
	}
	for _, form := range []string{"02012006", "01022006", "20060102", "020106", "010206", "060102", "2006-01-02", "02.01.2006", "01/02/2006"} {
		if len(form) == len(text) && isDate(form, text) {
			return piece{4.3, Date}
		}
	}
	return never()
}

func isDate(form, text string) bool {
	t, err := time.Parse(form, text)
	return err == nil && t.Year() >= 1900 && t.Year() < 2100
}
