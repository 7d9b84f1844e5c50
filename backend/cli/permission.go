package cli

import (
	"fmt"
	"slices"
	"strings"

	"latchkey/backend/identity"
)

// A permissionWord is what a bit of a permission is called on the command line.
type permissionWord struct {
	bit     identity.PathPermission
	word    string
	meaning string
}

// permissionWords is in the order of the bits.
func permissionWords() []permissionWord {
	return []permissionWord{
		{identity.PathSeeHidden, "see-hidden", "see hidden files"},
		{identity.PathNoPassword, "no-password", "open protected folders without their password"},
		{identity.PathOfflineDownload, "offline-download", "have the server download from elsewhere"},
		{identity.PathWrite, "write", "make folders and upload"},
		{identity.PathRename, "rename", "rename files and folders"},
		{identity.PathMove, "move", "move files and folders"},
		{identity.PathCopy, "copy", "copy files and folders"},
		{identity.PathDelete, "delete", "delete files and folders"},
		{identity.PathWebDAVRead, "webdav-read", "list and read over WebDAV"},
		{identity.PathWebDAVWrite, "webdav-write", "change things over WebDAV"},
		{identity.PathSFTPRead, "sftp-read", "sign in over SFTP, list and read"},
		{identity.PathSFTPWrite, "sftp-write", "change things over SFTP, as far as write, rename, move and delete are allowed"},
		{identity.PathArchiveRead, "archive-read", "look into archives"},
		{identity.PathDecompress, "decompress", "unpack archives"},
		{identity.PathLimit, "path-limit", "carried for AList's clients"},
		{identity.PathMCPRead, "mcp-read", "read over MCP"},
		{identity.PathMCPWrite, "mcp-write", "change things over MCP"},
	}
}

// These stand for several permissions: every one, and what somebody needs to
// keep files over SFTP.
const (
	allWord  = "all"
	sftpWord = "sftp"

	sftpFull = identity.PathSFTPRead | identity.PathSFTPWrite |
		identity.PathWrite | identity.PathRename | identity.PathMove | identity.PathDelete
)

// permissionHelp lists the words with what they mean.
func permissionHelp() string {
	var b strings.Builder
	line := func(word, meaning string) { fmt.Fprintf(&b, "  %-17s %s\n", word, meaning) }
	line(allWord, "everything")
	line(sftpWord, "keep files over SFTP: "+strings.Join(wordsOf(sftpFull), ", "))
	for _, p := range permissionWords() {
		line(p.word, p.meaning)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// readPermissions reads words, such as "sftp-read".
func readPermissions(words []string) (identity.PathPermission, error) {
	var p identity.PathPermission
	for _, w := range words {
		bit, err := readPermission(strings.TrimSpace(w))
		if err != nil {
			return 0, err
		}
		p |= bit
	}
	return p, nil
}

func readPermission(word string) (identity.PathPermission, error) {
	known := []string{allWord, sftpWord}
	for _, p := range permissionWords() {
		if p.word == word {
			return p.bit, nil
		}
		known = append(known, p.word)
	}
	switch word {
	case allWord:
		return identity.PathKnown, nil
	case sftpWord:
		return sftpFull, nil
	}
	if near := nearest(word, known); near != "" {
		return 0, usagef("There is no permission %q. Did you mean %s?", word, near)
	}
	return 0, usagef("There is no permission %q. There are: %s.", word, strings.Join(known, ", "))
}

// wordsOf returns the words for what is in p.
func wordsOf(p identity.PathPermission) []string {
	out := []string{}
	for _, known := range permissionWords() {
		if p.Has(known.bit) {
			out = append(out, known.word)
		}
	}
	return out
}

type scopeJSON struct {
	Path  string   `json:"path"`
	Allow []string `json:"allow"`
	all   bool
}

// words is the scope's permissions for a person.
func (s scopeJSON) words() string {
	switch {
	case len(s.Allow) == 0:
		return "nothing"
	case s.all:
		return allWord
	}
	return strings.Join(s.Allow, ", ")
}

func toScopesJSON(scopes []identity.Scope) []scopeJSON {
	out := make([]scopeJSON, len(scopes))
	for i, s := range scopes {
		out[i] = scopeJSON{s.Path, wordsOf(s.Permission), s.Permission.Has(identity.PathAll)}
	}
	return out
}

// A scopeEdit changes what a role may do at one path.
type scopeEdit struct {
	path        string
	allow, deny identity.PathPermission
}

// apply returns scopes as edited. A path below the top at which nothing is
// allowed any more is dropped.
func (e scopeEdit) apply(scopes []identity.Scope) []identity.Scope {
	if e.allow|e.deny == 0 {
		return scopes
	}
	scopes = slices.Clone(scopes)
	i := slices.IndexFunc(scopes, func(s identity.Scope) bool { return s.Path == e.path })
	if i < 0 {
		i, scopes = len(scopes), append(scopes, identity.Scope{Path: e.path})
	}
	scopes[i].Permission = (scopes[i].Permission | e.allow) &^ e.deny
	if scopes[i].Permission == 0 && e.path != "/" {
		scopes = slices.Delete(scopes, i, i+1)
	}
	return scopes
}
