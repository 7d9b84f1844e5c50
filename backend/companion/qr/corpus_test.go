//go:build e2e

package qr

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
)

// TestCorpus draws pictures with qrencode and ImageMagick, has them read by
// Latchkey, zbar and ZXing (its port to C++), and prints who read what. Latchkey
// has to read all that one of the others reads.
func TestCorpus(t *testing.T) {
	needs(t, "qrencode", "convert", "zbarimg", "ZXingReader")
	folder := t.TempDir()
	codes := drawCodes(t, folder)
	results := make([]result, len(corpus))
	var wait sync.WaitGroup
	turns := make(chan struct{}, runtime.GOMAXPROCS(0))
	for i, p := range corpus {
		wait.Go(func() {
			turns <- struct{}{}
			defer func() { <-turns }()
			results[i] = p.compare(t, folder, codes)
		})
	}
	wait.Wait()
	var table strings.Builder
	fmt.Fprintf(&table, "%-28s %8s %8s %8s\n", "read of", "Latchkey", "zbar", "ZXing")
	var sum [3]int
	all := 0
	for i, p := range corpus {
		r := results[i]
		fmt.Fprintf(&table, "%-28s", p.name)
		for n, got := range r.read {
			fmt.Fprintf(&table, " %5d/%d ", len(got), len(r.want))
			sum[n] += len(got)
		}
		all += len(r.want)
		table.WriteString("\n")
		for n, who := range []string{"zbar", "ZXing"} {
			for _, text := range r.read[n+1] {
				if !slices.Contains(r.read[0], text) {
					t.Errorf("%s: %s reads %.40q, Latchkey does not: %v", p.name, who, text, r.err)
				}
			}
		}
		if len(r.extra) > 0 {
			t.Errorf("%s: Latchkey reads what is not there: %q", p.name, r.extra)
		}
	}
	fmt.Fprintf(&table, "%-28s %8d %8d %8d   of %d", "together", sum[0], sum[1], sum[2], all)
	t.Log("\n" + table.String())
}

// A result is what was read of a picture by Latchkey, zbar and ZXing.
type result struct {
	want  []string
	read  [3][]string
	extra []string
	err   error
}

func (p picture) compare(t *testing.T, folder string, codes map[string]drawn) (r result) {
	path, want := p.draw(t, folder, codes)
	r.want = want
	data, err := os.ReadFile(path)
	if err != nil {
		t.Error(err)
		return r
	}
	var latchkey []string
	found, err := Decode(t.Context(), bytes.NewReader(data))
	r.err = err
	for _, c := range found.Codes {
		latchkey = append(latchkey, c.Text.Reveal())
	}
	for _, text := range latchkey {
		if !slices.Contains(want, text) {
			r.extra = append(r.extra, text)
		}
	}
	for n, read := range [][]string{latchkey, byZbar(t.Context(), path), byZXing(t.Context(), path)} {
		for _, text := range want {
			if slices.Contains(read, text) {
				r.read[n] = append(r.read[n], text)
			}
		}
	}
	return r
}

func byZXing(ctx context.Context, path string) (texts []string) {
	// It reads no kind but PNG, JPEG and BMP.
	if ext := filepath.Ext(path); ext == ".webp" || ext == ".gif" {
		png := path + ".png"
		if err := exec.CommandContext(ctx, "convert", path+"[0]", png).Run(); err != nil {
			return nil
		}
		path = png
	}
	out, _ := exec.CommandContext(ctx, "ZXingReader", "-format", "QRCode", path).Output()
	for line := range strings.Lines(string(out)) {
		if text, ok := strings.CutPrefix(strings.TrimSpace(line), `Text:       "`); ok {
			texts = append(texts, strings.TrimSuffix(text, `"`))
		}
	}
	return texts
}
