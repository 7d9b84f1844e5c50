package transfer

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"sync"

	"latchkey/backend/companion/remote"
	"latchkey/backend/companion/servers"
	"latchkey/backend/identity"
)

// A State is how far something on its way is.
type State string

// The states. The last four stay.
const (
	Waiting   State = "waiting"
	Running   State = "running"
	Asking    State = "asking" // its name is taken, and the person is to say what to do
	Done      State = "done"
	Skipped   State = "skipped"
	Cancelled State = "cancelled"
	Failed    State = "failed"
)

func (s State) ended() bool { return s == Done || s == Skipped || s == Cancelled || s == Failed }

// A Choice is what to do where a name is taken.
type Choice string

// The choices.
const (
	Replace  Choice = "replace"
	KeepBoth Choice = "both"
	Skip     Choice = "skip"
)

// A Status is something on its way, as it stands.
type Status struct {
	ID          int
	Server      servers.ID
	Up          bool            // to the server
	Name        string          // safe to show
	Folder      remote.FilePath // on the server, that it is in
	Local       string          // the folder here that a download goes to
	State       State
	Replaceable bool  // while it asks: a file may take the place of what is there
	Done, Size  int64 // bytes; a size of -1 is not known yet
	Files       int   // that have arrived, of a folder
	Err         error
}

// An Item is what is to be downloaded.
type Item struct {
	At remote.FilePath
	To string // the file that it becomes, which may be replaced; empty: its own name in the folder
}

// A Config is what a Queue needs.
type Config struct {
	Act     func(ctx context.Context, id servers.ID, call func(context.Context, *remote.Account) error) error
	Changed func() // is told that something moved, however little; it must not wait, nor call the queue
}

// most bounds what waits at once.
const most = 1000

var errTooMany = identity.NewError(identity.Invalid, "transfer_too_many", "At most 1,000 files and folders can be on their way at once. Choose a folder instead, or wait.")

// A Queue brings things to servers and from there, one after the other. Its
// methods may be called from many goroutines.
type Queue struct {
	c   Config
	ctx context.Context
	end context.CancelFunc

	mu      sync.Mutex
	working bool
	work    sync.WaitGroup
	last    int
	jobs    []*job
}

// A batch is what was chosen together.
type batch struct {
	server servers.ID
	choice Choice // for all that is left of it; empty: ask
}

type job struct {
	Status
	batch  *batch
	do     func(ctx context.Context, acc *remote.Account, j *job) error
	cancel context.CancelFunc // while it runs
	answer chan Choice        // while it asks
}

// NewQueue returns a queue that is empty. Close it.
func NewQueue(c Config) *Queue {
	q := &Queue{c: c}
	q.ctx, q.end = context.WithCancel(context.Background())
	return q
}

// Close cancels what is on its way and waits until that has ended.
func (q *Queue) Close() {
	q.mu.Lock()
	q.end()
	q.mu.Unlock()
	q.work.Wait()
}

// Upload puts files and folders of this computer into a folder on a server.
func (q *Queue) Upload(server servers.ID, into remote.FilePath, paths []string) error {
	jobs := make([]*job, len(paths))
	b := &batch{server: server}
	for i, path := range paths {
		jobs[i] = &job{Status: Status{Server: server, Up: true, Name: remote.FileLabel(filepath.Base(path)), Folder: into, Size: -1}, batch: b, do: q.upload(path)}
	}
	return q.add(jobs)
}

// Download brings files and folders of a server into a folder here.
func (q *Queue) Download(server servers.ID, items []Item, into string) error {
	jobs := make([]*job, len(items))
	b := &batch{server: server}
	for i, item := range items {
		s := Status{Server: server, Name: remote.FileLabel(item.At.Name()), Folder: item.At.Dir(), Local: into, Size: -1}
		jobs[i] = &job{Status: s, batch: b, do: q.download(item, into)}
	}
	return q.add(jobs)
}

func (q *Queue) add(jobs []*job) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	open := 0
	for _, j := range q.jobs {
		if !j.State.ended() {
			open++
		}
	}
	if open+len(jobs) > most {
		return errTooMany
	}
	for _, j := range jobs {
		q.last++
		j.ID, j.State = q.last, Waiting
	}
	q.jobs = append(q.jobs, jobs...)
	if !q.working && q.ctx.Err() == nil {
		q.working = true
		q.work.Go(q.run)
	}
	q.c.Changed()
	return nil
}

// List returns what is on its way and what has ended since Clear, in the order
// in which it was chosen.
func (q *Queue) List() []Status {
	q.mu.Lock()
	defer q.mu.Unlock()
	out := make([]Status, len(q.jobs))
	for i, j := range q.jobs {
		out[i] = j.Status
	}
	return out
}

// Clear forgets what has ended.
func (q *Queue) Clear() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.jobs = slices.DeleteFunc(q.jobs, func(j *job) bool { return j.State.ended() })
	q.c.Changed()
}

// Cancel ends something that is on its way. What has ended stays as it is.
func (q *Queue) Cancel(id int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, j := range q.jobs {
		if j.ID == id && !j.State.ended() {
			q.stop(j)
		}
	}
	q.c.Changed()
}

// CancelAll ends everything.
func (q *Queue) CancelAll() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, j := range q.jobs {
		if !j.State.ended() {
			q.stop(j)
		}
	}
	q.c.Changed()
}

// stop ends a job. One that runs ends by itself.
func (q *Queue) stop(j *job) {
	if j.cancel != nil {
		j.cancel()
		return
	}
	j.State = Cancelled
}

// Answer says what to do with something that asks, and with all that was chosen
// with it if they are to be treated alike.
func (q *Queue) Answer(id int, c Choice, all bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, j := range q.jobs {
		if j.ID != id || j.State != Asking {
			continue
		}
		if all {
			j.batch.choice = c
		}
		j.State = Running
		j.answer <- c
	}
	q.c.Changed()
}

// run works until nothing waits.
func (q *Queue) run() {
	for {
		q.mu.Lock()
		i := slices.IndexFunc(q.jobs, func(j *job) bool { return j.State == Waiting })
		if i < 0 || q.ctx.Err() != nil {
			q.working = false
			q.mu.Unlock()
			return
		}
		b := q.jobs[i].batch
		q.mu.Unlock()
		// What was chosen together keeps the account that it began with, also
		// when the vault is locked meanwhile.
		err := q.c.Act(q.ctx, b.server, func(ctx context.Context, acc *remote.Account) error { return q.runBatch(ctx, acc, b) })
		q.failRest(b, err)
	}
}

// next takes a job of a batch that waits, with a context of its own.
func (q *Queue) next(ctx context.Context, b *batch) (*job, context.Context) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, j := range q.jobs {
		if j.batch == b && j.State == Waiting {
			own, cancel := context.WithCancel(ctx)
			j.State, j.cancel, j.answer = Running, cancel, make(chan Choice, 1)
			return j, own
		}
	}
	return nil, nil
}

// runBatch returns the last error, for what it says of the connection.
func (q *Queue) runBatch(ctx context.Context, acc *remote.Account, b *batch) error {
	var last error
	for {
		j, own := q.next(ctx, b)
		if j == nil {
			return last
		}
		q.c.Changed()
		err := j.do(own, acc, j)
		if q.ended(own, j, err) == Failed {
			last = err
		}
		j.cancel()
		if remote.SignedOut(err) {
			return err // nor will the rest
		}
	}
}

var errSkip = errors.New("skipped")

// ended notes how a job has ended, and returns it.
func (q *Queue) ended(ctx context.Context, j *job, err error) State {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case err == nil:
		j.State = Done
		j.Size = max(j.Size, j.Status.Done)
		j.Status.Done = j.Size
	case ctx.Err() != nil:
		j.State = Cancelled
	case errors.Is(err, errSkip):
		j.State = Skipped
	default:
		j.State, j.Err = Failed, err
	}
	q.c.Changed()
	return j.State
}

// failRest ends what is left of a batch with the error that ended that.
func (q *Queue) failRest(b *batch, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, j := range q.jobs {
		if j.batch != b || j.State != Waiting {
			continue
		}
		if j.State, j.Err = Failed, err; err == nil || q.ctx.Err() != nil {
			j.State, j.Err = Cancelled, nil
		}
	}
	q.c.Changed()
}

// moved counts bytes of a job.
func (q *Queue) moved(j *job) func(int64) {
	return func(n int64) {
		q.mu.Lock()
		defer q.mu.Unlock()
		j.Status.Done += n
		q.c.Changed()
	}
}

// change alters what is known of a job, and tells.
func (q *Queue) change(j *job, alter func(s *Status)) {
	q.mu.Lock()
	defer q.mu.Unlock()
	alter(&j.Status)
	q.c.Changed()
}

// ask waits for the person to say what to do where a name is taken. Returns
// errSkip, and the error of ctx.
func (q *Queue) ask(ctx context.Context, j *job, replaceable bool) (Choice, error) {
	q.mu.Lock()
	c := j.batch.choice
	if c == Replace && !replaceable {
		c = ""
	}
	if c == "" {
		j.State, j.Replaceable = Asking, replaceable
	}
	q.c.Changed()
	q.mu.Unlock()
	if c == "" {
		select {
		case c = <-j.answer:
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
	switch {
	case c == Skip, c == Replace && !replaceable:
		return "", errSkip
	default:
		return c, nil
	}
}
