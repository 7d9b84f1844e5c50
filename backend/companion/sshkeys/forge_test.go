package sshkeys

import (
	"bytes"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/pem"
	"testing"

	"golang.org/x/crypto/ssh"
)

// withRounds changes how much a private key file in OpenSSH's format stretches
// its passphrase.
func withRounds(t testing.TB, file string, rounds uint32) string {
	t.Helper()
	block, _ := pem.Decode([]byte(file))
	at := bytes.Index(block.Bytes, []byte("bcrypt")) + len("bcrypt") + 4 + 4 + 16 // options, salt
	if got := binary.BigEndian.Uint32(block.Bytes[at:]); got < 10 || got > 100 {
		t.Fatalf("%d rounds: this looks at the wrong place", got)
	}
	binary.BigEndian.PutUint32(block.Bytes[at:], rounds)
	return string(pem.EncodeToMemory(block))
}

func ed25519FromSeed(seed string) ed25519.PublicKey {
	hash := sha256.Sum256([]byte(seed))
	return ed25519.NewKeyFromSeed(hash[:]).Public().(ed25519.PublicKey)
}

// securityKeys returns public halves of keys in a security token.
func securityKeys() map[string]string {
	line := func(kind string, fields ...string) string {
		blob := ssh.Marshal(struct{ Kind string }{kind})
		for _, f := range fields {
			blob = append(blob, ssh.Marshal(struct{ F string }{f})...)
		}
		return kind + " " + base64.StdEncoding.EncodeToString(blob) + " token"
	}
	g := elliptic.P256().Params()
	point := append([]byte{4}, append(g.Gx.FillBytes(make([]byte, 32)), g.Gy.FillBytes(make([]byte, 32))...)...)
	return map[string]string{
		"ed25519": line("sk-ssh-ed25519@openssh.com", string(ed25519FromSeed("token")), "ssh:"),
		"ecdsa":   line("sk-ecdsa-sha2-nistp256@openssh.com", "nistp256", string(point), "ssh:"),
	}
}
