//go:build !linux && !darwin && !windows

package app

import "errors"

func newStarter(map[string]string) (starter, error) {
	return nil, errors.ErrUnsupported
}
