package sftpserver

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
)

// BenchmarkSignIn counts key sign-ins with an SFTP session each, a number of
// them at once. Client and server share the machine.
func BenchmarkSignIn(b *testing.B) {
	for _, at := range []int{1, 4, 16} {
		b.Run(fmt.Sprint(at), func(b *testing.B) {
			w := newWorld()
			key := newKey(b)
			w.uploaded(w.person("ann", everything), key)
			r := start(b, w, Limits{})
			conf := r.client("ann", ssh.PublicKeys(key))
			conf.KeyExchanges = []string{ssh.KeyExchangeCurve25519}
			var left atomic.Int64
			left.Store(int64(b.N))
			b.ResetTimer()
			var wg sync.WaitGroup
			for range at {
				wg.Go(func() {
					for left.Add(-1) >= 0 {
						signInOnce(b, r.addr, conf)
					}
				})
			}
			wg.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "sign-ins/s")
		})
	}
}

func signInOnce(b *testing.B, addr string, conf *ssh.ClientConfig) {
	conn, err := ssh.Dial("tcp", addr, conf)
	if err != nil {
		b.Error(err)
		return
	}
	defer func() { _ = conn.Close() }()
	c, err := sftp.NewClient(conn)
	if err != nil {
		b.Error(err)
		return
	}
	if _, err := c.Getwd(); err != nil {
		b.Error(err)
	}
	_ = c.Close()
}
