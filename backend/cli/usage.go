package cli

import (
	"errors"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// takes returns a check that a command gets from least to most arguments;
// most -1 is any number.
func takes(least, most int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) < least || most >= 0 && len(args) > most {
			return usagef("Write it as: %s", strings.TrimSuffix(cmd.UseLine(), " [flags]"))
		}
		return nil
	}
}

// asUsage returns an error about a command line that no check of ours has
// refused, such as an argument too many of a command that cobra brings.
func asUsage(err error) error {
	if _, ok := errors.AsType[*usageError](err); ok {
		return err
	}
	return usagef("That command line cannot be understood. See latchkey --help")
}

// helpCommand is cobra's, but for a command that is not there.
func helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Explain a command",
		RunE: func(cmd *cobra.Command, args []string) error {
			about, rest, err := cmd.Root().Find(args)
			if err != nil {
				return asUsage(err)
			}
			if len(rest) > 0 {
				return unknownCommand(about, rest[0])
			}
			about.InitDefaultHelpFlag()
			return about.Help()
		},
	}
}

// flagError says in words what is wrong with a flag.
func flagError(cmd *cobra.Command, err error) error {
	if words := cmd.Flags().Args(); cmd.HasSubCommands() && len(words) > 0 {
		return unknownCommand(cmd, words[0])
	}
	if unknown, ok := errors.AsType[*pflag.NotExistError](err); ok {
		return unknownFlag(cmd, unknown)
	}
	if bare, ok := errors.AsType[*pflag.ValueRequiredError](err); ok {
		return usagef("The flag --%s needs a value after it.", bare.GetFlag().Name)
	}
	if bad, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		return usagef("The flag --%s cannot be %q.", bad.GetFlag().Name, bad.GetValue())
	}
	return usagef("The flags cannot be read. See %s --help", cmd.CommandPath())
}

func unknownFlag(cmd *cobra.Command, e *pflag.NotExistError) error {
	if e.GetSpecifiedShortnames() != "" {
		return usagef("There is no flag -%s. See %s --help", e.GetSpecifiedName(), cmd.CommandPath())
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	if near := nearest(e.GetSpecifiedName(), names); near != "" {
		return usagef("There is no flag --%s. Did you mean --%s?", e.GetSpecifiedName(), near)
	}
	return usagef("There is no flag --%s. See %s --help", e.GetSpecifiedName(), cmd.CommandPath())
}

func unknownCommand(cmd *cobra.Command, word string) error {
	var names []string
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	if near := nearest(word, names); near != "" {
		return usagef("There is no command %q. Did you mean: %s %s", word, cmd.CommandPath(), near)
	}
	return usagef("There is no command %q. List them with: %s --help", word, cmd.CommandPath())
}

// nearest returns the word that was probably meant: one that begins as typed,
// or else the one with the fewest changes, of which there may be one for every
// three letters. Case makes no difference. Returns "" if none is near.
func nearest(typed string, words []string) string {
	best, fewest := "", len(typed)/3+1
	typed = strings.ToLower(typed)
	for _, w := range words {
		lower := strings.ToLower(w)
		if typed != "" && strings.HasPrefix(lower, typed) {
			return w
		}
		if d := distance(typed, lower); d < fewest || d == fewest && best == "" {
			best, fewest = w, d
		}
	}
	return best
}

// distance counts the bytes to change, add or drop to turn a into b.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j+1]+1, row[j]+1)
		}
	}
	return row[len(b)]
}
