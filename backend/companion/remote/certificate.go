package remote

import (
	"cmp"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"latchkey/backend/identity"
)

// A Fingerprint is the SHA-256 hash of a TLS certificate as Latchkey's server,
// openssl and browsers show it: 32 upper-case hexadecimal bytes joined by colons.
type Fingerprint string

// fingerprintLen is the length of a Fingerprint.
const fingerprintLen = 3*sha256.Size - 1

var errFingerprint = identity.InvalidField("fingerprint", "fingerprint_invalid",
	"That is not the fingerprint of a certificate. It has 64 hexadecimal digits, as the server prints them.")

// PinOf is ParseFingerprint for what a person may leave out; empty means that no
// certificate is pinned.
func PinOf(text string) (Fingerprint, error) {
	if text == "" {
		return "", nil
	}
	return ParseFingerprint(text)
}

// ParseFingerprint accepts 64 hexadecimal digits of either case, with colons
// or spaces anywhere between them.
func ParseFingerprint(s string) (Fingerprint, error) {
	if len(s) > 2*fingerprintLen {
		return "", errFingerprint
	}
	digits := strings.ToUpper(strings.NewReplacer(":", "", " ", "").Replace(s))
	if len(digits) != 2*sha256.Size || strings.Trim(digits, "0123456789ABCDEF") != "" {
		return "", errFingerprint
	}
	var b strings.Builder
	for i := 0; i < len(digits); i += 2 {
		if i > 0 {
			b.WriteByte(':')
		}
		b.WriteString(digits[i : i+2])
	}
	return Fingerprint(b.String()), nil
}

func fingerprintOf(c *x509.Certificate) Fingerprint {
	sum := sha256.Sum256(c.Raw)
	return Fingerprint(strings.ReplaceAll(fmt.Sprintf("% X", sum), " ", ":"))
}

// A Doubt is why the system does not vouch for a certificate.
type Doubt string

// The doubts.
const (
	NoDoubt      Doubt = ""
	SelfMade     Doubt = "unknown_issuer" // as of a server's own certificate
	WrongName    Doubt = "wrong_name"     // it belongs to another server, or to another name of this one
	OutOfDate    Doubt = "out_of_date"    // expired, or not valid yet
	OtherwiseBad Doubt = "unusable"
)

// A Certificate is what a server shows, for a person to look at.
type Certificate struct {
	Fingerprint Fingerprint
	Names       []string // at most ten
	Issuer      string
	NotBefore   time.Time
	NotAfter    time.Time
	Doubt       Doubt
}

// A CertificateError is the private cause of the errors certificate_untrusted
// and certificate_changed.
type CertificateError struct {
	Accepted Fingerprint // the one that was expected; empty without one
	Shown    Certificate // what the server shows now
}

func (e *CertificateError) Error() string {
	return fmt.Sprintf("certificate %s (%s), accepted %q", e.Shown.Fingerprint, e.Shown.Doubt, e.Accepted)
}

var (
	errUntrusted = identity.NewError(identity.Unavailable, "certificate_untrusted",
		"Nobody vouches for this server's certificate. Compare its fingerprint with the one that the server shows, and accept it if they are the same.")
	errChanged = identity.NewError(identity.Unavailable, "certificate_changed",
		"The server shows another certificate than the one you accepted, so nothing was sent. Compare the new fingerprint with the one that the server shows; accept it only if they are the same.")
	errNotSecure = identity.NewError(identity.Invalid, "address_not_secure",
		"That address begins with http://, so there is no certificate to look at.")
)

// Inspect shakes hands with a server and returns its certificate. Nothing is
// sent over the connection, and Options.Pin plays no part. Errors are those of
// reaching the server, and address_not_secure.
func Inspect(ctx context.Context, o Options) (Certificate, error) {
	if !o.Base.Secure() {
		return Certificate{}, errNotSecure
	}
	var seen Certificate
	conf := o.tlsConfig()
	conf.VerifyConnection = func(cs tls.ConnectionState) error {
		seen = describe(cs.PeerCertificates[0], NoDoubt)
		return errSeen
	}
	o.Pin, o.Transport = "", o.dial(conf)
	c := New(o)
	defer c.Close()
	_, err := c.send(ctx, request{method: http.MethodGet, path: pathPing})
	if errors.Is(err, errSeen) {
		return seen, nil
	}
	if e, ok := errors.AsType[*CertificateError](err); ok {
		return e.Shown, nil
	}
	return Certificate{}, err
}

var errSeen = errors.New("certificate seen")

func describe(c *x509.Certificate, d Doubt) Certificate {
	out := Certificate{
		Fingerprint: fingerprintOf(c), Doubt: d,
		Issuer:    clean(cmp.Or(c.Issuer.CommonName, strings.Join(c.Issuer.Organization, ", ")), maxName),
		NotBefore: c.NotBefore, NotAfter: c.NotAfter,
	}
	names := c.DNSNames
	for _, ip := range c.IPAddresses {
		names = append(names, ip.String())
	}
	for _, n := range names[:min(len(names), 10)] {
		out.Names = append(out.Names, clean(n, maxName))
	}
	return out
}

// doubtOf says why verification failed.
func doubtOf(err error) Doubt {
	if _, ok := errors.AsType[x509.HostnameError](err); ok {
		return WrongName
	}
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return SelfMade
	}
	if e, ok := errors.AsType[x509.CertificateInvalidError](err); ok && e.Reason == x509.Expired {
		return OutOfDate
	}
	return OtherwiseBad
}
