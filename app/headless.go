//go:build !(dev || production || bindings)

package app

import "context"

// Run returns ErrNoWindow: this edition has none.
func Run(context.Context, Config) error { return ErrNoWindow }
