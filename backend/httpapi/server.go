package httpapi

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"time"
)

// The limits of a server. They suit short JSON exchanges: a handler that moves
// files sets its own deadlines with an http.ResponseController.
const (
	maxConns      = 512
	maxOfClient   = 64
	maxOfLocal    = 256
	maxHeader     = 16 << 10 // bytes of a request's head
	headerTime    = 5 * time.Second
	readTime      = 15 * time.Second // head and body
	writeTime     = 30 * time.Second // from the end of the head to the end of the answer
	idleTime      = 60 * time.Second
	shutdownGrace = 10 * time.Second
)

// A Server serves HTTP/1.1, plain or by TLS, within fixed limits.
type Server struct {
	http   http.Server
	tls    *tls.Config
	shares shares
	grace  time.Duration
}

// NewServer returns a server of a handler, usually a guard. A nil config
// means plain HTTP. Trusted proxies may have all connections, as many clients are
// behind each; another address has 64 at most, one of the loopback 256.
func NewServer(h http.Handler, config *tls.Config, trusted []netip.Prefix, log *slog.Logger) *Server {
	s := &Server{
		tls:    config,
		shares: shares{all: maxConns, client: maxOfClient, local: maxOfLocal, proxies: trusted},
		grace:  shutdownGrace,
		http: http.Server{
			Handler:           whenArrived(h),
			ConnContext:       withConn,
			ReadHeaderTimeout: headerTime,
			ReadTimeout:       readTime,
			WriteTimeout:      writeTime,
			IdleTimeout:       idleTime,
			MaxHeaderBytes:    maxHeader - netHTTPSlack,
			ConnState:         connState,
			ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
			// OPTIONS * goes through the guard like everything else.
			DisableGeneralOptionsHandler: true,
			Protocols:                    new(http.Protocols),
		},
	}
	s.http.Protocols.SetHTTP1(true)
	return s
}

// netHTTPSlack is what net/http reads beyond MaxHeaderBytes.
const netHTTPSlack = 4 << 10

// Serve answers on a listener until the context ends, and closes it. Requests
// under way then have ten seconds to finish before they are cut. It returns
// nil after an end that was asked for. A Server serves once.
func (s *Server) Serve(ctx context.Context, ln net.Listener) error {
	ln = limit(ln, s.shares, s.tls)
	failed := make(chan error, 1)
	go func() { failed <- s.http.Serve(ln) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve http: %w", err)
	case <-ctx.Done():
	}
	err := s.shutdown(context.WithoutCancel(ctx))
	<-failed
	return err
}

func (s *Server) shutdown(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, s.grace)
	defer cancel()
	err := s.http.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		err = s.http.Close()
	}
	if err != nil {
		return fmt.Errorf("stop http: %w", err)
	}
	return nil
}
