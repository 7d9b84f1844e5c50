package password

import (
	"fmt"
	"time"

	"latchkey/backend/identity"
)

// Params are the costs of one Argon2id hash (RFC 9106, section 3.1).
type Params struct {
	MemoryKiB uint32
	Passes    uint32
	Lanes     uint8
}

// Floor returns the least that a new hash costs: OWASP's minimum of 19 MiB, two
// passes and one lane.
func Floor() Params { return Params{MemoryKiB: 19 * 1024, Passes: 2, Lanes: 1} }

var (
	// ceiling bounds every cost: some 0.3 s and 64 MiB for each core.
	ceiling = Params{MemoryKiB: 64 * 1024, Passes: 10, Lanes: 4}
	// leastVerified is the weakest stored hash that still verifies, to be
	// replaced at once; it is Argon2's own minimum for the lanes that we allow.
	leastVerified = Params{MemoryKiB: 8 * 4, Passes: 1, Lanes: 1}
)

// Tuned returns parameters that bring one hash close to target, given what one
// hash with Floor costs on this machine. Only the passes grow: memory stays
// what the gate was sized for. The result is never under the floor and never
// has more than 10 passes.
func Tuned(floorCost, target time.Duration) Params {
	p := Floor()
	if floorCost <= 0 {
		return p
	}
	passes := int64(target) * int64(p.Passes) / int64(floorCost)
	p.Passes = uint32(min(max(passes, int64(p.Passes)), int64(ceiling.Passes)))
	return p
}

// String writes the parameters as they stand in a stored hash:
// "m=19456,t=2,p=1".
func (p Params) String() string {
	return fmt.Sprintf("m=%d,t=%d,p=%d", p.MemoryKiB, p.Passes, p.Lanes)
}

var errParams = identity.NewError(identity.Invalid, "password_params_invalid",
	"The cost of a password hash looks like m=19456,t=2,p=1: m from 19456 to 65536, t from 2 to 10, p from 1 to 4.")

// ParseParams reads what String writes, from the floor to 64 MiB, 10 passes
// and 4 lanes, or returns an Invalid error with code password_params_invalid.
func ParseParams(s string) (Params, error) {
	p, ok := scanParams(s)
	if !ok || !within(p, Floor(), ceiling) {
		return Params{}, errParams
	}
	return p, nil
}

// scanParams reads exactly what String writes.
func scanParams(s string) (p Params, ok bool) {
	_, err := fmt.Sscanf(s, "m=%d,t=%d,p=%d", &p.MemoryKiB, &p.Passes, &p.Lanes)
	return p, err == nil && p.String() == s
}

func within(p, least, most Params) bool {
	return p.MemoryKiB >= least.MemoryKiB && p.MemoryKiB <= most.MemoryKiB &&
		p.Passes >= least.Passes && p.Passes <= most.Passes &&
		p.Lanes >= least.Lanes && p.Lanes <= most.Lanes
}
