//go:build integration

package integration

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/grafana/loki/v3/pkg/logproto"

	"github.com/blueking/incidents/tools/lokiserver"
)

// The sizes of the acceptance test: lines, how many of them share one nanosecond, streams, and the page limit.
const (
	manyLines = 12000
	tied      = 3000
	streams   = 40
	pageLimit = 500
)

func TestEveryLineArrivesExactlyOnce(t *testing.T) {
	now := time.Now()
	start := now.Add(-50 * time.Minute)
	byStream := make([]logproto.Stream, streams)
	for i := range byStream {
		byStream[i].Labels = fmt.Sprintf(`{test="once", source="nodeman", cluster="c%d", host="10.1.0.%d"}`, i%4, i)
	}
	for i := range manyLines {
		at := start.Add(time.Duration(i) * 200 * time.Millisecond)
		if i < tied {
			at = start.Add(25 * time.Minute) // one instant for all of them
		}
		s := &byStream[i%streams]
		s.Entries = append(s.Entries, logproto.Entry{
			Timestamp: at,
			Line:      fmt.Sprintf("2026-11-23 10:00:00 ERROR check_deploy_result FAILED agent(PID:%d) is not connect to gse server", 100000+i),
		})
	}
	if err := lokiserver.Push(t.Context(), lokiURL(), "", byStream); err != nil {
		t.Fatal(err)
	}

	var protobuf, json atomic.Int32
	counted := func(res *http.Response) error {
		if strings.HasSuffix(res.Request.URL.Path, "/query_range") {
			if strings.Contains(res.Header.Get("Content-Type"), "protobuf") {
				protobuf.Add(1)
			} else {
				json.Add(1)
			}
		}
		return nil
	}
	for name, address := range map[string]string{
		"protobuf": through(t, lokiURL(), nil, counted),
		"json":     through(t, lokiURL(), func(r *http.Request) { r.Header.Set("Accept", "application/json") }, counted),
	} {
		t.Run(name, func(t *testing.T) {
			s := on("once").With("pageLimit", pageLimit)
			evidence := frame(t, address, s, start.Add(-time.Minute), now, ask{"queryType": "evidence", "limit": 20000})
			seen := map[string]int{}
			for _, body := range column[string](t, evidence, "body") {
				seen[body]++
			}
			if len(seen) != manyLines || evidence.Rows() != manyLines {
				t.Errorf("%d rows, %d distinct lines, want %d", evidence.Rows(), len(seen), manyLines)
			}
			sum := int64(0)
			for _, n := range column[int64](t, frame(t, address, s, start.Add(-time.Minute), now, ask{"queryType": "incidents", "limit": 5000}), "count") {
				sum += n
			}
			if sum != manyLines {
				t.Errorf("the incidents' counts sum to %d, want %d", sum, manyLines)
			}
		})
	}
	if protobuf.Load() == 0 || json.Load() == 0 {
		t.Errorf("pages over protobuf %d, over JSON %d: both paths must have been used", protobuf.Load(), json.Load())
	}
}
