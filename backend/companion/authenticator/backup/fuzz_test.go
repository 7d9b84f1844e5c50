package backup

import (
	"encoding/json"
	"testing"

	"latchkey/backend/companion/authenticator/otpauth"
	"latchkey/backend/internal/secret"
)

func samples() []string {
	return []string{
		aegisPlain, twoFASPlain, bitwardenPlain, raivoPlain, andOTPPlain, freeOTPPlain, keePassXCPlain, bitwardenTable, uriLines,
	}
}

// fuzz feeds a reader. What it accepts can be written and read again, and what
// it refuses it refuses with words for a person.
func fuzz(f *testing.F, read func([]byte) (Backup, error), seeds ...[]byte) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		b, err := read(in)
		if err != nil {
			wantSafe(t, err)
			return
		}
		if len(b.Found)+len(b.Unread) > 2*otpauth.MostEntries {
			t.Errorf("%d entries", len(b.Found)+len(b.Unread))
		}
		for _, x := range b.Found {
			again, err := otpauth.ParseURI(x.Entry.URI())
			if err != nil || again.Key != x.Entry.Key {
				t.Errorf("%+v reads as %+v, %v", x, again, err)
			}
		}
	})
}

func FuzzRead(f *testing.F) {
	var seeds [][]byte
	for _, s := range samples() {
		seeds = append(seeds, []byte(s))
	}
	fuzz(f, func(in []byte) (Backup, error) { return Read(in, secret.Text{}) }, seeds...)
}

func FuzzAegis(f *testing.F) {
	fuzz(f, func(in []byte) (Backup, error) { return readAegis(in, secret.Text{}) }, []byte(aegisPlain), aegisSealed(f, 2))
}

func FuzzAegisSealed(f *testing.F) {
	fuzz(f, func(in []byte) (Backup, error) {
		var file aegisFile
		if json.Unmarshal(in, &file) == nil {
			for _, s := range file.Header.Slots {
				if s.N > 64 || s.R > 8 || s.P > 8 {
					return Backup{}, ErrCostly // allowed, but slow
				}
			}
		}
		return readAegis(in, typed())
	}, aegisSealed(f, 2))
}

func FuzzTwoFAS(f *testing.F) {
	fuzz(f, func(in []byte) (Backup, error) { return readTwoFAS(in, secret.Text{}) }, []byte(twoFASPlain), twoFASSealed(f))
}

func FuzzTwoFASSealed(f *testing.F) {
	fuzz(f, func(in []byte) (Backup, error) { return readTwoFAS(in, typed()) }, twoFASSealed(f))
}

func FuzzEnteSealed(f *testing.F) {
	fuzz(f, func(in []byte) (Backup, error) {
		var file enteFile
		if json.Unmarshal(in, &file) == nil && (file.KDF.Memory > 1<<20 || file.KDF.Passes > 4) {
			return Backup{}, ErrCostly
		}
		return readEnteSealed(in, typed())
	}, enteSealed(f))
}

// The stream itself, without a key that is stretched in its way.
func FuzzStream(f *testing.F) {
	f.Add(make([]byte, 32), make([]byte, 24), make([]byte, 17))
	f.Fuzz(func(t *testing.T, key, header, sealed []byte) {
		if _, err := openStream(key, header, sealed); err == nil && len(sealed) < 17 {
			t.Errorf("%x opens", sealed)
		}
	})
}

func FuzzAndOTP(f *testing.F) { fuzz(f, readAndOTP, []byte(andOTPPlain)) }

func FuzzAndOTPSealed(f *testing.F) {
	fuzz(f, func(in []byte) (Backup, error) {
		if len(in) > 2 && in[0] == 0 && in[1] > 0 {
			return Backup{}, ErrCostly
		}
		return readAndOTPSealed(in, typed())
	}, andOTPSealed(f, 1000), andOTPSealedOld(f))
}

func FuzzBitwarden(f *testing.F) { fuzz(f, readBitwarden, []byte(bitwardenPlain)) }
func FuzzRaivo(f *testing.F)     { fuzz(f, readRaivo, []byte(raivoPlain)) }

func FuzzFreeOTP(f *testing.F) {
	fuzz(f, func(in []byte) (Backup, error) { return readFreeOTP(in) }, []byte(`[{"issuerExt":"a","secret":[1,-2,3,4,5]}]`))
}

func FuzzText(f *testing.F) {
	fuzz(f, readText, []byte(keePassXCPlain), []byte(bitwardenTable), []byte(uriLines))
}
