package sshkeys

import (
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// BenchmarkMake makes keys beside the real ssh-keygen, in turns, and reports
// how many times as long it takes as "ratio". Ours are read back and tried as
// well.
func BenchmarkMake(b *testing.B) {
	for _, bc := range []struct {
		kind Kind
		args []string
	}{
		{Ed25519, []string{"-t", "ed25519"}},
		{ECDSA256, []string{"-t", "ecdsa", "-b", "256"}},
		{RSA3072, []string{"-t", "rsa", "-b", "3072"}},
	} {
		for _, typed := range []string{"", passphrase} {
			name := string(bc.kind)
			if typed != "" {
				name += "-passphrase"
			}
			b.Run(name, func(b *testing.B) {
				folder, w := b.TempDir(), workshop()
				var ours, theirs time.Duration
				n := 0
				for b.Loop() {
					n++
					start := time.Now()
					if _, err := w.Make(b.Context(), Request{Kind: bc.kind, Folder: folder, Name: "o" + strconv.Itoa(n), Passphrase: text(typed)}); err != nil {
						b.Fatal(err)
					}
					ours += time.Since(start)
					start = time.Now()
					args := append(bc.args, "-q", "-N", typed, "-f", filepath.Join(folder, "t"+strconv.Itoa(n)))
					if err := exec.CommandContext(b.Context(), "ssh-keygen", args...).Run(); err != nil {
						b.Fatal(err)
					}
					theirs += time.Since(start)
				}
				b.ReportMetric(float64(ours)/float64(theirs), "ratio")
				b.ReportMetric(float64(ours.Milliseconds())/float64(n), "ours-ms")
			})
		}
	}
}

func BenchmarkList100(b *testing.B) {
	folder, w := b.TempDir(), workshop()
	for n := range 100 {
		if _, err := w.Make(b.Context(), Request{Folder: folder, Name: "k" + strconv.Itoa(n)}); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		if _, err := List(folder); err != nil {
			b.Fatal(err)
		}
	}
}
