package sftpserver

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// rclone runs rclone with the server as the remote "ann:".
func (o *outsider) rclone(args ...string) string {
	o.t.Helper()
	host, port, _ := strings.Cut(o.r.addr, ":")
	conf := o.file("rclone.conf", fmt.Sprintf("[ann]\ntype = sftp\nhost = %s\nport = %s\nuser = ann\nkey_file = %s\nknown_hosts_file = %s\n",
		host, port, filepath.Join(o.dir, "id"), filepath.Join(o.dir, "known_hosts")))
	said, err := o.run("", "rclone", append([]string{"--config", conf, "--retries", "1", "--low-level-retries", "1"}, args...)...)
	if err != nil {
		o.t.Errorf("rclone %q: %v\n%s", args, err, said)
	}
	return said
}

func TestRclone(t *testing.T) {
	if _, err := exec.LookPath("rclone"); err != nil {
		t.Skip("rclone is not installed (Debian: apt-get install rclone)")
	}
	r := start(t, newWorld(), Limits{})
	o := r.outsider(t, "ann")
	big := strings.Repeat("0123456789abcdef", 1<<18) // 4 MiB
	o.file("src/big", big)
	o.file("src/sub/日本 f", "hello")
	o.file("src/empty", "")
	when := time.Unix(1_000_000_000, 0)
	if err := os.Chtimes(filepath.Join(o.dir, "src/empty"), when, when); err != nil {
		t.Fatal(err)
	}
	o.rclone("copy", "src", "ann:dst")
	o.rclone("check", "--download", "src", "ann:dst")
	if fi, err := os.Stat(r.home("ann", "dst", "empty")); err != nil || !fi.ModTime().Equal(when) {
		t.Errorf("the time that came over is %v, %v", fi.ModTime(), err)
	}
	o.file("src/big", big[1:])
	o.rclone("sync", "src", "ann:dst")
	o.rclone("copy", "ann:dst", "back")
	if got := o.local("back/big"); got != big[1:] || o.local("back/sub/日本 f") != "hello" {
		t.Errorf("%d bytes came back", len(got))
	}
	o.rclone("moveto", "ann:dst/big", "ann:moved/large")
	o.rclone("mkdir", "ann:made")
	o.rclone("rmdir", "ann:made")
	o.rclone("deletefile", "ann:dst/empty")
	// It lists several folders at once, so in no order.
	listed := slices.Sorted(strings.SplitSeq(strings.TrimSpace(o.rclone("lsf", "-R", "ann:")), "\n"))
	if want := []string{"dst/", "dst/sub/", "dst/sub/日本 f", "moved/", "moved/large"}; !slices.Equal(listed, want) {
		t.Errorf("lsf says %q", listed)
	}
	if said := o.rclone("about", "ann:"); !strings.Contains(said, "Free") {
		t.Errorf("about says %q", said)
	}
	o.rclone("purge", "ann:dst")
	o.rclone("touch", "ann:touched")
	if got := tree(t, r.home("ann")); len(got) != 4 || got["moved/large"] != big[1:] {
		t.Errorf("at the end there is %.200v", got)
	}
}
