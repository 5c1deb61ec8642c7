package frames

import (
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/blueking/incidents/pkg/query"
	"github.com/blueking/incidents/pkg/signature"
)

func TestTitleOfAnUnknownRowFitsTwoLines(t *testing.T) {
	for lang, reason := range map[signature.Lang]string{
		signature.EN: "Nothing accepts connections at the Loki address (dial tcp 127.0.0.1:9: connect: connection refused). Check host and port in the data source settings, that Loki is running, and that no firewall is in between.",
		signature.ZH: "Loki 地址拒绝连接（dial tcp 127.0.0.1:9: connect: connection refused）。请检查数据源设置中的主机和端口、Loki 是否运行、是否有防火墙。",
	} {
		f := Incidents(Answer{}, "", View{Lang: lang})
		sayUnknown(f, query.Incidents, reason, time.Time{}, View{Lang: lang})
		title, summary := textOf(t, f, "title"), textOf(t, f, "summary")
		if n := len([]rune(title)); n > 120 {
			t.Errorf("%s: the title has %d characters: %q", lang, n, title)
		}
		if len(summary) < len(reason) {
			t.Errorf("%s: the summary lost what to do: %q", lang, summary)
		}
	}
}

func TestReasonsOfBadHealthAreOneSentence(t *testing.T) {
	for lang, want := range map[signature.Lang]string{signature.EN: "a is silent; b is silent.", signature.ZH: "a 没有日志；b 没有日志。"} {
		reasons := []string{"a is silent.", "b is silent."}
		if lang == signature.ZH {
			reasons = []string{"a 没有日志。", "b 没有日志。"}
		}
		f := Health(reasons, nil, View{Lang: lang})
		if got := textOf(t, f, "reason"); got != want {
			t.Errorf("reason = %q, want %q", got, want)
		}
	}
}

func textOf(t *testing.T, f *data.Frame, name string) string {
	t.Helper()
	field, _ := f.FieldByName(name)
	if field == nil {
		t.Fatalf("no column %q", name)
	}
	switch v := field.At(0).(type) {
	case string:
		return v
	case *string:
		return *v
	}
	t.Fatalf("column %q is no text", name)
	return ""
}
