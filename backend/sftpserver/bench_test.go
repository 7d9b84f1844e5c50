package sftpserver

import (
	"cmp"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
)

// The benchmarks take OpenSSH's server for the measure: the same client, the
// same files in memory, in one run, each server first in turn. Client and
// server share the machine. What counts is the ratio "x"; where other programs
// disturb it, "cpu-s/GB" tells what our server has computed. With -short there
// is a quarter to transfer.

// A rival is a server to compare, and a client's way to it.
type rival struct {
	opts []string // of OpenSSH's clients, with the destination last
	conf *ssh.ClientConfig
	addr string
	home string // the folder that the client sees
}

// contest starts both servers, with their folders in memory.
func contest(b *testing.B) (ours, theirs rival) {
	b.Helper()
	if fi, err := os.Stat("/dev/shm"); err == nil && fi.IsDir() {
		b.Setenv("TMPDIR", "/dev/shm")
	}
	dir := b.TempDir()
	return startOurs(b, dir), startOpenSSH(b, dir)
}

func startOurs(b *testing.B, dir string) rival {
	b.Helper()
	w := newWorld()
	key := writeKey(b, filepath.Join(dir, "ours"))
	w.uploaded(w.person("ann", everything), key)
	// A client is back before the server has seen it leave.
	const many = 64
	r := start(b, w, Limits{PerAddress: many, PerUser: many, PendingPerAddress: many})
	home := r.home("ann")
	if err := os.MkdirAll(home, 0o700); err != nil {
		b.Fatal(err)
	}
	conf := r.client("ann", ssh.PublicKeys(key))
	return rival{opts: clientOpts(filepath.Join(dir, "ours"), r.addr, "ann"), conf: conf, addr: r.addr, home: home}
}

// startOpenSSH starts sshd for the user who runs the test.
func startOpenSSH(b *testing.B, dir string) rival {
	b.Helper()
	sshd := program(b, "sshd", "/usr/sbin/sshd", "/usr/local/sbin/sshd")
	helper := program(b, "sftp-server", "/usr/lib/openssh/sftp-server", "/usr/libexec/openssh/sftp-server", "/usr/lib/ssh/sftp-server", "/usr/libexec/sftp-server")
	if os.Getuid() == 0 {
		_ = os.MkdirAll("/run/sshd", 0o755) // where Debian's gives up its rights
	}
	me, err := user.Current()
	if err != nil {
		b.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	addr := l.Addr().String()
	_ = l.Close()
	_, port, _ := net.SplitHostPort(addr)
	key, home := writeKey(b, filepath.Join(dir, "theirs")), b.TempDir()
	writeKey(b, filepath.Join(dir, "host"))
	conf := filepath.Join(dir, "sshd_config")
	if err := os.WriteFile(conf, []byte(strings.Join([]string{
		"ListenAddress 127.0.0.1", "Port " + port, "HostKey " + filepath.Join(dir, "host"), "PidFile none",
		"AuthorizedKeysFile " + filepath.Join(dir, "theirs.pub"), "StrictModes no", "PasswordAuthentication no", "KbdInteractiveAuthentication no",
		"PermitRootLogin yes", "MaxStartups 200", "LogLevel FATAL", "UseDNS no", "PrintMotd no",
		"SetEnv HOME=" + home, // no start-up file of a shell is run
		"Subsystem sftp " + helper + " -d " + home, "",
	}, "\n")), 0o600); err != nil {
		b.Fatal(err)
	}
	cmd := exec.CommandContext(b.Context(), sshd, "-D", "-e", "-f", conf)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	})
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		nc, err := net.Dial("tcp", addr)
		if err == nil {
			_ = nc.Close()
			break
		}
		if time.Now().After(deadline) {
			b.Fatalf("sshd does not listen: %v", err)
		}
	}
	return rival{
		opts: clientOpts(filepath.Join(dir, "theirs"), addr, me.Username), addr: addr, home: home,
		conf: &ssh.ClientConfig{User: me.Username, Auth: []ssh.AuthMethod{ssh.PublicKeys(key)}, HostKeyAlgorithms: []string{ssh.KeyAlgoED25519}, HostKeyCallback: ssh.InsecureIgnoreHostKey()},
	}
}

// program finds one that is in no PATH of a usual user.
func program(b *testing.B, name string, places ...string) string {
	b.Helper()
	for _, path := range places {
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	b.Skipf("%s is not installed (Debian: apt-get install openssh-server)", name)
	return ""
}

func writeKey(b *testing.B, path string) ssh.Signer {
	b.Helper()
	private, key := newKeyPair(b)
	if err := os.WriteFile(path, private, 0o600); err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(path+".pub", ssh.MarshalAuthorizedKey(key.PublicKey()), 0o600); err != nil {
		b.Fatal(err)
	}
	return key
}

func clientOpts(key, addr, name string) []string {
	host, port, _ := net.SplitHostPort(addr)
	return []string{
		"-F", "none", "-q", "-i", key, "-o", "Port=" + port, "-o", "UserKnownHostsFile=/dev/null", "-o", "StrictHostKeyChecking=no",
		"-o", "IdentitiesOnly=yes", "-o", "IdentityAgent=none", "-o", "BatchMode=yes", "-b", "-", name + "@" + host,
	}
}

// sftp runs a batch with OpenSSH's client.
func (r rival) sftp(b *testing.B, dir, cipher, command string) {
	opts := r.opts
	if cipher != "" {
		opts = append([]string{"-c", cipher}, opts...)
	}
	cmd := exec.CommandContext(b.Context(), "sftp", opts...)
	cmd.Dir, cmd.Stdin = dir, strings.NewReader(command+"\n")
	if said, err := cmd.CombinedOutput(); err != nil {
		b.Errorf("sftp %q: %v\n%s", command, err, said)
	}
}

// A way is a direction of a transfer.
type way struct {
	name    string
	command func(i int) string
	result  func(r rival, dir string, i int) string // the file that comes of it
}

func ways() []way {
	return []way{
		{"up", func(i int) string { return fmt.Sprint("put big got", i) }, func(r rival, _ string, i int) string { return filepath.Join(r.home, fmt.Sprint("got", i)) }},
		{"down", func(i int) string { return fmt.Sprint("get big got", i) }, func(_ rival, dir string, i int) string { return filepath.Join(dir, fmt.Sprint("got", i)) }},
	}
}

// A figure is what one run took, and what this process has computed meanwhile.
type figure struct{ wall, cpu time.Duration }

func computed() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// move transfers a file as many times at once as there shall be.
func (r rival) move(b *testing.B, dir, cipher string, w way, at int, size int64) figure {
	for i := range at {
		_ = os.Remove(w.result(r, dir, i))
	}
	runtime.GC() // what other runs have left is not this one's
	cpu, from := computed(), time.Now()
	var wg sync.WaitGroup
	for i := range at {
		wg.Go(func() { r.sftp(b, dir, cipher, w.command(i)) })
	}
	wg.Wait()
	took := figure{time.Since(from), computed() - cpu}
	for i := range at {
		if fi, err := os.Stat(w.result(r, dir, i)); err != nil || fi.Size() != size {
			b.Errorf("what came over: %v, %v", fi, err)
		}
	}
	return took
}

// BenchmarkTransfer moves a GiB with OpenSSH's client, signing in included.
func BenchmarkTransfer(b *testing.B) {
	for _, cipher := range []string{"aes128-gcm@openssh.com", ""} {
		for _, w := range ways() {
			b.Run(cmp.Or(cipher, "default")+"/"+w.name, func(b *testing.B) { compare(b, cipher, w, 1, 1<<30) })
		}
	}
}

// BenchmarkFour moves four files at once.
func BenchmarkFour(b *testing.B) {
	for _, w := range ways() {
		b.Run(w.name, func(b *testing.B) { compare(b, "aes128-gcm@openssh.com", w, 4, 1<<28) })
	}
}

func compare(b *testing.B, cipher string, w way, at int, size int64) {
	if testing.Short() {
		size /= 4
	}
	ours, theirs := contest(b)
	dir := b.TempDir()
	big := filepath.Join(dir, "big")
	writeRandom(b, big, size)
	for _, r := range []rival{ours, theirs} {
		if err := os.Link(big, filepath.Join(r.home, "big")); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		var mine, other []figure
		for round := range 5 {
			run := []func(){
				func() { mine = append(mine, ours.move(b, dir, cipher, w, at, size)) },
				func() { other = append(other, theirs.move(b, dir, cipher, w, at, size)) },
			}
			run[round%2]()
			run[1-round%2]()
		}
		wall := func(f figure) time.Duration { return f.wall }
		cpu := func(f figure) time.Duration { return f.cpu }
		moved := float64(size) * float64(at) / 1e6
		b.ReportMetric(moved/median(mine, wall), "MB/s")
		b.ReportMetric(moved/median(other, wall), "OpenSSH-MB/s")
		b.ReportMetric(median(other, wall)/median(mine, wall), "x")
		b.ReportMetric(median(mine, cpu)/moved*1000, "cpu-s/GB")
	}
	b.ReportMetric(0, "ns/op")
}

// median returns the middle one, in seconds.
func median(of []figure, what func(figure) time.Duration) float64 {
	all := make([]time.Duration, len(of))
	for i, f := range of {
		all[i] = what(f)
	}
	slices.Sort(all)
	return all[len(all)/2].Seconds()
}

func writeRandom(b *testing.B, path string, size int64) {
	b.Helper()
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	_, err = io.CopyN(f, rand.NewChaCha8([32]byte{}), size)
	if err := cmp.Or(err, f.Close()); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkSignIn counts key sign-ins with an SFTP session each, a number of
// them at once, by the same client on both servers.
func BenchmarkSignIn(b *testing.B) {
	for _, at := range []int{1, 4, 16} {
		b.Run(fmt.Sprint(at), func(b *testing.B) {
			ours, theirs := contest(b)
			for b.Loop() {
				var mine, other []float64
				for range 3 {
					mine = append(mine, ours.signIns(b, at))
					other = append(other, theirs.signIns(b, at))
				}
				slices.Sort(mine)
				slices.Sort(other)
				b.ReportMetric(mine[1], "sign-ins/s")
				b.ReportMetric(other[1], "OpenSSH-sign-ins/s")
				b.ReportMetric(mine[1]/other[1], "x")
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

// signIns returns how many sign-ins a second there are.
func (r rival) signIns(b *testing.B, at int) float64 {
	conf := *r.conf
	conf.KeyExchanges = []string{ssh.KeyExchangeCurve25519}
	from := time.Now()
	var n atomic.Int64
	var wg sync.WaitGroup
	for range at {
		wg.Go(func() {
			for time.Since(from) < 2*time.Second && !b.Failed() {
				signInOnce(b, r.addr, &conf)
				n.Add(1)
			}
		})
	}
	wg.Wait()
	return float64(n.Load()) / time.Since(from).Seconds()
}

func signInOnce(b *testing.B, addr string, conf *ssh.ClientConfig) {
	conn, err := ssh.Dial("tcp", addr, conf)
	if err != nil {
		b.Error(err)
		return
	}
	defer func() { _ = conn.Close() }()
	c, err := sftp.NewClient(conn)
	if err != nil {
		b.Error(err)
		return
	}
	if _, err := c.Getwd(); err != nil {
		b.Error(err)
	}
	_ = c.Close()
}
