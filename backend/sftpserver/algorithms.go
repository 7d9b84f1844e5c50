package sftpserver

import (
	"golang.org/x/crypto/ssh"
	"golang.org/x/sys/cpu"
)

// algorithms returns what is offered to a client that knows AES-GCM or does
// not: nothing that ssh-audit fails, and little
// enough to read. The library's defaults hold SHA-1 and the NIST curves. Plain
// curve25519 stays beside the post-quantum hybrid because OpenSSH before 9.9
// has no other in common with us.
func algorithms(gcm bool) ssh.Config {
	return ssh.Config{
		KeyExchanges: []string{ssh.KeyExchangeMLKEM768X25519, ssh.KeyExchangeCurve25519},
		Ciphers:      ciphers(hasAES(), gcm),
		MACs:         []string{ssh.HMACSHA256ETM, ssh.HMACSHA512ETM},
	}
}

// ciphers offers AES-GCM alone to who knows it, where the processor has AES.
// The client's order decides, and OpenSSH's has ChaCha20 first, and before
// version 10 AES-CTR next, which take half as much time again and more. CTR is
// for clients that know nothing better, such as Paramiko's and WinSCP's for
// long.
func ciphers(aes, gcm bool) []string {
	fast := []string{ssh.CipherAES128GCM, ssh.CipherAES256GCM}
	switch {
	case aes && gcm:
		return fast
	case aes:
		return append(fast, ssh.CipherAES256CTR)
	}
	return append([]string{ssh.CipherChaCha20Poly1305}, append(fast, ssh.CipherAES256CTR)...)
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
