// Package passphrase says how long a passphrase is likely to hold, for a person
// who is choosing one for the vault or for an SSH key. It decides nothing: what
// is allowed is the part of those who keep the secret.
//
// The estimate is how many guesses the cheapest way takes to put the text
// together from what people use: passwords that everybody knows, words, names
// of keys that lie side by side, runs, repetitions, dates, and single
// characters for the rest. That is the idea of D. L. Wheeler, "zxcvbn:
// Low-Budget Password Strength Estimation", USENIX Security 2016, with few
// words in memory: a run of letters that can be pronounced counts as words from
// a list of 2,000, whatever they are. It errs towards too few guesses, and
// tells the person no more than that; a text that is known from somewhere else
// it cannot know.
package passphrase
