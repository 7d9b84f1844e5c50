package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"slices"
	"strconv"

	"latchkey/backend/companion"
	"latchkey/backend/companion/remote"
	"latchkey/backend/companion/servers"
	"latchkey/backend/companion/vault"
	"latchkey/backend/config"
	"latchkey/backend/identity"
	"latchkey/backend/server"
)

// A NewOwn is what a person chooses for the server on this computer.
type NewOwn struct {
	Username string `json:"username"` // of the administrator
	Password string `json:"password"`
	Folder   string `json:"folder"` // for files; empty: the usual one
	LAN      bool   `json:"lan"`
}

var errFilesFolder = identity.InvalidField("folder", "files_folder_relative",
	"That is no whole path. Choose the folder, or write its path from the root of the disk.")

// createOwn begins the server. A crash on the way loses nothing: before the
// first start is whole it is begun anew, and after it the server is there at
// the next start, to be signed in to.
func (d *desk) createOwn(ctx context.Context, n NewOwn) (Server, error) {
	st, err := d.companion.Vault.Status(ctx)
	switch {
	case err != nil:
		return Server{}, err
	case st.State != vault.Unlocked:
		return Server{}, vault.ErrLocked // where the sign-in would be kept
	}
	undo, err := d.firstSettings(ctx, n)
	if err != nil {
		return Server{}, err
	}
	admin := server.Admin{Username: n.Username, Password: companion.NewSecret(n.Password)}
	if err := d.own.first(ctx, admin); err != nil {
		return Server{}, errors.Join(aboutFolder(err), undo())
	}
	s, err := d.ownServer(ctx)
	if err != nil {
		return Server{}, err
	}
	// The server is there whatever becomes of the sign-in: its state says that
	// somebody has to sign in.
	if _, err := d.companion.Servers.SignIn(ctx, s.ID, remote.Credentials{Username: n.Username, Password: admin.Password}); err != nil {
		d.log.LogAttrs(ctx, slog.LevelWarn, "sign in to the own server", slog.Any("err", err))
	}
	d.companion.Use(s.ID)
	return d.server(ctx, s.ID)
}

// firstSettings writes the settings of a new server, and returns what takes
// them back.
func (d *desk) firstSettings(ctx context.Context, n NewOwn) (undo func() error, err error) {
	if n.Folder != "" && !filepath.IsAbs(n.Folder) {
		return nil, errFilesFolder
	}
	cfg, err := d.settings(nil)
	if err != nil {
		return nil, err
	}
	begun, err := server.Begun(d.data)
	if begun {
		err = server.ErrBegun
	}
	if err != nil {
		return nil, err
	}
	changes, before := map[string]string{"lan": "", "files": n.Folder}, map[string]string{"lan": "", "files": cfg.Files}
	if n.LAN {
		changes["lan"] = "true"
	}
	if cfg.LAN {
		before["lan"] = "true"
	}
	for name, addr := range map[string]string{"http": cfg.HTTP, "sftp": cfg.SFTP} {
		if port := freePort(ctx, addr); cfg.IsDefault(addr) && port != portOf(addr) {
			changes[name], before[name] = listen(addr, port, n.LAN, true), ""
		}
	}
	if err := config.Edit(d.data, changes); err != nil {
		return nil, aboutFolder(err)
	}
	return func() error { return config.Edit(d.data, before) }, nil
}

// aboutFolder returns an error with the field, if only the folder can be its
// reason.
func aboutFolder(err error) error {
	e := *identity.AsError(err)
	if e.Code == "settings_refused" || e.Code == "files_folder_failing" {
		e.Field = errFilesFolder.Field
		return &e
	}
	return err
}

// freePort returns the first port from that of an address on which something
// can listen: AList's usual one is taken where AList runs.
func freePort(ctx context.Context, addr string) int {
	first := portOf(addr)
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return first
	}
	for port := first; port < first+20; port++ {
		var lc net.ListenConfig
		ln, err := lc.Listen(ctx, "tcp", net.JoinHostPort(host, strconv.Itoa(port)))
		if err == nil {
			_ = ln.Close()
			return port
		}
	}
	return first
}

// ownServer returns the own server's entry in the list, and makes it if need be.
func (d *desk) ownServer(ctx context.Context) (servers.Server, error) {
	list, err := d.companion.Servers.List(ctx)
	if err != nil {
		return servers.Server{}, err
	}
	if i := slices.IndexFunc(list, func(s servers.Server) bool { return s.Own }); i >= 0 {
		return list[i], nil
	}
	name := d.words().ThisComputer
	s, err := d.companion.Servers.AddOwn(ctx, name)
	for n := 2; n < 10 && errors.Is(err, servers.ErrNameTaken); n++ {
		s, err = d.companion.Servers.AddOwn(ctx, fmt.Sprintf("%s %d", name, n))
	}
	d.nudge()
	return s, err
}
