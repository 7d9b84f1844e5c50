package session_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"latchkey/backend/identity"
	"latchkey/backend/internal/testkit"
	"latchkey/backend/session"
	"latchkey/backend/token"
)

// open gives a user a token on a device, as package login does after its checks.
func open(t testing.TB, c *testkit.Core, user identity.UserID, client session.Client) session.SignedIn {
	t.Helper()
	in, err := c.Sessions.Open(t.Context(), user, []identity.FactorKind{identity.FactorPassword}, client, testkit.Terms())
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// device is a client that names itself.
func device(name string) session.Client { return session.Client{ID: name, Address: testkit.Address(1)} }

func want(t *testing.T, what string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// live returns the ids of a user's live sessions.
func live(t *testing.T, c *testkit.Core, user identity.UserID) []identity.SessionID {
	t.Helper()
	list, err := c.Sessions.List(t.Context(), user)
	if err != nil {
		t.Fatal(err)
	}
	ids := make([]identity.SessionID, len(list))
	for i, s := range list {
		ids[i] = s.ID
	}
	return ids
}

func TestOpenTellsWhoSignedInAndHow(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	ann := c.User("ann")
	in := open(t, c, ann.ID, device("phone"))
	p := c.MustWho(in.Token)
	if p.User.ID != ann.ID || p.Session != in.Session.ID || len(p.Factors) != 1 || p.Factors[0] != identity.FactorPassword {
		t.Errorf("principal is %+v", p)
	}
	if !p.SignedInAt.Equal(c.Clock.Now()) || in.ExpiresAt.Sub(c.Clock.Now()).Round(time.Second) != testkit.Lifetime {
		t.Errorf("signed in at %v until %v", p.SignedInAt, in.ExpiresAt)
	}
	if _, err := identity.ParseSessionID(string(in.Session.ID)); err != nil {
		t.Errorf("session id %q: %v", in.Session.ID, err)
	}
}

// A device is the same one again only while its session lives.
func TestClientIDIsTheSameDeviceWhileItLives(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	ann := c.User("ann")
	first := open(t, c, ann.ID, device("phone"))
	again := open(t, c, ann.ID, device("phone"))
	if again.Session.ID != first.Session.ID {
		t.Error("a second sign-in of a live device makes another session")
	}
	want(t, "first token after a second sign-in", whoErr(c, first.Token), nil)

	for name, end := range map[string]func(in session.SignedIn){
		"evicted": func(in session.SignedIn) {
			must(t, c.Sessions.End(t.Context(), ann.ID, in.Session.ID, testkit.Origin()))
		},
		"signed out": func(in session.SignedIn) {
			must(t, c.Sessions.SignOut(t.Context(), in.Principal, testkit.Origin()))
		},
		"expired": func(session.SignedIn) { c.Clock.Add(testkit.Lifetime) },
	} {
		before := open(t, c, ann.ID, device(name))
		end(before)
		after := open(t, c, ann.ID, device(name))
		if after.Session.ID == before.Session.ID {
			t.Errorf("%s: the ended session lives again", name)
		}
		if _, err := c.Who(before.Token); err == nil {
			t.Errorf("%s: a new sign-in revived the old token", name)
		}
		want(t, name+": new token", whoErr(c, after.Token), nil)
	}
}

func TestClientIDsOfTwoUsersAreTwoDevices(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	ann, bob := c.User("ann"), c.User("bob")
	a, b := open(t, c, ann.ID, device("same")), open(t, c, bob.ID, device("same"))
	if a.Session.ID == b.Session.ID {
		t.Fatal("two users share a session")
	}
	must(t, c.Sessions.SignOut(t.Context(), a.Principal, testkit.Origin()))
	want(t, "the other user", whoErr(c, b.Token), nil)
}

// Whatever a client says of itself fits, and is the same device only if every
// byte is the same.
func TestLongAndOddClients(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	ann := c.User("ann")
	long := strings.Repeat("x", 4096)
	seen := map[identity.SessionID]string{}
	for _, client := range []session.Client{
		{ID: long}, {ID: long + "y"}, {ID: "\xff"}, {ID: "a\x00b"},
		{UserAgent: long}, {UserAgent: long + "y"}, {UserAgent: "\xff\xfe"},
		{UserAgent: "client\x00a"}, {ID: "a"}, {},
		{Address: testkit.Address(1)}, {Address: testkit.Address(2)},
	} {
		in := open(t, c, ann.ID, client)
		name := fmt.Sprintf("%.20q %.20q %v", client.ID, client.UserAgent, client.Address)
		if other, ok := seen[in.Session.ID]; ok {
			t.Errorf("%s and %s are one device", name, other)
		}
		seen[in.Session.ID] = name
		if len(in.Session.UserAgent) > 512 || in.Session.ClientID != (client.ID != "") {
			t.Errorf("%s: kept as %+v", name, in.Session)
		}
	}
}

// Programs that do not name themselves share a device by program and address;
// each has its own token, and signs out for itself.
func TestSharedDevice(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	ann := c.User("ann")
	shared := session.Client{UserAgent: "rclone/v1.70", Address: testkit.Address(1)}
	one, two := open(t, c, ann.ID, shared), open(t, c, ann.ID, shared)
	if one.Session.ID != two.Session.ID || one.Token == two.Token {
		t.Fatalf("sessions %s and %s, same token: %v", one.Session.ID, two.Session.ID, one.Token == two.Token)
	}
	elsewhere := open(t, c, ann.ID, session.Client{UserAgent: "rclone/v1.70", Address: testkit.Address(2)})
	if elsewhere.Session.ID == one.Session.ID {
		t.Error("another address shares the device")
	}

	must(t, c.Sessions.SignOut(t.Context(), one.Principal, testkit.Origin()))
	want(t, "the one that signed out", whoErr(c, one.Token), token.ErrInvalid)
	want(t, "the other one", whoErr(c, two.Token), nil)
	must(t, c.Sessions.SignOut(t.Context(), one.Principal, testkit.Origin())) // again: no error, and no more than before
	want(t, "the other one after a second sign-out", whoErr(c, two.Token), nil)

	must(t, c.Sessions.SignOut(t.Context(), two.Principal, testkit.Origin()))
	found, err := c.Sessions.Find(t.Context(), one.Session.ID)
	if err != nil || found.EndReason != identity.EndedByLogout {
		t.Errorf("the device with no token left is %+v, %v", found, err)
	}
	want(t, "a program elsewhere", whoErr(c, elsewhere.Token), nil)
}

func TestSignOutOfANamedDeviceEndsAllItsTokens(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	ann := c.User("ann")
	one, two := open(t, c, ann.ID, device("phone")), open(t, c, ann.ID, device("phone"))
	must(t, c.Sessions.SignOut(t.Context(), one.Principal, testkit.Origin()))
	for _, in := range []session.SignedIn{one, two} {
		want(t, "after sign-out", whoErr(c, in.Token), token.ErrInvalid)
	}
}

// An evicted device stays out, whatever it calls itself then.
func TestEvictionIsFinal(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	ann := c.User("ann")
	phone, laptop := open(t, c, ann.ID, device("phone")), open(t, c, ann.ID, device("laptop"))
	must(t, c.Sessions.End(t.Context(), ann.ID, phone.Session.ID, testkit.Origin()))
	for _, name := range []string{"phone", "laptop", "new", "", string(phone.Session.ID), string(laptop.Session.ID)} {
		_, err := c.Sessions.Authenticate(t.Context(), phone.Token, testkit.Audience, device(name))
		want(t, "Client-Id "+name, err, session.ErrEnded)
	}
	if got := live(t, c, ann.ID); len(got) != 1 || got[0] != laptop.Session.ID {
		t.Errorf("live sessions are %v, want %v", got, laptop.Session.ID)
	}
	must(t, c.Sessions.End(t.Context(), ann.ID, phone.Session.ID, testkit.Origin())) // twice is no error
	want(t, "after a restart", whoErr(c.Restart(), phone.Token), session.ErrEnded)
}

// Somebody else's session is as unknown as one that never was.
func TestEndOfAnothersSession(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	ann, bob := c.User("ann"), c.User("bob")
	in := open(t, c, ann.ID, device("phone"))
	theirs := c.Sessions.End(t.Context(), bob.ID, in.Session.ID, testkit.Origin())
	never := c.Sessions.End(t.Context(), bob.ID, identity.SessionID(c.Env.ID()), testkit.Origin())
	want(t, "another's session", theirs, session.ErrNotFound)
	if theirs.Error() != never.Error() {
		t.Errorf("another's session: %v; one that never was: %v", theirs, never)
	}
	want(t, "its token", whoErr(c, in.Token), nil)
	must(t, c.Sessions.End(t.Context(), 0, in.Session.ID, testkit.Origin())) // the administrator may
	want(t, "its token after that", whoErr(c, in.Token), session.ErrEnded)
}

// A session that is removed between the look and the end is not a fault of ours.
func TestEndRacesWithRemoval(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	ann := c.User("ann")
	in := open(t, c, ann.ID, device("phone"))
	c.Store.FailWith(func(method string) error {
		if method == "EndSession" {
			_, err := c.Store.PurgeSessions(t.Context(), c.Clock.Now().Add(10*testkit.Lifetime))
			return err
		}
		return nil
	})
	want(t, "End", c.Sessions.End(t.Context(), ann.ID, in.Session.ID, testkit.Origin()), session.ErrNotFound)
}

func TestEndOthersAndEndAll(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	ann, bob := c.User("ann"), c.User("bob")
	kept, other, bobs := open(t, c, ann.ID, device("1")), open(t, c, ann.ID, device("2")), open(t, c, bob.ID, device("1"))
	n, err := c.Sessions.EndOthers(t.Context(), ann.ID, kept.Session.ID, testkit.Origin())
	if n != 1 || err != nil {
		t.Errorf("EndOthers = %d, %v", n, err)
	}
	want(t, "kept", whoErr(c, kept.Token), nil)
	want(t, "other", whoErr(c, other.Token), session.ErrEnded)
	want(t, "another user's", whoErr(c, bobs.Token), nil)
	if n, err := c.Sessions.EndAll(t.Context(), testkit.Origin()); n != 2 || err != nil {
		t.Errorf("EndAll = %d, %v", n, err)
	}
	want(t, "kept, after all", whoErr(c, kept.Token), session.ErrEnded)
	want(t, "another user's, after all", whoErr(c, bobs.Token), session.ErrEnded)
}

// The device beyond the limit puts out the one that was idle longest.
func TestDeviceLimit(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	ann, bob := c.User("ann"), c.User("bob")
	bobs := open(t, c, bob.ID, device("0"))
	var all []session.SignedIn
	for i := range session.MaxDevices {
		all = append(all, open(t, c, ann.ID, device(fmt.Sprint(i))))
		c.Clock.Add(time.Second)
	}
	c.MustWho(all[0].Token) // now the second one is idle longest
	must(t, c.Sessions.Flush(t.Context()))
	c.Clock.Add(time.Second)
	open(t, c, ann.ID, device("one more"))

	want(t, "the one in use", whoErr(c, all[0].Token), nil)
	want(t, "the longest idle", whoErr(c, all[1].Token), session.ErrEnded)
	want(t, "the next one", whoErr(c, all[2].Token), nil)
	want(t, "another user's", whoErr(c, bobs.Token), nil)
	if n := len(live(t, c, ann.ID)); n != session.MaxDevices {
		t.Errorf("%d live devices, want %d", n, session.MaxDevices)
	}
}

func TestDeviceLimitInParallel(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	ann := c.User("ann")
	var wg sync.WaitGroup
	for worker := range 4 {
		wg.Go(func() {
			for i := range 40 {
				_, err := c.Sessions.Open(t.Context(), ann.ID, nil, device(fmt.Sprint(worker, i)), testkit.Terms())
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if n := len(live(t, c, ann.ID)); n != session.MaxDevices {
		t.Errorf("%d live devices, want %d", n, session.MaxDevices)
	}
}

// A program that signs in for each call keeps one device and so many tokens.
func TestTokenLimitOfADevice(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	ann := c.User("ann")
	first := open(t, c, ann.ID, device("script"))
	c.Clock.Add(time.Second)
	second := open(t, c, ann.ID, device("script"))
	for range session.MaxTokens - 1 {
		c.Clock.Add(time.Second)
		open(t, c, ann.ID, device("script"))
	}
	want(t, "one token too many", whoErr(c, first.Token), token.ErrInvalid)
	want(t, "the oldest that is kept", whoErr(c, second.Token), nil)
	if n := len(live(t, c, ann.ID)); n != 1 {
		t.Errorf("%d live devices, want 1", n)
	}
}

func TestIDsAreRandom(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	ann := c.User("ann")
	sessions, tokens := map[identity.SessionID]bool{}, map[identity.TokenID]bool{}
	for i := range 300 {
		in := open(t, c, ann.ID, device(fmt.Sprint(i%200))) // a third come back
		sessions[in.Session.ID] = true
		tokens[in.Principal.Token] = true
	}
	if len(tokens) != 300 || len(sessions) < 200 {
		t.Errorf("%d token ids of 300, %d session ids", len(tokens), len(sessions))
	}
}

func TestOpenForNobody(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	_, err := c.Sessions.Open(t.Context(), 4711, nil, device("x"), testkit.Terms())
	if err == nil {
		t.Error("a user that does not exist has a session")
	}
}

func whoErr(c *testkit.Core, token string) error {
	_, err := c.Who(token)
	return err
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
