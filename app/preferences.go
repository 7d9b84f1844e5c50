package app

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"latchkey/backend/companion"
	"latchkey/backend/identity"
)

// Preferences are what a person sets about the window.
type Preferences struct {
	Language          string `json:"language"` // "en" or "zh-CN"; empty: the system's
	Theme             string `json:"theme"`    // "light" or "dark"; empty: the system's
	ClipboardSeconds  int    `json:"clipboardSeconds"`
	StartWithComputer bool   `json:"startWithComputer"`
	Closing           string `json:"closing"`     // what the own server does when the window closes: "ask", "keep" or "stop"
	NextCode          bool   `json:"nextCode"`    // show the next code shortly before its time
	HideCodes         bool   `json:"hideCodes"`   // show codes only when asked
	LockMinutes       int    `json:"lockMinutes"` // without anybody doing something, until the vault locks; 0: it does not
	KeyMonths         int    `json:"keyMonths"`   // how long an SSH key is in use until it is called old: 6, 12 or 24; 0: it never is

	// The server by whose clock codes are made, and by how many seconds that was
	// ahead when the person chose it. Codes.SetClock sets both. Empty: by this
	// computer's clock.
	ClockServer string  `json:"clockServer"`
	ClockAhead  float64 `json:"clockAhead"`
}

// A memory is what the window remembers between two runs.
type memory struct {
	Preferences Preferences `json:"preferences"`
	View        string      `json:"view,omitempty"`
	Width       int         `json:"width,omitempty"`
	Height      int         `json:"height,omitempty"`
	Maximised   bool        `json:"maximised,omitempty"`
}

const (
	maxClipboardSeconds = 3600
	maxLockMinutes      = 24 * 60
	maxClockAhead       = 24 * 60 * 60 // seconds
	maxView             = 64
	maxServerID         = 64
	smallestWidth       = 640
	smallestHeight      = 480
	largestSide         = 16384
)

var errFolder = identity.NewError(identity.Unavailable, "data_folder_unwritable",
	"Latchkey cannot write to its data folder. Check its owner and its rights, and that the disk is not full.")

var errPreferences = identity.NewError(identity.Invalid, "preferences_invalid", "Those settings cannot be kept. Choose among the ones that are offered.")

func firstMemory() memory {
	return memory{Preferences: Preferences{ClipboardSeconds: 30, Closing: "ask", NextCode: true, LockMinutes: 15, KeyMonths: 12}, Width: 1100, Height: 760}
}

func (p Preferences) check() error {
	if !slices.Contains([]string{"", "en", "zh-CN"}, p.Language) || !slices.Contains([]string{"", "light", "dark"}, p.Theme) ||
		!slices.Contains([]string{"ask", "keep", "stop"}, p.Closing) || p.ClipboardSeconds < 0 || p.ClipboardSeconds > maxClipboardSeconds ||
		!slices.Contains([]int{0, 6, 12, 24}, p.KeyMonths) ||
		p.LockMinutes < 0 || p.LockMinutes > maxLockMinutes || len(p.ClockServer) > maxServerID || math.Abs(p.ClockAhead) > maxClockAhead {
		return errPreferences
	}
	return nil
}

// sane returns m with the first values in the place of those that make no sense.
func (m memory) sane() memory {
	first := firstMemory()
	if m.Preferences.check() != nil {
		m.Preferences = first.Preferences
	}
	if m.Width < smallestWidth || m.Width > largestSide || m.Height < smallestHeight || m.Height > largestSide {
		m.Width, m.Height = first.Width, first.Height
	}
	if len(m.View) > maxView {
		m.View = ""
	}
	return m
}

// A notebook keeps the memory in a file. What cannot be read counts as not
// there: nothing in it is worth stopping for.
type notebook struct {
	path string
	mu   sync.Mutex
	now  memory
}

func openNotebook(data string) *notebook {
	n := &notebook{path: filepath.Join(data, "window.json"), now: firstMemory()}
	if text, err := os.ReadFile(n.path); err == nil {
		read := firstMemory()
		if json.Unmarshal(text, &read) == nil {
			n.now = read.sane()
		}
	}
	return n
}

func (n *notebook) read() memory {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.now
}

// write changes the memory, and the file if that changed anything.
func (n *notebook) write(change func(*memory)) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	next := n.now
	change(&next)
	if next == n.now {
		return nil
	}
	n.now = next
	text, err := json.MarshalIndent(next, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(n.path), 0o700); err != nil {
		return errFolder.Because(err)
	}
	return companion.ReplaceFile(n.path, append(text, '\n'))
}
