package sshconfig

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"latchkey/backend/internal/disk"
)

const (
	maxFile    = 1 << 20 // bytes
	maxDepth   = 16      // of Include, as in ssh
	maxFiles   = 1000
	backupName = ".before-latchkey"
)

// A Folder is where ssh looks for its config, such as ~/.ssh.
type Folder string

// A Change is what would be written. It is shown before it is.
type Change struct {
	Path          string // of the config
	Before, After string
	existed       bool
}

// Set plans an entry: a new one, or another text for the one that Latchkey has
// written under that alias. It stands before the first Host or Match line,
// because of all that fits a host ssh takes what it reads first, and behind
// what counts for all hosts.
//
// Errors: ErrAlias and its like, ErrTaken, ErrMarkers, ErrLarge and those of
// the disk.
func Set(folder Folder, e Entry) (Change, error) {
	if err := e.check(); err != nil {
		return Change{}, err
	}
	c, err := load(string(folder))
	if err != nil {
		return c, err
	}
	start, end, found, err := ours(c.Before, e.Alias)
	if err != nil {
		return c, err
	}
	rest := c.Before
	if found {
		rest = c.Before[:start] + c.Before[end:]
	}
	if taken, err := hasAlias(string(folder), rest, e.Alias); err != nil || taken {
		if taken {
			err = ErrTaken
		}
		return c, err
	}
	block := e.block(lineEnd(c.Before))
	if found {
		c.After = c.Before[:start] + block + c.Before[end:]
		return c, nil
	}
	c.After = insert(c.Before, block)
	return c, nil
}

// Suggest returns a name for an entry that Set takes: one like what the person
// calls the server, and if that is taken by another entry the next one with a
// number. An entry of ours for the same account has its name already.
func Suggest(folder Folder, server string, e Entry) (string, error) {
	wish := aliasOf(server)
	for n := 1; ; n++ {
		e.Alias = wish
		if n > 1 {
			e.Alias = fmt.Sprintf("%s-%d", wish, n)
		}
		c, err := Set(folder, e)
		if errors.Is(err, ErrTaken) {
			continue
		}
		if err != nil {
			return "", err
		}
		start, end, found, err := ours(c.Before, e.Alias)
		if err != nil || !found || sameAccount(c.Before[start:end], e.block(lineEnd(c.Before))) {
			return e.Alias, err
		}
	}
}

// Repoint plans to give the entries that Latchkey has written for an account
// and a key, whatever their alias, the key in another file. Nothing else of them
// changes. Errors: ErrIdentity, ErrMarkers, ErrLarge and those of the disk.
func Repoint(folder Folder, now Entry, to string) (Change, error) {
	next := now
	next.Alias, next.Identity = "x", to
	if err := next.check(); err != nil {
		return Change{}, err
	}
	c, err := load(string(folder))
	if err != nil {
		return c, err
	}
	end := lineEnd(c.Before)
	for line := range strings.Lines(c.Before) {
		alias, ok := strings.CutPrefix(strings.TrimSpace(line), beginMark)
		if !ok {
			continue
		}
		start, stop, _, err := ours(c.After, alias)
		if err != nil {
			return c, err
		}
		now.Alias, next.Alias = alias, alias
		if c.After[start:stop] == now.block(end) {
			c.After = c.After[:start] + next.block(end) + c.After[stop:]
		}
	}
	return c, nil
}

// Uses lists the entries of the config, and of what it includes, that name a
// key file: what stands behind Host or Match, "" for what counts for all hosts.
// Errors: ErrLarge and those of the disk.
func Uses(folder Folder, identity string) ([]string, error) {
	c, err := load(string(folder))
	if err != nil {
		return nil, err
	}
	var found []string
	at, left := "", maxFiles
	_, err = walk(string(folder), c.Before, 0, &left, func(word, rest string) bool {
		switch word {
		case "host", "match":
			at = strings.TrimSpace(rest)
		case "identityfile":
			for _, path := range arguments(rest) {
				if expand(string(folder), path) == identity && !slices.Contains(found, at) {
					found = append(found, at)
				}
			}
		}
		return false
	})
	return found, err
}

// expand makes of a path in the config one of the file system.
func expand(folder, path string) string {
	for _, home := range []string{"~/", "%d/", "${HOME}/"} {
		if rest, ok := strings.CutPrefix(path, home); ok {
			return filepath.Join(filepath.Dir(folder), rest)
		}
	}
	return path
}

// sameAccount reports whether two blocks differ in the key at most.
func sameAccount(a, b string) bool {
	account := func(block string) (out []string) {
		for line := range strings.Lines(block) {
			if word, rest := directive(line); word != "identityfile" {
				out = append(out, word+" "+strings.TrimSpace(rest))
			}
		}
		return out
	}
	return slices.Equal(account(a), account(b))
}

// Remove plans to take away an entry that Latchkey has written. Errors:
// ErrNoEntry, ErrMarkers, ErrLarge and those of the disk.
func Remove(folder Folder, alias string) (Change, error) {
	c, err := load(string(folder))
	if err != nil {
		return c, err
	}
	start, end, found, err := ours(c.Before, alias)
	if err == nil && !found {
		err = ErrNoEntry
	}
	if err != nil {
		return c, err
	}
	// The empty line that parts the block from what follows is ours as well.
	gap := lineEnd(c.Before)
	rest := strings.TrimPrefix(c.Before[end:], gap)
	c.After = c.Before[:start] + rest
	return c, nil
}

// Write puts the change on the disk, if the file is still as it was. The file
// as it was stays beside it. Errors: ErrChangedMeanwhile and those of the disk;
// with each of them the config is as it was.
func (c Change) Write() error {
	if c.After == c.Before {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(c.Path), 0o700); err != nil {
		return disk.Explain(err)
	}
	now, existed, err := read(c.Path)
	if err != nil {
		return err
	}
	if now != c.Before || existed != c.existed {
		return ErrChangedMeanwhile
	}
	mode := fs.FileMode(0o600)
	if info, err := os.Stat(c.Path); err == nil {
		mode = info.Mode().Perm()
		if err := disk.Replace(c.Path+backupName, 0o600, []byte(c.Before)); err != nil {
			return disk.Explain(err)
		}
	}
	return disk.Explain(disk.Exchange(c.Path, mode, []byte(c.After), nil))
}

// Backup returns where the file as it was is kept.
func (c Change) Backup() string { return c.Path + backupName }

// load reads the config; a link to it stays one.
func load(folder string) (Change, error) {
	path := filepath.Join(folder, "config")
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	content, existed, err := read(path)
	return Change{Path: path, Before: content, After: content, existed: existed}, err
}

func read(path string) (content string, existed bool, err error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", false, nil
	}
	if err != nil {
		return "", false, disk.Explain(err)
	}
	if !info.Mode().IsRegular() || info.Size() > maxFile {
		return "", true, ErrLarge
	}
	f, err := os.Open(path)
	if err != nil {
		return "", true, disk.Explain(err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxFile))
	return string(b), true, disk.Explain(err)
}

func lineEnd(content string) string {
	if strings.Contains(content, "\r\n") {
		return "\r\n"
	}
	return "\n"
}

// ours finds the block of an alias. Markers that are not a pair, or are there
// twice, are ErrMarkers.
func ours(content, alias string) (start, end int, found bool, err error) {
	at, open, closed := 0, -1, -1
	for line := range strings.Lines(content) {
		switch strings.TrimSpace(line) {
		case beginMark + alias:
			if open >= 0 {
				return 0, 0, false, ErrMarkers
			}
			open = at
		case endMark + alias:
			if open < 0 || closed >= 0 {
				return 0, 0, false, ErrMarkers
			}
			closed = at + len(line)
		default:
			if word := strings.TrimSpace(line); open >= 0 && closed < 0 &&
				(strings.HasPrefix(word, beginMark) || strings.HasPrefix(word, endMark)) {
				return 0, 0, false, ErrMarkers
			}
		}
		at += len(line)
	}
	if (open >= 0) != (closed >= 0) {
		return 0, 0, false, ErrMarkers
	}
	return open, closed, open >= 0, nil
}

// insert puts a block before the first one of the file and the comments on it,
// or at the end of a file that has none.
func insert(content, block string) string {
	end := lineEnd(content)
	at, comments := 0, 0
	for line := range strings.Lines(content) {
		word, _ := directive(line)
		trimmed := strings.TrimSpace(line)
		switch {
		case word == "host" || word == "match":
			return content[:comments] + block + end + content[comments:]
		case !strings.HasPrefix(trimmed, "#"):
			comments = at + len(line)
		}
		at += len(line)
	}
	if content == "" {
		return block
	}
	if !strings.HasSuffix(content, "\n") {
		content += end
	}
	return content + end + block
}

// directive returns the keyword of a line in lower case, and its arguments.
func directive(line string) (word, rest string) {
	line = strings.TrimSpace(line)
	i := strings.IndexAny(line, " \t=")
	if i < 0 || strings.HasPrefix(line, "#") {
		return strings.ToLower(line), ""
	}
	return strings.ToLower(line[:i]), strings.TrimLeft(line[i:], " \t=")
}

// hasAlias reports whether a Host line names the alias as it stands, in the
// config or in what it includes. Patterns do not count: an entry of its own may
// stand beside them.
func hasAlias(folder, content, alias string) (bool, error) {
	left := maxFiles
	return walk(folder, content, 0, &left, func(word, rest string) bool {
		return word == "host" && slices.ContainsFunc(arguments(rest), func(name string) bool { return strings.EqualFold(name, alias) })
	})
}

// walk shows each directive of a config and of what it includes, in the order
// in which ssh reads them, until one is what was looked for.
func walk(folder, content string, depth int, left *int, found func(word, rest string) bool) (bool, error) {
	for line := range strings.Lines(content) {
		word, rest := directive(line)
		if word == "include" {
			for _, pattern := range arguments(rest) {
				ok, err := walkIncluded(folder, pattern, depth, left, found)
				if ok || err != nil {
					return ok, err
				}
			}
		} else if found(word, rest) {
			return true, nil
		}
	}
	return false, nil
}

// walkIncluded looks into the files of an Include. What cannot be read, ssh
// passes over as well.
func walkIncluded(folder, pattern string, depth int, left *int, found func(word, rest string) bool) (bool, error) {
	if pattern = expand(folder, pattern); !filepath.IsAbs(pattern) {
		pattern = filepath.Join(folder, pattern)
	}
	paths, err := filepath.Glob(pattern)
	if err != nil || depth >= maxDepth {
		return false, nil
	}
	for _, path := range paths {
		if *left--; *left < 0 {
			return false, ErrLarge
		}
		content, _, err := read(path)
		if errors.Is(err, ErrLarge) {
			return false, err
		}
		if err != nil {
			continue
		}
		if ok, err := walk(folder, content, depth+1, left, found); ok || err != nil {
			return ok, err
		}
	}
	return false, nil
}

// arguments splits what stands behind a keyword, quotes respected.
func arguments(rest string) []string {
	var out []string
	for rest = strings.TrimSpace(rest); rest != ""; rest = strings.TrimLeft(rest, " \t") {
		if quoted, ok := strings.CutPrefix(rest, `"`); ok {
			word, after, _ := strings.Cut(quoted, `"`)
			out, rest = append(out, word), after
			continue
		}
		i := strings.IndexAny(rest, " \t")
		if i < 0 {
			i = len(rest)
		}
		if rest[0] == '#' {
			break
		}
		out, rest = append(out, rest[:i]), rest[i:]
	}
	return out
}
