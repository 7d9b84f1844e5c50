package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

var (
	// files are where licences stand, and what has to be passed on with them.
	files = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice)([-.].*)?$`)

	// shared are the licences that ask for the same of the whole program.
	shared = regexp.MustCompile(`(?i)GNU\s+(Affero\s+|Lesser\s+|Library\s+)?General\s+Public\s+Licen[cs]e`)

	// secondary is where the Mozilla Public License, which asks that of its own
	// files only, defines which licences they may be put under as well.
	secondary = regexp.MustCompile(`(?s)Secondary License\W+means.{1,300}?those licenses\.`)
)

// licence returns what the folder of a work says about its licence.
func licence(folder string) (string, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return "", err
	}
	var texts []string
	for _, e := range entries {
		if e.IsDir() || !files.MatchString(e.Name()) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(folder, e.Name()))
		if err != nil {
			return "", err
		}
		if found := shared.Find(secondary.ReplaceAll(text, nil)); found != nil {
			return "", fmt.Errorf("%s names the %s, which this program cannot keep to", e.Name(), found)
		}
		texts = append(texts, strings.TrimSpace(string(text)))
	}
	if len(texts) == 0 {
		return "", errors.New("there is no file with a licence")
	}
	return strings.Join(texts, "\n\n"), nil
}
