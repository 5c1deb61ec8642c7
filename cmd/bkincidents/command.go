package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/prometheus/common/version"
)

// The exit statuses; scripts rely on them.
const (
	exitOK       = 0
	exitProblems = 1 // incidents, lint problems, failed fixtures or malformed input lines were found
	exitUsage    = 2 // the command line is wrong, or what it names cannot be read
)

// errProblems ends a command with exitProblems; what was found has been printed.
var errProblems = errors.New("problems were found")

// usageError is a mistake in the command line.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

func usagef(format string, args ...any) error { return &usageError{fmt.Sprintf(format, args...)} }

// console is what a command talks to.
type console struct {
	in       io.Reader
	out, err io.Writer
	env      func(string) string
	// terminal tells that err is watched by a person, who wants to see progress.
	terminal bool
}

// note tells something beside the answer.
func (c console) note(format string, args ...any) {
	fmt.Fprintf(c.err, "bkincidents: "+format+"\n", args...)
}

// command is one word of the command line. setup declares its flags and returns what runs it with the arguments.
type command struct {
	name, args, short, long string
	setup                   func(*flag.FlagSet) func(context.Context, console, []string) error
}

func commands() []command {
	return []command{
		scanCommand(), matchCommand(), queryCommand(),
		lintCommand(), testCommand(),
		listCommand(), showCommand(), explainCommand(),
		backtestCommand(), rulesCommand(),
	}
}

// run executes a command line and returns the exit status.
func run(ctx context.Context, args []string, c console) int {
	if len(args) == 0 {
		overview(c.err)
		return exitUsage
	}
	switch args[0] {
	case "help", "-h", "-help", "--help":
		if len(args) > 1 && args[0] == "help" {
			return run(ctx, []string{args[1], "--help"}, c)
		}
		overview(c.out)
		return exitOK
	case "version", "-version", "--version":
		fmt.Fprintln(c.out, version.Print("bkincidents"))
		return exitOK
	}
	all := commands()
	i := slices.IndexFunc(all, func(cmd command) bool { return cmd.name == args[0] })
	if i < 0 {
		c.note("unknown command %q: see `bkincidents help`", args[0])
		return exitUsage
	}
	return execute(ctx, all[i], args[1:], c)
}

func execute(ctx context.Context, cmd command, args []string, c console) int {
	flags := flag.NewFlagSet(cmd.name, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	do := cmd.setup(flags)
	rest, err := parse(flags, args)
	if errors.Is(err, flag.ErrHelp) {
		help(c.out, cmd, flags)
		return exitOK
	}
	if err == nil {
		err = do(ctx, c, rest)
	} else {
		err = &usageError{err.Error()}
	}
	var usage *usageError
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errProblems):
		return exitProblems
	case errors.As(err, &usage):
		c.note("%s: %v; see `bkincidents %s --help`", cmd.name, err, cmd.name)
	default:
		c.note("%s: %v", cmd.name, err)
	}
	return exitUsage
}

// parse lets flags stand after arguments, too, as people type them. "--" ends the flags.
func parse(flags *flag.FlagSet, args []string) ([]string, error) {
	var rest []string
	for {
		if err := flags.Parse(args); err != nil {
			return nil, err
		}
		left := flags.Args()
		if n := len(args) - len(left); n > 0 && args[n-1] == "--" {
			return append(rest, left...), nil
		}
		if len(left) == 0 {
			return rest, nil
		}
		rest, args = append(rest, left[0]), left[1:]
	}
}

func overview(w io.Writer) {
	fmt.Fprint(w, "bkincidents finds known BlueKing failures in logs: what failed, where, since when, and what to do.\n\nCommands:\n")
	for _, cmd := range commands() {
		fmt.Fprintf(w, "  %-8s %s\n", cmd.name, cmd.short)
	}
	fmt.Fprint(w, "\n`bkincidents help COMMAND` tells more. Exit status: 0 nothing found, 1 incidents or problems found,\n2 wrong usage or unreadable input.\n")
}

func help(w io.Writer, cmd command, flags *flag.FlagSet) {
	fmt.Fprintf(w, "Usage: bkincidents %s %s\n\n%s\n", cmd.name, cmd.args, strings.TrimSpace(cmd.long))
	title := "\nFlags:\n"
	flags.VisitAll(func(f *flag.Flag) {
		value, usage := flag.UnquoteUsage(f)
		if value != "" {
			value = " " + value
		}
		if f.DefValue != "" {
			usage += " (default: " + f.DefValue + ")"
		}
		fmt.Fprintf(w, "%s  --%s%s\n        %s\n", title, f.Name, value, usage)
		title = ""
	})
}
