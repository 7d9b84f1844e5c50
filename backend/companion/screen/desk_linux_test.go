package screen

import (
	"bufio"
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"go.uber.org/goleak"

	"latchkey/backend/companion/qr"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const setup = "otpauth://totp/ACME:ann?secret=JBSWY3DPEHPK3PXP&issuer=ACME"

// start runs a program that is killed when the test ends, or by end.
func start(t *testing.T, c *exec.Cmd) (end func()) {
	t.Helper()
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	end = sync.OnceFunc(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	})
	t.Cleanup(end)
	return end
}

// needs skips a test where a program is missing, which build/setup.sh installs.
func needs(t *testing.T, programs ...string) {
	t.Helper()
	for _, p := range programs {
		if _, err := exec.LookPath(p); err != nil {
			t.Skipf("%s is not installed", p)
		}
	}
}

// startX runs an X server with a screen of that size, such as "1200x600x24",
// and returns its address.
func startX(t *testing.T, size string) string {
	t.Helper()
	needs(t, "Xvfb")
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	c := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", size, "-nolisten", "tcp", "-noreset")
	c.ExtraFiles = []*os.File{w}
	start(t, c)
	_ = w.Close()
	number, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return ":" + strings.TrimSpace(number)
}

// code writes a picture of setup's QR code, four pixels a module, and returns
// its name.
func code(t *testing.T, folder string) string {
	t.Helper()
	drawing, err := qr.Draw(setup)
	if err != nil {
		t.Fatal(err)
	}
	const each = 4
	img := image.NewGray(image.Rect(0, 0, drawing.Side()*each, drawing.Side()*each))
	for y := range img.Rect.Dy() {
		for x := range img.Rect.Dx() {
			if !drawing.Dark(x/each, y/each) {
				img.SetGray(x, y, color.Gray{Y: 255})
			}
		}
	}
	name := filepath.Join(folder, "code.png")
	f, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, img); err != nil {
		t.Fatal(err)
	}
	return name
}

// texts returns what the QR codes in a picture say.
func texts(t *testing.T, p Picture) (all []string) {
	t.Helper()
	codes, _ := qr.Read(t.Context(), p)
	for _, c := range codes {
		all = append(all, c.Text.Reveal())
	}
	return all
}
