package password

import (
	_ "embed"
	"strings"
)

// common is the list of passwords that are tried first, one to a line: lower
// case, sorted by bytes, at least 6 characters each. It is our own compilation
// of what leaks have shown for years, in English, in Chinese and elsewhere:
// favourites, keyboard walks, runs of digits, names and words, each with the
// endings that people put to them.
//
//go:embed common.txt
var common string

// isCommon reports whether a password is on the list in any case, or needs no
// list because it is one short piece repeated or one straight run. Nothing is
// stripped from it and no letter is taken for another: the list holds such
// variants itself where they are common.
func isCommon(password string) bool {
	p := strings.ToLower(password)
	return listed(common, p) || repeats(p) || runs(p)
}

// listed finds a line in sorted lines, each ended by a newline, by bisection:
// start-up pays nothing for the list.
func listed(lines, line string) bool {
	for lines != "" {
		start := strings.LastIndexByte(lines[:len(lines)/2], '\n') + 1
		middle, rest, _ := strings.Cut(lines[start:], "\n")
		switch {
		case line == middle:
			return true
		case line < middle:
			lines = lines[:start]
		default:
			lines = rest
		}
	}
	return false
}

// repeats reports whether p is a piece of at most four bytes (which any one
// character is) over and over, the last time perhaps cut short.
func repeats(p string) bool {
	for unit := 1; unit <= 4 && 2*unit <= len(p); unit++ {
		if p[unit:] == p[:len(p)-unit] {
			return true
		}
	}
	return false
}

// runs reports whether each character of p is the one after that before it,
// or each the one before; 0 follows 9.
func runs(p string) bool {
	return steps(p, 1) || steps(p, -1)
}

func steps(p string, by int) bool {
	for i := 1; i < len(p); i++ {
		near := int(p[i])-int(p[i-1]) == by
		around := p[i-1] == '9' && p[i] == '0' && by == 1 || p[i-1] == '0' && p[i] == '9' && by == -1
		if !near && !around {
			return false
		}
	}
	return true
}
