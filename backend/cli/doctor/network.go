package doctor

import (
	"context"
	"errors"
	"net"
	"syscall"

	"latchkey/backend/config"
	"latchkey/backend/server"
)

// network looks at the ports that the settings name.
func (e Examination) network(ctx context.Context, r *report, folder bool) {
	running := folder && e.server(r)
	e.port(ctx, r, "http", e.Config.HTTP, running)
	e.port(ctx, r, "sftp", e.Config.SFTP, running)
}

// server looks whether a server runs on the data folder.
func (e Examination) server(r *report) bool {
	const check = "server"
	running, err := server.Running(e.Config.Data)
	switch {
	case err != nil:
		r.fail(check, "Whether a server runs on the data folder cannot be told. Check that the folder is yours.")
	case running:
		r.ok(check, "A server is running on the data folder.")
	default:
		r.ok(check, "No server is running on the data folder.")
	}
	return running
}

// port looks whether a server could listen on an address, or does. That one is
// taken which nobody chose is no fault yet: the server may be started with another.
func (e Examination) port(ctx context.Context, r *report, name, addr string, running bool) {
	check := name + " port"
	if addr == config.Off {
		r.ok(check, "It is turned off.")
		return
	}
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", addr)
	switch {
	case err == nil:
		_ = ln.Close() // nobody has connected
		r.ok(check, "%s is free%s.", addr, besides(running))
	case errors.Is(err, syscall.EADDRINUSE) && running:
		r.ok(check, "%s is in use, as it is while the server runs.", addr)
	case errors.Is(err, syscall.EADDRINUSE) && e.Config.IsDefault(addr):
		r.warn(check, "%s, where the server listens if nothing else is said, is used by another program. Stop that one, or choose another port with --%s.", addr, name)
	case errors.Is(err, syscall.EADDRINUSE):
		r.fail(check, "%s is used by another program. Stop that one, or choose another port with --%s.", addr, name)
	case errors.Is(err, syscall.EACCES):
		r.fail(check, "The system does not let you listen on %s. Choose a port above 1023 with --%s.", addr, name)
	default:
		r.fail(check, "Nobody can listen on %s on this machine. Choose another address with --%s.", addr, name)
	}
}

// besides explains a free port while the server runs.
func besides(running bool) string {
	if running {
		return ": the server that runs was started with another address, or with none"
	}
	return ""
}
