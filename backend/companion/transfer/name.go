package transfer

import (
	"path/filepath"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxLocalName is the longest name of a file on every system, in bytes, less
// what a number needs.
const maxLocalName = 240

// LocalName makes a name that a server tells one of a file on this computer: a
// single name, without what separates paths, does not show or turns text
// around, and none that a system takes for something else.
func LocalName(name string) string {
	clean := strings.Map(func(r rune) rune {
		switch {
		case strings.ContainsRune(`/\:*?"<>|`, r):
			return '_'
		case r == utf8.RuneError || !unicode.IsGraphic(r):
			return -1
		}
		return r
	}, name)
	clean = strings.TrimRight(strings.TrimLeft(clean, " "), ". ")
	for len(clean) > maxLocalName {
		stem, ext := split(clean)
		_, last := utf8.DecodeLastRuneInString(stem)
		clean = stem[:len(stem)-last] + ext
	}
	stem, _, _ := strings.Cut(clean, ".")
	switch {
	case clean == "":
		return "file"
	case isDevice(strings.TrimSpace(stem)), !filepath.IsLocal(clean):
		return "_" + clean
	}
	return clean
}

// isDevice reports whether Windows takes a name for a device.
func isDevice(stem string) bool {
	s := strings.ToUpper(stem)
	switch s {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$":
		return true
	}
	port, ok := strings.CutPrefix(s, "COM")
	if !ok {
		port, ok = strings.CutPrefix(s, "LPT")
	}
	return ok && utf8.RuneCountInString(port) == 1 && strings.ContainsAny(port, "0123456789¹²³")
}

// split cuts an extension off, if there is one that is no longer than those are.
func split(name string) (stem, ext string) {
	ext = filepath.Ext(name)
	if ext == name || len(ext) > 16 {
		return name, ""
	}
	return strings.TrimSuffix(name, ext), ext
}

// mostNumbers bounds the names that are tried to keep two of a name.
const mostNumbers = 1000

// numbered returns the nth name for something: "b.txt", "b (2).txt".
func numbered(name string, n int) string {
	if n == 1 {
		return name
	}
	stem, ext := split(name)
	return stem + " (" + strconv.Itoa(n) + ")" + ext
}

// A names gives each entry of a folder on a server a name of its own here, also
// where the system takes small and capital letters for the same.
type names map[string]bool

func (taken names) give(name string) string {
	local := LocalName(name)
	for n := 1; ; n++ {
		next := numbered(local, n)
		if key := strings.ToLower(next); !taken[key] {
			taken[key] = true
			return next
		}
	}
}
