package server

import (
	"net"

	"latchkey/backend/config"
)

// Addresses says where a server listens and what clients should see there.
type Addresses struct {
	HTTP        string   // such as "http://127.0.0.1:5244", or "off"
	SFTP        string   // such as "127.0.0.1:5222", or "off"
	Certificate string   // SHA-256 fingerprint of the TLS certificate; empty without TLS
	HostKeys    []string // SHA256 fingerprints of the SSH host keys made so far
}

// Addresses returns where the server listens.
func (s *Server) Addresses() Addresses {
	a := Addresses{HTTP: config.Off, SFTP: config.Off, Certificate: s.certificate}
	if s.httpLn != nil {
		scheme := "http://"
		if s.certificate != "" {
			scheme = "https://"
		}
		a.HTTP = scheme + reachable(s.httpLn.Addr())
	}
	if s.sftpLn != nil {
		a.SFTP = reachable(s.sftpLn.Addr())
		a.HostKeys = s.hostKeys.Fingerprints()
	}
	return a
}

// reachable writes a listener's address. One that listens on every interface
// is shown by the loopback's address, which works on this machine.
func reachable(a net.Addr) string {
	tcp, ok := a.(*net.TCPAddr)
	if !ok || !tcp.IP.IsUnspecified() {
		return a.String()
	}
	loopback := net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: tcp.Port}
	return loopback.String()
}
