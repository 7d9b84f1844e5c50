package httpapi

import (
	"bufio"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// dialFrom connects from a certain address of the loopback.
func dialFrom(t *testing.T, s *site, from string) *wireConn {
	t.Helper()
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
	c, err := d.Dial("tcp", s.addr)
	if err != nil && from != "127.0.0.1" {
		t.Skipf("this system has but one loopback address: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	return &wireConn{c, t, bufio.NewReader(c)}
}

// stall begins a request whose body stays unfinished, and returns when the
// server waits for the rest.
func stall(c *wireConn, length string) {
	c.t.Helper()
	c.send("POST /login HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/json\r\nExpect: 100-continue\r\n" + length + "\r\n\r\n")
	line, err := c.r.ReadString('\n')
	if err != nil || !strings.HasPrefix(line, "HTTP/1.1 100 ") {
		c.t.Fatalf("asked to go on: %q, %v", line, err)
	}
	if _, err := c.r.ReadString('\n'); err != nil {
		c.t.Fatal(err)
	}
	c.send("5\r\n{\"use")
}

// Clients that never finish a body, whatever their addresses, keep out nobody:
// not new ones, and not one whose request is being served.
func TestUnfinishedBodiesKeepNobodyOut(t *testing.T) {
	const crowd, most = 24, 8 // most leaves room for those that were answered and still count as busy
	one := func(int) string { return "127.0.0.1" }
	many := func(i int) string { return "127.0.0." + itoa(2+i) }
	for name, tc := range map[string]struct {
		from   func(int) string
		length string
		shares shares
	}{
		"from one address":          {one, "Content-Length: 50", shares{all: 100, local: most}},
		"from one, the server full": {one, "Content-Length: 50", shares{all: most, local: 100}},
		"in chunks from one":        {one, "Transfer-Encoding: chunked", shares{all: 100, local: most}},
		"from many addresses":       {many, "Content-Length: 50", shares{all: most, local: 100}},
		"in chunks from many":       {many, "Transfer-Encoding: chunked", shares{all: most, local: 100}},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t, options{tune: func(srv *Server) { patient(most)(srv); srv.shares = tc.shares }})
			served := dial(t, s)
			served.send("GET /wait HTTP/1.1\r\nHost: HOST\r\n\r\n")
			<-s.entered
			var stalled []*wireConn
			for i := range crowd {
				c := dialFrom(t, s, tc.from(i))
				stall(c, tc.length)
				stalled = append(stalled, c)
				if got := s.get(t, "/open"); got.env.Code != "ok" {
					t.Fatalf("a client among %d: %s", i+1, got.body)
				}
				if got := s.post(t, "/login", okLogin); got.env.Code != "ok" {
					t.Fatalf("a sign-in among %d: %s", i+1, got.body)
				}
			}
			for _, c := range stalled[:crowd-most] {
				c.wantClosed("an unfinished body")
			}
			close(s.release)
			if got := served.receive("GET"); got.env.Code != "ok" {
				t.Errorf("the request under way: %s", got.body)
			}
		})
	}
}

// Who fills his own share closes only his own connections.
func TestACrowdedAddressGivesWayToItself(t *testing.T) {
	s := start(t, options{tune: func(srv *Server) { patient(100)(srv); srv.shares.local = 2 }})
	other := dialFrom(t, s, "127.0.0.2")
	stall(other, "Content-Length: "+itoa(len(okLogin)+len("5\r\n{\"use")))
	for range 10 {
		stall(dial(t, s), "Content-Length: 50")
	}
	other.send(strings.Repeat(" ", len(okLogin)))
	if got := other.receive("POST"); got.status != http.StatusOK || got.env.Code == "" {
		t.Errorf("the oldest connection, of another address: %d %s", got.status, got.body)
	}
}

// A handler that has not read the body it was sent does not hold the connection,
// nor does net/http, which reads on after it.
func TestUnreadBodiesGiveWay(t *testing.T) {
	s := start(t, options{tune: patient(1)})
	first := dial(t, s)
	first.send("GET /wait HTTP/1.1\r\nHost: HOST\r\nContent-Length: 50\r\n\r\n")
	<-s.entered
	if got := s.get(t, "/open"); got.env.Code != "ok" {
		t.Errorf("one more: %s", got.body)
	}
	first.wantClosed("an unread body")
	close(s.release)
}

// A request whose body is all there is not cut for a newcomer.
func TestArrivedBodiesAreServed(t *testing.T) {
	for _, length := range []string{"Content-Length: 33\r\n\r\n" + okLogin, "Transfer-Encoding: chunked\r\n\r\n21\r\n" + okLogin + "\r\n0\r\n\r\n"} {
		c := &conn{listener: &listener{}}
		c.wait()
		handler := whenArrived(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if c.turn.Load() == busy {
				t.Error("busy before the body was read")
			}
			var body loginBody
			if err := DecodeJSON(w, r, maxBody, &body); err != nil {
				t.Error(err)
			}
			if c.turn.Load() != busy {
				t.Error("waiting though the body was read")
			}
		}))
		r, err := http.ReadRequest(bufio.NewReader(strings.NewReader("POST /login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" + length)))
		if err != nil {
			t.Fatal(err)
		}
		handler.ServeHTTP(nil, r.WithContext(withConn(t.Context(), c)))
	}
}

func TestSharesOfAddresses(t *testing.T) {
	s := shares{all: 9, client: 3, local: 5, proxies: proxies{netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("2001:db8::9/128")}}
	for addr, want := range map[string]struct {
		source string
		most   int
	}{
		"198.51.100.7":        {"198.51.100.7/32", 3},
		"192.0.2.7":           {"192.0.2.7/32", 9},
		"127.0.0.1":           {"127.0.0.1/32", 5},
		"::1":                 {"::1/128", 5},
		"2001:db8::1:2:3":     {"2001:db8::/64", 3},
		"2001:db8:0:1::1":     {"2001:db8:0:1::/64", 3},
		"2001:db8::9":         {"2001:db8::9/128", 9},
		"::ffff:198.51.100.7": {"198.51.100.7/32", 3},
	} {
		ip := &net.TCPAddr{IP: net.ParseIP(addr), Port: 1, Zone: "eth0"}
		source, most := s.of(peerAddr(addrConn{addr: ip}))
		if source.String() != want.source || most != want.most {
			t.Errorf("%s: %s, %d; want %s, %d", addr, source, most, want.source, want.most)
		}
	}
}

type addrConn struct {
	net.Conn
	addr net.Addr
}

func (c addrConn) RemoteAddr() net.Addr { return c.addr }
