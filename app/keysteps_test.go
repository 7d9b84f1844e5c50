package app

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// withSSHAgent runs the real ssh-agent until the test ends.
func withSSHAgent(t *testing.T) {
	t.Helper()
	socket := filepath.Join(t.TempDir(), "s")
	cmd := exec.CommandContext(t.Context(), "ssh-agent", "-D", "-a", socket)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	until(t, "the agent listens", func() bool {
		conn, err := net.Dial("unix", socket)
		return err == nil && conn.Close() == nil
	})
	t.Setenv("SSH_AUTH_SOCK", socket)
}

// TestSteps goes from no key to one that opens SFTP by a short name, with the
// real agent, the real ssh and our own server, and takes every step back.
func TestSteps(t *testing.T) {
	ssh := atHome(t)
	withSSHAgent(t)
	d := newTestDesk(t)
	s := d.withOwn(t)
	screen := &Keys{d: d.desk}
	const passphrase = "river boat lantern"
	made, err := screen.Make(NewKey{Kind: "ed25519", Name: "id_first", Comment: "ann@desk", Passphrase: passphrase})
	if err != nil {
		t.Fatal(err)
	}
	checkProblem(t, "Upload", screen.Upload(Upload{ID: s.ID, Title: "desk", Line: made.Line}), "")
	ref := KeyRef{ID: s.ID, Key: made.Path}

	_, err = screen.Test(KeyOpening{ID: s.ID, Key: made.Path})
	checkProblem(t, "Test without the passphrase", err, "ssh_passphrase_needed")
	_, err = screen.Test(KeyOpening{ID: s.ID, Key: made.Path, Passphrase: passphrase})
	checkProblem(t, "Test before the host is trusted", err, "ssh_host_unknown")

	checkAgent(t, screen, made.Path, agentAbsent)
	checkProblem(t, "AddToAgent", screen.AddToAgent(KeyOpening{Key: made.Path, Passphrase: "wrong"}), "ssh_passphrase_wrong")
	checkProblem(t, "AddToAgent", screen.AddToAgent(KeyOpening{Key: made.Path, Passphrase: passphrase}), "")
	checkAgent(t, screen, made.Path, agentLoaded)

	host, err := screen.HostKey(s.ID)
	if err != nil || host.State != hostUnseen || !host.Compared || !strings.HasPrefix(host.Shown.Art, "+--") {
		t.Fatalf("HostKey: %+v, %v; want an unseen one that is our own server's", host, err)
	}
	trust := HostTrust{ID: s.ID, Fingerprint: host.Shown.Fingerprint}
	checkProblem(t, "TrustHost of another key", screen.TrustHost(HostTrust{ID: s.ID, Fingerprint: "SHA256:other"}), "ssh_host_changed")
	if _, err := os.Stat(filepath.Join(ssh, "known_hosts")); err == nil {
		t.Error("a key that was not accepted was written down")
	}
	checkProblem(t, "TrustHost", screen.TrustHost(trust), "")
	if host, err = screen.HostKey(s.ID); err != nil || host.State != hostTrusted {
		t.Errorf("HostKey: %+v, %v; want it trusted", host, err)
	}

	entry, err := screen.PlanEntry(ref)
	if err != nil || entry.Alias != "latchkey" || entry.Written || !strings.Contains(entry.Diff, "+     IdentityFile \""+made.Path+"\"") {
		t.Fatalf("PlanEntry: %+v, %v", entry, err)
	}
	checkProblem(t, "WriteEntry of something else", screen.WriteEntry(HostEntryRef{ID: s.ID, Key: made.Path, Diff: "+ x"}), "ssh_config_changed")
	checkProblem(t, "WriteEntry", screen.WriteEntry(HostEntryRef{ID: s.ID, Key: made.Path, Diff: entry.Diff}), "")
	if entry, err = screen.PlanEntry(ref); err != nil || !entry.Written || entry.Diff != "" {
		t.Errorf("PlanEntry: %+v, %v; want it written", entry, err)
	}

	got, err := screen.Test(KeyOpening{ID: s.ID, Key: made.Path}) // the agent opens it
	if err != nil || !got.Writable || got.Folder != "/" || got.Cipher == "" || got.Exchange == "" || got.Username != testUser {
		t.Fatalf("Test: %+v, %v; want it to write to /", got, err)
	}
	out, err := exec.CommandContext(t.Context(), "ssh-keygen", "-F", "["+strings.Replace(host.Address, ":", "]:", 1), "-f", filepath.Join(ssh, "known_hosts")).Output()
	if err != nil || !strings.Contains(string(out), "ssh-") {
		t.Errorf("ssh-keygen finds %s, %v", out, err)
	}

	checkProblem(t, "RemoveEntry", screen.RemoveEntry(entry.Alias), "")
	if text := readText(t, entry.Path); text != "" {
		t.Errorf("the config is %q; want it empty as before", text)
	}
	checkProblem(t, "DistrustHost", screen.DistrustHost(trust), "")
	if host, err = screen.HostKey(s.ID); err != nil || host.State != hostUnseen {
		t.Errorf("HostKey: %+v, %v; want it unseen again", host, err)
	}
	for range 2 {
		checkProblem(t, "RemoveFromAgent", screen.RemoveFromAgent(made.Fingerprint), "")
	}
	checkAgent(t, screen, made.Path, agentAbsent)
}

func checkAgent(t *testing.T, screen *Keys, path, want string) {
	t.Helper()
	if got, err := screen.AgentState(path); err != nil || got.State != want {
		t.Errorf("AgentState: %+v, %v; want %s", got, err, want)
	}
}

func TestStepsWithoutAgent(t *testing.T) {
	atHome(t)
	d := newTestDesk(t)
	key := keygen(t, "-t", "ed25519")
	screen := &Keys{d: d.desk}
	checkAgent(t, screen, key, agentNone)
	checkProblem(t, "AddToAgent", screen.AddToAgent(KeyOpening{Key: key}), "ssh_agent_none")
	t.Setenv("SSH_AUTH_SOCK", filepath.Join(t.TempDir(), "gone"))
	if got, err := screen.AgentState(key); err != nil || got.Problem == nil || got.Problem.Code != "ssh_agent_gone" {
		t.Errorf("AgentState: %+v, %v; want to hear that the agent is gone", got, err)
	}
}

// A host that shows another key than before is blocked, and replaced only by
// that word. Nothing of the person's is sent: the server here would see it.
func TestHostThatChanged(t *testing.T) {
	ssh := atHome(t)
	d := newTestDesk(t)
	d.withOwn(t)
	nas := d.withRemote(t)
	screen := &Keys{d: d.desk}
	host, err := screen.HostKey(nas.ID)
	if err != nil || host.Compared || host.State != hostUnseen {
		t.Fatalf("HostKey: %+v, %v; want one to compare", host, err)
	}
	other := strings.Fields(readText(t, keygen(t, "-t", "ed25519")+".pub"))
	known := filepath.Join(ssh, "known_hosts")
	line := "[" + strings.Replace(host.Address, ":", "]:", 1) + " " + other[0] + " " + other[1] + "\n"
	if err := os.MkdirAll(ssh, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(known, []byte(line), 0o600); err != nil {
		t.Fatal(err)
	}
	host, err = screen.HostKey(nas.ID)
	if err != nil || host.State != hostChanged || len(host.Known) != 1 || host.Known[0].Fingerprint == host.Shown.Fingerprint {
		t.Fatalf("HostKey: %+v, %v; want old and new", host, err)
	}
	_, err = screen.Test(KeyOpening{ID: nas.ID, Key: keygen(t, "-t", "ed25519")})
	checkProblem(t, "Test", err, "ssh_host_changed")
	trust := HostTrust{ID: nas.ID, Fingerprint: host.Shown.Fingerprint}
	checkProblem(t, "TrustHost", screen.TrustHost(trust), "ssh_host_changed")
	if readText(t, known) != line {
		t.Error("a refused key was written down")
	}
	trust.Replace = true
	checkProblem(t, "TrustHost that replaces", screen.TrustHost(trust), "")
	_, err = screen.Test(KeyOpening{ID: nas.ID, Key: keygen(t, "-t", "ed25519")})
	checkProblem(t, "Test with a key that is not there", err, "ssh_key_refused_there")
}

// Where another program answers at the port of the own server, nothing helps.
func TestStrangerInOwnPlace(t *testing.T) {
	atHome(t)
	d := newTestDesk(t)
	s := d.withOwn(t)
	d.own.stop()
	at, stop := startServer(t, newDataFolder(t))
	t.Cleanup(stop)
	_, port, err := net.SplitHostPort(at.SFTP)
	if err != nil {
		t.Fatal(err)
	}
	writeSettings(t, d.data, "http = \"127.0.0.1:0\"\nsftp = \"127.0.0.1:"+port+"\"\n")
	screen := &Keys{d: d.desk}
	host, err := screen.HostKey(s.ID)
	checkProblem(t, "HostKey", err, "ssh_host_stranger")
	checkProblem(t, "TrustHost", screen.TrustHost(HostTrust{ID: s.ID, Fingerprint: host.Shown.Fingerprint, Replace: true}), "ssh_host_stranger")
}

// What a server tells over TLS of its host keys, nobody has to compare.
func TestHostKeyToldOverTLS(t *testing.T) {
	atHome(t)
	d := newTestDesk(t)
	d.makeVault(t)
	at, stop := startServer(t, newDataFolder(t), "lan", "true", "http", ":0", "sftp", "127.0.0.1:0")
	t.Cleanup(stop)
	found, err := d.serversScreen().Find(at.HTTP)
	if err != nil || found.Certificate == nil {
		t.Fatalf("Find: %+v, %v", found, err)
	}
	s, err := d.serversScreen().Add(NewServer{Address: found.Address, Name: "nas", Fingerprint: found.Certificate.Fingerprint, Username: testUser})
	if err != nil {
		t.Fatal(err)
	}
	host, err := (&Keys{d: d.desk}).HostKey(s.ID)
	if err != nil || !host.Compared || host.State != hostUnseen {
		t.Errorf("HostKey: %+v, %v; want one that the server has told", host, err)
	}
}
