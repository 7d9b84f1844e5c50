package cli

import "testing"

func TestParseSize(t *testing.T) {
	for in, want := range map[string]int64{
		"none": 0, "0": 0, "12": 12, "12 b": 12, "1k": 1024, "1kB": 1000, "1.5 GB": 1_500_000_000, "2TiB": 2 << 40, " 500M ": 500 << 20,
		"": -1, "x": -1, "-1": -1, "1e3": -1, "0x10": -1, "1 zb": -1, "10g5": -1, "99999999T": -1, "NaN": -1, "Inf": -1, "1.2.3": -1,
	} {
		got, ok := parseSize(in)
		if !ok {
			got = -1
		}
		if got != want {
			t.Errorf("parseSize(%q) = %d, want %d", in, got, want)
		}
	}
}

func FuzzParseSize(f *testing.F) {
	f.Add("1.5 GB")
	f.Fuzz(func(t *testing.T, s string) {
		if n, ok := parseSize(s); ok && n < 0 {
			t.Errorf("parseSize(%q) = %d", s, n)
		}
	})
}

func TestSizeText(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0 bytes", 1: "1 byte", 1023: "1023 bytes", 1024: "1.0 KiB", 10 << 10: "10 KiB", 1 << 30: "1.0 GiB", 1<<63 - 1: "8192 PiB",
	} {
		if got := sizeText(n); got != want {
			t.Errorf("sizeText(%d) = %q, want %q", n, got, want)
		}
	}
}
