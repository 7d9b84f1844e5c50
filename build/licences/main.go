// Command licences writes the licence of everything that is built into the
// desktop edition, the Go modules of each system and the packages of the page,
// into the page as licences.json, where the window finds it. The page's build
// runs it (npm run build in frontend). It fails where a licence is missing or
// asks that programs which contain the work be shared under it too.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A work is something that somebody else made.
type work struct {
	name, version string
	folder        string // where it lies, with its licence
}

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "licences:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	works, err := modules(ctx)
	if err != nil {
		return fmt.Errorf("list Go modules: %w", err)
	}
	page := filepath.Join("frontend", "dist")
	list := filepath.Join(page, "packages.txt")
	bundled, err := packages(list)
	if err != nil {
		return fmt.Errorf("list the page's packages: %w", err)
	}
	texts, err := read(append(works, bundled...))
	if err != nil {
		return err
	}
	out, err := json.Marshal(texts)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(page, "licences.json"), out, 0o600); err != nil {
		return err
	}
	return os.Remove(list) // it was for this program only
}

// read returns an object with name, version and text for each work, by name.
func read(works []work) ([]map[string]string, error) {
	slices.SortFunc(works, func(a, b work) int {
		return strings.Compare(strings.ToLower(a.name), strings.ToLower(b.name))
	})
	var out []map[string]string
	var errs []error
	for _, w := range works {
		text, err := licence(w.folder)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s %s: %w", w.name, w.version, err))
			continue
		}
		out = append(out, map[string]string{"name": w.name, "version": w.version, "text": text})
	}
	return out, errors.Join(errs...)
}
