package httpapi

import (
	"log/slog"
	"net/http"
	"time"
)

// logAccess writes one record for a request. What was only read is of
// interest when looking for a fault, so it is logged at debug level.
func (g *guard) logAccess(rec *response, r *http.Request, start time.Time) {
	level := slog.LevelInfo
	if rec.code == "" && isSafe(r.Method) {
		level = slog.LevelDebug
	}
	if !g.log.Enabled(r.Context(), level) {
		return
	}
	attrs := append(requestAttrs(r),
		slog.Int("status", rec.status), // 0: the connection was cut
		slog.Duration("duration", g.env.Now().Sub(start)),
		slog.String("address", ClientAddr(r).String()),
	)
	if rec.code != "" {
		attrs = append(attrs, slog.String("code", rec.code))
	}
	g.log.LogAttrs(r.Context(), level, "request", attrs...)
}

// maxLogged bounds what a stranger can write into a log with one request.
const maxLogged = 200

// requestAttrs describes a request without its query, headers and body, where
// secrets travel. The path is logged in its escaped form, which holds no
// control characters.
func requestAttrs(r *http.Request) []slog.Attr {
	path := r.URL.EscapedPath()
	if len(path) > maxLogged {
		path = path[:maxLogged] + "…"
	}
	return []slog.Attr{slog.String("method", r.Method[:min(len(r.Method), maxLogged)]), slog.String("path", path)}
}
