package sshkeys

import (
	"bytes"
	"encoding/pem"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
)

// No token is plugged into the machine of a test, and the real ssh-keygen says so.
func TestNoToken(t *testing.T) {
	folder := t.TempDir()
	var said bytes.Buffer
	_, err := workshop().MakeInToken(t.Context(), Request{Folder: folder}, true, Terminal{Out: &said, Err: &said})
	wantError(t, err, ErrToken)
	if names(t, folder) != "" {
		t.Errorf("the folder holds %s; ssh-keygen said %s", names(t, folder), said.String())
	}
	t.Setenv("PATH", folder)
	_, err = workshop().MakeInToken(t.Context(), Request{Folder: folder}, true, Terminal{})
	wantError(t, err, ErrNoKeygen)
}

// A script stands in for ssh-keygen with a token.
func TestToken(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the script is one of a Unix shell")
	}
	line := securityKeys()["ed25519"]
	key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(line))
	must(t, err)
	block := pem.Block{Type: "OPENSSH PRIVATE KEY", Bytes: append([]byte(openSSHMagic), ssh.Marshal(struct {
		Cipher, KDF, Options string
		N                    uint32
		Public, Private      []byte
	}{"none", "none", "", 1, key.Marshal(), make([]byte, 64)})...)}
	tools, folder := t.TempDir(), t.TempDir()
	write(t, line+"\n", tools, "public")
	write(t, string(pem.EncodeToMemory(&block)), tools, "private")
	script := "#!/bin/sh\nfor last; do case $prev in -f) f=$last ;; esac; prev=$last; done\n" +
		"echo \"$@\" >" + tools + "/args\n/bin/cp " + tools + "/private $f\n/bin/cp " + tools + "/public $f.pub\n"
	write(t, script, tools, "ssh-keygen")
	must(t, os.Chmod(filepath.Join(tools, "ssh-keygen"), 0o700))
	t.Setenv("PATH", tools)
	k, err := workshop().MakeInToken(t.Context(), Request{Folder: folder, Comment: "ann"}, true, Terminal{})
	must(t, err)
	if k.Name != "id_ed25519_sk_latchkey" || k.Line != line || !k.HasPrivate || k.Loose || names(t, folder) != "id_ed25519_sk_latchkey id_ed25519_sk_latchkey.pub" {
		t.Errorf("made %+v in %s", k, names(t, folder))
	}
	if got := content(t, tools, "args"); !strings.Contains(got, "-t ed25519-sk -C ann") || !strings.HasSuffix(got, "-N \n") {
		t.Errorf("called with %s", got)
	}
	_, err = workshop().MakeInToken(t.Context(), Request{Folder: folder, Name: k.Name}, true, Terminal{})
	wantError(t, err, ErrExists)
	_, err = Open(k.Path, text(""))
	wantError(t, err, ErrUnsupported)
}
