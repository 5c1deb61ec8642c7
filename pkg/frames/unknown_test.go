package frames

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/blueking/incidents/pkg/query"
)

// A panel that shows nothing looks like a world without incidents.
func TestAFailedQueryHasARowThatSaysSo(t *testing.T) {
	for _, kind := range query.Types() {
		f := Unknown(kind, "Loki is down.", noon, view("en"))
		columns, ok := spoken[kind]
		if (f != nil) != ok {
			t.Errorf("%s: a frame %v", kind, f != nil)
			continue
		}
		if f == nil {
			continue
		}
		if rows, err := f.RowLen(); err != nil || rows != 1 {
			t.Errorf("%s: %d rows, %v", kind, rows, err)
		}
		if field, _ := f.FieldByName(columns[0]); field == nil || !strings.HasPrefix(textAt(field), "Unknown: Loki is down.") {
			t.Errorf("%s: %v", kind, field)
		}
		for _, field := range f.Fields {
			if field.Config != nil && len(field.Config.Links) > 0 {
				t.Errorf("%s: %s leads somewhere", kind, field.Name)
			}
			if text := textAt(field); text != "" && text != "unknown" && !slices.Contains(columns, field.Name) {
				t.Errorf("%s: %s is %q", kind, field.Name, text)
			}
		}
	}
}

func textAt(field *data.Field) string {
	value, _ := field.ConcreteAt(0)
	text, _ := value.(string)
	return text
}

func TestNothingFoundInPartOfTheLogsIsUnknown(t *testing.T) {
	w := newWorld(t)
	w.failed["agent"] = "Loki 没有应答。|Loki did not answer."
	a := w.answer(query.Query{QueryType: query.Incidents})
	for name, f := range map[string]*data.Frame{
		"incidents": Incidents(a, "", view("en")), "hosts": Hosts(a, query.Query{}, view("en")), "evidence": Evidence(a, "", view("en")),
	} {
		if rows, _ := f.RowLen(); rows != 1 {
			t.Errorf("%s: %d rows", name, rows)
		}
	}
	if f := Timeline(a, query.StatLines, time.Minute, view("en")); len(f.Fields) > 0 {
		t.Error("a graph at 0 of what nobody knows")
	}
	if f := Timeline(newWorld(t).answer(query.Query{}), query.StatLines, time.Minute, view("en")); len(f.Fields) != 2 || slices.Max(values(f)) != 0 {
		t.Error("no graph at 0 of logs without a failure")
	}
}

func TestDurationsAreExact(t *testing.T) {
	for d, want := range map[time.Duration][2]string{
		2*time.Hour + 50*time.Minute:   {"2 小时 50 分钟", "2 h 50 min"},
		26 * time.Hour:                 {"1 天 2 小时", "1 d 2 h"},
		3 * time.Hour:                  {"3 小时", "3 h"},
		10*time.Minute + 4*time.Second: {"10 分钟 4 秒", "10 min 4 s"},
		0:                              {"0 秒", "0 s"},
		48*time.Hour + 59*time.Minute:  {"2 天", "2 d"},
	} {
		if got := [2]string{view("zh").duration(d), view("en").duration(d)}; got != want {
			t.Errorf("%s: %q, want %q", d, got, want)
		}
	}
}

func TestTimesOfNotificationsNameTheirZone(t *testing.T) {
	if zh, en := view("zh").stamp(noon), view("en").stamp(noon); zh != "2026-11-01T20:00:00+08:00" || en != "2026-11-01T12:00:00Z" {
		t.Errorf("%s, %s", zh, en)
	}
}
