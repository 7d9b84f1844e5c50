package app

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"latchkey/backend/companion/qr"
)

const (
	setupText  = "otpauth://totp/GitHub:ann?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=GitHub"
	setupOther = "otpauth://totp/GitHub:ann?secret=JBSWY3DPEHPK3PXP&issuer=GitHub"
)

func drawn(t testing.TB, text string) []byte {
	t.Helper()
	d, err := qr.Draw(text)
	if err != nil {
		t.Fatal(err)
	}
	picture, err := d.PNG(400)
	if err != nil {
		t.Fatal(err)
	}
	return picture
}

func base64Of(content []byte) string { return base64.StdEncoding.EncodeToString(content) }

// newIntake returns the surface of a desk whose vault is open.
func newIntake(t testing.TB) (*testDesk, *Intake) {
	t.Helper()
	d := newTestDesk(t)
	d.makeVault(t)
	return d, &Intake{d.desk}
}

// checkIntake compares what was understood: what was found with its state, and
// the codes of what was not.
func checkIntake(t testing.TB, what string, s IntakeState, err error, want ...string) {
	t.Helper()
	if err != nil {
		t.Errorf("%s: %v", what, err)
		return
	}
	var got []string
	for _, f := range s.Found {
		got = append(got, f.Issuer+" "+f.Account+" "+f.State)
	}
	for _, m := range s.Missed {
		got = append(got, m.Problem.Code)
	}
	for _, w := range s.Waiting {
		got = append(got, "waits "+w.Name)
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s: %q; want %q", what, got, want)
	}
	text, err := json.Marshal(s)
	if err != nil || strings.Contains(string(text), `":null,"missed"`) {
		t.Errorf("%s: %s, %v", what, text, err)
	}
	for _, secret := range []string{"GEZDGNBV", "JBSWY3DP"} {
		if strings.Contains(string(text), secret) {
			t.Errorf("%s: the page would learn %s", what, secret)
		}
	}
}

// Every way in leads to one list, and what is kept is in the book.
func TestIntake(t *testing.T) {
	d, in := newIntake(t)
	picture := filepath.Join(t.TempDir(), "shot.txt")
	if err := os.WriteFile(picture, drawn(t, setupText), 0o600); err != nil {
		t.Fatal(err)
	}
	d.screen.answer = picture
	s, err := in.PickFiles()
	checkIntake(t, "a file", s, err, "GitHub ann new")
	s, err = in.Picture(IntakeFile{Name: "the same.png", Data: base64Of(drawn(t, setupText))})
	checkIntake(t, "the same once more", s, err, "GitHub ann new")
	s, err = in.Text(setupOther)
	checkIntake(t, "a text", s, err, "GitHub ann new", "GitHub ann new")
	_, err = in.Type(IntakeTyped{Issuer: "NAS", Secret: "JBSWY3DPEHPK3PXQ", Digits: "99"})
	if p := asProblem(err); p == nil || p.Field != "digits" {
		t.Errorf("%+v", p)
	}
	_, err = in.Type(IntakeTyped{Secret: "JBSWY3DPEHPK3PXQ"})
	checkProblem(t, "no name", err, "otp_name_missing")
	s, err = in.Type(IntakeTyped{Issuer: "NAS", Secret: "JBSWY3DPEHPK3PXQ"})
	checkIntake(t, "typed", s, err, "GitHub ann new", "GitHub ann new", "NAS  new")

	_, err = in.Keep(nil)
	checkProblem(t, "nothing", err, "intake_nothing_chosen")
	_, err = in.Keep([]IntakeChoice{{ID: s.Found[0].ID, Issuer: "GitHub"}, {ID: s.Found[2].ID}})
	checkProblem(t, "one without a name", err, "otp_name_missing")
	if list, err := d.companion.Codes.List(t.Context()); len(list) != 0 || err != nil {
		t.Errorf("a part was stored: %v, %v", list, err)
	}
	ids, err := in.Keep([]IntakeChoice{{ID: s.Found[0].ID, Issuer: "GitHub", Account: "ann"}})
	if err != nil || len(ids) != 1 {
		t.Fatalf("%v, %v", ids, err)
	}
	s, err = in.State()
	checkIntake(t, "afterwards", s, err)

	s, err = in.Text(setupText + "\n" + setupOther)
	checkIntake(t, "what is there, and what has its name", s, err, "GitHub ann known", "GitHub ann namesake")
	if s.Found[1].Existing != ids[0] || s.Found[1].ExistingAt == 0 {
		t.Errorf("%+v", s.Found[1])
	}
	_, err = in.Keep([]IntakeChoice{{ID: s.Found[0].ID, Issuer: "GitHub", Replaces: ids[0]}})
	checkProblem(t, "one that replaces itself", err, "intake_changed")
	if _, err = in.Keep([]IntakeChoice{{ID: s.Found[1].ID, Issuer: "GitHub", Account: "ann", Replaces: ids[0]}}); err != nil {
		t.Error(err)
	}
	if trash, err := d.companion.Codes.Trash(t.Context()); len(trash) != 1 || err != nil {
		t.Errorf("in the trash: %v, %v", trash, err)
	}
}

// Whatever a page sends, or a person drops, is refused within bounds, and
// nothing of it is lost or shown that should not be.
func TestIntakeUnderAttack(t *testing.T) {
	d, in := newIntake(t)
	folder := t.TempDir()
	pipe := filepath.Join(folder, "pipe.png")
	if err := exec.CommandContext(t.Context(), "mkfifo", pipe).Run(); err != nil {
		t.Fatal(err)
	}
	odd := filepath.Join(folder, "in\u202egnp\x1b[2J\nvoice.txt")
	if err := os.WriteFile(odd, []byte("otpauth://totp/Ba%E2%80%AEnk%1B[2J:eve?secret=MFRGGZDFMZTWQ2LL"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := in.d.takeFiles(t.Context(), []string{folder, pipe, "/dev/zero", "/dev/stdin", filepath.Join(folder, "none"), odd}); err != nil {
		t.Fatal(err)
	}
	s, err := in.State()
	checkIntake(t, "devices", s, err, "Bank[2J eve new",
		"intake_not_a_file", "intake_not_a_file", "intake_not_a_file", "intake_not_a_file", "intake_file_missing")
	if got := s.Found[0].From.Name; got != "ingnp[2Jvoice.txt" || !s.Found[0].Cleaned {
		t.Errorf("%q, cleaned: %v", got, s.Found[0].Cleaned)
	}
	if err := in.Clear(); err != nil {
		t.Fatal(err)
	}
	checkProblem(t, "many files", in.d.takeFiles(t.Context(), make([]string, 201)), "intake_too_many_files")

	_, err = in.Picture(IntakeFile{Name: "x", Data: "no base64!"})
	checkProblem(t, "no base64", err, "intake_unreadable")
	s, err = in.Picture(IntakeFile{Name: "large", Data: strings.Repeat("A", base64.StdEncoding.EncodedLen(qr.MostBytes)+4)})
	checkIntake(t, "huge base64", s, err, "qr_image_file_large")
	s, err = in.Picture(IntakeFile{Name: "bomb.png", Data: base64Of(bomb(30_000, 3_000))})
	checkIntake(t, "a bomb", s, err, "qr_image_file_large", "qr_image_damaged")
	s, err = in.Text(strings.Repeat("x", 11<<20) + "\n")
	checkIntake(t, "a long text", s, err, "qr_image_file_large", "qr_image_damaged", "otp_not_text")
	if err := in.Clear(); err != nil {
		t.Fatal(err)
	}

	var many strings.Builder
	for n := range 10_000 {
		fmt.Fprintf(&many, "otpauth://totp/Site:%d?secret=GEZDGNBVGY3TQOJQ%s\n", n, string("ABCDEFGHIJ"[n%10]))
	}
	s, err = in.Text(many.String())
	if err != nil || len(s.Found) != 5000 || len(s.Missed) != 1 || s.Missed[0].Problem.Code != "otp_too_many" {
		t.Errorf("10,000 lines: %d found, %d missed, %v", len(s.Found), len(s.Missed), err)
	}
	_, err = in.Text(setupText)
	checkProblem(t, "one more", err, "intake_full")

	_, err = in.Show("no such")
	checkProblem(t, "a picture that is not there", err, "intake_gone")
	_, err = in.Password(IntakePassword{ID: "1", Password: "x"})
	checkProblem(t, "what waits for no password", err, "intake_gone")
	_, err = in.Keep([]IntakeChoice{{ID: "9.9.9", Issuer: "x"}})
	checkProblem(t, "what was not found", err, "intake_gone")
	_, err = in.Crop(IntakeCrop{ID: "1"})
	checkProblem(t, "what is no picture", err, "intake_gone")
	if list, err := d.companion.Codes.List(t.Context()); len(list) != 0 || err != nil {
		t.Errorf("something was stored: %v, %v", list, err)
	}
}

// bomb is a PNG that says it is large and has next to nothing in it.
func bomb(w, h uint32) []byte {
	var out bytes.Buffer
	out.WriteString("\x89PNG\r\n\x1a\n")
	chunk := func(kind string, data []byte) {
		_ = binary.Write(&out, binary.BigEndian, uint32(len(data)))
		body := append([]byte(kind), data...)
		out.Write(body)
		_ = binary.Write(&out, binary.BigEndian, crc32.ChecksumIEEE(body))
	}
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h)
	chunk("IHDR", append(head, 8, 2, 0, 0, 0))
	chunk("IDAT", []byte("x\x9c\x03\x00\x00\x00\x00\x01"))
	chunk("IEND", nil)
	return out.Bytes()
}

// Locking lets go of everything, and a locked desk takes nothing.
func TestLockingEndsTheIntake(t *testing.T) {
	d, in := newIntake(t)
	if _, err := in.Text(setupText); err != nil {
		t.Fatal(err)
	}
	if err := (&Vault{d.desk}).Lock(); err != nil {
		t.Fatal(err)
	}
	if got := len(d.desk.intake.Reading().Found); got != 0 {
		t.Errorf("%d codes outlive the lock", got)
	}
	for name, call := range map[string]func() error{
		"Text":    func() error { _, err := in.Text(setupText); return err },
		"Picture": func() error { _, err := in.Picture(IntakeFile{Data: base64Of(drawn(t, setupText))}); return err },
		"Type":    func() error { _, err := in.Type(IntakeTyped{Issuer: "x", Secret: "JBSWY3DPEHPK3PXP"}); return err },
		"State":   func() error { _, err := in.State(); return err },
		"Keep":    func() error { _, err := in.Keep([]IntakeChoice{{ID: "1.1.1"}}); return err },
	} {
		checkProblem(t, name, call(), "vault_locked")
	}
	d.droppedCodes([]string{"/dev/zero"})
	if d.screen.last(eventIntake) != nil || len(d.desk.intake.Reading().Missed) != 0 {
		t.Error("a locked desk takes what is dropped")
	}
}

// What is dropped goes to the screen that is in view.
func TestDroppedByScreen(t *testing.T) {
	d, _ := newIntake(t)
	file := filepath.Join(t.TempDir(), "codes.png")
	if err := os.WriteFile(file, drawn(t, setupText), 0o600); err != nil {
		t.Fatal(err)
	}
	d.dropped([]string{file})
	if got, ok := d.screen.last(eventDropped).(Dropped); !ok || got.Problem == nil {
		t.Errorf("the keys were told %+v", got)
	}
	if err := (&Shell{d.desk}).SaveView("codes"); err != nil {
		t.Fatal(err)
	}
	d.dropped([]string{file})
	until(t, "the page is told", func() bool { return d.screen.last(eventIntake) != nil })
	news, _ := d.screen.last(eventIntake).(IntakeNews)
	checkIntake(t, "dropped", news.State, nil, "GitHub ann new")
}

// A picture that says nothing is shown small, and one that holds a secret never.
func TestShownPictures(t *testing.T) {
	_, in := newIntake(t)
	s, err := in.Picture(IntakeFile{Name: "web.png", Data: base64Of(drawn(t, "https://example.com"))})
	checkIntake(t, "a link", s, err, "otp_not_web_link")
	url, err := in.Show(s.Missed[0].From.Piece)
	if err != nil || !strings.HasPrefix(url, "data:image/jpeg;base64,") || len(url) > mostURL {
		t.Errorf("%d bytes, %v", len(url), err)
	}
	_, err = in.Crop(IntakeCrop{ID: s.Missed[0].From.Piece, Right: 1, Bottom: 1})
	checkProblem(t, "all of it", err, "otp_not_web_link")
	s, err = in.Remove(s.Missed[0].From.Piece)
	checkIntake(t, "removed", s, err)
	s, err = in.Picture(IntakeFile{Name: "a.png", Data: base64Of(drawn(t, setupText))})
	checkIntake(t, "a setup", s, err, "GitHub ann new")
	_, err = in.Show(s.Found[0].From.Piece)
	checkProblem(t, "a setup is shown", err, "intake_gone")
}

// An account is offered where the names of a code speak for it.
func TestLinksAreOffered(t *testing.T) {
	d, in := newIntake(t)
	remote := d.withRemote(t)
	for text, want := range map[string]string{
		"otpauth://totp/nas:ann?secret=GEZDGNBVGY3TQOJA&issuer=nas":         "exact",
		"otpauth://totp/NAS:bob?secret=GEZDGNBVGY3TQOJB&issuer=NAS":         "alike",
		"otpauth://totp/AList:ann?secret=GEZDGNBVGY3TQOJC&issuer=AList":     "alike",
		"otpauth://totp/GitHub:ann?secret=GEZDGNBVGY3TQOJD&issuer=GitHub":   "",
		"otpauth://totp/?secret=GEZDGNBVGY3TQOJE":                           "",
		"otpauth://totp/127.0.0.1:ann?secret=GEZDGNBVGY3TQOJF&issuer=other": "",
	} {
		s, err := in.Text(text)
		if err != nil || len(s.Found) != 1 {
			t.Fatalf("%s: %+v, %v", text, s, err)
		}
		got := ""
		if l := s.Found[0].Link; l != nil {
			got = map[bool]string{true: "exact", false: "alike"}[l.Exact]
			if l.Server != remote.ID || l.Username != testUser {
				t.Errorf("%s: %+v", text, l)
			}
		}
		if got != want {
			t.Errorf("%s: %q; want %q", text, got, want)
		}
		if err := in.Clear(); err != nil {
			t.Fatal(err)
		}
	}
}
