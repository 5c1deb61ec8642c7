package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/blueking/incidents/pkg/signature"
)

// say writes a message in the language of the console. The English text is the key, as in gettext.
func (c console) say(format string, args ...any) string {
	if zh, ok := messagesZH[format]; ok && c.lang == signature.ZH {
		format = zh
	}
	for i, arg := range args {
		if e, ok := arg.(*usageError); ok {
			args[i] = c.say(e.format, e.args...)
		}
	}
	return fmt.Sprintf(format, args...)
}

// spokenIn is the language that --lang names, before anything is parsed: help and mistakes are told in it, too.
func spokenIn(args []string) (lang langFlag) {
	for i, arg := range args {
		value, given := strings.CutPrefix(arg, "--lang=")
		if arg == "--lang" && i+1 < len(args) {
			value, given = args[i+1], true
		}
		if given {
			_ = lang.Set(value) // the command says what is wrong with it
		}
	}
	return lang
}

// flagError is a mistake that the parser of flags found.
func (c console) flagError(err error) error {
	var (
		missing *pflag.NotExistError
		empty   *pflag.ValueRequiredError
		invalid *pflag.InvalidValueError
	)
	switch {
	case errors.As(err, &missing):
		return usagef("there is no flag --%s", missing.GetSpecifiedName())
	case errors.As(err, &empty):
		return usagef("--%s needs a value", empty.GetSpecifiedName())
	case errors.As(err, &invalid):
		return usagef("--%s %q: %v", invalid.GetFlag().Name, invalid.GetValue(), invalid.Unwrap())
	}
	return usagef("%v", err)
}

// translate puts the help of all commands into the language of the console.
func (c console) translate(top *cobra.Command) {
	if c.lang != signature.ZH {
		return
	}
	top.Short, top.Long = "日志中的蓝鲸已知故障", aboutZH
	top.SetUsageTemplate(usageTemplateZH)
	top.InitDefaultHelpCmd()
	top.InitDefaultCompletionCmd()
	for _, cmd := range top.Commands() {
		if help, ok := helpZH[cmd.Name()]; ok {
			cmd.Short, cmd.Long = help.short, strings.TrimSpace(help.long)
		}
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			if zh, ok := usageZH[f.Usage]; ok {
				f.Usage = zh
			}
		})
		cmd.InitDefaultHelpFlag()
		cmd.Flags().Lookup("help").Usage = "显示帮助"
		switch cmd.Name() {
		case "help":
			cmd.Short = "显示命令的帮助"
		case "completion":
			cmd.Short = "生成 shell 补全脚本"
		}
	}
	top.InitDefaultHelpFlag()
	top.Flags().Lookup("help").Usage = "显示帮助"
	top.InitDefaultVersionFlag()
	top.Flags().Lookup("version").Usage = "显示版本"
}

const aboutZH = `bkincidents 在日志中查找蓝鲸的已知故障：什么故障、在哪里、从何时开始、如何处置。

退出码：0 没有发现，1 发现故障事件或问题，2 用法错误或输入无法读取。`

// usageTemplateZH is cobra's template in Chinese.
const usageTemplateZH = `用法：{{if .Runnable}}
  {{.UseLine}}{{end}}{{if .HasAvailableSubCommands}}
  {{.CommandPath}} [命令]{{end}}{{if .HasAvailableSubCommands}}

命令：{{range .Commands}}{{if (or .IsAvailableCommand (eq .Name "help"))}}
  {{rpad .Name .NamePadding }} {{.Short}}{{end}}{{end}}{{end}}{{if .HasAvailableLocalFlags}}

参数：
{{.LocalFlags.FlagUsages | trimTrailingWhitespaces}}{{end}}{{if .HasAvailableSubCommands}}

用 "{{.CommandPath}} [命令] --help" 查看某个命令的详细用法。{{end}}
`
