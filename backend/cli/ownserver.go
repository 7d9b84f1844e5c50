package cli

import (
	"context"
	"net/http"

	"latchkey/backend/companion/remote"
	"latchkey/backend/config"
	"latchkey/backend/server"
)

// An ownServer is the server of the data folder, for who acts on it as a
// person. It is reached in this process, so that it need not listen, or run.
type ownServer struct {
	app  *app
	cfg  config.Config
	core *server.Core
	trip http.RoundTripper
}

// open makes it reachable. Returns server.ErrNoData if there is none.
func (o *ownServer) open(ctx context.Context) error {
	if o.core != nil {
		return nil
	}
	core, err := o.app.openCore(ctx, o.cfg)
	if err != nil {
		return err
	}
	o.core, o.trip = core, remote.InProcess(core.Handler())
	return nil
}

// transport returns the way to the server, or nil unless it is open.
func (o *ownServer) transport() http.RoundTripper { return o.trip }

func (o *ownServer) close() error {
	if o.core == nil {
		return nil
	}
	return o.core.Close()
}
