package report

import (
	"bytes"
	"flag"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/grafana/loki/v3/pkg/logproto"
	"github.com/prometheus/common/model"

	"github.com/blueking/incidents/pkg/incident"
	"github.com/blueking/incidents/pkg/samples/memory"
	"github.com/blueking/incidents/pkg/scan"
	"github.com/blueking/incidents/pkg/signature"
)

var update = flag.Bool("update", false, "write the golden files")

var start = time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC)

// result has a failure that its cause explains, on two hosts, one that is over, and text of an attacker.
func result(t *testing.T) *scan.Result {
	t.Helper()
	text, err := os.ReadFile("testdata/signatures.yaml")
	if err != nil {
		t.Fatal(err)
	}
	sigs, err := signature.Parse("signatures.yaml", text)
	if err != nil {
		t.Fatal(err)
	}
	set, err := signature.NewSet(sigs...)
	if err != nil {
		t.Fatal(err)
	}
	stream := func(labels model.LabelSet, lines ...string) memory.Stream {
		var entries []logproto.Entry
		for _, l := range lines {
			at, line, _ := strings.Cut(l, " ")
			d, err := time.ParseDuration(at)
			if err != nil {
				t.Fatal(err)
			}
			entries = append(entries, logproto.Entry{Timestamp: start.Add(d), Line: line})
		}
		return memory.NewStream(labels, entries)
	}
	host := func(name string) model.LabelSet {
		return model.LabelSet{"cluster": "c1", "host": model.LabelValue(name), "filename": "/tmp/backup.log", "source": "nodeman"}
	}
	store := memory.New(
		stream(host("10.0.0.1"), "0s [2026-11-23 09:00:00 ERROR] backup job db failed at http://10.0.9.9:80/backup",
			"20m [2026-11-23 09:20:00 ERROR] backup job db failed at http://10.0.9.9:80/backup",
			"30m [2026-11-23 09:30:00 ERROR] backup job `x`;$(reboot)<b>\x1b[31m failed"),
		stream(host("10.0.0.2"), `15m {"levelname": "ERROR", "message": "abcdef0123 | backup job db failed"}`,
			"16m [2026-11-23 09:16:00 ERROR] backup job web failed", "25m [2026-11-23 09:25:00 INFO] backup job web succeeded"),
		stream(model.LabelSet{"cluster": "c1", "host": "10.0.0.1", "filename": "/var/log/gse/agent-err.log", "source": "agent"}, "2m [ERROR] write failed: no space left on /data"),
	)
	now := start.Add(40*time.Minute + 5*time.Second)
	r, err := scan.New(store, scan.Options{
		Prepared: scan.Prepare(set),
		Labels:   incident.Settings{HostLabels: []string{"host"}, ClusterLabel: "cluster"},
		Selectors: []scan.Selector{
			{Source: signature.Nodeman, Selector: `{source="nodeman"}`, OnHost: true},
			{Source: signature.Agent, Selector: `{source="agent"}`, OnHost: true},
		},
		LookbackMax: 24 * time.Hour,
		Clock:       func() time.Time { return now },
	}).Scan(t.Context(), scan.Request{Start: start, End: now})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestReports(t *testing.T) {
	zone := time.FixedZone("", 8*60*60)
	for name, c := range map[string]struct {
		format string
		lang   signature.Lang
	}{
		"table.en.txt": {"table", signature.EN}, "table.zh.txt": {"table", signature.ZH},
		"report.en.json": {"json", signature.EN},
		"markdown.en.md": {"markdown", signature.EN}, "markdown.zh.md": {"markdown", signature.ZH},
	} {
		t.Run(name, func(t *testing.T) {
			var got bytes.Buffer
			if err := New(result(t), Options{Lang: c.lang, Version: "7.2", Location: zone}).Write(&got, c.format); err != nil {
				t.Fatal(err)
			}
			if bytes.ContainsRune(got.Bytes(), 0x1b) {
				t.Error("an escape sequence of a log line reaches the terminal")
			}
			file := "testdata/" + name
			if *update {
				if err := os.WriteFile(file, got.Bytes(), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got.Bytes(), want) {
				t.Errorf("differs from %s (go test -update writes it):\n%s", file, got.String())
			}
		})
	}
}

func TestPartialAnswersSaySo(t *testing.T) {
	r := Report{AsOf: start, Partial: "agent: Loki did not answer", o: Options{Lang: signature.EN, Location: time.UTC}}
	for _, format := range Formats() {
		var b bytes.Buffer
		if err := r.Write(&b, format); err != nil || !strings.Contains(b.String(), "agent: Loki did not answer") {
			t.Errorf("%s: %v %s", format, err, b.String())
		}
	}
}

func TestAgo(t *testing.T) {
	en, zh := Options{Lang: signature.EN}, Options{Lang: signature.ZH}
	for d, want := range map[time.Duration][2]string{
		3 * time.Second: {"3s", "3 秒"}, 61 * time.Second: {"1m 1s", "1 分 1 秒"},
		125 * time.Minute: {"2h 5m", "2 小时 5 分"}, 49 * time.Hour: {"2d 1h", "2 天 1 小时"},
	} {
		if got := [2]string{en.ago(d), zh.ago(d)}; got != want {
			t.Errorf("%s: %q, want %q", d, got, want)
		}
	}
}
