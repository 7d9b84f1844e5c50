package mail

import (
	"crypto/x509"
	"time"
)

// Trust has a sender take what somebody vouches for whom the system does not know.
func (s *Sender) Trust(roots *x509.CertPool) { s.roots = roots }

// Limit sets how long a mail may take.
func (s *Sender) Limit(d time.Duration) { s.limit = d }
