package screen

import (
	"bufio"
	"context"
	"errors"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/godbus/dbus/v5"
)

const busConfig = `<busconfig><type>session</type><listen>unix:tmpdir=/tmp</listen><policy context="default">
<allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>`

// startBus runs a session bus that the test's process uses.
func startBus(t *testing.T) {
	t.Helper()
	needs(t, "dbus-daemon")
	folder := t.TempDir()
	config, address := filepath.Join(folder, "bus.conf"), "unix:path="+filepath.Join(folder, "bus")
	if err := os.WriteFile(config, []byte(busConfig), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", address)
	bus := exec.Command("dbus-daemon", "--nofork", "--nosyslog", "--print-address", "--config-file="+config, "--address="+address)
	out, err := bus.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	start(t, bus)
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
}

// A portal stands in for that of a desktop: it answers each request in a way.
type portal struct {
	bus    *dbus.Conn
	code   uint32
	uri    string
	silent bool
	fails  *dbus.Error
	asked  chan struct{} // a request was made
	closed chan struct{} // and taken back
}

// startPortal offers it on the session bus.
func startPortal(t *testing.T, p *portal) {
	t.Helper()
	bus, err := dbus.ConnectSessionBus()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = bus.Close() })
	p.bus, p.asked, p.closed = bus, make(chan struct{}, 1), make(chan struct{}, 1)
	if err := bus.Export(p, portalPath, "org.freedesktop.portal.Screenshot"); err != nil {
		t.Fatal(err)
	}
	if reply, err := bus.RequestName(portalName, 0); err != nil || reply != dbus.RequestNameReplyPrimaryOwner {
		t.Fatal(reply, err)
	}
}

// Screenshot is the portal's method.
func (p *portal) Screenshot(from dbus.Sender, _ string, options map[string]dbus.Variant) (dbus.ObjectPath, *dbus.Error) {
	if p.fails != nil {
		return "/", p.fails
	}
	name := strings.ReplaceAll(strings.TrimPrefix(string(from), ":"), ".", "_")
	token, _ := options["handle_token"].Value().(string)
	path := dbus.ObjectPath(portalPath + "/request/" + name + "/" + token)
	_ = p.bus.Export(request{p}, path, requestIface)
	p.asked <- struct{}{}
	if !p.silent {
		results := map[string]dbus.Variant{}
		if p.uri != "" {
			results["uri"] = dbus.MakeVariant(p.uri)
		}
		// Before the call has returned, which is when it comes earliest.
		_ = p.bus.Emit(path, requestResponse, p.code, results)
	}
	return path, nil
}

type request struct{ p *portal }

// Close is a request's method.
func (r request) Close() *dbus.Error {
	r.p.closed <- struct{}{}
	return nil
}

func fileAddress(name string) string { return (&url.URL{Scheme: "file", Path: name}).String() }

func TestThePortalsPicture(t *testing.T) {
	startBus(t)
	// A folder as people have them.
	folder := filepath.Join(t.TempDir(), "Bilder & 截图 100%")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	name := code(t, folder)
	startPortal(t, &portal{uri: fileAddress(name)})
	pictures, err := Take(t.Context(), Display{X11: ":65000", Wayland: true})
	if err != nil || len(pictures) != 1 || !slices.Equal(texts(t, pictures[0]), []string{setup}) {
		t.Fatalf("%d pictures, %v", len(pictures), err)
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
		t.Errorf("the picture stays on the disk: %v, %v", left, err)
	}
}

func TestWhatThePortalSays(t *testing.T) {
	folder := t.TempDir()
	damaged := filepath.Join(folder, "damaged.png")
	for name, c := range map[string]struct {
		p    portal
		want error
	}{
		"refused":         {portal{code: 1}, ErrRefused},
		"failed":          {portal{code: 2}, ErrFailed},
		"denied":          {portal{fails: dbus.NewError("org.freedesktop.DBus.Error.AccessDenied", nil)}, ErrRefused},
		"no screenshots":  {portal{fails: dbus.NewError("org.freedesktop.DBus.Error.UnknownMethod", nil)}, ErrNoPortal},
		"another failure": {portal{fails: dbus.NewError("org.freedesktop.portal.Error.Failed", nil)}, ErrFailed},
		"no address":      {portal{}, ErrFailed},
		"a web address":   {portal{uri: "https://evil.example/x.png"}, ErrFailed},
		"another machine": {portal{uri: "file://evil.example/x.png"}, ErrFailed},
		"no file":         {portal{uri: fileAddress(filepath.Join(folder, "none.png"))}, ErrFailed},
		"a device":        {portal{uri: "file:///dev/zero"}, ErrFailed},
		"a folder":        {portal{uri: fileAddress(folder)}, ErrFailed},
		"no picture":      {portal{uri: fileAddress(damaged)}, ErrFailed},
	} {
		t.Run(name, func(t *testing.T) {
			startBus(t)
			if err := os.WriteFile(damaged, []byte("no picture"), 0o600); err != nil {
				t.Fatal(err)
			}
			startPortal(t, &c.p)
			if _, err := Take(t.Context(), Display{Wayland: true}); !errors.Is(err, c.want) {
				t.Errorf("error %v; want %v", err, c.want)
			}
			if _, err := os.Lstat(damaged); c.p.uri == fileAddress(damaged) && !errors.Is(err, os.ErrNotExist) {
				t.Errorf("what is no picture stays on the disk: %v", err)
			}
		})
	}
}

func TestNoPortal(t *testing.T) {
	startBus(t)
	if _, err := Take(t.Context(), Display{Wayland: true}); !errors.Is(err, ErrNoPortal) {
		t.Errorf("error %v", err)
	}
}

func TestNoBus(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+filepath.Join(t.TempDir(), "none"))
	if _, err := Take(t.Context(), Display{Wayland: true}); !errors.Is(err, ErrNoPortal) {
		t.Errorf("error %v", err)
	}
}

// Who gives up takes the question back.
func TestGivingUpTakesTheQuestionBack(t *testing.T) {
	startBus(t)
	p := &portal{silent: true}
	startPortal(t, p)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		_, err := Take(ctx, Display{Wayland: true})
		ended <- err
	}()
	<-p.asked
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	<-p.closed
}

// Another program on the bus cannot answer for the portal: what it names would
// be deleted.
func TestWhoPretendsToBeThePortal(t *testing.T) {
	startBus(t)
	mine := filepath.Join(t.TempDir(), "thesis.odt")
	if err := os.WriteFile(mine, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	p := &portal{silent: true}
	startPortal(t, p)
	stranger, err := dbus.ConnectSessionBus()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = stranger.Close() })
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { _, err := Take(ctx, Display{Wayland: true}); done <- err }()
	<-p.asked
	var names []string
	if err := stranger.BusObject().Call("org.freedesktop.DBus.ListNames", 0).Store(&names); err != nil {
		t.Fatal(err)
	}
	var paths []dbus.ObjectPath
	for _, name := range names {
		path := dbus.ObjectPath(portalPath + "/request/" + strings.ReplaceAll(strings.TrimPrefix(name, ":"), ".", "_") + "/latchkey")
		if !path.IsValid() {
			continue
		}
		paths = append(paths, path)
		body := []any{uint32(responseDone), map[string]dbus.Variant{"uri": dbus.MakeVariant(fileAddress(mine))}}
		m := &dbus.Message{Type: dbus.TypeSignal, Flags: dbus.FlagNoReplyExpected, Body: body, Headers: map[dbus.HeaderField]dbus.Variant{
			dbus.FieldDestination: dbus.MakeVariant(name), dbus.FieldPath: dbus.MakeVariant(path),
			dbus.FieldInterface: dbus.MakeVariant(requestIface), dbus.FieldMember: dbus.MakeVariant("Response"),
			dbus.FieldSignature: dbus.MakeVariant(dbus.SignatureOf(body...)),
		}}
		if call := stranger.Send(m, nil); call != nil && call.Err != nil {
			t.Fatal(call.Err)
		}
	}
	// The bus has sent those on when it answers; the portal's own answer comes after.
	if err := stranger.BusObject().Call("org.freedesktop.DBus.GetId", 0).Err; err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		_ = p.bus.Emit(path, requestResponse, uint32(responseCancelled), map[string]dbus.Variant{})
	}
	if err := <-done; !errors.Is(err, ErrRefused) {
		t.Errorf("%v, want %v", err, ErrRefused)
	}
	cancel()
	if _, err := os.Lstat(mine); err != nil {
		t.Error("a stranger had a file deleted")
	}
}
