package sshkeys

import (
	"bytes"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/ssh"
)

const openSSHMagic = "openssh-key-v1\x00"

// parseOpenSSH reads what stands unencrypted in a file in OpenSSH's format, as
// described in its PROTOCOL.key.
func parseOpenSSH(content []byte) (sheath, error) {
	var cipher, kdf, options, blob, private cryptobyte.String
	var keys uint32
	from := cryptobyte.String(content)
	if !from.Skip(len(openSSHMagic)) || !bytes.HasPrefix(content, []byte(openSSHMagic)) ||
		!readString(&from, &cipher) || !readString(&from, &kdf) || !readString(&from, &options) ||
		!from.ReadUint32(&keys) || keys != 1 || !readString(&from, &blob) {
		return sheath{}, ErrNotAKey
	}
	s := sheath{format: OpenSSH, encrypted: string(cipher) != "none"}
	if s.encrypted {
		var salt cryptobyte.String
		var rounds uint32
		if !readString(&options, &salt) || !options.ReadUint32(&rounds) {
			return sheath{}, ErrNotAKey
		}
		s.costly = rounds > maxRounds
	}
	key, err := ssh.ParsePublicKey(blob)
	if err != nil {
		return sheath{}, ErrNotAKey.Because(err)
	}
	s.key = key
	if !s.encrypted && readString(&from, &private) {
		s.comment = commentIn(private, key.Type())
	}
	return s, nil
}

// commentIn finds the comment behind the numbers of an unencrypted private
// half.
func commentIn(private cryptobyte.String, algorithm string) string {
	fields := map[string]int{
		ssh.KeyAlgoED25519: 2, ssh.KeyAlgoRSA: 6,
		ssh.KeyAlgoECDSA256: 3, ssh.KeyAlgoECDSA384: 3, ssh.KeyAlgoECDSA521: 3,
	}[algorithm]
	var field cryptobyte.String
	if fields == 0 || !private.Skip(8) { // two numbers that tell whether a passphrase was right
		return ""
	}
	for range 1 + fields + 1 { // the algorithm, the numbers, the comment
		if !readString(&private, &field) {
			return ""
		}
	}
	return visible(string(field))
}

// readString reads a string as SSH writes it (RFC 4251, section 5).
func readString(from, to *cryptobyte.String) bool {
	var n uint32
	var b []byte
	if !from.ReadUint32(&n) || n > maxKeyFile || !from.ReadBytes(&b, int(n)) {
		return false
	}
	*to = b
	return true
}
