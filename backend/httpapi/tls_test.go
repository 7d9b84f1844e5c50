package httpapi

import (
	"bufio"
	"crypto/tls"
	"testing"
	"time"

	"latchkey/backend/httpapi/tlscert"
	"latchkey/backend/internal/env"
)

func testTLS(t *testing.T, want bool) *tls.Config {
	t.Helper()
	if !want {
		return nil
	}
	c, err := tlscert.Own(t.TempDir(), tlscert.Names{}, env.System())
	if err != nil {
		t.Fatal(err)
	}
	return c.Config()
}

func tlsSite(t *testing.T) *site {
	t.Helper()
	return start(t, options{tls: true})
}

func dialTLS(t *testing.T, s *site) *wireConn {
	t.Helper()
	c, err := tls.Dial("tcp", s.addr, &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	return &wireConn{c, t, bufio.NewReader(c)}
}

func tlsStatus(t *testing.T, s *site, method, path, origin string) int {
	t.Helper()
	c := dialTLS(t, s)
	c.send(method + " " + path + " HTTP/1.1\r\nHost: HOST\r\nOrigin: " + origin + "\r\n\r\n")
	return c.receive(method).status
}
