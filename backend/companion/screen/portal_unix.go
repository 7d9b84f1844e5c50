//go:build unix && !darwin

package screen

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/godbus/dbus/v5"
)

// The desktop's portal (xdg-desktop-portal): its service, and the interfaces
// org.freedesktop.portal.Screenshot and org.freedesktop.portal.Request.
const (
	portalName      = "org.freedesktop.portal.Desktop"
	portalPath      = "/org/freedesktop/portal/desktop"
	screenshot      = "org.freedesktop.portal.Screenshot.Screenshot"
	requestIface    = "org.freedesktop.portal.Request"
	requestResponse = requestIface + ".Response"
)

// What a Response says first.
const (
	responseDone      = 0
	responseCancelled = 1 // by the person
)

// takePortal asks the desktop for a picture, which asks the person. It is a
// file, which is deleted here.
func takePortal(ctx context.Context) ([]Picture, error) {
	bus, err := connect(ctx)
	if err != nil {
		return nil, ErrNoPortal.Because(err)
	}
	defer bus.Close()
	address, err := askPortal(ctx, bus)
	if err != nil {
		return nil, err
	}
	name, err := localFile(address)
	if err != nil {
		return nil, err
	}
	img, err := takeFile(ctx, name)
	if err != nil {
		return nil, err
	}
	return []Picture{{Image: img}}, nil
}

// connect opens a connection to the session bus. The context ends the opening;
// a connection that is open outlives it, so that a last word can be said.
func connect(ctx context.Context) (*dbus.Conn, error) {
	opening, end := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, end)
	bus, err := dbus.ConnectSessionBus(dbus.WithContext(opening))
	if err != nil || !stop() {
		end()
		return nil, errors.Join(err, ctx.Err())
	}
	return bus, nil
}

// askPortal makes the request and waits for the answer, which is a signal: a
// file: address.
func askPortal(ctx context.Context, bus *dbus.Conn) (string, error) {
	// The path of the request follows from our name and token, so that the
	// signal can be waited for before it can come.
	const token = "latchkey" // alone on its connection
	sender := strings.ReplaceAll(strings.TrimPrefix(bus.Names()[0], ":"), ".", "_")
	path := dbus.ObjectPath(portalPath + "/request/" + sender + "/" + token)
	signals := make(chan *dbus.Signal, 8)
	bus.Signal(signals)
	err := bus.AddMatchSignalContext(ctx, dbus.WithMatchSender(portalName), dbus.WithMatchObjectPath(path),
		dbus.WithMatchInterface(requestIface), dbus.WithMatchMember("Response"))
	if err != nil {
		return "", err
	}
	options := map[string]dbus.Variant{
		"handle_token": dbus.MakeVariant(token), "modal": dbus.MakeVariant(false), "interactive": dbus.MakeVariant(false),
	}
	// Who gives up takes the question back, so that it does not stay on the screen.
	defer func() {
		if ctx.Err() != nil {
			bus.Object(portalName, path).Go(requestIface+".Close", dbus.FlagNoReplyExpected, nil)
		}
	}()
	if err := bus.Object(portalName, portalPath).CallWithContext(ctx, screenshot, 0, "", options).Store(new(dbus.ObjectPath)); err != nil {
		return "", portalMeaning(err)
	}
	// A match keeps out what others say to everybody, not what they send here.
	var portal string
	if err := bus.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.GetNameOwner", 0, portalName).Store(&portal); err != nil {
		return "", portalMeaning(err)
	}
	for {
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case s, open := <-signals:
			if !open {
				return "", errors.New("session bus is gone")
			}
			if s.Sender == portal && s.Path == path && s.Name == requestResponse {
				return response(s.Body)
			}
		}
	}
}

// portalMeaning tells a portal that is not there from one that fails.
func portalMeaning(err error) error {
	e, ok := errors.AsType[dbus.Error](err)
	if !ok {
		return err
	}
	switch e.Name {
	case "org.freedesktop.DBus.Error.ServiceUnknown", "org.freedesktop.DBus.Error.NameHasNoOwner", "org.freedesktop.DBus.Error.UnknownMethod",
		"org.freedesktop.DBus.Error.UnknownInterface", "org.freedesktop.DBus.Error.UnknownObject":
		return ErrNoPortal.Because(err)
	case "org.freedesktop.DBus.Error.AccessDenied", "org.freedesktop.portal.Error.NotAllowed", "org.freedesktop.portal.Error.Cancelled":
		return ErrRefused.Because(err)
	}
	return err
}

// response reads what the portal answers: a number, and what it found by name.
func response(body []any) (string, error) {
	var code uint32
	var results map[string]dbus.Variant
	if err := dbus.Store(body, &code, &results); err != nil {
		return "", fmt.Errorf("response: %w", err)
	}
	switch code {
	case responseDone:
		address, _ := results["uri"].Value().(string)
		return address, nil
	case responseCancelled:
		return "", ErrRefused
	}
	return "", fmt.Errorf("portal answers %d", code)
}

// localFile returns the path of a file: address on this machine.
func localFile(address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", errors.New("portal answers no address") // an error of Parse repeats it
	}
	if u.Scheme != "file" || u.Host != "" && u.Host != "localhost" || !strings.HasPrefix(u.Path, "/") {
		return "", fmt.Errorf("portal answers an address of %q", u.Scheme)
	}
	return u.Path, nil
}
