//go:build !linux

package app

import "context"

// watchSession does nothing here: that the computer has slept is seen by the
// clock, afterwards.
func watchSession(context.Context, func()) {}
