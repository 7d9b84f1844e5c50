package sshconfig

import "strings"

const around = 3 // lines before and after a change that are shown

// Diff shows the change: lines that go begin with -, lines that come with +,
// and some that stay stand around them. A change is one run of lines.
func (c Change) Diff() string {
	before, after := lines(c.Before), lines(c.After)
	start := 0
	for start < min(len(before), len(after)) && before[start] == after[start] {
		start++
	}
	tail := 0
	for tail < min(len(before), len(after))-start && before[len(before)-1-tail] == after[len(after)-1-tail] {
		tail++
	}
	if start == len(before) && start == len(after) {
		return ""
	}
	var b strings.Builder
	put := func(mark string, lines []string) {
		for _, l := range lines {
			b.WriteString(mark + strings.TrimRight(l, "\r\n") + "\n")
		}
	}
	put("  ", before[max(0, start-around):start])
	put("- ", before[start:len(before)-tail])
	put("+ ", after[start:len(after)-tail])
	put("  ", after[len(after)-tail:min(len(after), len(after)-tail+around)])
	return b.String()
}

func lines(s string) []string {
	var out []string
	for l := range strings.Lines(s) {
		out = append(out, l)
	}
	return out
}
