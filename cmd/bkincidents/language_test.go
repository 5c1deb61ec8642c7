package main

import (
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

// Whoever reads Chinese reads all of it in Chinese: help, flags, mistakes and notices.
func TestEverythingIsSaidInChineseToo(t *testing.T) {
	usages := map[string]bool{}
	for _, cmd := range commands() {
		if help := helpZH[cmd.name]; help.short == "" || help.long == "" {
			t.Errorf("the help of %s is not in helpZH", cmd.name)
		}
		flags, _ := cmd.declare()
		flags.VisitAll(func(f *flag.Flag) {
			usages[f.Usage] = true
			if usageZH[f.Usage] == "" {
				t.Errorf("%s --%s: %q is not in usageZH", cmd.name, f.Name, f.Usage)
			}
		})
	}
	for usage := range usageZH {
		if !usages[usage] {
			t.Errorf("no flag says %q any more", usage)
		}
	}
	said := map[string]bool{}
	for _, pattern := range []string{"*.go", "internal/files/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if !strings.HasSuffix(file, "_test.go") {
				spoken(t, file, said)
			}
		}
	}
	if len(said) < 60 {
		t.Fatalf("%d messages were found in the code", len(said))
	}
	for text := range said {
		if _, ok := messagesZH[text]; !ok && strings.ContainsFunc(strings.ReplaceAll(text, "%s", ""), unicode.IsLetter) {
			t.Errorf("%q is not in messagesZH", text)
		}
	}
	for text, zh := range messagesZH {
		if strings.Count(text, "%")-2*strings.Count(text, "%%") != strings.Count(zh, "%")-2*strings.Count(zh, "%%") {
			t.Errorf("%q and %q speak of different values", text, zh)
		}
	}
}

// spoken collects the formats that a file says.
func spoken(t *testing.T, file string, into map[string]bool) {
	t.Helper()
	tree, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(tree, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || len(call.Args) == 0 {
			return true
		}
		name := ""
		switch f := call.Fun.(type) {
		case *ast.Ident:
			name = f.Name
		case *ast.SelectorExpr:
			name = f.Sel.Name
		}
		text, literal := call.Args[0].(*ast.BasicLit)
		if literal && text.Kind == token.STRING && (name == "usagef" || name == "note" || name == "Note") {
			if s, err := strconv.Unquote(text.Value); err == nil {
				into[s] = true
			}
		}
		return true
	})
}

func TestChineseIsSpokenWhereItIsAskedFor(t *testing.T) {
	for _, c := range []struct {
		args []string
		want []string
		not  []string
	}{
		{[]string{"--lang", "zh", "scan"}, nil, nil}, // --lang belongs to a command: what matters is that nothing breaks
		{[]string{"scan", "--lang", "zh", "--help"}, []string{"用法：", "日志文件", "显示帮助", "输出格式"}, []string{"Usage", "Flags"}},
		{[]string{"scan", "--lang=zh", "--nope"}, []string{"没有参数 --nope", "用法见"}, []string{"unknown flag"}},
		{[]string{"scan", "--lang", "zh", "--format", "xml", "-"}, []string{"未知的格式"}, []string{"unknown format"}},
		{[]string{"query", "--lang", "zh"}, []string{"缺少 --loki"}, nil},
		{[]string{"scan", "--lang", "en", "--help"}, []string{"Usage:"}, []string{"用法"}},
	} {
		_, out, stderr := call(t, "", c.args...)
		for _, want := range c.want {
			if !strings.Contains(out+stderr, want) {
				t.Errorf("%v: %q is missing in %s%s", c.args, want, out, stderr)
			}
		}
		for _, not := range c.not {
			if strings.Contains(out+stderr, not) {
				t.Errorf("%v says %q: %s%s", c.args, not, out, stderr)
			}
		}
	}
}
