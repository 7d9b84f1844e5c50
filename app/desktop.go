package app

import "context"

// A desktop is what the desk needs of the window and of the system around it.
// Wails provides it; tests bring their own.
type desktop interface {
	// Emit tells the page something.
	Emit(event string, data any)
	Show()
	Hide()
	Quit()

	// The dialogs return "" if the person cancelled.
	OpenFile(d dialog) (string, error)
	OpenFiles(d dialog) ([]string, error) // several, or none if the person cancelled
	OpenFolder(d dialog) (string, error)
	SaveFile(d dialog) (string, error)

	Browse(address string)      // in the browser
	Reveal(folder string) error // in the file manager

	Clipboard() (string, error)
	SetClipboard(text string) error
	// SetSecret is SetClipboard with the mark, where the system has one, by
	// which clipboard histories know what not to keep.
	SetSecret(text string) error
	// ClipboardPicture returns the file of a picture that was copied, or nil.
	ClipboardPicture() ([]byte, error)

	// Size is the window's, and whether it is maximised.
	Size() (width, height int, maximised bool)

	// Notify tells the person something while the window is hidden. Where the
	// system shows no such notes nothing happens.
	Notify(n note)

	// Attend calls away when the computer is about to sleep and when its session
	// is locked, until ctx ends.
	Attend(ctx context.Context, away func())

	// Reword puts the menu and the tray into another language.
	Reword(w words)

	// Background says whether a hidden window can be brought back.
	Background() bool
}

// A note is what the system shows for a moment.
type note struct{ Title, Text string }

// A dialog is a native dialog to choose a file or folder.
type dialog struct {
	Title   string
	Name    string // suggested
	Folder  string // where to begin
	Filter  string // what files are called, in words; empty: all files
	Pattern string // such as "*.pub"
}

// The events that the page gets.
const (
	eventServers   = "servers"           // []Server
	eventVault     = "vault"             // VaultStatus
	eventLocking   = "vault:locking"     // int64: when it locks by itself, soon; 0: not any more
	eventOwn       = "own"               // OwnStatus
	eventSettings  = "settings"          // Preferences
	eventCodes     = "codes"             // nothing: the entries have changed
	eventTransfers = "files:transfers"   // []Transfer
	eventCarried   = "files:dropped"     // FileDrop
	eventDropped   = "keys:dropped"      // Dropped
	eventPIN       = "keys:pin"          // PINQuestion
	eventIntake    = "intake"            // IntakeNews
	eventReading   = "intake:reading"    // nothing: something was dropped, and is being read
	eventClose     = "close:ask"         // nothing
	eventCommand   = "command"           // string: a command of the menu
	eventClipboard = "clipboard:cleared" // nothing
)
