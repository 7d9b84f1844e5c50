package sqlite_test

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"latchkey/backend/identity"
	"latchkey/backend/store"
	"latchkey/backend/store/sqlite"
)

// victimPath is the environment variable that turns the test program into
// the one that writes until it is killed, victimFirst the one with its first
// number.
const (
	victimPath  = "LATCHKEY_TEST_VICTIM"
	victimFirst = "LATCHKEY_TEST_VICTIM_FIRST"
)

// A victim signs in with as many devices at once, and never with so many in
// all that it would come to the numbers of the next one.
const (
	kills   = 40
	writers = 8
	most    = 1_000_000
)

// victim signs in, some devices at a time, and says each number once the
// store has acknowledged it. It never ends by itself.
func victim(path string) int {
	ctx := context.Background()
	first, err := strconv.ParseInt(os.Getenv(victimFirst), 10, 64)
	if err != nil {
		fmt.Println("first number:", err)
		return 1
	}
	s, err := sqlite.Open(ctx, path, sqlite.Options{})
	if err != nil {
		fmt.Println("open:", err)
		return 1
	}
	var next atomic.Int64
	next.Store(first)
	var all sync.WaitGroup
	for range writers {
		all.Go(func() {
			for {
				n := int(next.Add(1))
				if err := act(ctx, s, n); err != nil {
					fmt.Println("write:", err)
					return
				}
				fmt.Println(n)
			}
		})
	}
	all.Wait()
	return 1
}

// act is a write that touches many tables at once, and one after it.
func act(ctx context.Context, s *sqlite.Store, n int) error {
	_, err := s.OpenSession(ctx, store.OpenSession{
		New:    identity.Session{ID: identity.SessionID(fmt.Sprint("s", n)), User: 1, CreatedAt: time.UnixMicro(1)},
		Device: fmt.Sprint(n),
		Token:  identity.AccessToken{ID: identity.TokenID(fmt.Sprint("t", n)), User: 1, ExpiresAt: time.UnixMicro(9)},
	})
	if err != nil {
		return err
	}
	key := identity.APIKey{User: 1, Kind: identity.KeyAPI, Name: fmt.Sprint("key ", n), Hash: hashOf(n)}
	if _, err := s.CreateAPIKey(ctx, key, math.MaxInt); err != nil {
		return err
	}
	return s.SaveSetting(ctx, fmt.Sprint("n", n), []byte(fmt.Sprint(n)))
}

func hashOf(n int) (h identity.SecretHash) {
	binary.BigEndian.PutUint64(h[:], uint64(n))
	return h
}

func TestKilled(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "latchkey.db")
	s := open(t, path, sqlite.Options{Create: true})
	_, err := s.CreateUser(t.Context(), identity.User{ID: 1, Username: "ann"})
	check(t, errors.Join(err, s.Close()))

	var acknowledged []int
	for round := range kills {
		acknowledged = append(acknowledged, kill(t, path, round*most, round%4 == 0)...)
		survives(t, path, acknowledged)
	}
	if len(acknowledged) < kills/2 {
		t.Errorf("only %d writes were acknowledged before %d kills", len(acknowledged), kills)
	}
	t.Logf("%d kills, %d acknowledged sign-ins, none lost", kills, len(acknowledged))
}

// kill starts a victim at a number and kills it at some point, early or after its first
// acknowledgement. It returns the numbers that the victim said.
func kill(t *testing.T, path string, first int, early bool) (said []int) {
	t.Helper()
	c := exec.CommandContext(t.Context(), os.Args[0])
	c.Env = append(os.Environ(), victimPath+"="+path, victimFirst+"="+strconv.Itoa(first))
	out, err := c.StdoutPipe()
	check(t, err)
	check(t, c.Start())
	armed := early
	shoot := func() {
		time.AfterFunc(time.Duration(rand.IntN(30_000))*time.Microsecond, func() { _ = c.Process.Kill() })
	}
	if early {
		shoot()
	}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		n, err := strconv.Atoi(lines.Text())
		if err != nil {
			t.Fatalf("the victim says %q", lines.Text())
		}
		said = append(said, n)
		if !armed {
			armed = true
			shoot()
		}
	}
	_ = c.Wait() // says that it was killed
	return said
}

// survives opens the database as a restart would.
func survives(t *testing.T, path string, acknowledged []int) {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	check(t, err)
	defer func() { check(t, s.Close()) }()
	check(t, s.Check(t.Context()))
	list, total, err := s.Sessions(t.Context(), time.UnixMicro(1), identity.Page{})
	check(t, err)
	if total < len(acknowledged) || len(list) != total {
		t.Fatalf("%d sessions, total %d, after %d were acknowledged", len(list), total, len(acknowledged))
	}
	u, err := s.User(t.Context(), 1)
	check(t, err)
	if u.LoginCount != int64(total) {
		t.Fatalf("%d sign-ins were counted of %d", u.LoginCount, total)
	}
	for _, n := range acknowledged {
		if _, err := s.APIKeyByHash(t.Context(), hashOf(n)); err != nil {
			t.Fatalf("key %d: %v", n, err)
		}
		if _, err := s.AccessToken(t.Context(), identity.TokenID(fmt.Sprint("t", n))); err != nil {
			t.Fatalf("token %d: %v", n, err)
		}
		if _, err := s.Setting(t.Context(), fmt.Sprint("n", n)); err != nil {
			t.Fatalf("setting %d: %v", n, err)
		}
	}
}
