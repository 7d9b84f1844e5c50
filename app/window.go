//go:build dev || production || bindings

package app

import (
	"cmp"
	"context"
	"io"
	"log/slog"
	"net/http"
	"os"
	"sync/atomic"

	"github.com/pkg/browser"
	"github.com/wailsapp/wails/v2"
	"github.com/wailsapp/wails/v2/pkg/logger"
	"github.com/wailsapp/wails/v2/pkg/options"
	"github.com/wailsapp/wails/v2/pkg/options/assetserver"
	"github.com/wailsapp/wails/v2/pkg/options/linux"
	"github.com/wailsapp/wails/v2/pkg/options/mac"
	"github.com/wailsapp/wails/v2/pkg/options/windows"
	"github.com/wailsapp/wails/v2/pkg/runtime"

	"latchkey/backend/config"
	"latchkey/backend/identity"
	"latchkey/backend/server"
	"latchkey/frontend"
)

var errWindow = identity.NewError(identity.Unavailable, "window_failed",
	"The window could not be opened. Use the commands instead (latchkey help), or start the server alone: latchkey serve")

// Run opens the window and returns when the program is to end: the person quits,
// or ctx ends. Where there is no display it returns ErrNoDisplay and has done
// nothing.
func Run(ctx context.Context, c Config) error {
	d := newDesk(c)
	w := &window{desk: d, tray: newTray(d)}
	d.page = frontend.Page()
	if !generating {
		if !config.Display() {
			return ErrNoDisplay
		}
		config.ForgetSecrets()
		d.open(w, server.ShareCores())
		defer context.AfterFunc(ctx, d.quit)()
	}
	err := wails.Run(w.options(d))
	if err != nil {
		return errWindow.Because(err)
	}
	return nil
}

// A window is the desktop as Wails gives it.
type window struct {
	ctx  context.Context // of Wails; set before anybody calls
	desk *desk
	tray *tray
	gone atomic.Bool // the page has ended, so nothing is told to it
}

func (w *window) options(d *desk) *options.App {
	o := &options.App{
		Title: "Latchkey", MinWidth: smallestWidth, MinHeight: smallestHeight,
		StartHidden: true, // until the page is drawn
		AssetServer: &assetserver.Options{Assets: d.page, Middleware: guardPage},
		Bind:        d.bound(), ErrorFormatter: format,
		OnStartup:     func(ctx context.Context) { w.begin(ctx, d) },
		OnDomReady:    func(context.Context) { w.tray.begin() },
		OnBeforeClose: func(context.Context) bool { return d.closing() },
		OnShutdown:    func(context.Context) { w.gone.Store(true); w.tray.end(); d.close() },
		Logger:        quiet{d.log}, LogLevel: logger.WARNING, LogLevelProduction: logger.ERROR,
		EnableDefaultContextMenu: true, // to paste with the mouse
		DragAndDrop:              &options.DragAndDrop{EnableFileDrop: true},
		Linux:                    &linux.Options{Icon: icon, ProgramName: "latchkey", WebviewGpuPolicy: linux.WebviewGpuPolicyNever},
		Windows:                  &windows.Options{Theme: windows.SystemDefault},
		Mac:                      &mac.Options{About: &mac.AboutInfo{Title: "Latchkey", Message: d.conf.Version}},
	}
	if generating {
		return o
	}
	if hasMenu {
		o.Menu = w.menu(d.words())
	}
	m := d.notebook.read()
	o.Width, o.Height = m.Width, m.Height
	if m.Maximised {
		o.WindowStartState = options.Maximised
	}
	o.SingleInstanceLock = &options.SingleInstanceLock{
		UniqueId:               d.instance(),
		OnSecondInstanceLaunch: func(options.SecondInstanceData) { w.Show() },
	}
	return o
}

func (w *window) begin(ctx context.Context, d *desk) {
	w.ctx = ctx
	runtime.ResetSignalHandlers() // so that a nil pointer stays a panic, which calls recover from
	runtime.OnFileDrop(ctx, func(_, _ int, paths []string) { d.dropped(paths) })
}

func (w *window) Emit(event string, data any) {
	if w.ctx != nil && !w.gone.Load() {
		runtime.EventsEmit(w.ctx, event, data)
	}
}

func (w *window) Show() {
	if w.ctx == nil {
		return // a second start was quicker than this one, which shows itself
	}
	runtime.WindowShow(w.ctx)
	runtime.WindowUnminimise(w.ctx)
}

func (w *window) Hide() { runtime.WindowHide(w.ctx) }
func (w *window) Quit() {
	if w.ctx != nil {
		runtime.Quit(w.ctx)
	}
}

func (w *window) OpenFile(d dialog) (string, error) {
	return runtime.OpenFileDialog(w.ctx, runtime.OpenDialogOptions{Title: d.Title, DefaultDirectory: d.Folder, Filters: filters(d), ShowHiddenFiles: true})
}

func (w *window) OpenFiles(d dialog) ([]string, error) {
	return runtime.OpenMultipleFilesDialog(w.ctx, runtime.OpenDialogOptions{Title: d.Title, DefaultDirectory: cmp.Or(d.Folder, home()), Filters: filters(d), ShowHiddenFiles: true})
}

func (w *window) OpenFolder(d dialog) (string, error) {
	return runtime.OpenDirectoryDialog(w.ctx, runtime.OpenDialogOptions{Title: d.Title, DefaultDirectory: d.Folder, CanCreateDirectories: true})
}

func (w *window) SaveFile(d dialog) (string, error) {
	return runtime.SaveFileDialog(w.ctx, runtime.SaveDialogOptions{
		Title: d.Title, DefaultFilename: d.Name, DefaultDirectory: cmp.Or(d.Folder, home()), CanCreateDirectories: true,
	})
}

// home is where somebody looks for what they have saved; the folder that the
// program was started in is not.
func home() string {
	dir, err := os.UserHomeDir()
	if err != nil {
		return ""
	}
	return dir
}

func filters(d dialog) []runtime.FileFilter {
	if d.Pattern == "" {
		return nil
	}
	return []runtime.FileFilter{{DisplayName: d.Filter, Pattern: d.Pattern}, {DisplayName: "*", Pattern: "*"}}
}

func (w *window) Browse(address string) { runtime.BrowserOpenURL(w.ctx, address) }

func (w *window) Reveal(folder string) error {
	browser.Stdout, browser.Stderr = io.Discard, io.Discard
	return browser.OpenFile(folder)
}

func (w *window) Clipboard() (string, error)     { return runtime.ClipboardGetText(w.ctx) }
func (w *window) SetClipboard(text string) error { return runtime.ClipboardSetText(w.ctx, text) }

func (w *window) SetSecret(text string) error       { return w.setSecret(text) }
func (w *window) ClipboardPicture() ([]byte, error) { return w.clipboardPicture() }

func (w *window) Size() (width, height int, maximised bool) {
	width, height = runtime.WindowGetSize(w.ctx)
	return width, height, runtime.WindowIsMaximised(w.ctx)
}

func (w *window) Notify(n note) {
	if runtime.InitializeNotifications(w.ctx) != nil {
		return // nobody shows them here
	}
	_ = runtime.SendNotification(w.ctx, runtime.NotificationOptions{ID: n.Title, Title: n.Title, Body: n.Text})
}

func (w *window) Attend(ctx context.Context, away func()) { watchSession(ctx, away) }

func (w *window) Reword(words words) {
	if hasMenu {
		runtime.MenuSetApplicationMenu(w.ctx, w.menu(words))
	}
	w.tray.reword(words)
}

func (w *window) Background() bool { return w.tray.background() }

// guardPage sets what a browser may do with the page: run the scripts that come
// with it, and nothing else.
func guardPage(next http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		for name, value := range pageHeaders() {
			rw.Header().Set(name, value)
		}
		next.ServeHTTP(rw, r)
	})
}

// quiet hands what Wails has to say to the log, without its details: at trace
// level they hold everything that crosses between page and program.
type quiet struct{ log *slog.Logger }

func (q quiet) Print(string)   {}
func (q quiet) Trace(string)   {}
func (q quiet) Debug(string)   {}
func (q quiet) Info(string)    {}
func (q quiet) Warning(string) {}
func (q quiet) Error(text string) {
	q.log.LogAttrs(context.Background(), slog.LevelError, "window", slog.Int("length", len(text)))
}
func (q quiet) Fatal(text string) {
	q.Error(text)
}
