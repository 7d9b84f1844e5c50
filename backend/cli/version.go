package cli

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"
)

type versionJSON struct {
	Version  string `json:"version"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

func (a *app) versionCommand() *cobra.Command {
	return a.withJSON(&cobra.Command{
		Use:   "version",
		Short: "Tell which version this is",
		Args:  takes(0, 0),
		RunE: func(*cobra.Command, []string) error {
			v := versionJSON{a.version, runtime.Version(), runtime.GOOS + "/" + runtime.GOARCH}
			if a.json {
				return a.printJSON(v)
			}
			_, err := fmt.Fprintf(a.out, "latchkey %s (%s, %s)\n", v.Version, v.Go, v.Platform)
			return err
		},
	})
}
