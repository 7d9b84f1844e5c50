package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// TestKilledDuringSignIns ends the server again and again, as a power cut
// would, while people sign in. Every sign-in that was answered, and every user
// who was made beside the running server, must be there after each restart.
func TestKilledDuringSignIns(t *testing.T) {
	const rounds, people = 6, 2
	k := &killing{t: t, env: append(os.Environ(),
		"LATCHKEY_DATA="+filepath.Join(t.TempDir(), "data"), "LATCHKEY_ADMIN_PASSWORD="+killPassword)}
	for round := range rounds {
		k.start()
		for i := range people {
			k.addUser(fmt.Sprintf("r%d-p%d", round, i))
		}
		k.check()
		k.signInUntilKilled(round, people, 4+3*round)
	}
	k.start()
	k.check()
	k.server.end()
	if out, err := k.command("doctor").Output(); err != nil {
		t.Errorf("doctor: %v\n%s", err, out)
	}
}

const killPassword = "battery-horse-staple"

// A killing is one such test: what has been acknowledged so far.
type killing struct {
	t      *testing.T
	env    []string
	server *process
	url    string
	users  []string
	mu     sync.Mutex
	tokens []string
}

func (k *killing) start() {
	k.t.Helper()
	p, err := startProcess(k.env, k.t.TempDir(), nil)
	if err != nil {
		k.t.Fatal(err)
	}
	k.t.Cleanup(p.end)
	at := p.addresses()
	if at == nil {
		k.t.Fatalf("the server does not start: %s", p.said())
	}
	k.server, k.url = p, at[1]
}

func (k *killing) command(args ...string) *exec.Cmd {
	c := exec.Command("latchkey", args...)
	c.Env = append(k.env, "LATCHKEY_HTTP=127.0.0.1:0", "LATCHKEY_SFTP=127.0.0.1:0")
	return c
}

func (k *killing) addUser(name string) {
	k.t.Helper()
	c := k.command("user", "add", name, "--password-stdin")
	c.Stdin = strings.NewReader(killPassword)
	if out, err := c.CombinedOutput(); err != nil {
		k.t.Fatalf("add user: %v: %s", err, out)
	}
	k.users = append(k.users, name)
}

// signInUntilKilled lets people sign in at once, and kills the server in the
// midst of it when enough of them have.
func (k *killing) signInUntilKilled(round, people, enough int) {
	k.t.Helper()
	answered := make(chan struct{}, 1000)
	var working sync.WaitGroup
	for i := range people {
		working.Go(func() {
			for n := 0; k.signIn(fmt.Sprintf("r%d-p%d", round, i), n); n++ {
				answered <- struct{}{}
			}
			answered <- struct{}{} // the server is gone, or refuses
		})
	}
	for range enough {
		<-answered
	}
	k.server.end()
	working.Wait()
	if len(k.tokens) < enough-people {
		k.t.Errorf("%d sign-ins were answered: %s", len(k.tokens), k.server.said())
	}
}

// signIn reports whether a sign-in was answered, and keeps its token. Each is
// a device of its own.
func (k *killing) signIn(name string, n int) bool {
	body, _ := json.Marshal(map[string]string{"username": name, "password": killPassword})
	r, err := http.NewRequest(http.MethodPost, k.url+"/api/auth/login", bytes.NewReader(body))
	if err != nil {
		return false
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Client-Id", fmt.Sprint(name, n))
	text, err := send(r)
	if err != nil {
		return false
	}
	var answer struct {
		Data struct {
			Token string `json:"token"`
		} `json:"data"`
	}
	if err := json.Unmarshal(text, &answer); err != nil || answer.Data.Token == "" {
		k.t.Errorf("sign in: %s", text)
		return false
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.tokens = append(k.tokens, answer.Data.Token)
	return true
}

// check asks for everything that was acknowledged.
func (k *killing) check() {
	k.t.Helper()
	list, err := k.command("user", "list").Output()
	if err != nil {
		k.t.Fatal(err)
	}
	for _, name := range k.users {
		if !strings.Contains(string(list), " "+name+" ") {
			k.t.Errorf("the user %s is gone", name)
		}
	}
	for i, token := range k.tokens {
		r, err := http.NewRequest(http.MethodGet, k.url+"/api/me", nil)
		if err != nil {
			k.t.Fatal(err)
		}
		r.Header.Set("Authorization", token)
		if text, err := send(r); err != nil || !bytes.Contains(text, []byte(`"code":200`)) {
			k.t.Errorf("sign-in %d of %d is gone: %s, %v", i+1, len(k.tokens), text, err)
		}
	}
}

func send(r *http.Request) ([]byte, error) {
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: patience}
	resp, err := client.Do(r)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	return io.ReadAll(resp.Body)
}
