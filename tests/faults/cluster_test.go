//go:build integration

package faults

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/grafana/loki/v3/pkg/logproto"

	"github.com/blueking/incidents/tools/lokiserver"
)

// Large installations run Loki as several processes. Equal entries of its ingesters count once, and whichever process is
// killed, the user gets the right answer or is told that there is none, and again the right one once it is back.
func TestALokiOfSeveralProcesses(t *testing.T) {
	t.Parallel()
	c, err := lokiserver.StartCluster(context.Background(), lokiserver.Options{Progress: os.Stderr})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Stop(); err != nil {
			t.Error(err)
		}
	})
	w := newWay(t, c.Frontend, false)
	w.data = newData("cluster")
	waitWritable(t, c)
	w.push(t, c.Distributor, w.usual()...)
	s := quick(w.test).With("requestTimeout", "5s").With("queryTimeout", "15s")
	recovered := fault{told: whole, settles: time.Minute}
	to := time.Now()
	if v := recovered.await(t, w, s, &to); v.told != whole || !v.clean() {
		t.Fatalf("nothing is killed: %s", v)
	}
	for _, step := range []struct {
		name string
		kill []*lokiserver.Server
		// writable tells that lines are taken all the same, answered that queries must be.
		writable, answered bool
	}{
		{"an ingester", c.Ingesters[:1], true, true},
		{"two ingesters", c.Ingesters[1:], false, false},
		{"a querier", c.Queriers[:1], true, true},
		{"both queriers", c.Queriers, true, false},
		{"the scheduler", []*lokiserver.Server{c.Scheduler}, true, false},
		{"the frontend", []*lokiserver.Server{c.Frontend}, true, false},
	} {
		for _, server := range step.kill {
			server.Kill()
		}
		if step.writable {
			w.push(t, c.Distributor, w.offline(1, time.Now()), w.unresolved(1, time.Now()), w.healthy(time.Now()))
		}
		to := time.Now()
		want := recovered
		if !step.answered {
			want.told = failed
		}
		v := want.await(t, w, s, &to) // panels share for some seconds what was read before
		t.Logf("%s killed: %s", step.name, v)
		if !v.clean() || v.told != want.told {
			t.Errorf("%s killed: %s", step.name, v)
		}
		for _, server := range step.kill {
			if err := server.Restart(context.Background()); err != nil {
				t.Fatal(err)
			}
		}
		waitWritable(t, c)
		w.push(t, c.Distributor, w.offline(2, time.Now()))
		lifted := time.Now()
		to = time.Now()
		if v := recovered.await(t, w, s, &to); v.told != whole || !v.clean() {
			t.Errorf("%s back: %s", step.name, v)
		}
		t.Logf("%s back: right after %s", step.name, time.Since(lifted).Round(100*time.Millisecond))
	}
}

// waitWritable returns when enough ingesters have found the distributor.
func waitWritable(t *testing.T, c *lokiserver.Cluster) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	probe := newData("probe")
	for {
		err := lokiserver.Push(ctx, c.Distributor.URL(), "", []logproto.Stream{probe.healthy(time.Now())})
		if err == nil {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("Loki takes no lines: %v", err)
		case <-time.After(100 * time.Millisecond):
		}
	}
}
