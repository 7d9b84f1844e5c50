package httpapi

import (
	"strings"
	"testing"
)

func TestAccessLog(t *testing.T) {
	s := start(t, options{})
	const secret = "canary-token"
	s.get(t, "/me?token="+secret, "Authorization: "+secret, "Cookie: "+secret)
	s.post(t, "/login", `{"username":"`+secret+`\n2026 INFO ok","password":"`+secret+`"}`)
	s.get(t, "/users/%0a%1b[31m2026%20INFO%20login%20ok", "Authorization: ann")
	s.get(t, "/"+strings.Repeat("x", 5000))
	s.get(t, "/panic")
	s.ask(t, "GET /me HTTP/1.1\r\nHost: evil.example\r\n\r\n")
	s.stop()

	logs := s.logs.String()
	if strings.Contains(logs, secret) {
		t.Errorf("a secret is logged:\n%s", logs)
	}
	lines := strings.Split(strings.TrimSpace(logs), "\n")
	want := []string{
		`level=INFO msg=request method=GET path=/me status=200 duration=`,
		`level=INFO msg=request method=POST path=/login status=200`,
		`level=DEBUG msg=request method=GET path=/users/%0a%1b[31m2026%20INFO%20login%20ok status=200`,
		`path=/xxx`,
		`level=ERROR msg="handler panicked" method=GET path=/panic panic=canary-panic stack=`,
		`level=INFO msg=request method=GET path=/panic status=500`,
		`path=/me status=403`,
	}
	if len(lines) != len(want) {
		t.Fatalf("%d records, want %d:\n%s", len(lines), len(want), logs)
	}
	ids := map[string]bool{}
	for i, line := range lines {
		if !strings.Contains(line, want[i]) {
			t.Errorf("record %d: %s\nwant %s", i, line, want[i])
		}
		if strings.Contains(line, "msg=request") && !strings.Contains(line, "address=127.0.0.1") {
			t.Errorf("no address: %s", line)
		}
		_, id, ok := strings.Cut(line, "request_id=")
		if ids[id] = true; !ok {
			t.Errorf("no request id: %s", line)
		}
	}
	if len(ids) != len(want)-1 {
		t.Errorf("%d request ids, want %d", len(ids), len(want)-1)
	}
	if len(lines[3]) > 500 {
		t.Errorf("a long path is logged in %d bytes", len(lines[3]))
	}
	if !strings.Contains(lines[0], "code=token_invalid") || !strings.Contains(lines[6], "code=host_not_allowed") {
		t.Errorf("the reasons are missing:\n%s\n%s", lines[0], lines[6])
	}
}
