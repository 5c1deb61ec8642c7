//go:build integration

package integration

import (
	"context"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/grafana/loki/v3/pkg/logproto"

	"github.com/blueking/incidents/pkg/samples"
	"github.com/blueking/incidents/tools/lokiserver"
)

// sampled is a Loki that holds two days of the built-in samples, shared by the tests that only read it.
var sampled struct {
	once    sync.Once
	server  *lokiserver.Server
	now     time.Time
	streams []logproto.Stream
	err     error
}

// sampleLoki returns the address of the Loki with the samples, the time they end at, and the samples.
func sampleLoki(t *testing.T) (string, time.Time, []logproto.Stream) {
	t.Helper()
	s := &sampled
	s.once.Do(func() {
		ctx := context.Background() // the server outlives the test that starts it
		if s.server, s.err = lokiserver.Start(ctx, lokiserver.Options{Progress: os.Stderr}); s.err != nil {
			return
		}
		s.now = time.Now().Truncate(time.Second)
		s.streams = samples.New(func() time.Time { return s.now }).Streams(s.now.Add(-48*time.Hour), s.now)
		if s.err = lokiserver.Push(ctx, s.server.URL(), "", s.streams); s.err != nil {
			return
		}
		// Lines older than three hours are visible in Loki's store only (query_ingesters_within).
		s.err = lokiserver.Flush(ctx, s.server.URL())
	})
	if s.err != nil {
		t.Fatal(s.err)
	}
	return s.server.URL(), s.now, s.streams
}
