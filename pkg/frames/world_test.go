package frames

import (
	"context"
	_ "embed"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/grafana/loki/v3/pkg/logproto"
	"github.com/prometheus/common/model"

	"github.com/blueking/incidents/pkg/incident"
	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/query"
	"github.com/blueking/incidents/pkg/scan"
	"github.com/blueking/incidents/pkg/signature"
)

//go:embed testdata/signatures.yaml
var testSignatures []byte

// noon is the end of the fixtures' range, and now.
var noon = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

var labels = incident.Settings{HostLabels: []string{"host"}, ClusterLabel: "cluster"}

// world is a log store in memory; every source has one selector that is its name.
type world struct {
	t              *testing.T
	lines          map[string][]logs.Record
	capped, failed map[string]string
}

func newWorld(t *testing.T) *world {
	return &world{t: t, lines: map[string][]logs.Record{}, capped: map[string]string{}, failed: map[string]string{}}
}

// log adds a line at a time before noon.
func (w *world) log(source signature.Source, before time.Duration, set model.LabelSet, line string) {
	set = set.Merge(model.LabelSet{"source": model.LabelValue(source)})
	w.lines[string(source)] = append(w.lines[string(source)], logs.Record{
		Stream: &logs.Stream{Key: set.String(), Labels: set},
		Entry:  logproto.Entry{Timestamp: noon.Add(-before), Line: line},
	})
}

func (w *world) Read(_ context.Context, req logs.Request) (iter.Seq2[logs.Record, error], *logs.Coverage) {
	cov := &logs.Coverage{Requests: 1}
	return func(yield func(logs.Record, error) bool) {
		window := logs.Window{Start: req.Start, End: req.End, State: logs.Complete}
		if reason := w.failed[req.Selector]; reason != "" {
			window.State, window.Reason = logs.Failed, reason
			cov.Add(window)
			yield(logs.Record{}, bilingual(reason))
			return
		}
		if reason := w.capped[req.Selector]; reason != "" {
			window.State, window.Reason = logs.Capped, reason
		}
		cov.Add(window)
		records := slices.Clone(w.lines[req.Selector])
		slices.SortStableFunc(records, func(a, b logs.Record) int { return a.Entry.Timestamp.Compare(b.Entry.Timestamp) })
		for _, rec := range records {
			if at := rec.Entry.Timestamp; at.Before(req.Start) || !at.Before(req.End) {
				continue
			}
			cov.Lines++
			cov.Bytes += int64(len(rec.Entry.Line))
			if !yield(rec, nil) {
				return
			}
		}
	}, cov
}

func (w *world) Live(context.Context, logs.LiveRequest) (logs.Shipping, error) {
	return logs.Shipping{}, nil
}

func (w *world) Describe(req logs.Request) string { return "read " + req.Selector }

// bilingual is an error with a text in both languages, as pkg/loki's are.
type bilingual string

func (b bilingual) Error() string { return b.Message("en") }

func (b bilingual) Message(lang string) string {
	zh, en, _ := strings.Cut(string(b), "|")
	if lang == "zh" {
		return zh
	}
	return en
}

func testSet(t *testing.T) *signature.Set {
	t.Helper()
	sigs, err := signature.Parse("signatures.yaml", testSignatures)
	if err != nil {
		t.Fatal(err)
	}
	set, err := signature.NewSet(sigs...)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// answer scans the last two hours and selects.
func (w *world) answer(q query.Query) Answer {
	w.t.Helper()
	set := testSet(w.t)
	var selectors []scan.Selector
	for _, source := range signature.Sources() {
		selectors = append(selectors, scan.Selector{Source: source, Selector: string(source), OnHost: source == signature.Agent})
	}
	scanner := scan.New(w, scan.Options{Prepared: scan.Prepare(set), Labels: labels, Selectors: selectors, LookbackMax: 24 * time.Hour, Clock: func() time.Time { return noon }})
	res, err := scanner.Scan(w.t.Context(), scan.Request{Start: noon.Add(-2 * time.Hour), End: noon.Add(time.Second)})
	if err != nil {
		w.t.Fatal(err)
	}
	a, err := q.Select(res, set)
	if err != nil {
		w.t.Fatal(err)
	}
	return a
}

// view is how the goldens look at it.
func view(lang signature.Lang) View {
	return View{Lang: lang, Version: "7.2", UID: "bk uid", LokiUID: "loki", Start: noon.Add(-2 * time.Hour)}
}

// hostile is what an attacker can make a program log.
const hostile = `"'</script><img src=x onerror=alert(1)>](javascript:alert(1)) [x](http://evil.example) {{ .Values }} ${__from} ` + "`id` $(id) | a@b.example http://evil.example/ | # , \x1b[31m\u202e"

// busy is a world with an incident of every kind: a confirmed symptom with its cause, one that is over, a cluster-wide
// one, one made of hostile text, and a signature on trial.
func busy(t *testing.T) *world {
	w := newWorld(t)
	for i, cluster := range []model.LabelValue{"c1", "c1", "c1", "c2"} {
		pod := model.LabelSet{"cluster": cluster, "pod": model.LabelValue("bk-nodeman-worker-" + string(rune('a'+i%2)))}
		w.log(signature.Nodeman, time.Duration(70-20*i)*time.Minute, pod,
			`{"levelname": "WARNING", "message": "0af1c2d3e4 | [app_core_remote:handle_report_data:scripts_error] install failed: sub_inst_id -> 7, ip -> 10.0.0.1, labels -> {'step': 'check'}, log -> [script] [check] agent(PID:4711) is not connect to gse server"}`)
	}
	w.log(signature.Agent, 65*time.Minute, model.LabelSet{"cluster": "c1", "host": "h1"}, "[ERROR] getaddrinfo: Name or service not known")
	w.log(signature.Agent, 15*time.Minute, model.LabelSet{"cluster": "c1", "host": "h2"}, "[ERROR] getaddrinfo: token=abcdefghijkl")
	w.log(signature.Nodeman, 100*time.Minute, model.LabelSet{"cluster": "c3", "pod": "p"}, "[ERROR] download of <</data/x.tgz>> failed")
	w.log(signature.Gateway, 5*time.Minute, model.LabelSet{"cluster": "c1"}, "[ERROR] gateway hiccup")
	return w
}
