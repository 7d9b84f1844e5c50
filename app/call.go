package app

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"
)

// How long the page waits for a call of each sort.
const (
	atOnce   = 5 * time.Second  // the disk
	byNet    = 45 * time.Second // a server, whose own limits are shorter
	byChance = 10 * time.Minute // the primes of an RSA key, until somebody stops the search
	byPerson = time.Hour        // somebody looks at a dialog of the system
)

// answer is what a call came to.
type answer[T any] struct {
	value T
	err   error
}

// ask makes a call for the page. It ends within the limit, whatever the call
// does, and a panic of the call is an error.
func ask[T any](d *desk, limit time.Duration, call func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(d.ctx, limit)
	defer cancel()
	done := make(chan answer[T], 1)
	go func() {
		var a answer[T]
		defer func() {
			if r := recover(); r != nil {
				// The value may hold anything, so only its type is told.
				d.log.LogAttrs(ctx, slog.LevelError, "panic in a call of the page",
					slog.String("type", fmt.Sprintf("%T", r)), slog.String("stack", string(debug.Stack())))
				a.err = errPanic
			}
			done <- a
		}()
		a.value, a.err = call(ctx)
	}()
	select {
	case a := <-done:
		return a.value, a.err
	case <-ctx.Done():
		var none T
		select {
		case a := <-done: // it was the call that noticed
			return a.value, a.err
		default:
			return none, errSlow.Because(ctx.Err())
		}
	}
}

// do is ask for a call that returns nothing.
func do(d *desk, limit time.Duration, call func(context.Context) error) error {
	_, err := ask(d, limit, func(ctx context.Context) (struct{}, error) { return struct{}{}, call(ctx) })
	return err
}
