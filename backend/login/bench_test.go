package login_test

import (
	"testing"

	"latchkey/backend/credential/password"
	"latchkey/backend/internal/testkit"
)

// BenchmarkSignIn is the pipeline with a hash as in production, and with one
// that costs next to nothing, which leaves the rest.
func BenchmarkSignIn(b *testing.B) {
	for name, costs := range map[string]password.Params{"floor": password.Floor(), "cheap": {}} {
		c := testkit.Open(b, testkit.Options{Costs: costs})
		c.User("ann")
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := try(c, "ann", testkit.Password); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(name+", 64 at once", func(b *testing.B) {
			for b.Loop() {
				parallel(64, func(int) {
					if err := try(c, "ann", testkit.Password); err != nil {
						b.Error(err)
					}
				})
			}
		})
	}
}
