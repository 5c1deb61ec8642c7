package frames

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/prometheus/common/model"

	"github.com/blueking/incidents/pkg/query"
	"github.com/blueking/incidents/pkg/signature"
)

// rows are the cells of a frame as text, a column by name.
func rows(t *testing.T, f *data.Frame, names ...string) []string {
	t.Helper()
	var out []string
	for r := range f.Rows() {
		var cells []string
		for _, name := range names {
			field, _ := f.FieldByName(name)
			if field == nil {
				t.Fatalf("no column %s in %s", name, f.Name)
			}
			cells = append(cells, field.CopyAt(r).(string))
		}
		out = append(out, strings.Join(cells, "|"))
	}
	return out
}

func values(f *data.Frame) []float64 {
	var out []float64
	for _, field := range f.Fields {
		for i := range field.Len() {
			if v, ok := field.At(i).(float64); ok {
				out = append(out, v)
			}
		}
	}
	return out
}

func TestAnAlertIsOneWhileActiveThenZeroForAWhileThenGone(t *testing.T) {
	for name, tc := range map[string]struct {
		last time.Duration // of the failure, before noon; quiet time is 20 minutes
		want []float64
	}{
		"active":                         {5 * time.Minute, []float64{1}},
		"closed just now":                {22 * time.Minute, []float64{0}},
		"closed less than 15m ago":       {34 * time.Minute, []float64{0}},
		"closed more than 15m ago":       {36 * time.Minute, nil},
		"before the range":               {23 * time.Hour, nil},
		"active again after it was over": {0, []float64{1}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			set := model.LabelSet{"cluster": "c1", "pod": "p"}
			if tc.last == 0 {
				w.log(signature.Nodeman, 30*time.Minute, set, "download of <</a>> failed")
				tc.last = time.Minute
			}
			w.log(signature.Nodeman, tc.last, set, "download of <</a>> failed")
			a := w.answer(query.Query{QueryType: query.Alert})
			identity, evidence := AlertIdentity(a, view("en")), AlertEvidence(a, view("en"))
			if got := values(identity); !slices.Equal(got, tc.want) {
				t.Errorf("identity %v, want %v", got, tc.want)
			}
			if got := values(evidence); !slices.Equal(got, tc.want) {
				t.Errorf("evidence %v, want %v", got, tc.want)
			}
			for _, f := range []*data.Frame{identity, evidence} {
				if f.Meta.Type != data.FrameTypeNumericLong || f.Meta.TypeVersion != (data.FrameTypeVersion{0, 1}) {
					t.Errorf("type %s %v", f.Meta.Type, f.Meta.TypeVersion)
				}
				if tc.want == nil && len(f.Fields) > 0 {
					t.Errorf("nothing fires, but the frame has %d fields", len(f.Fields))
				}
			}
		})
	}
}

func TestBothViewsHaveTheSameIdentities(t *testing.T) {
	a := busy(t).answer(query.Query{QueryType: query.Alert})
	identity := rows(t, AlertIdentity(a, view("en")), IdentityLabels()...)
	evidence := rows(t, AlertEvidence(a, view("zh")), IdentityLabels()...)
	if len(identity) != 3 || !slices.Equal(identity, evidence) {
		t.Errorf("identity %q\nevidence %q", identity, evidence)
	}
	if len(slices.Compact(slices.Clone(identity))) != len(identity) {
		t.Errorf("rows with the same labels: Grafana fails the whole rule: %q", identity)
	}
}

func TestAlertFramesHaveStringsAndOneNumber(t *testing.T) {
	a := busy(t).answer(query.Query{QueryType: query.Alert})
	for _, f := range []*data.Frame{
		AlertIdentity(a, view("en")), AlertEvidence(a, view("en")), Count(a, view("en"), query.StatActive), Health([]string{"nodeman: silent"}, a.Scan, view("en")),
	} {
		numbers := 0
		for _, field := range f.Fields {
			switch field.Type() {
			case data.FieldTypeFloat64:
				numbers++
			case data.FieldTypeString:
			default:
				t.Errorf("%s.%s is a %s", f.Name, field.Name, field.Type())
			}
			if field.Config != nil {
				t.Errorf("%s.%s has a config: rules match columns by display name", f.Name, field.Name)
			}
		}
		if numbers != 1 {
			t.Errorf("%s has %d numbers: a rule would fail on duplicate labels", f.Name, numbers)
		}
	}
}

func TestASignatureOnTrialAlertsNobody(t *testing.T) {
	a := busy(t).answer(query.Query{QueryType: query.Alert, Signatures: []string{"on-trial"}})
	if len(a.Incidents) != 1 {
		t.Fatalf("%d incidents", len(a.Incidents))
	}
	if f := AlertIdentity(a, view("en")); len(f.Fields) != 0 {
		t.Errorf("it alerts: %v", values(f))
	}
}

func TestNoticesSayWhatIsMissing(t *testing.T) {
	w := busy(t)
	w.failed["agent"] = "Loki 没有应答，请检查地址。|Loki did not answer, check the address."
	w.capped["nodeman"] = "the limit of 5 lines was reached"
	a := w.answer(query.Query{QueryType: query.Incidents})
	a.Scan.Blind = map[signature.Source]error{"nodeman": errors.New("Loki failed")}
	v := view("en")
	v.Limit = 1
	v.Problems = []string{"line 3: no terms"}
	f := Incidents(a, "", v)
	var got []string
	for _, n := range f.Meta.Notices {
		got = append(got, n.Severity.String()+": "+n.Text)
	}
	want := []string{
		"warning: Loki did not tell when source nodeman shipped lines, so quiet time ran by the clock and an end may be told too early. Loki failed",
		"warning: Not complete: source nodeman was read in part (the limit of 5 lines was reached). Choose a shorter time range, or raise the limit in the data source settings.",
		"error: Not complete: source agent could not be read. Loki did not answer, check the address.",
		"warning: Showing 1 of 3 rows. Narrow the filters or the time range.",
		"warning: A custom signature is broken and left out: line 3: no terms",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if zh := Incidents(a, "", view("zh")).Meta.Notices[2].Text; zh != "结果不完整：来源 agent 读取失败。Loki 没有应答，请检查地址。" {
		t.Error(zh)
	}
}

func TestLogLinesFollowTheContract(t *testing.T) {
	f := Evidence(busy(t).answer(query.Query{QueryType: query.Evidence}), "", view("en"))
	for i, want := range []struct {
		name string
		kind data.FieldType
	}{{"timestamp", data.FieldTypeTime}, {"body", data.FieldTypeString}, {"severity", data.FieldTypeString}, {"id", data.FieldTypeString}, {"labels", data.FieldTypeJSON}} {
		if got := f.Fields[i]; got.Name != want.name || got.Type() != want.kind {
			t.Errorf("column %d is %s %s, want %s %s", i, got.Name, got.Type(), want.name, want.kind)
		}
	}
	ids := rows(t, f, "id")
	slices.Sort(ids)
	if len(slices.Compact(slices.Clone(ids))) != len(ids) {
		t.Errorf("ids are not unique: %q", ids)
	}
}

func TestEqualLinesOfOneInstantGetIdsOfTheirOwn(t *testing.T) {
	w := newWorld(t)
	for range 3 {
		w.log(signature.Nodeman, time.Minute, model.LabelSet{"cluster": "c1"}, "download of <</a>> failed")
	}
	a := w.answer(query.Query{QueryType: query.Evidence})
	ids := rows(t, Evidence(a, "", view("en")), "id")
	if len(ids) != 3 || ids[0] == ids[1] || ids[1] == ids[2] {
		t.Errorf("%q", ids)
	}
}
