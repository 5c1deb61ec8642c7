//go:build integration

package integration

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/grafana/loki/v3/pkg/logproto"

	"github.com/blueking/incidents/tools/lokiserver"
	"github.com/blueking/incidents/tools/pluginrun"
)

// openChannel asks the plugin where a query over the last hour can be followed.
func openChannel(t *testing.T, s settings, a ask) (path string, raw []byte) {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": a, "span": time.Hour.Milliseconds()})
	if err != nil {
		t.Fatal(err)
	}
	var channel struct {
		Path string          `json:"path"`
		Data json.RawMessage `json:"data"`
	}
	if status := resource(t, lokiURL(), s, "Viewer", "POST", "live", string(body), &channel); status != 200 {
		t.Fatalf("no channel: %d", status)
	}
	return channel.Path, channel.Data
}

// A failure that reaches Loki is on the screen of whoever follows, without anybody asking again.
func TestAFailureReachesThoseWhoFollow(t *testing.T) {
	const rounds = 4
	at := pluginContext(t, lokiURL(), on("live"))
	path, raw := openChannel(t, on("live"), ask{"queryType": "incidents"})
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	messages, done := make(chan string, 100), make(chan error, 1)
	go func() {
		done <- plugin.Follow(ctx, at, path, raw, func(m []byte) error { messages <- string(m); return nil })
	}()
	if first := <-messages; strings.Contains(first, `"error"`) || strings.Contains(first, "10.77.") {
		t.Fatalf("before the failures: %s", first)
	}
	var took []time.Duration
	for n := range rounds {
		time.Sleep(time.Duration(n) * 2300 * time.Millisecond) // at different moments between two looks
		host, pushed := fmt.Sprintf("10.77.0.%d", n+1), time.Now()
		if err := lokiserver.Push(ctx, lokiURL(), "", []logproto.Stream{{
			Labels: fmt.Sprintf(`{test="live", source="nodeman", host=%q}`, host),
			Entries: []logproto.Entry{{Timestamp: pushed, Line: pushed.Format("2006-01-02 15:04:05") +
				" ERROR setup_agent FAILED curl: (28) Failed to connect to bkrepo.example.com port 80 after 5000 ms: Connection timed out"}},
		}}); err != nil {
			t.Fatal(err)
		}
		for seen := false; !seen; {
			select {
			case m := <-messages:
				seen = strings.Contains(m, host)
			case <-ctx.Done():
				t.Fatalf("nobody was told of the failure on %s", host)
			}
		}
		took = append(took, time.Since(pushed))
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	slices.Sort(took)
	t.Logf("from push to message: %v", took)
	if worst := took[len(took)-1]; worst > 30*time.Second {
		t.Errorf("the slowest message took %v", worst)
	}
}

func TestNobodyFollowsWhatIsNotHis(t *testing.T) {
	at := pluginContext(t, lokiURL(), on("live"))
	path, _ := openChannel(t, on("live"), ask{"queryType": "incidents"})
	_, other := openChannel(t, on("live"), ask{"queryType": "evidence"})
	err := plugin.Follow(t.Context(), at, path, other, func([]byte) error { return nil })
	if !errors.Is(err, pluginrun.ErrNoChannel) {
		t.Errorf("another query's channel: %v", err)
	}
}
