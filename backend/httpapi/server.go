package httpapi

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// The limits of a server. They suit short JSON exchanges: a handler that moves
// files sets its own deadlines with an http.ResponseController.
const (
	maxConns      = 512
	maxHeader     = 16 << 10 // bytes of a request's head
	headerTime    = 5 * time.Second
	readTime      = 15 * time.Second // head and body
	writeTime     = 30 * time.Second // from the end of the head to the end of the answer
	idleTime      = 60 * time.Second
	shutdownGrace = 10 * time.Second
)

// A Server serves HTTP/1.1, plain or by TLS, within fixed limits.
type Server struct {
	http  http.Server
	tls   *tls.Config
	conns int
	grace time.Duration
}

// NewServer returns a server of a handler, usually a guard. A nil config
// means plain HTTP.
func NewServer(h http.Handler, config *tls.Config, log *slog.Logger) *Server {
	s := &Server{
		tls:   config,
		conns: maxConns,
		grace: shutdownGrace,
		http: http.Server{
			Handler:           h,
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
	ln = limit(ln, s.conns, s.tls)
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
