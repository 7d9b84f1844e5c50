package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// modules lists the Go modules that the desktop edition is made of on any
// system, and Go itself.
func modules(ctx context.Context) ([]work, error) {
	const format = `{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}} {{.Dir}}{{end}}{{end}}`
	var out []work
	for _, system := range []string{"linux", "windows", "darwin"} {
		list := exec.CommandContext(ctx, "go", "list", "-deps", "-tags", "desktop,production,webkit2_41", "-f", format, ".")
		// With cgo, because the window on Linux and macOS is made with it.
		list.Env = append(list.Environ(), "GOOS="+system, "CGO_ENABLED=1")
		list.Stderr = os.Stderr
		answer, err := list.Output()
		if err != nil {
			return nil, err
		}
		for line := range strings.Lines(string(answer)) {
			// A folder may have spaces in its name, the others cannot.
			f := strings.SplitN(strings.TrimSpace(line), " ", 3)
			if len(f) != 3 {
				continue
			}
			if w := (work{f[0], f[1], f[2]}); !slices.Contains(out, w) {
				out = append(out, w)
			}
		}
	}
	return withGo(ctx, out)
}

// withGo adds the standard library. Not every system's Go comes with its
// licence, but the Go project's own modules have the same one.
func withGo(ctx context.Context, works []work) ([]work, error) {
	i := slices.IndexFunc(works, func(w work) bool { return w.name == "golang.org/x/crypto" })
	if i < 0 {
		return nil, errors.New("golang.org/x/crypto is not there to take Go's licence from")
	}
	version, err := exec.CommandContext(ctx, "go", "env", "GOVERSION").Output()
	return append(works, work{"Go", strings.TrimPrefix(strings.TrimSpace(string(version)), "go"), works[i].folder}), err
}

// packages lists the packages in a file of the page's build, which names the
// folders of those whose code is in the page.
func packages(list string) ([]work, error) {
	folders, err := os.ReadFile(list)
	if err != nil {
		return nil, err
	}
	var out []work
	for lines := bufio.NewScanner(bytes.NewReader(folders)); lines.Scan(); {
		folder := lines.Text()
		described, err := os.ReadFile(filepath.Join(folder, "package.json"))
		if err != nil {
			return nil, err
		}
		var p struct{ Name, Version string }
		if err := json.Unmarshal(described, &p); err != nil {
			return nil, err
		}
		out = append(out, work{p.Name, p.Version, folder})
	}
	if len(out) == 0 {
		return nil, errors.New("the page names none")
	}
	return out, nil
}
