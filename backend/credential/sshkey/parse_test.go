package sshkey_test

import (
	"encoding/base64"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"latchkey/backend/credential/sshkey"
	"latchkey/backend/identity"
)

// keygen runs the real ssh-keygen in a fresh folder, where it makes the file
// "key" and its public half, and returns the folder.
func keygen(t testing.TB, args ...string) string {
	t.Helper()
	dir := t.TempDir()
	run(t, dir, append([]string{"-q", "-N", "", "-C", "ann@laptop", "-f", "key"}, args...)...)
	return dir
}

func run(t testing.TB, dir string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "ssh-keygen", args...)
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("ssh-keygen %v: %v", args, err)
	}
	return string(out)
}

func read(t testing.TB, path ...string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// line writes a public key blob as a line of its type, whether or not it is a
// key that anybody could have.
func line(kind string, fields ...any) string {
	blob := ssh.Marshal(struct{ Kind string }{kind})
	for _, f := range fields {
		switch f := f.(type) {
		case []byte:
			blob = append(blob, ssh.Marshal(struct{ B []byte }{f})...)
		case *big.Int:
			blob = append(blob, ssh.Marshal(struct{ N *big.Int }{f})...)
		}
	}
	return kind + " " + base64.StdEncoding.EncodeToString(blob)
}

func rsaLine(bits int) string {
	n := new(big.Int).Lsh(big.NewInt(1), uint(bits-1))
	return line("ssh-rsa", big.NewInt(65537), n.Add(n, big.NewInt(1)))
}

func TestParseWhatSSHKeygenMakes(t *testing.T) {
	for _, tc := range []struct {
		args []string
		kind string
	}{
		{[]string{"-t", "ed25519"}, "ssh-ed25519"},
		{[]string{"-t", "ecdsa", "-b", "256"}, "ecdsa-sha2-nistp256"},
		{[]string{"-t", "ecdsa", "-b", "384"}, "ecdsa-sha2-nistp384"},
		{[]string{"-t", "ecdsa", "-b", "521"}, "ecdsa-sha2-nistp521"},
		{[]string{"-t", "rsa", "-b", "2048"}, "ssh-rsa"},
		{[]string{"-t", "rsa", "-b", "3072"}, "ssh-rsa"},
	} {
		t.Run(strings.Join(tc.args, " "), func(t *testing.T) {
			dir := keygen(t, tc.args...)
			text := read(t, dir, "key.pub")
			k, comment, err := sshkey.Parse(text, time.UTC)
			if err != nil {
				t.Fatal(err)
			}
			listed := strings.Fields(run(t, dir, "-l", "-f", "key.pub"))
			if k.Type != tc.kind || comment != "ann@laptop" || string(k.Fingerprint) != listed[1] {
				t.Errorf("got %s %s %q; ssh-keygen says %v", k.Type, k.Fingerprint, comment, listed)
			}
			if want := strings.TrimSuffix(text, " ann@laptop\n"); k.AuthorizedKey != want {
				t.Errorf("AuthorizedKey is %q, want %q", k.AuthorizedKey, want)
			}
		})
	}
}

func TestParseSecurityKeys(t *testing.T) {
	point := append([]byte{4}, make([]byte, 64)...) // filled with the base point of P-256 below
	x, _ := new(big.Int).SetString("6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296", 16)
	y, _ := new(big.Int).SetString("4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5", 16)
	x.FillBytes(point[1:33])
	y.FillBytes(point[33:])
	for _, text := range []string{
		line("sk-ssh-ed25519@openssh.com", make([]byte, 32), []byte("ssh:")),
		line("sk-ecdsa-sha2-nistp256@openssh.com", []byte("nistp256"), point, []byte("ssh:")),
	} {
		k, _, err := sshkey.Parse(text, time.UTC)
		if err != nil || k.AuthorizedKey != text {
			t.Errorf("Parse(%q) = %+v, %v", text, k, err)
		}
	}
}

func TestParseTolerates(t *testing.T) {
	text := strings.TrimSpace(read(t, keygen(t, "-t", "ed25519"), "key.pub"))
	word, encoded, _ := strings.Cut(strings.TrimSuffix(text, " ann@laptop"), " ")
	for name, tc := range map[string]struct{ in, comment string }{
		"as it is":          {text, "ann@laptop"},
		"Windows line end":  {text + "\r\n", "ann@laptop"},
		"byte order mark":   {"\ufeff" + text, "ann@laptop"},
		"space around":      {"\n\n \t" + text + " \n\n", "ann@laptop"},
		"comment lines":     {"# my laptop\n" + text + "\n# end\n", "ann@laptop"},
		"no comment":        {word + " " + encoded, ""},
		"tabs":              {word + "\t\t" + encoded + "\tmy  laptop", "my  laptop"},
		"Chinese comment":   {word + " " + encoded + " 安的电脑", "安的电脑"},
		"a type in comment": {word + " " + encoded + " ssh-rsa no more", "ssh-rsa no more"},
	} {
		t.Run(name, func(t *testing.T) {
			k, comment, err := sshkey.Parse(tc.in, time.UTC)
			if err != nil || comment != tc.comment || k.AuthorizedKey != word+" "+encoded {
				t.Errorf("got %+v, %q, %v", k, comment, err)
			}
		})
	}
}

func TestParseBoundsRSA(t *testing.T) {
	for bits, code := range map[int]string{
		1024: "ssh_key_rsa_short", 2047: "ssh_key_rsa_short", 2048: "", 8192: "",
		8193: "ssh_key_rsa_long", 16384: "ssh_key_rsa_long", 32768: "ssh_key_rsa_long",
	} {
		_, _, err := sshkey.Parse(rsaLine(bits), time.UTC)
		wantCode(t, err, code)
	}
	_, _, err := sshkey.Parse(line("ssh-rsa", big.NewInt(1), new(big.Int).Lsh(big.NewInt(1), 3071)), time.UTC)
	wantCode(t, err, "ssh_key_invalid") // anybody can sign for the exponent 1
}

func TestParseRefuses(t *testing.T) {
	dir := keygen(t, "-t", "ed25519")
	text := strings.TrimSpace(read(t, dir, "key.pub"))
	private := read(t, dir, "key")
	word, rest, _ := strings.Cut(text, " ")
	run(t, dir, "-q", "-s", "key", "-I", "ann", "key.pub") // signs its own certificate
	certificate := read(t, dir, "key-cert.pub")
	_, certified, _ := strings.Cut(certificate, " ")
	for name, tc := range map[string]struct{ in, code string }{
		"empty":                      {"", "ssh_key_empty"},
		"blank":                      {" \r\n\t\n", "ssh_key_empty"},
		"only a comment line":        {"# ssh-ed25519 AAAA", "ssh_key_empty"},
		"1 MiB":                      {text + strings.Repeat("x", 1<<20), "ssh_key_too_long"},
		"one byte too long":          {text + strings.Repeat("x", 16<<10-len(text)+1), "ssh_key_too_long"},
		"two keys":                   {text + "\n" + text, "ssh_key_several"},
		"two keys, bare return":      {text + "\r" + text, "ssh_key_several"},
		"wrapped":                    {text[:40] + "\n" + text[40:], "ssh_key_several"},
		"options with space":         {`command="echo hi",no-pty ` + text, "ssh_key_option_unknown"},
		"option and kind unknown":    {"restrict ssh-future AAAA", "ssh_key_kind"},
		"known_hosts line":           {"[nas]:5222 " + text, "ssh_key_options"},
		"certificate":                {certificate, "ssh_key_certificate"},
		"certificate as plain key":   {word + " " + certified, "ssh_key_certificate"},
		"DSA":                        {read(t, "testdata", "dsa.pub"), "ssh_key_dsa"},
		"type of another key":        {"ssh-rsa " + rest, "ssh_key_mismatch"},
		"ECDSA of another curve":     {"ecdsa-sha2-nistp384 " + rest, "ssh_key_mismatch"},
		"unknown type":               {"ssh-future " + rest, "ssh_key_kind"},
		"name of a signature":        {"rsa-sha2-256 " + rest, "ssh_key_kind"},
		"unknown type, strange":      {line("ssh-xmss@openssh.com", make([]byte, 32)), "ssh_key_kind"},
		"only base64":                {rest, "ssh_key_invalid"},
		"only a type":                {word, "ssh_key_invalid"},
		"cut":                        {text[:50], "ssh_key_invalid"},
		"something behind the key":   {line(word, make([]byte, 32), []byte("more")), "ssh_key_invalid"},
		"short key":                  {line(word, make([]byte, 31)), "ssh_key_invalid"},
		"point off the curve":        {line("ecdsa-sha2-nistp256", []byte("nistp256"), append([]byte{4}, make([]byte, 64)...)), "ssh_key_invalid"},
		"text":                       {"my key please", "ssh_key_invalid"},
		"type in capitals":           {"SSH-ED25519 " + rest, "ssh_key_invalid"},
		"terminal colours":           {text + " \x1b[31mred", "ssh_key_characters"},
		"NUL":                        {text + "\x00", "ssh_key_characters"},
		"right to left":              {text + " \u202egpj", "ssh_key_characters"},
		"no UTF-8":                   {text + " \xff", "ssh_key_characters"},
		"private":                    {private, "ssh_key_private"},
		"private in the middle":      {text + "\n" + private, "ssh_key_private"},
		"private without its frame":  {strings.Join(strings.Split(private, "\n")[1:6], "\n"), "ssh_key_private"},
		"private of PuTTY":           {"\nPuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n", "ssh_key_private"},
		"private of PuTTY, in part":  {"Private-Lines: 1\nAAAA\n", "ssh_key_private"},
		"private of SSH.com":         {"---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\n", "ssh_key_private"},
		"public in RFC 4716's form":  {run(t, dir, "-e", "-f", "key.pub"), "ssh_key_rfc4716"},
		"public in OpenSSL's format": {"-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----\n", "ssh_key_rfc4716"},
	} {
		t.Run(name, func(t *testing.T) {
			k, comment, err := sshkey.Parse(tc.in, time.UTC)
			wantCode(t, err, tc.code)
			if k != (identity.SSHKey{}) || comment != "" {
				t.Errorf("returned %+v, %q with the error", k, comment)
			}
		})
	}
}

func TestParseRefusesEveryPrivateKeyOfSSHKeygen(t *testing.T) {
	for _, args := range [][]string{
		{"-t", "rsa", "-b", "2048", "-m", "PEM"}, {"-t", "rsa", "-b", "2048", "-m", "PKCS8"}, {"-t", "ecdsa", "-m", "PEM"},
		{"-t", "ed25519", "-N", "passphrase"}, {"-t", "rsa", "-b", "2048", "-m", "PKCS8", "-N", "passphrase"},
	} {
		_, _, err := sshkey.Parse(read(t, keygen(t, args...), "key"), time.UTC)
		wantCode(t, err, "ssh_key_private")
	}
}

func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	switch e := identity.AsError(err); {
	case code == "" && err != nil:
		t.Errorf("got %v, want no error", err)
	case code != "" && (err == nil || e.Code != code || e.Kind != identity.Invalid):
		t.Errorf("got %v, want %s", err, code)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(line("ssh-ed25519", make([]byte, 32)) + " ann@laptop")
	f.Add(line("sk-ssh-ed25519@openssh.com", make([]byte, 32), []byte("ssh:")))
	f.Add(rsaLine(2048) + "\tx\n# y")
	f.Add(`command="x y" ` + line("ssh-ed25519", make([]byte, 32)))
	f.Add(read(f, "testdata", "dsa.pub"))
	f.Fuzz(func(t *testing.T, text string) {
		k, comment, err := sshkey.Parse(text, time.UTC)
		if err != nil {
			if identity.KindOf(err) != identity.Invalid {
				t.Errorf("Parse(%q): %v", text, err)
			}
			return
		}
		again, said, err := sshkey.Parse(k.AuthorizedKey+" "+comment, time.UTC)
		if err != nil || again != k || said != comment {
			t.Errorf("Parse(%q) = %+v, %q, which reads as %+v, %q, %v", text, k, comment, again, said, err)
		}
	})
}
