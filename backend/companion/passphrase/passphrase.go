package passphrase

import (
	"math"
	"unicode/utf8"

	"latchkey/backend/internal/secret"
)

// A Level says how long a text withstands somebody who has the file it
// protects and makes ten thousand guesses a second, as a few graphics cards do
// where each is stretched as in the vault and in OpenSSH's key files.
type Level int

// The levels, with the time after which half of the guesses are made.
const (
	TooWeak Level = iota // minutes
	Weak                 // a day
	Fair                 // years
	Good                 // a thousand years
	Strong               // more
)

// A Weakness names what makes a text easiest to guess, for a hint.
type Weakness string

// The weaknesses.
const (
	NoWeakness Weakness = ""
	Short      Weakness = "short"    // there is too little of it
	Common     Weakness = "common"   // everybody's password is part of it
	Repeated   Weakness = "repeated" // it says the same again
	Sequence   Weakness = "sequence" // letters or digits in their order
	Keyboard   Weakness = "keyboard" // keys side by side
	Date       Weakness = "date"
	Words      Weakness = "words" // too few of them
)

// A Strength is what is likely to be true of a text.
type Strength struct {
	Level    Level
	Guesses  float64  // their decimal logarithm
	Weakness Weakness // NoWeakness from Good on
}

// most is how many characters are looked at. More make a text no weaker, and
// this many of any sort that is not one thing over and over are Strong.
const most = 64

// Estimate estimates a text.
func Estimate(text secret.Text) Strength {
	runes := []rune(text.Reveal())
	defer clear(runes)
	runes = runes[:min(len(runes), most)]
	guesses, weakness := cheapest(runes)
	s := Strength{Level: level(guesses), Guesses: guesses, Weakness: weakness}
	switch {
	case s.Level >= Good:
		s.Weakness = NoWeakness
	case s.Weakness == NoWeakness:
		s.Weakness = Short
	}
	return s
}

func level(guesses float64) Level {
	switch {
	case guesses < 6:
		return TooWeak
	case guesses < 9:
		return Weak
	case guesses < 12:
		return Fair
	case guesses < 15:
		return Good
	}
	return Strong
}

// A piece is a part of a text that a guess gets at once.
type piece struct {
	guesses  float64 // their decimal logarithm
	weakness Weakness
}

// cheapest puts the text together from the pieces that take the fewest guesses
// together, and names the weakness of the longest piece that has one.
func cheapest(text []rune) (guesses float64, weakness Weakness) {
	best := make([]float64, len(text)+1)
	from := make([]int, len(text)+1)
	what := make([]Weakness, len(text)+1)
	for end := 1; end <= len(text); end++ {
		best[end] = math.Inf(1)
		for start := range end {
			p := look(text[start:end])
			if sum := best[start] + p.guesses; sum < best[end] {
				best[end], from[end], what[end] = sum, start, p.weakness
			}
		}
	}
	longest := 0
	for end := len(text); end > 0; end = from[end] {
		if n := end - from[end]; what[end] != NoWeakness && n > longest {
			longest, weakness = n, what[end]
		}
	}
	return best[len(text)], weakness
}

// look finds the cheapest way to guess a part of a text in one piece.
func look(part []rune) piece {
	best := single(part)
	for _, way := range []func([]rune) piece{known, word, repetition, sequence, walk, date} {
		if p := way(part); p.guesses < best.guesses {
			best = p
		}
	}
	return best
}

// never is what a way says that does not fit.
func never() piece { return piece{guesses: math.Inf(1)} }

// single guesses one character: somewhat less than there are, because people
// do not choose by chance.
func single(part []rune) piece {
	if len(part) != 1 {
		return never()
	}
	switch r := part[0]; {
	case r == ' ':
		return piece{guesses: 0.3}
	case r < utf8.RuneSelf:
		return piece{guesses: 1}
	case r < 0x2E80: // letters of alphabets
		return piece{guesses: 1.3}
	}
	return piece{guesses: 2} // of the scripts of East Asia, and emoji
}
