// Package corpus measures the shipped catalogue against labelled lines that were written from BlueKing's log formats
// without sight of the signatures (testdata/corpus/README.md).
package corpus

import (
	"bufio"
	"encoding/json"
	"os"
	"reflect"
	"slices"
	"testing"

	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/match"
	"github.com/blueking/incidents/pkg/signature"
	"github.com/blueking/incidents/pkg/signature/catalogue"
)

type labelled struct {
	ID     string           `json:"id"`
	Source signature.Source `json:"source"`
	Stream string           `json:"stream"`
	Line   string           `json:"line"`
	Expect []struct {
		Signature string            `json:"signature"`
		Captures  map[string]string `json:"captures"`
	} `json:"expect"`
	Why string `json:"why"`
}

func read[T any](t *testing.T, name string) []T {
	t.Helper()
	f, err := os.Open("../../testdata/corpus/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	var out []T
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 4<<20)
	for lines.Scan() {
		var l T
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			t.Fatal(err)
		}
		out = append(out, l)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// wraps are what a runtime or a collector does to any line, whatever it carries already.
var wraps = map[string]func(string) string{
	"cri": func(l string) string { return "2026-10-22T17:01:02.345678901+08:00 stderr F " + l },
	"docker": func(l string) string {
		b, _ := json.Marshal(map[string]string{"log": l + "\n", "stream": "stdout", "time": "2026-10-22T09:01:02.3Z"})
		return string(b)
	},
	"fluent-bit": func(l string) string {
		b, _ := json.Marshal(map[string]any{"time": "2026-10-22T09:01:02.3Z", "stream": "stderr", "_p": "F", "log": l, "kubernetes": map[string]string{"pod_name": "p"}})
		return string(b)
	},
	"crlf":  func(l string) string { return l + "\r\n" },
	"ansi":  func(l string) string { return "\x1b[0;31m" + l + "\x1b[0m" },
	"bom":   func(l string) string { return "\ufeff" + l },
	"space": func(l string) string { return l + "  \t" },
	"cri around docker": func(l string) string {
		b, _ := json.Marshal(map[string]string{"log": l + "\r\n"})
		return "2026-10-22T17:01:02Z stdout F " + string(b)
	},
}

func TestWhatCarriesALineDoesNotChangeTheAnswer(t *testing.T) {
	matcher := shipped(t)
	answer := func(c labelled, line string) map[string]map[string]string {
		out := map[string]map[string]string{}
		for _, hit := range matcher.Line(c.Source, line) {
			if hit.Role == match.Detects {
				out[hit.Signature.ID] = hit.Captures
			}
		}
		return out
	}
	for _, c := range read[labelled](t, "labelled.jsonl") {
		want := answer(c, c.Line)
		for name, wrap := range wraps {
			if got := answer(c, wrap(c.Line)); !reflect.DeepEqual(got, want) {
				t.Errorf("%s in %s: got %v, want %v: %.200q", c.ID, name, got, want, c.Line)
			}
		}
	}
}

func shipped(t *testing.T) *match.Matcher {
	t.Helper()
	set, err := catalogue.Set()
	if err != nil {
		t.Fatal(err)
	}
	return match.New(set)
}

func TestCatalogueAgainstLabelledLines(t *testing.T) {
	for _, name := range []string{"labelled.jsonl", "carried.jsonl", "unseen.jsonl", "further.jsonl", "fresh.jsonl", "wider.jsonl", "strange.jsonl", "crossed.jsonl", "mixed.jsonl", "siblings.jsonl", "shipped.jsonl", "told.jsonl", "posted.jsonl", "quoted.jsonl", "probed.jsonl", "again.jsonl"} {
		t.Run(name, func(t *testing.T) { measure(t, read[labelled](t, name)) })
	}
}

func measure(t *testing.T, cases []labelled) {
	t.Helper()
	matcher := shipped(t)
	streams := map[string]*logs.Stream{}
	var hits []*match.Match
	for i, c := range cases {
		key := string(c.Source) + "/" + c.Stream
		if streams[key] == nil {
			streams[key] = &logs.Stream{Key: key}
		}
		for _, hit := range matcher.Line(c.Source, c.Line) {
			hits = append(hits, &match.Match{Kind: &match.Kind{Hit: hit, Stream: streams[key]}, Entry: &match.Entry{Seq: i, Line: match.PlainText(c.Line)}})
		}
	}
	got := map[string]map[string]map[string]string{} // case → signature → captures
	for _, m := range match.Join(hits, true) {
		if m.Role == match.Detects {
			id := cases[m.Seq].ID
			if got[id] == nil {
				got[id] = map[string]map[string]string{}
			}
			got[id][m.Signature.ID] = m.Captures
		}
	}

	var truePos, falsePos, falseNeg, captures, wrong int
	for _, c := range cases {
		var wanted []string
		for _, e := range c.Expect {
			wanted = append(wanted, e.Signature)
			have, ok := got[c.ID][e.Signature]
			if !ok {
				falseNeg++
				t.Errorf("missed %s in %s (%s): %.300q", e.Signature, c.ID, c.Why, c.Line)
				continue
			}
			truePos++
			for name, v := range e.Captures {
				captures++
				if have[name] != v {
					wrong++
					t.Errorf("%s (%s): %s is %q, want %q", c.ID, c.Why, name, have[name], v)
				}
			}
		}
		for id := range got[c.ID] {
			if !slices.Contains(wanted, id) {
				falsePos++
				t.Errorf("false %s in %s (%s): %.300q", id, c.ID, c.Why, c.Line)
			}
		}
	}
	t.Logf("%d lines: precision %.4f, recall %.4f, captures %.4f (%d of %d)", len(cases),
		float64(truePos)/float64(max(1, truePos+falsePos)), float64(truePos)/float64(max(1, truePos+falseNeg)),
		float64(captures-wrong)/float64(max(1, captures)), captures-wrong, captures)
}
