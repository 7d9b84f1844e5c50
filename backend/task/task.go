// Package task keeps account of uploads that somebody wants to look at while
// they run and afterwards. A task is on record from before the first byte, so
// that none is lost: one that the end of the server has interrupted is found as
// failed at its next start, which is when the composition root calls the
// store's EndTasks. Dialects begin tasks and show them.
package task

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"

	"latchkey/backend/identity"
	"latchkey/backend/internal/env"
	"latchkey/backend/store"
)

// Keep is how many tasks of a person are kept. The oldest that have ended go
// first.
const Keep = 100

// The refusals.
var (
	ErrNotFound  = identity.NewError(identity.NotFound, "task_not_found", "There is no such task.")
	ErrRunning   = identity.NewError(identity.Conflict, "task_running", "That upload is still under way; cancel it first.")
	ErrEnded     = identity.NewError(identity.Conflict, "task_ended", "That upload has ended already.")
	ErrNoContent = identity.NewError(identity.Conflict, "task_content_gone", "What was sent is not kept. Send the file again.")
	ErrCancelled = identity.NewError(identity.Conflict, "task_cancelled", "The upload was cancelled.")
)

// A Book keeps the tasks. Its methods may be called from many goroutines.
type Book struct {
	Store store.Tasks
	Env   env.Env
	Log   *slog.Logger

	mu      sync.Mutex
	running map[identity.TaskID]*Running
}

// A Running task is one that has begun and not ended.
type Running struct {
	book   *Book
	task   identity.Task
	cancel context.CancelCauseFunc
	done   atomic.Int64
}

// A Status is a task and how far it is.
type Status struct {
	identity.Task
	Done int64 // bytes; of one that has ended 0
}

// Begin records a task, and returns a context that ends when it is cancelled:
// with ErrCancelled as its cause. Whoever begins a task ends it.
func (b *Book) Begin(ctx context.Context, user identity.UserID, name string, total int64) (context.Context, *Running, error) {
	r := &Running{book: b, task: identity.Task{
		ID: identity.TaskID(b.Env.ID()), User: user, Name: name, State: identity.TaskRunning, Total: total, StartedAt: b.Env.Now(),
	}}
	if err := b.Store.SaveTask(ctx, r.task, Keep); err != nil {
		return nil, nil, err
	}
	ctx, r.cancel = context.WithCancelCause(ctx)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.running == nil {
		b.running = map[identity.TaskID]*Running{}
	}
	b.running[r.task.ID] = r
	return ctx, r, nil
}

// Advance counts bytes that have arrived.
func (r *Running) Advance(n int) { r.done.Add(int64(n)) }

// End records how a task ended, and returns it. A failure that it was ended by
// is one sentence to show; its cause is not kept.
func (r *Running) End(ctx context.Context, failed error) identity.Task {
	k := r.task
	k.EndedAt = r.book.Env.Now()
	switch {
	case failed == nil:
		k.State = identity.TaskDone
	case errors.Is(failed, ErrCancelled):
		k.State = identity.TaskCancelled
	default:
		k.State, k.Error = identity.TaskFailed, identity.AsError(failed).Message
	}
	// Who sent it may have gone, and the server may be about to stop.
	if err := r.book.Store.SaveTask(context.WithoutCancel(ctx), k, Keep); err != nil && !errors.Is(err, store.ErrNotFound) {
		r.book.Log.ErrorContext(ctx, "record the end of a task", slog.Any("err", err))
	}
	r.book.mu.Lock()
	delete(r.book.running, k.ID)
	r.book.mu.Unlock()
	r.cancel(nil)
	return k
}

// List returns somebody's tasks that have ended, or those that have not, the
// last begun first.
func (b *Book) List(ctx context.Context, user identity.UserID, ended bool) ([]Status, error) {
	all, err := b.all(ctx, user)
	return slices.DeleteFunc(all, func(s Status) bool { return s.EndedAt.IsZero() == ended }), err
}

// Find returns one of somebody's tasks, or ErrNotFound.
func (b *Book) Find(ctx context.Context, user identity.UserID, id identity.TaskID) (Status, error) {
	all, err := b.all(ctx, user)
	if err != nil {
		return Status{}, err
	}
	for _, s := range all {
		if s.ID == id {
			return s, nil
		}
	}
	return Status{}, ErrNotFound
}

func (b *Book) all(ctx context.Context, user identity.UserID) ([]Status, error) {
	list, err := b.Store.Tasks(ctx, user)
	if err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	out := make([]Status, len(list))
	for i, k := range list {
		out[i] = Status{Task: k}
		if r := b.running[k.ID]; r != nil {
			out[i].Done = r.done.Load()
		}
	}
	return out, nil
}

// Cancel ends one of somebody's tasks that is under way in this process.
// Errors: ErrNotFound, ErrEnded.
func (b *Book) Cancel(ctx context.Context, user identity.UserID, id identity.TaskID) error {
	b.mu.Lock()
	r := b.running[id]
	b.mu.Unlock()
	if r != nil && r.task.User == user {
		r.cancel(ErrCancelled)
		return nil
	}
	if _, err := b.Find(ctx, user, id); err != nil {
		return err
	}
	return ErrEnded
}

// Delete takes one of somebody's tasks that have ended off the record. Errors:
// ErrNotFound, ErrRunning.
func (b *Book) Delete(ctx context.Context, user identity.UserID, id identity.TaskID) error {
	s, err := b.Find(ctx, user, id)
	switch {
	case err != nil:
		return err
	case s.EndedAt.IsZero():
		return ErrRunning
	}
	if err := b.Store.DeleteTask(ctx, user, id); err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	return nil
}

// Clear takes those of somebody's tasks off the record that ended in one of
// some states.
func (b *Book) Clear(ctx context.Context, user identity.UserID, states ...identity.TaskState) error {
	list, err := b.List(ctx, user, true)
	if err != nil {
		return err
	}
	for _, s := range list {
		if !slices.Contains(states, s.State) {
			continue
		}
		if err := b.Store.DeleteTask(ctx, user, s.ID); err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	return nil
}
