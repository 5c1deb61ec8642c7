package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/prometheus/common/version"
	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"github.com/blueking/incidents/pkg/frames"
	"github.com/blueking/incidents/pkg/signature"
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
type usageError struct {
	format string
	args   []any
}

// Error is the text in English.
func (e *usageError) Error() string { return fmt.Sprintf(e.format, e.args...) }

func usagef(format string, args ...any) error { return &usageError{format, args} }

// console is what a command talks to.
type console struct {
	in       io.Reader
	out, err io.Writer
	// screen is err as it is, for what steers the terminal.
	screen io.Writer
	env    func(string) string
	// terminal tells that err is watched by a person, who wants to see progress.
	terminal bool
	// lang is the language of what is said beside the answer.
	lang signature.Lang
}

// note tells something beside the answer.
func (c console) note(format string, args ...any) {
	fmt.Fprintln(c.err, "bkincidents: "+c.say(format, args...))
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
		listCommand(), showCommand(), explainCommand(), newCommand(),
		backtestCommand(), reviewCommand(), rulesCommand(), shipCommand(), setupCommand(), mcpCommand(),
	}
}

// run executes a command line and returns the exit status.
func run(ctx context.Context, args []string, c console) int {
	c.screen = c.err
	c.out, c.err = &printable{to: c.out}, &printable{to: c.err}
	c.lang = spokenIn(args).or(c)
	top := root(c) //nolint:contextcheck // cobra hands the context to the command
	if len(args) == 0 {
		top.SetOut(c.err)
		_ = top.Usage() // nobody is left to tell that standard error is gone
		return exitUsage
	}
	top.SetArgs(args)
	cmd, err := top.ExecuteContextC(ctx)
	var usage *usageError
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errProblems):
		return exitProblems
	case errors.As(err, &usage):
		// What wraps the mistake names the flag or file that it is in.
		text := strings.Replace(err.Error(), usage.Error(), c.say(usage.format, usage.args...), 1)
		c.note("%s: %s; see `%s --help`", cmd.Name(), text, cmd.CommandPath())
	default:
		c.note("%s: %s", cmd.Name(), forFlags.Replace(frames.Message(err, c.lang)))
	}
	return exitUsage
}

// forFlags words advice for a reader who has flags: what speaks of Loki also speaks to users of Grafana.
var forFlags = strings.NewReplacer(
	"the URL in the data source settings", "--loki", "Check host and port in the data source settings", "Check the host and port of --loki",
	"the tenant (X-Scope-OrgID) in the data source settings", "--tenant", "the stream selectors in the data source settings", "--selector",
	" in the data source settings", "", "the DNS of the Grafana server", "the DNS of this machine",
	"数据源设置中的 URL", " --loki", "数据源设置中的主机和端口", " --loki 的主机和端口", "请在数据源设置中填写正确的租户（X-Scope-OrgID）", "请用 --tenant 填写正确的租户",
	"数据源设置中的日志流选择器", " --selector", "Grafana 服务器的 DNS", "本机的 DNS", "数据源设置中的", "",
)

// root is the command line as cobra reads it: help, suggestions, completion and the man page come from there.
func root(c console) *cobra.Command {
	top := &cobra.Command{
		Use:   "bkincidents",
		Short: "Known BlueKing failures in logs",
		Long: `bkincidents finds known BlueKing failures in logs: what failed, where, since when, and what to do.

Exit status: 0 nothing found, 1 incidents or problems found, 2 wrong usage or unreadable input.`,
		Version:       cmp.Or(version.Version, "unknown"), // without one cobra has no --version
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE:          unknownCommand,
		Args:          cobra.ArbitraryArgs,

		SuggestionsMinimumDistance: 2,
	}
	top.SetVersionTemplate(version.Print("bkincidents") + "\n")
	top.SetIn(c.in)
	top.SetOut(c.out)
	top.SetErr(c.err)
	top.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return c.flagError(err) })
	for _, cmd := range commands() {
		top.AddCommand(cmd.cobra(c))
	}
	top.AddCommand(manCommand(top))
	c.translate(top)
	return top
}

// unknownCommand is what remains when no command has the name.
func unknownCommand(top *cobra.Command, args []string) error {
	if near := top.SuggestionsFor(args[0]); len(near) > 0 {
		return usagef("unknown command %q, did you mean %q?", args[0], near[0])
	}
	return usagef("unknown command %q", args[0])
}

// declare declares the flags of a command, and returns what runs it.
func (cmd command) declare() (*flag.FlagSet, func(context.Context, console, []string) error) {
	flags := flag.NewFlagSet(cmd.name, flag.ContinueOnError)
	do := cmd.setup(flags)
	if flags.Lookup("lang") == nil { // read before anything is parsed, see spokenIn
		flags.Var(new(langFlag), "lang", "`language` of the messages: zh or en (default: that of LANG)")
	}
	return flags, do
}

func (cmd command) cobra(c console) *cobra.Command {
	flags, do := cmd.declare()
	out := &cobra.Command{
		Use:   strings.TrimSpace(cmd.name + " " + cmd.args),
		Short: cmd.short,
		Long:  strings.TrimSpace(cmd.long),
		RunE:  func(x *cobra.Command, args []string) error { return do(x.Context(), c, args) },

		DisableFlagsInUseLine: true,
	}
	out.Flags().AddGoFlagSet(flags)
	return out
}

// manCommand writes the man pages; packages of the command line bring them.
func manCommand(top *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use: "man FOLDER", Short: "man pages into a folder", Hidden: true, Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			// A page has no date, so that the same source gives the same page.
			header := &doc.GenManHeader{Title: "BKINCIDENTS", Section: "1", Source: "BlueKing Incidents", Date: &time.Time{}}
			top.DisableAutoGenTag = true
			return doc.GenManTree(top, header, args[0])
		},
	}
}
