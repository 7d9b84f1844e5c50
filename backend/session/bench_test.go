package session_test

import (
	"testing"

	"latchkey/backend/internal/testkit"
)

// BenchmarkAuthenticate is what every request costs before it is served.
func BenchmarkAuthenticate(b *testing.B) {
	c := testkit.Open(b, testkit.Options{})
	in := open(b, c, c.User("ann").ID, device("phone"))
	b.Run("one", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := c.Who(in.Token); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("parallel", func(b *testing.B) {
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if _, err := c.Who(in.Token); err != nil {
					b.Error(err)
				}
			}
		})
	})
}
