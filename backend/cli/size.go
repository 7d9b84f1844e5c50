package cli

import (
	"math"
	"strconv"
	"strings"
)

// noLimitWord is how no limit is written.
const noLimitWord = "none"

// sizeUnits are what sizes can be written in. As on most systems a letter
// alone is of powers of 1,024.
func sizeUnits() map[string]float64 {
	const k, ki = 1e3, 1 << 10
	return map[string]float64{
		"": 1, "b": 1,
		"k": ki, "m": ki * ki, "g": ki * ki * ki, "t": ki * ki * ki * ki,
		"kb": k, "mb": k * k, "gb": k * k * k, "tb": k * k * k * k,
		"kib": ki, "mib": ki * ki, "gib": ki * ki * ki, "tib": ki * ki * ki * ki,
	}
}

// parseSize reads a number of bytes, such as 500M, 1.5 GB or 2TiB; none is 0.
func parseSize(text string) (int64, bool) {
	text = strings.ToLower(strings.TrimSpace(text))
	if text == noLimitWord {
		return 0, true
	}
	digits := strings.TrimRight(text, "bikmgt ")
	unit, known := sizeUnits()[strings.TrimSpace(text[len(digits):])]
	n, err := strconv.ParseFloat(digits, 64)
	if !known || err != nil || strings.Trim(digits, "0123456789.") != "" || n*unit >= math.MaxInt64 {
		return 0, false
	}
	return int64(n * unit), true
}

// sizeText writes a number of bytes for a person.
func sizeText(n int64) string {
	if n < 1<<10 {
		return count(int(n), "byte")
	}
	value, unit := float64(n)/(1<<10), 0
	for value >= 1000 && unit < 4 {
		value /= 1 << 10
		unit++
	}
	digits := 0
	if value < 10 {
		digits = 1
	}
	return strconv.FormatFloat(value, 'f', digits, 64) + " " + []string{"KiB", "MiB", "GiB", "TiB", "PiB"}[unit]
}

// limitText writes a storage limit.
func limitText(n int64) string {
	if n <= 0 {
		return noLimitWord
	}
	return sizeText(n)
}
