package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/blueking/incidents/pkg/samples"
	"github.com/blueking/incidents/tools/lokiserver"
)

// history is how much of the samples is loaded: the 24 hours that are shown, and the look-back before them.
const history = 49 * time.Hour

// startLoki starts a real Loki and loads the sample lines. Lines older than three hours are answered only when they
// are in its store, therefore the flush.
func startLoki(ctx context.Context, now time.Time, progress io.Writer) (*lokiserver.Server, error) {
	server, err := lokiserver.Start(ctx, lokiserver.Options{Progress: progress})
	if err != nil {
		return nil, err
	}
	streams := samples.New(func() time.Time { return now }).Streams(now.Add(-history), now)
	lines := 0
	for _, s := range streams {
		lines += len(s.Entries)
	}
	fmt.Fprintf(progress, "Loki runs at %s; loading %d lines of %d streams.\n", server.URL(), lines, len(streams))
	if err := errors.Join(lokiserver.Push(ctx, server.URL(), "", streams), lokiserver.Flush(ctx, server.URL())); err != nil {
		return nil, errors.Join(err, server.Stop())
	}
	return server, nil
}
