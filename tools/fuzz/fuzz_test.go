package fuzz

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestTargetsAreThoseThatGoWouldRun(t *testing.T) {
	root := t.TempDir()
	for name, text := range map[string]string{
		"a/x_test.go":            "package a\nfunc FuzzOne(f *testing.F) {\n}\nfunc FuzzTwo(tb *testing.F) {}\nfunc helper(f *testing.F) {}\n",
		"a/x.go":                 "package a\nfunc FuzzNot(f *testing.F) {}\n",
		"nested/go.mod":          "module nested\n",
		"nested/x_test.go":       "package nested\nfunc FuzzNested(f *testing.F) {}\n",
		"node_modules/x_test.go": "func FuzzModule(f *testing.F) {}\n",
		".git/x_test.go":         "func FuzzHidden(f *testing.F) {}\n",
	} {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := Targets(root)
	if want := []Target{{"a", "FuzzOne"}, {"a", "FuzzTwo"}}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%v %v, want %v", got, err, want)
	}
}

// foreign is every kind of input that somebody else writes, and the target that feeds it.
var foreign = map[string]string{
	"signature YAML":                   "pkg/signature.FuzzParse",
	"signature YAML in the settings":   "pkg/plugin.FuzzCustomSignatures",
	"templates of commands":            "pkg/signature.FuzzTemplate",
	"values in commands":               "tests/scenarios.FuzzCommandsHoldValuesAsLiteralWords",
	"log lines, through everything":    "tests/scenarios.FuzzLinesNeverBreakOut",
	"query JSON":                       "pkg/query.FuzzParse",
	"query JSON, answered":             "pkg/plugin.FuzzQueryData",
	"settings JSON":                    "pkg/settings.FuzzLoad",
	"resource requests":                "pkg/plugin.FuzzCallResource",
	"Loki's protobuf":                  "pkg/loki.FuzzDecodeProto",
	"Loki's JSON":                      "pkg/loki.FuzzDecodeJSON",
	"Loki's Content-Type":              "pkg/loki.FuzzContentType",
	"Loki's other answers and errors":  "pkg/loki.FuzzAnswers",
	"selector, matchers, literals":     "pkg/loki.FuzzQuery",
	"stream selectors":                 "pkg/selector.FuzzParse",
	"label strings":                    "pkg/selector.FuzzParseLabels",
	"log wrappers":                     "pkg/event.FuzzRead",
	"log lines before the expressions": "pkg/match.FuzzFilter",
	"values in Markdown":               "pkg/frames.FuzzEscapeMarkdown",
	"values in fenced code":            "pkg/frames.FuzzFence",
	"times in log lines":               "pkg/event.FuzzTime",
	"rows of nodeman's database":       "cmd/bkincidents/internal/ship.FuzzSplit",
}

func TestEveryForeignInputHasATarget(t *testing.T) {
	targets, err := Targets("../..")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, target := range targets {
		names = append(names, target.String())
	}
	for input, name := range foreign {
		if !slices.Contains(names, name) {
			t.Errorf("%s: there is no target %s", input, name)
		}
	}
}

func TestJudge(t *testing.T) {
	failed := errors.New("exit status 1")
	for name, tt := range map[string]struct {
		output, execs string
		err, stopped  error
		want          error
	}{
		"clean":         {"fuzz: elapsed: 3s, execs: 10 (3/sec)\nfuzz: elapsed: 6s, execs: 25 (5/sec), new interesting: 1\nPASS\n", "25", nil, nil, nil},
		"an input":      {"fuzz: elapsed: 1s, execs: 7 (7/sec)\n--- FAIL: FuzzX (1.0s)\n    Failing input written to testdata/fuzz/FuzzX/1\n", "7", failed, nil, ErrFound},
		"no compile":    {"x_test.go:1: undefined: y\nFAIL\tp [build failed]\n", "0", failed, nil, failed},
		"stopped by us": {"fuzz: elapsed: 1s, execs: 7 (7/sec)\n", "7", failed, os.ErrDeadlineExceeded, os.ErrDeadlineExceeded},
	} {
		r := judge(tt.output, tt.err, tt.stopped)
		if r.execs != tt.execs || !errors.Is(r.err, tt.want) || (r.err == nil) != (tt.want == nil) {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

func TestReport(t *testing.T) {
	var out strings.Builder
	err := report(&out, []result{{target: Target{"a", "FuzzOne"}, execs: "12"}, {target: Target{"b", "FuzzTwo"}, execs: "3", err: ErrFound}})
	if !errors.Is(err, ErrFound) || !strings.Contains(err.Error(), "b.FuzzTwo") {
		t.Error(err)
	}
	for _, want := range []string{"a.FuzzOne  12", "clean", "b.FuzzTwo  3", "FAILED", "2 targets"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing in\n%s", want, &out)
		}
	}
}
