package httpapi

import (
	"context"
	"io"
	"net"
	"net/http"
)

// connKey is what a request's context holds its connection under.
type connKey struct{}

func withConn(ctx context.Context, nc net.Conn) context.Context {
	return context.WithValue(ctx, connKey{}, connOf(nc))
}

// whenArrived marks a connection busy as soon as its request is all there.
// Until then, however long the body takes and whoever reads it, net/http
// after the handler included, the connection still gives way to others.
func whenArrived(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, _ := r.Context().Value(connKey{}).(*conn)
		if r.Body == http.NoBody {
			c.work()
		} else {
			r = r.WithContext(r.Context()) // a copy: net/http looks at the type of its own Body
			r.Body = &arrivingBody{r.Body, c}
		}
		next.ServeHTTP(w, r)
	})
}

type arrivingBody struct {
	io.ReadCloser
	conn *conn
}

func (b *arrivingBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err == io.EOF {
		b.conn.work()
	}
	return n, err
}
