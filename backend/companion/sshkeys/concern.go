package sshkeys

// A Concern is something about a key that its owner should know.
type Concern string

// The concerns, the gravest first.
const (
	Readable    Concern = "readable_by_others" // ssh refuses to use it, and others can copy it
	Broken      Concern = "unusable"           // KeyFile.Problem says why
	OldDSA      Concern = "dsa"                // no server takes it any more
	ShortRSA    Concern = "rsa_short"          // under 3,072 bits
	Unprotected Concern = "no_passphrase"
	OnlyThere   Concern = "only_on_server" // it opens a server, and is neither here nor in the agent
	Old         Concern = "old"            // older than the person wants keys to be
	Unused      Concern = "unused"         // it opens a server, and nobody has used it for long
)

const goodRSA = 3072 // bits; what NIST SP 800-57 asks for beyond 2030

// Concerns says what is wrong with a key of that algorithm and size.
func (p Public) Concerns() []Concern {
	switch {
	case p.Algorithm == "DSA":
		return []Concern{OldDSA}
	case p.Algorithm == "RSA" && p.Bits < goodRSA:
		return []Concern{ShortRSA}
	}
	return nil
}

// Concerns says what is wrong with a key and its files. A handle on a key in a
// security token needs no passphrase.
func (k KeyFile) Concerns() []Concern {
	var out []Concern
	if k.Loose {
		out = append(out, Readable)
	}
	if k.Problem != nil {
		out = append(out, Broken)
	}
	out = append(out, k.Public.Concerns()...)
	inToken := k.Algorithm == "ED25519-SK" || k.Algorithm == "ECDSA-SK"
	if k.HasPrivate && !k.Encrypted && !inToken {
		out = append(out, Unprotected)
	}
	return out
}
