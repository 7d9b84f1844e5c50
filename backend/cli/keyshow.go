package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"latchkey/backend/companion/sshkeys"
	"latchkey/backend/identity"
)

type shownKeyJSON struct {
	File        string               `json:"file,omitempty"` // the private half
	Type        string               `json:"type"`
	Bits        int                  `json:"bits"`
	Fingerprint identity.Fingerprint `json:"fingerprint"`
	MD5         string               `json:"md5"`
	Comment     string               `json:"comment,omitempty"`
	Format      sshkeys.Format       `json:"format,omitempty"` // of the private half
	Encrypted   bool                 `json:"encrypted"`
	Line        string               `json:"line"`
	Randomart   string               `json:"randomart"`
}

func (a *app) keyShow() *cobra.Command {
	return a.withJSON(&cobra.Command{
		Use:   "show FILE",
		Short: "Tell about a key: fingerprints, picture, format, and what to upload",
		Args:  takes(1, 1),
		RunE: a.onDesk(func(_ context.Context, d *desk, args []string) error {
			k, err := sshkeys.Find(args[0])
			if err != nil {
				return err
			}
			if k.Line == "" {
				return sshkeys.ErrNoPublic
			}
			return d.showKey(k)
		}),
	})
}

func (d *desk) showKey(k sshkeys.KeyFile) error {
	if d.json {
		out := shownKeyJSON{
			Type: k.Type, Bits: k.Bits, Fingerprint: k.Fingerprint, MD5: k.MD5, Comment: k.Comment,
			Format: k.Format, Encrypted: k.Encrypted, Line: k.Line, Randomart: k.Art(),
		}
		if k.HasPrivate {
			out.File = k.Path
		}
		return d.printJSON(out)
	}
	private := "not on this computer"
	if k.HasPrivate {
		private = k.Path
	}
	protected := "no: whoever has the file can use the key"
	if k.Encrypted {
		protected = "yes"
	}
	rows := [][]string{
		{"Key", fmt.Sprintf("%s, %d bits", k.Algorithm, k.Bits)}, {"Comment", orDash(k.Comment)},
		{"SHA-256", string(k.Fingerprint)}, {"MD5", k.MD5}, {"Private half", private},
	}
	if k.HasPrivate {
		rows = append(rows, []string{"Format", orDash(string(k.Format))}, []string{"Passphrase", protected})
	}
	if err := printTable(d.out, rows); err != nil {
		return err
	}
	_, err := fmt.Fprintf(d.out, "%s\n%s\n", k.Art(), printable(k.Line))
	return err
}
