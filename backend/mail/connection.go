package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/netip"

	gomail "github.com/wneessen/go-mail"
)

// mostAnswered bounds what a server may say in all, its certificates too: an
// answer is put together whole before it is looked at.
const mostAnswered = 64 << 10 // bytes

// dial connects, with TLS where it comes first.
func (s *Sender) dial(ctx context.Context) (net.Conn, error) {
	var d net.Dialer
	raw, err := d.DialContext(ctx, "tcp", s.route.Address)
	if err != nil {
		return nil, err
	}
	conn := net.Conn(&bounded{raw, io.LimitReader(raw, mostAnswered)})
	if s.route.Security != TLS {
		return conn, nil
	}
	secured := tls.Client(conn, s.tlsConfig())
	if err := secured.HandshakeContext(ctx); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return secured, nil
}

// bounded is a connection that ends after so much was read from it.
type bounded struct {
	net.Conn
	read io.Reader
}

func (b *bounded) Read(p []byte) (int, error) { return b.read.Read(p) }

func (s *Sender) tlsConfig() *tls.Config {
	return &tls.Config{ServerName: s.route.host, RootCAs: s.roots, MinVersion: tls.VersionTLS12}
}

// client returns what speaks SMTP over a connection. It presents itself by its
// address there (RFC 5321, section 4.1.3), which is right on every machine. Its
// own time limit, which begins anew with each step, is never reached.
func (s *Sender) client(conn net.Conn) (*gomail.Client, error) {
	policy := gomail.NoTLS
	if s.route.Security == StartTLS {
		policy = gomail.TLSMandatory
	}
	options := []gomail.Option{
		gomail.WithPort(s.route.port), gomail.WithTimeout(2 * s.limit), gomail.WithHELO(literal(conn.LocalAddr())),
		gomail.WithTLSPolicy(policy), gomail.WithTLSConfig(s.tlsConfig()), gomail.WithoutNoop(), gomail.WithoutRset(),
		gomail.WithDialContextFunc(func(context.Context, string, string) (net.Conn, error) { return conn, nil }),
	}
	if s.route.User != "" {
		options = append(options, gomail.WithUsername(s.route.User), gomail.WithPassword(s.route.Password.Reveal()), s.auth())
	}
	return gomail.NewClient(s.route.host, options...)
}

// auth says how to prove who we are: first so that the server learns no
// password, then so that it does, which TLS or the loopback protects.
func (s *Sender) auth() gomail.Option {
	if s.route.Security == Plain {
		return gomail.WithOpportunisticSMTPAuth(gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthPlainNoEnc, gomail.SMTPAuthLoginNoEnc)
	}
	return gomail.WithOpportunisticSMTPAuth(gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthPlain, gomail.SMTPAuthLogin)
}

func literal(a net.Addr) string {
	at, err := netip.ParseAddrPort(a.String())
	switch ip := at.Addr().Unmap().WithZone(""); {
	case err != nil:
		return "localhost"
	case ip.Is4():
		return "[" + ip.String() + "]"
	default:
		return "[IPv6:" + ip.String() + "]"
	}
}
