package frames

import (
	"testing"
	"time"
	"unicode/utf8"

	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/prometheus/common/model"

	"github.com/blueking/incidents/pkg/query"
	"github.com/blueking/incidents/pkg/signature"
)

// Frames leave the plugin as Arrow, whose strings are UTF-8; log lines need not be.
func TestEveryFrameSurvivesTheWayToGrafana(t *testing.T) {
	broken := newWorld(t)
	broken.log(signature.Nodeman, time.Minute, model.LabelSet{"cluster": "c\xff", "pod": "\xfe"}, "download of <</a\xff\xfe/b>> failed \xff")
	empty := newWorld(t)
	for name, w := range map[string]*world{"busy": busy(t), "not UTF-8": broken, "nothing": empty} {
		a := w.answer(query.Query{QueryType: query.Signatures})
		v := view(signature.ZH)
		for _, f := range []*data.Frame{
			Incidents(a, "", v), Annotations(a, "", v), AlertIdentity(a, v), AlertEvidence(a, v), Count(a, v, query.StatLines), Evidence(a, "", v),
			Signatures(a, v, func(string) bool { return false }, func(*signature.Signature) bool { return true }), Steps(runbooks(a), a.Scan, v), Health([]string{"\xff"}, a.Scan, v),
		} {
			raw, err := f.MarshalArrow()
			if err != nil {
				t.Errorf("%s, %s: %v", name, f.Name, err)
				continue
			}
			back, err := data.UnmarshalArrowFrame(raw)
			if err != nil || back.Rows() != f.Rows() || len(back.Fields) != len(f.Fields) {
				t.Errorf("%s, %s: %v", name, f.Name, err)
			}
			for _, field := range f.Fields {
				for i := range field.Len() {
					if text, ok := field.At(i).(string); ok && !utf8.ValidString(text) {
						t.Errorf("%s, %s.%s is not UTF-8: %q", name, f.Name, field.Name, text)
					}
				}
			}
		}
	}
}
