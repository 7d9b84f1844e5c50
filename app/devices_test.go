package app

import (
	"context"
	"testing"

	"latchkey/backend/companion"
	"latchkey/backend/companion/remote"
)

// signInElsewhere signs the test's user in from another program.
func signInElsewhere(t testing.TB, d *testDesk, s Server, agent string) *remote.Account {
	t.Helper()
	base, err := remote.ParseBase(s.Address)
	if err != nil {
		t.Fatal(err)
	}
	o := remote.Options{Base: base, ClientID: agent, UserAgent: agent, Env: companion.System()}
	if s.Own {
		o.Transport = d.own.transport()
	}
	c := remote.New(o)
	t.Cleanup(c.Close)
	g, err := c.SignIn(t.Context(), remote.Credentials{Username: testUser, Password: companion.NewSecret(testPassword)})
	if err != nil {
		t.Fatal(err)
	}
	a, err := c.Account(g)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestDevices(t *testing.T) {
	d := newTestDesk(t)
	own := d.withOwn(t)
	nas := d.withRemote(t)
	screen := &Devices{d.desk}
	for _, s := range []Server{own, nas} {
		t.Run(s.Name, func(t *testing.T) {
			rclone := signInElsewhere(t, d, s, "rclone/v1.66.0")
			signInElsewhere(t, d, s, "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0")
			signInElsewhere(t, d, s, "\u202e<script>alert(1)</script>")

			got, err := screen.List(s.ID)
			if err != nil {
				t.Fatal(err)
			}
			names := map[string]Device{}
			for _, dev := range got.Devices {
				names[dev.Name] = dev
			}
			if first := got.Devices[0]; len(got.Devices) != 4 || !first.Current || first.Kind != "computer" || first.LastActive == 0 || got.AsOf == 0 {
				t.Fatalf("List: %+v; want this device and 3 others", got)
			}
			for _, name := range []string{"rclone 1.66", "Firefox on Linux", ""} {
				if dev := names[name]; dev.ID == "" || dev.Address == "" {
					t.Errorf("there is no device %q: %+v", name, got.Devices)
				}
			}

			checkProblem(t, "End", screen.End(DeviceRef{ID: s.ID, Device: names["rclone 1.66"].ID}), "")
			if _, err := rclone.Me(t.Context()); !remote.SignedOut(err) {
				t.Errorf("rclone after End: %v; want signed out", err)
			}
			checkProblem(t, "End of no device", screen.End(DeviceRef{ID: s.ID, Device: "0123456789abcdef0123456789abcdef"}), "session_not_found")
			checkProblem(t, "EndAny", screen.EndAny(DeviceRef{ID: s.ID, Device: names["Firefox on Linux"].ID}), "")

			if n, err := screen.EndOthers(s.ID); n != 1 || err != nil {
				t.Errorf("EndOthers: %d, %v; want 1", n, err)
			}
			all, err := screen.ListAll(s.ID)
			if err != nil || len(all.Devices) != 1 || all.Devices[0].Username != testUser || !all.Devices[0].Current {
				t.Errorf("ListAll: %+v, %v; want this device of %s", all, err, testUser)
			}
		})
	}
}

func TestDevicesInChinese(t *testing.T) {
	d := newTestDesk(t)
	s := d.withOwn(t)
	d.desk.mu.Lock()
	d.language = "zh-CN"
	d.desk.mu.Unlock()
	signInElsewhere(t, d, s, "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Mobile/15E148 Safari/604.1")
	got, err := (&Devices{d.desk}).List(s.ID)
	if err != nil || len(got.Devices) != 2 || got.Devices[1].Name != "iPhone 上的 Safari" {
		t.Errorf("List: %+v, %v; want Safari in Chinese", got, err)
	}
}

func TestDevicesWithoutServer(t *testing.T) {
	d := newTestDesk(t)
	s := d.withOwn(t)
	screen := &Devices{d.desk}
	_, err := screen.List("nobody")
	checkProblem(t, "List of an unknown server", err, "server_unknown")

	d.own.stop()
	_, err = screen.List(s.ID)
	checkProblem(t, "List of a stopped server", err, "server_stopped")

	checkProblem(t, "start", d.own.start(context.Background()), "")
	checkProblem(t, "SignOut", (&SignIn{d.desk}).SignOut(s.ID), "")
	_, err = screen.List(s.ID)
	checkProblem(t, "List after signing out", err, "not_signed_in")
}
