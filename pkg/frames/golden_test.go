package frames

import (
	"flag"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/grafana/grafana-plugin-sdk-go/experimental"
	"github.com/prometheus/common/model"

	"github.com/blueking/incidents/pkg/changes"
	"github.com/blueking/incidents/pkg/match"
	"github.com/blueking/incidents/pkg/query"
	"github.com/blueking/incidents/pkg/signature"
	"github.com/blueking/incidents/pkg/trend"
	"github.com/blueking/incidents/pkg/unmatched"
)

// update rewrites the goldens: go test ./pkg/frames -update
var update = flag.Bool("update", false, "rewrite the golden files")

func TestEveryViewOfOneFixture(t *testing.T) {
	w, set := busy(t), testSet(t)
	for name, render := range map[string]func(a Answer, v View) *data.Frame{
		"incidents":         func(a Answer, v View) *data.Frame { return Incidents(a, "", v) },
		"incidents-brief":   func(a Answer, v View) *data.Frame { return Incidents(a, query.ViewBrief, v) },
		"annotations":       func(a Answer, v View) *data.Frame { return Annotations(a, "", v) },
		"alert-identity":    AlertIdentity,
		"alert-evidence":    AlertEvidence,
		"count-active":      func(a Answer, v View) *data.Frame { return Count(a, v, query.StatActive) },
		"count-started":     func(a Answer, v View) *data.Frame { return Count(a, v, query.StatStarted) },
		"count-lines":       func(a Answer, v View) *data.Frame { return Count(a, v, query.StatLines) },
		"count-hosts":       func(a Answer, v View) *data.Frame { return Count(a, v, query.StatHosts) },
		"evidence":          func(a Answer, v View) *data.Frame { return Evidence(a, "", v) },
		"evidence-deciding": func(a Answer, v View) *data.Frame { return Evidence(a, query.ViewDeciding, v) },
		"hosts":             func(a Answer, v View) *data.Frame { return Hosts(a, query.Query{}, v) },
		"steps":             func(a Answer, v View) *data.Frame { return Steps(runbooks(a), a.Scan, v) },
		"health":            func(a Answer, v View) *data.Frame { return Health(nil, a.Scan, v) },
		"timeline-lines":    func(a Answer, v View) *data.Frame { return Timeline(a, query.StatLines, 15*time.Minute, v) },
		"timeline-active": func(a Answer, v View) *data.Frame {
			return Timeline(a, query.StatActive, 15*time.Minute, v)
		},
		"changes": func(_ Answer, v View) *data.Frame { return Changes(different(), v) },
		"explain": func(a Answer, v View) *data.Frame {
			sig := a.Incidents[0].Signature
			return Explain(hostile, []Explained{
				{Source: signature.Nodeman, Signature: sig, Term: "failed", Fails: true, Captures: map[string]string{"pid": "7", "host": hostile}},
				{Source: signature.Nodeman, Signature: sig, Term: "fine"},
				{Source: signature.Agent, Signature: sig, Term: "failed", Near: &match.Near{Why: signature.Phrase{EN: "the level is %s", ZH: "级别是 %s"}, Args: []any{"info"}}},
			}, v)
		},
		"explain-nothing":    func(_ Answer, v View) *data.Frame { return Explain(hostile, nil, v) },
		"review-signatures":  func(a Answer, v View) *data.Frame { return Review(weekly(set, a, v), "", a.Scan, v) },
		"review-causes":      func(a Answer, v View) *data.Frame { return Review(weekly(set, a, v), query.StatCauses, a.Scan, v) },
		"review-classes":     func(a Answer, v View) *data.Frame { return Review(weekly(set, a, v), query.StatClasses, a.Scan, v) },
		"review-never":       func(a Answer, v View) *data.Frame { return Review(weekly(set, a, v), query.StatNever, a.Scan, v) },
		"review-weeks":       func(a Answer, v View) *data.Frame { return Review(weekly(set, a, v), query.StatWeeks, a.Scan, v) },
		"review-noise":       func(a Answer, v View) *data.Frame { return Review(weekly(set, a, v), query.StatNoise, a.Scan, v) },
		"unmatched-clusters": func(_ Answer, v View) *data.Frame { return Unmatched(unexplained(), v) },
		"unmatched-coverage": func(_ Answer, v View) *data.Frame { return ExplainedShare(unexplained(), v) },
		"unmatched-lines":    func(_ Answer, v View) *data.Frame { return UnexplainedLines(unexplained(), v) },
	} {
		for _, lang := range []signature.Lang{signature.ZH, signature.EN} {
			t.Run(name+"-"+string(lang), func(t *testing.T) {
				frame := render(w.answer(query.Query{QueryType: query.Incidents}), view(lang))
				// Panels drop columns and keep the meta: a position in it would name no column, or a wrong one.
				if len(frame.Meta.UniqueRowIDFields) > 0 {
					t.Errorf("columns %v name the rows by position", frame.Meta.UniqueRowIDFields)
				}
				experimental.CheckGoldenJSONFrame(t, "testdata", name+"."+string(lang), frame, *update)
			})
		}
	}
	for _, lang := range []signature.Lang{signature.ZH, signature.EN} {
		t.Run("signatures-"+string(lang), func(t *testing.T) {
			a := w.answer(query.Query{QueryType: query.Signatures})
			frame := Signatures(a, view(lang), func(id string) bool { return id == "on-trial" }, func(s *signature.Signature) bool { return s.ID != "on-trial" })
			experimental.CheckGoldenJSONFrame(t, "testdata", "signatures."+string(lang), frame, *update)
		})
	}
	t.Run("steps of a signature alone", func(t *testing.T) {
		a := w.answer(query.Query{QueryType: query.Signatures})
		var books []Runbook
		for _, s := range a.Signatures {
			books = append(books, Runbook{Signature: s})
		}
		experimental.CheckGoldenJSONFrame(t, "testdata", "steps-generic.en", Steps(books, nil, view(signature.EN)), *update)
	})
}

// weekly is a review of what an answer has, of one week with errors and one without, and of a noisy signature.
func weekly(set *signature.Set, a Answer, v View) *trend.Trend {
	share := 0.75
	t := trend.New(trend.Input{
		Start: noon.Add(-2 * trend.Span), End: noon, Incidents: a.Incidents, Set: set, Lang: v.Lang,
		Weeks: []trend.Week{
			{Start: noon.Add(-2 * trend.Span), End: noon.Add(-trend.Span)},
			{Start: noon.Add(-trend.Span), End: noon, Incidents: 3, Errors: 28, Explained: 21, Share: &share, Partial: "limit"},
		},
		Reachable: func(*signature.Signature) bool { return true }, Custom: func(*signature.Signature) bool { return false },
	})
	t.Never = []trend.Unseen{{Signature: "download-404", Title: hostile, Reachable: true}}
	t.Noisy = []trend.Noise{{Signature: "agent-offline", Title: hostile, Incidents: 12, Share: 0.9, Proposal: "mute it"}}
	return t
}

// different has a fact of each kind; what pods say and are called is foreign.
func different() *changes.Result {
	return &changes.Result{Partial: "limit", Facts: []changes.Fact{
		{Kind: changes.NewPod, Time: noon.Add(-time.Hour), Label: "pod", Value: hostile, Was: []string{"a", "b", "c", "d", "e", "f"}, Line: hostile, Labels: model.LabelSet{"app": hostile}},
		{Kind: changes.NewPod, Label: "pod", Value: "first-of-its-kind"},
		{Kind: changes.Version, Time: noon, Label: "app_version", Value: "2.4.4", Was: []string{"2.4.3"}},
		{Kind: changes.First, Time: noon},
		{Kind: changes.First, Time: noon, Short: true},
		{Kind: changes.Again, Time: noon.Add(-48 * time.Hour), Value: "c1/10.0.0.1", Count: 3},
		{Kind: changes.Unknown, Err: bilingual("down")},
		{Kind: changes.Unknown, Err: changes.ErrStartUnknown},
	}}
}

// unexplained is what no signature explains: one kind of error, of which only a sample was read.
func unexplained() *unmatched.Result {
	return &unmatched.Result{
		Clusters: []unmatched.Cluster{{
			Source: signature.Nodeman, Template: "disk <*> is on fire", Count: 7, Hosts: []string{"10.0.0.1", "10.0.0.2"},
			First: noon.Add(-time.Hour), Last: noon.Add(-time.Minute), Sample: hostile, Message: "disk 3 is on fire",
		}},
		Coverage: []unmatched.Coverage{
			{Source: signature.Nodeman, Errors: 28, Explained: 21, Partial: "limit"},
			{Source: signature.Agent},
		},
	}
}

func runbooks(a Answer) []Runbook {
	var out []Runbook
	for i := range a.Incidents {
		out = append(out, Runbook{Signature: a.Incidents[i].Signature, Incident: &a.Incidents[i]})
	}
	return out
}
