package unmatched

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/grafana/loki/v3/pkg/logproto"
	"github.com/prometheus/common/model"

	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/match"
	"github.com/blueking/incidents/pkg/scan"
	"github.com/blueking/incidents/pkg/signature"
	"github.com/blueking/incidents/pkg/signature/catalogue"
)

// memory is a Source of lines that filters as Loki does.
type memory struct {
	lines []string
}

func (m memory) Read(_ context.Context, req logs.Request) (iter.Seq2[logs.Record, error], *logs.Coverage) {
	cov := &logs.Coverage{}
	return func(yield func(logs.Record, error) bool) {
		for i, line := range m.lines {
			if !logs.Passes(line, req.Filters) {
				continue
			}
			stream := &logs.Stream{Labels: model.LabelSet{"host": model.LabelValue(fmt.Sprintf("h%d", i%3))}}
			if !yield(logs.Record{Stream: stream, Entry: logproto.Entry{Timestamp: time.Unix(int64(len(line)), 0), Line: line}}, nil) {
				return
			}
		}
	}, cov
}

func (memory) Live(context.Context, logs.LiveRequest) (logs.Shipping, error) {
	return logs.Shipping{}, nil
}

func (memory) Describe(req logs.Request) string { return req.Selector }

func find(t *testing.T, lines []string) *Result {
	t.Helper()
	set, err := catalogue.Set()
	if err != nil {
		t.Fatal(err)
	}
	f := NewFinder(memory{lines}, set, []scan.Selector{{Source: signature.Nodeman, Selector: "{a=\"b\"}", OnHost: true}}, []string{"host"})
	res, err := f.Find(t.Context(), Request{})
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func lines() []string {
	var out []string
	for i := range 30 {
		out = append(out,
			fmt.Sprintf(`{"levelname": "ERROR", "message": "0f3a9c1e2b | [redis] connect to 10.0.0.%d:6379 failed after %d ms, token=S3CRET%d"}`, i, i*7, i),
			fmt.Sprintf(`{"levelname": "INFO", "message": "0f3a9c1e2b | fine %d"}`, i),
		)
	}
	return append(out,
		"[2024-10-22 17:01:02 ERROR] [3803009] 命令返回非零值：exit_status -> 6, stdout -> , stderr -> curl: (6) Could not resolve host: bkrepo.example.com",
		"[2024-10-22 17:01:02 ERROR] 同步主机失败，业务 3 不存在",
		"[2024-10-22 17:01:02 INFO] an ERROR was seen elsewhere",
	)
}

func TestErrorsThatNoSignatureExplainsAreClustered(t *testing.T) {
	res := find(t, lines())
	if len(res.Clusters) != 2 {
		t.Fatalf("%d clusters: %+v", len(res.Clusters), res.Clusters)
	}
	c := res.Clusters[0]
	if c.Count != 30 || c.Template != "[redis] connect to <ip> failed after <num> ms, token=***" || len(c.Hosts) != 3 {
		t.Errorf("cluster %q, count %d, hosts %v", c.Template, c.Count, c.Hosts)
	}
	if strings.Contains(c.Sample+c.Message, "S3CRET") {
		t.Error("a secret is in the sample")
	}
	if cov := res.Coverage[0]; cov.Errors != 32 || cov.Explained != 1 {
		t.Errorf("coverage %+v", cov)
	}
}

func TestClustersDoNotDependOnTheOrderOfLines(t *testing.T) {
	all := lines()
	want := find(t, all)
	rng := rand.New(rand.NewPCG(1, 1))
	for range 10 {
		rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		got := find(t, all)
		for i := range got.Clusters { // hosts depend on the position in this test's source
			got.Clusters[i].Hosts, want.Clusters[i].Hosts = nil, nil
		}
		if !reflect.DeepEqual(got.Clusters, want.Clusters) {
			t.Fatalf("got %+v, want %+v", got.Clusters, want.Clusters)
		}
	}
}

func TestADraftLoadsAndFiresOnItsSample(t *testing.T) {
	for _, c := range find(t, lines()).Clusters {
		sigs, err := signature.Parse("draft.yaml", []byte(c.Draft()))
		if err != nil {
			t.Fatalf("%v in\n%s", err, c.Draft())
		}
		set, err := signature.NewSet(sigs...)
		if err != nil {
			t.Fatal(err)
		}
		if sigs[0].Status != signature.Draft || len(match.New(set).Line(c.Source, c.Sample)) != 1 {
			t.Errorf("the draft does not fire on %q:\n%s", c.Sample, c.Draft())
		}
	}
}
