package lokiserver

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	flushPoll = 100 * time.Millisecond
	// chunksGauge counts the chunks that an ingester still holds.
	chunksGauge = "loki_ingester_memory_chunks"
)

// errNoGauge means that a Loki of another version names its metrics differently.
var errNoGauge = errors.New("no metric " + chunksGauge)

// Flush writes all that was pushed to the Loki at url from memory to its store, and returns when nothing is left in memory:
// a query for lines older than three hours asks the store only and would miss them before. It gives up when ctx ends.
//
// Loki's /flush answers before the work is done and drops a written chunk only at the next sweep, so it is asked
// again until the count of chunks in memory is zero; asking twice writes nothing twice.
func Flush(ctx context.Context, url string) error {
	ticker := time.NewTicker(flushPoll)
	defer ticker.Stop()
	for {
		left, err := flushOnce(ctx, url)
		if err != nil {
			return fmt.Errorf("flush Loki: %w", err)
		}
		if left == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("flush Loki: %d chunks left: %w", left, ctx.Err())
		case <-ticker.C:
		}
	}
}

// flushOnce starts a flush and returns how many chunks are in memory.
func flushOnce(ctx context.Context, url string) (int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/flush", http.NoBody)
	if err != nil {
		return 0, err
	}
	if _, err := do(req); err != nil {
		return 0, err
	}
	metrics, err := get(ctx, url+"/metrics")
	if err != nil {
		return 0, err
	}
	return gauge(metrics, chunksGauge)
}

// gauge reads one metric without labels from Prometheus' text format.
func gauge(metrics, name string) (int, error) {
	lines := bufio.NewScanner(strings.NewReader(metrics))
	for lines.Scan() {
		value, ok := strings.CutPrefix(lines.Text(), name+" ")
		if !ok {
			continue
		}
		n, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return 0, fmt.Errorf("metric %s: %w", name, err)
		}
		return int(n), nil
	}
	return 0, errNoGauge
}
