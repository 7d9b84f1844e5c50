package sshkeys

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"strings"

	"github.com/youmark/pkcs8"
)

const (
	pbkdf2Rounds = 600_000 // for new files; a third of a second

	// What is not tried: more than some ten seconds of work, or memory that a
	// small computer lacks.
	maxPBKDF2Rounds = 10_000_000
	maxScryptMemory = 256 << 20 // bytes: 128 times N times r
	maxScryptWork   = 4 << 30   // bytes: p times that
)

// How encrypted PKCS#8 says what it is encrypted with (RFC 8018, appendix A;
// RFC 7914, section 7).
type (
	encryptedInfo struct {
		Algorithm pkix.AlgorithmIdentifier
		Data      []byte
	}
	pbes2 struct {
		Derivation pkix.AlgorithmIdentifier
		Scheme     pkix.AlgorithmIdentifier
	}
	pbkdf2Params struct {
		Salt   []byte
		Rounds int
		Length int                      `asn1:"optional"`
		PRF    pkix.AlgorithmIdentifier `asn1:"optional"`
	}
	scryptParams struct {
		Salt    []byte
		N, R, P int
		Length  int `asn1:"optional"`
	}
)

// checkPKCS8 looks at how a passphrase is stretched. Returns ErrNotAKey;
// ErrFormat for a way that is not read, such as that of PKCS#5 version 1; and
// ErrCostly.
func checkPKCS8(der []byte) error {
	var info encryptedInfo
	var outer pbes2
	if rest, err := asn1.Unmarshal(der, &info); err != nil || len(rest) > 0 {
		return ErrNotAKey.Because(err)
	}
	if !info.Algorithm.Algorithm.Equal(asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 13}) {
		return ErrFormat
	}
	if _, err := asn1.Unmarshal(info.Algorithm.Parameters.FullBytes, &outer); err != nil {
		return ErrNotAKey.Because(err)
	}
	switch parameters := outer.Derivation.Parameters.FullBytes; outer.Derivation.Algorithm.String() {
	case "1.2.840.113549.1.5.12":
		return checkPBKDF2(parameters)
	case "1.3.6.1.4.1.11591.4.11":
		return checkScrypt(parameters)
	}
	return ErrFormat
}

func checkPBKDF2(der []byte) error {
	var p pbkdf2Params
	_, err := asn1.Unmarshal(der, &p)
	switch {
	case err != nil || p.Rounds < 1:
		return ErrNotAKey.Because(err)
	case p.Rounds > maxPBKDF2Rounds:
		return ErrCostly
	}
	return nil
}

func checkScrypt(der []byte) error {
	var p scryptParams
	_, err := asn1.Unmarshal(der, &p)
	switch {
	case err != nil || p.N < 2 || p.R < 1 || p.P < 1:
		return ErrNotAKey.Because(err)
	case p.N > maxScryptMemory/128/p.R || p.P > maxScryptWork/128/p.N/p.R:
		return ErrCostly
	}
	return nil
}

// openPKCS8 decrypts a key that checkPKCS8 has let through.
func openPKCS8(der, passphrase []byte) (any, error) {
	key, err := pkcs8.ParsePKCS8PrivateKey(der, passphrase)
	if err == nil {
		return key, nil
	}
	if strings.HasPrefix(err.Error(), "pkcs8: unsupported ") { // it has no other name for them
		return nil, ErrFormat.Because(err)
	}
	return nil, ErrPassphraseWrong.Because(err)
}
