package password

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// Bisection needs the order; the rest keeps the list worth its size.
func TestCommonListIsInOrder(t *testing.T) {
	lines := strings.Split(strings.TrimSuffix(common, "\n"), "\n")
	if !slices.IsSorted(lines) || len(slices.Compact(slices.Clone(lines))) != len(lines) {
		t.Error("common.txt is not sorted, or says something twice")
	}
	if !strings.HasSuffix(common, "\n") || len(lines) < 3000 {
		t.Errorf("common.txt is cut: %d lines", len(lines))
	}
	for _, l := range lines {
		if l != strings.ToLower(l) || utf8.RuneCountInString(l) < leastChars || strings.ContainsAny(l, " \r\t") {
			t.Errorf("%q does not belong on the list", l)
		}
	}
}

func TestListed(t *testing.T) {
	for line := range strings.Lines(common) {
		if !listed(common, strings.TrimSuffix(line, "\n")) {
			t.Errorf("%q is not found", line)
		}
	}
	for _, lines := range []string{"", "b\n", "b\nd\n", "b\nd\nf\n", common} {
		for _, line := range []string{"", "a", "c", "e", "g", "\n", "b\nd", "\xff"} {
			if listed(lines, line) {
				t.Errorf("%q is found in a list without it", line)
			}
		}
	}
}
