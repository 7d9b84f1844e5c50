package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"log/slog"
	"sync"
	"time"

	"latchkey/backend/companion"
	"latchkey/backend/companion/camera"
	"latchkey/backend/companion/intake"
	"latchkey/backend/companion/screen"
	"latchkey/backend/companion/servers"
	"latchkey/backend/companion/transfer"
	"latchkey/backend/companion/vault"
	"latchkey/backend/config"
)

// A desk is what the screens share. It is made empty, because Wails also runs
// the program to read the bound methods, and furnished by open.
type desk struct {
	conf    Config
	env     companion.Env
	log     *slog.Logger
	desktop desktop
	keyring vault.Keyring
	starter starter
	page    fs.FS // what the page is served from, with the licences

	ctx       context.Context // ends with the program; for calls, which get none from Wails
	end       context.CancelFunc
	data      string
	notebook  *notebook
	companion *companion.Companion
	own       *own
	intake    *intake.Intake
	eye       *eye
	look      func(context.Context) ([]screen.Picture, error) // at the screen
	clip      *clipboard
	moving    *transfer.Queue // files on their way
	carried   drop            // what was dropped on the files last; mu guards it
	sentry    *sentry
	problem   error // why nothing can be done

	begun   sync.Once
	opened  chan struct{} // closed once the vault has been tried
	opening bool          // the keyring is being asked; mu guards it
	nudged  chan struct{}
	moved   chan struct{}  // something on its way has moved
	work    sync.WaitGroup // see spawn

	telling sync.Mutex // what the page hears of the vault and the own server comes in order

	mu       sync.Mutex
	watch    context.CancelFunc // ends looking at servers; nil while the vault is closed
	quitting bool               // closing the window ends the program
	language string             // of the page
	offered  offered            // a private key that may be brought in
	refused  error              // why the keyring did not open the vault when the program started
}

// A Config is what the window is started with.
type Config struct {
	Settings map[string]string // of the command line, as config.Load takes them
	Version  string
	Hidden   bool // begin in the background
}

func newDesk(c Config) *desk {
	ctx, end := context.WithCancel(context.Background())
	return &desk{
		conf: c, env: companion.System(), log: slog.Default(), keyring: vault.SystemKeyring{},
		intake: intake.New(), eye: &eye{lens: camera.NewLens(camera.System())}, look: lookAtScreen,
		ctx: ctx, end: end, opened: make(chan struct{}), nudged: make(chan struct{}, 1), moved: make(chan struct{}, 1),
	}
}

// open furnishes the desk. It asks nobody and waits for nothing: the own
// server and the vault come later, by begin.
func (d *desk) open(on desktop, hashes int) {
	d.desktop = on
	d.clip = newClipboard(d)
	d.sentry = newSentry(d)
	cfg, err := d.settings(nil)
	d.data = cfg.Data
	if config.Overrides(d.conf.Settings)["config"] != "" || d.data == "" {
		d.problem = err // that file may name the data folder; other mistakes concern the own server alone
	}
	d.notebook = openNotebook(d.data)
	d.language = d.notebook.read().Preferences.Language
	if d.starter, err = newStarter(d.conf.Settings); err != nil {
		d.problem = errStarter.Because(err)
	}
	d.own = &own{
		load: d.settings, env: d.env, book: newLogbook(d.log.Handler()), version: d.conf.Version, hashes: hashes,
		changed: d.tellOwn, state: ownAbsent,
	}
	d.companion, err = companion.Open(companion.Options{
		Data: d.data, Env: d.env, Keyring: d.keyring, UserAgent: companion.UserAgent(d.conf.Version),
		Own: d.own.transport, Changed: func(servers.Status) { d.nudge() }, Shut: func() { d.spawn(d.vaultChanged) },
	})
	if err != nil {
		d.problem = err
	}
	d.openTransfers()
	d.opening = true
}

// begin starts the own server, opens the vault if the keyring does that, and
// looks at the servers from then on. The page's first call does it: a second
// start of the program ends before it has a page, and must have done nothing.
func (d *desk) begin() { d.begun.Do(d.goToWork) }

func (d *desk) goToWork() {
	if d.problem != nil {
		close(d.opened)
		return
	}
	d.work.Go(d.tellServers)
	d.work.Go(d.tellTransfers)
	d.spawn(func() { d.sentry.watch(d.ctx) })
	d.spawn(func() { d.desktop.Attend(d.ctx, d.away) })
	d.own.look()
	d.lookAtOwn() // before the page asks whether there is any server
	d.spawn(func() {
		if state, _ := d.own.standing(); state == ownStopped {
			_ = d.own.start(d.ctx) // its state tells the page
		}
		d.own.attend(d.ctx)
	})
	d.spawn(func() {
		defer close(d.opened)
		d.tryKeyring()
	})
}

// tryKeyring opens the vault if nobody has to do anything for it.
func (d *desk) tryKeyring() {
	st, err := d.companion.Vault.Status(d.ctx)
	if err == nil && st.State == vault.Locked && st.Protection == vault.ByKeyring {
		err = d.companion.Vault.Unlock(d.ctx, vault.WithKeyring(vault.Briefly))
	}
	d.mu.Lock()
	d.opening, d.refused = false, err
	d.mu.Unlock()
	if err != nil {
		d.log.LogAttrs(d.ctx, slog.LevelWarn, "open vault", slog.Any("err", err))
	}
	d.vaultChanged()
}

// spawn does something beside, which ends with d.ctx, unless that has ended.
func (d *desk) spawn(work func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.ctx.Err() == nil {
		d.work.Go(work)
	}
}

// close ends everything in good order, after the window has gone.
func (d *desk) close() {
	d.eye.close()
	d.mu.Lock()
	d.end()
	d.mu.Unlock()
	d.moving.Close()
	d.own.close()
	d.unwatch()
	d.work.Wait()
	if d.companion != nil {
		d.companion.Close()
	}
}

// vaultChanged follows the vault: servers are looked at while it is open.
func (d *desk) vaultChanged() {
	d.telling.Lock()
	defer d.telling.Unlock()
	status := d.vaultStatus()
	if status.State == stateUnlocked {
		d.sentry.act() // whoever has opened it is there
		d.watchServers()
		d.spawn(d.lookAtOwn)
	} else {
		d.unwatch()
		d.eye.close()
		d.intake.Clear()
		d.companion.Servers.Close() // with the tokens of the vault
		d.companion.Codes.Forget()
	}
	d.desktop.Emit(eventVault, status)
	d.nudge()
	d.nudgeTransfers()
}

func (d *desk) watchServers() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.watch != nil || d.ctx.Err() != nil {
		return
	}
	ctx, cancel := context.WithCancel(d.ctx)
	done := make(chan struct{})
	d.watch = func() { cancel(); <-done }
	go func() { defer close(done); d.companion.Servers.Run(ctx) }()
}

func (d *desk) unwatch() {
	d.mu.Lock()
	stop := d.watch
	d.watch = nil
	d.mu.Unlock()
	if stop != nil {
		stop()
	}
}

func (d *desk) watching() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.watch != nil
}

// nudge has the page told of the servers soon. It never waits.
func (d *desk) nudge() {
	select {
	case d.nudged <- struct{}{}:
	default:
	}
}

// together is how long changes of servers are gathered before the page hears
// of them.
const together = 50 * time.Millisecond

// tellServers tells the page how the servers stand, when that has changed.
func (d *desk) tellServers() {
	d.gather(d.nudged, together, func() {
		if list, err := d.servers(d.ctx); err == nil {
			d.desktop.Emit(eventServers, list)
		}
	})
}

// gather tells of changes that come within a pause at once, until d.ctx ends.
func (d *desk) gather(changed <-chan struct{}, pause time.Duration, tell func()) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-d.ctx.Done():
			return
		case <-changed:
		}
		timer.Reset(pause)
		select {
		case <-d.ctx.Done():
			return
		case <-timer.C:
		}
		tell()
	}
}

// tellOwn tells the page how the own server stands, and has its entry in the
// list follow.
func (d *desk) tellOwn() {
	d.telling.Lock()
	defer d.telling.Unlock()
	d.desktop.Emit(eventOwn, d.ownStatus())
	d.spawn(d.lookAtOwn)
}

// lookAtOwn puts the own server on the list if there is one, however it was
// begun, and looks how it stands. While the vault is locked nobody could be
// signed in, so that is left for later.
func (d *desk) lookAtOwn() {
	if state, _ := d.own.standing(); state == ownAbsent || state == ownStarting {
		return
	}
	s, err := d.ownServer(d.ctx)
	if err != nil || !d.watching() {
		return
	}
	for range 2 { // the first may be one that was under way before
		st, err := d.companion.Servers.Check(d.ctx, s.ID) // its outcome is told
		if err != nil || (st.State == servers.Offline) == (d.own.now() == nil) {
			return
		}
	}
}

// instance names the window of this data folder, so that there is one.
func (d *desk) instance() string {
	sum := sha256.Sum256([]byte(d.data))
	return "latchkey-" + hex.EncodeToString(sum[:8])
}
