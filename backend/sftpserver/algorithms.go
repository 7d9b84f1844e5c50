package sftpserver

import (
	"golang.org/x/crypto/ssh"
	"golang.org/x/sys/cpu"
)

// algorithms returns what is offered: nothing that ssh-audit fails, and little
// enough to read. The library's defaults hold SHA-1 and the NIST curves. Plain
// curve25519 stays beside the post-quantum hybrid because OpenSSH before 9.9
// has no other in common with us.
func algorithms() ssh.Config {
	return ssh.Config{
		KeyExchanges: []string{ssh.KeyExchangeMLKEM768X25519, ssh.KeyExchangeCurve25519},
		Ciphers:      ciphers(hasAES()),
		MACs:         []string{ssh.HMACSHA256ETM, ssh.HMACSHA512ETM},
	}
}

// ciphers leaves ChaCha20 out where the processor has AES. The client's order
// decides, most put ChaCha20 first, and there it is the slower one by half.
func ciphers(aes bool) []string {
	if aes {
		return []string{ssh.CipherAES128GCM, ssh.CipherAES256GCM, ssh.CipherAES256CTR}
	}
	return []string{ssh.CipherChaCha20Poly1305, ssh.CipherAES128GCM, ssh.CipherAES256GCM, ssh.CipherAES256CTR}
}

func hasAES() bool {
	return cpu.X86.HasAES && cpu.X86.HasPCLMULQDQ || cpu.ARM64.HasAES && cpu.ARM64.HasPMULL ||
		cpu.S390X.HasAES && cpu.S390X.HasAESGCM
}

// clientKeys are the signatures that clients may sign in with. Certificates
// are none of ours: package credential/sshkey refuses them too.
func clientKeys() []string {
	return []string{
		ssh.KeyAlgoED25519, ssh.KeyAlgoSKED25519,
		ssh.KeyAlgoECDSA256, ssh.KeyAlgoECDSA384, ssh.KeyAlgoECDSA521, ssh.KeyAlgoSKECDSA256,
		ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256,
	}
}

// hostSignatures are those of an RSA host key, without SHA-1 (RFC 8332).
func hostSignatures() []string {
	return []string{ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256}
}
