package frames

import (
	"flag"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/grafana/grafana-plugin-sdk-go/experimental"

	"github.com/blueking/incidents/pkg/query"
	"github.com/blueking/incidents/pkg/signature"
)

// update rewrites the goldens: go test ./pkg/frames -update
var update = flag.Bool("update", false, "rewrite the golden files")

func TestEveryViewOfOneFixture(t *testing.T) {
	w := busy(t)
	for name, render := range map[string]func(a Answer, v View) *data.Frame{
		"incidents":      Incidents,
		"annotations":    Annotations,
		"alert-identity": AlertIdentity,
		"alert-evidence": AlertEvidence,
		"count-active":   func(a Answer, v View) *data.Frame { return Count(a, v, query.StatActive) },
		"count-started":  func(a Answer, v View) *data.Frame { return Count(a, v, query.StatStarted) },
		"count-lines":    func(a Answer, v View) *data.Frame { return Count(a, v, query.StatLines) },
		"count-hosts":    func(a Answer, v View) *data.Frame { return Count(a, v, query.StatHosts) },
		"evidence":       Evidence,
		"hosts":          func(a Answer, v View) *data.Frame { return Hosts(a, query.Query{}, v) },
		"steps":          func(a Answer, v View) *data.Frame { return Steps(runbooks(a), a.Scan, v) },
		"health":         func(a Answer, v View) *data.Frame { return Health(nil, a.Scan, v) },
	} {
		for _, lang := range []signature.Lang{signature.ZH, signature.EN} {
			t.Run(name+"-"+string(lang), func(t *testing.T) {
				frame := render(w.answer(query.Query{QueryType: query.Incidents}), view(lang))
				experimental.CheckGoldenJSONFrame(t, "testdata", name+"."+string(lang), frame, *update)
			})
		}
	}
	t.Run("signatures", func(t *testing.T) {
		a := w.answer(query.Query{QueryType: query.Signatures})
		frame := Signatures(a, view(signature.ZH), func(id string) bool { return id == "on-trial" })
		experimental.CheckGoldenJSONFrame(t, "testdata", "signatures.zh", frame, *update)
	})
	t.Run("steps of a signature alone", func(t *testing.T) {
		a := w.answer(query.Query{QueryType: query.Signatures})
		var books []Runbook
		for _, s := range a.Signatures {
			books = append(books, Runbook{Signature: s})
		}
		experimental.CheckGoldenJSONFrame(t, "testdata", "steps-generic.en", Steps(books, nil, view(signature.EN)), *update)
	})
}

func runbooks(a Answer) []Runbook {
	var out []Runbook
	for i := range a.Incidents {
		out = append(out, Runbook{Signature: a.Incidents[i].Signature, Incident: &a.Incidents[i]})
	}
	return out
}
