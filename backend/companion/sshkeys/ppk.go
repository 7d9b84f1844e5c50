package sshkeys

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // version 2 of PuTTY's format is made of it
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"strconv"
	"strings"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/ssh"
)

// PuTTY's key files, as appendix C of its manual describes them.
const (
	ppkMagic = "PuTTY-User-Key-File-"
	ppkAES   = "aes256-cbc"
	ppkNone  = "none"

	// What PuTTYgen takes if it is not asked for anything else, but for the
	// passes, which it measures out.
	ppkMemory = 8192 // KiB
	ppkPasses = 13
	ppkSalt   = 16 // bytes

	// What is not tried: more than some ten seconds of work, or memory that a
	// small computer lacks.
	maxArgonMemory   = 256 << 10 // KiB
	maxArgonWork     = 4 << 20   // KiB, passes times memory
	maxArgonParallel = 32
)

// A ppk is a file of PuTTY, taken apart.
type ppk struct {
	version    int // 2 or 3
	algorithm  string
	encryption string
	comment    string // any bytes but line ends
	public     []byte
	private    []byte // encrypted if encryption says so
	mac        []byte
	argon      argon // version 3, encrypted
}

// An argon says how a passphrase is stretched.
type argon struct {
	flavour  string
	memory   uint32 // KiB
	passes   uint32
	parallel uint32
	salt     []byte
}

// parsePPK takes a file apart. Returns ErrFormat for a version that is not
// read, and ErrNotAKey.
func parsePPK(content []byte) (p ppk, err error) {
	r := ppkReader{lines: strings.Split(strings.TrimRight(oneLineEnd(content), "\n"), "\n")}
	for version := 3; version >= 2 && p.version == 0; version-- {
		if name, ok := r.has(ppkMagic + strconv.Itoa(version)); ok {
			p.version, p.algorithm = version, name
		}
	}
	if p.version == 0 {
		return ppk{}, ErrFormat
	}
	p.encryption = r.header("Encryption")
	p.comment = r.header("Comment")
	p.public = r.block("Public-Lines")
	if p.version == 3 && p.encryption != ppkNone {
		p.argon = argon{
			flavour: r.header("Key-Derivation"), memory: r.number("Argon2-Memory"),
			passes: r.number("Argon2-Passes"), parallel: r.number("Argon2-Parallelism"), salt: r.hex("Argon2-Salt"),
		}
	}
	p.private = r.block("Private-Lines")
	p.mac = r.hex("Private-MAC")
	if r.failed || len(r.lines) > 0 || p.encryption != ppkNone && p.encryption != ppkAES ||
		p.encryption == ppkAES && len(p.private)%aes.BlockSize != 0 {
		return ppk{}, ErrNotAKey
	}
	return p, nil
}

// oneLineEnd writes the line ends of all systems as \n.
func oneLineEnd(content []byte) string {
	return strings.ReplaceAll(strings.ReplaceAll(string(content), "\r\n", "\n"), "\r", "\n")
}

// A ppkReader takes a file's lines from the top. After one that is not as it
// has to be it returns nothing any more.
type ppkReader struct {
	lines  []string
	failed bool
}

// has takes a line if it has that name.
func (r *ppkReader) has(name string) (value string, ok bool) {
	if r.failed || len(r.lines) == 0 {
		return "", false
	}
	value, ok = strings.CutPrefix(r.lines[0], name+": ")
	if ok {
		r.lines = r.lines[1:]
	}
	return value, ok
}

func (r *ppkReader) header(name string) string {
	value, ok := r.has(name)
	r.failed = r.failed || !ok
	return value
}

func (r *ppkReader) number(name string) uint32 {
	n, err := strconv.ParseUint(r.header(name), 10, 32)
	r.failed = r.failed || err != nil
	return uint32(n)
}

func (r *ppkReader) hex(name string) []byte {
	b, err := hex.DecodeString(r.header(name))
	r.failed = r.failed || err != nil
	return b
}

// block takes a header with a number of lines, and that many lines of base64.
func (r *ppkReader) block(name string) []byte {
	n := int(r.number(name))
	if r.failed || n > len(r.lines) {
		r.failed = true
		return nil
	}
	b, err := base64.StdEncoding.DecodeString(strings.Join(r.lines[:n], ""))
	r.failed, r.lines = err != nil, r.lines[n:]
	return b
}

func (p ppk) encrypted() bool { return p.encryption != ppkNone }

// costly reports whether opening the file would take too long or too much
// memory.
func (p ppk) costly() bool {
	a := p.argon
	return p.encrypted() && p.version == 3 &&
		(a.memory > maxArgonMemory || uint64(a.memory)*uint64(a.passes) > maxArgonWork || a.parallel > maxArgonParallel)
}

// open returns the private key. Errors: ErrCostly, ErrFormat, ErrNotAKey,
// ErrPassphraseWrong, ErrAltered and ErrUnsupported. A passphrase that is not
// needed does not count.
func (p ppk) open(passphrase []byte) (plain, error) {
	if p.costly() {
		return plain{}, ErrCostly
	}
	if !p.encrypted() {
		passphrase = nil
	}
	keys, err := p.keys(passphrase)
	if err != nil {
		return plain{}, err
	}
	private := bytes.Clone(p.private)
	defer clear(private)
	if p.encrypted() {
		block, err := aes.NewCipher(keys.cipher)
		if err != nil {
			return plain{}, fmt.Errorf("decrypt private key: %w", err)
		}
		cipher.NewCBCDecrypter(block, keys.iv).CryptBlocks(private, private)
	}
	public, err := ssh.ParsePublicKey(p.public)
	if err != nil {
		return plain{}, ErrNotAKey.Because(err)
	}
	key, err := readPPKPrivate(public, private)
	if !hmac.Equal(p.sum(keys.mac, private), p.mac) {
		// What another passphrase makes of the private half is no key, so one
		// that reads well says that something around it has been altered.
		if p.encrypted() && err != nil {
			return plain{}, ErrPassphraseWrong
		}
		return plain{}, ErrAltered
	}
	return plain{key, visible(p.comment)}, err
}

// ppkKeys are what the passphrase is stretched to.
type ppkKeys struct{ cipher, iv, mac []byte }

func (p ppk) keys(passphrase []byte) (ppkKeys, error) {
	const cipherKey, iv, macKey = 32, aes.BlockSize, 32
	switch {
	case p.version == 2:
		k := ppkKeys{iv: make([]byte, iv), mac: sha1Sum([]byte("putty-private-key-file-mac-key"), passphrase)}
		for n := range uint32(2) {
			k.cipher = append(k.cipher, sha1Sum(binary.BigEndian.AppendUint32(nil, n), passphrase)...)
		}
		k.cipher = k.cipher[:cipherKey]
		return k, nil
	case !p.encrypted():
		return ppkKeys{}, nil
	case p.argon.passes == 0 || p.argon.parallel == 0:
		return ppkKeys{}, ErrNotAKey
	}
	a := p.argon
	derive := argon2.IDKey
	switch a.flavour {
	case "Argon2id":
	case "Argon2i":
		derive = argon2.Key
	case "Argon2d": // no library here has it
		return ppkKeys{}, ErrFormat
	default:
		return ppkKeys{}, ErrNotAKey
	}
	b := derive(passphrase, a.salt, a.passes, a.memory, uint8(a.parallel), cipherKey+iv+macKey)
	return ppkKeys{b[:cipherKey], b[cipherKey : cipherKey+iv], b[cipherKey+iv:]}, nil
}

func sha1Sum(parts ...[]byte) []byte {
	h := sha1.New()
	for _, p := range parts {
		h.Write(p)
	}
	return h.Sum(nil)
}

// sum authenticates the whole file, with its private half in plain.
func (p ppk) sum(key, private []byte) []byte {
	var h hash.Hash
	if p.version == 2 {
		h = hmac.New(sha1.New, key)
	} else {
		h = hmac.New(sha256.New, key)
	}
	h.Write(ssh.Marshal(struct {
		Algorithm, Encryption, Comment string
		Public, Private                []byte
	}{p.algorithm, p.encryption, p.comment, p.public, private}))
	return h.Sum(nil)
}
