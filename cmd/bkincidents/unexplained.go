package main

import (
	"context"
	"time"

	"github.com/blueking/incidents/cmd/bkincidents/internal/files"
	"github.com/blueking/incidents/pkg/incident"
	"github.com/blueking/incidents/pkg/signature"
	"github.com/blueking/incidents/pkg/unmatched"
)

const (
	// mostUnexplained caps the error lines that are looked at where nothing was found.
	mostUnexplained = 5000
	// toldUnexplained is how many kinds of them are told, of toldBytes each.
	toldUnexplained = 3
	toldBytes       = 200
)

// tellUnexplained says which errors files have where no incident was found: "0 active" must not read as "all is well".
func tellUnexplained(ctx context.Context, c console, set *signature.Set, store *files.Store) error {
	first, last := store.Span()
	finder := unmatched.NewFinder(store, set, store.Selectors(), defaults.HostLabels)
	res, err := finder.Find(ctx, unmatched.Request{Start: first, End: last.Add(time.Millisecond), MaxLines: mostUnexplained})
	if err != nil {
		return err
	}
	lines := 0
	for _, k := range res.Clusters {
		lines += k.Count
	}
	if lines == 0 {
		return nil
	}
	c.note("no signature explains %s:", c.counted(lines, "error line"))
	for _, k := range res.Clusters[:min(len(res.Clusters), toldUnexplained)] {
		near := ""
		if k.Nearest != nil {
			near = c.say("; nearest: %s, but %s", k.Nearest.Signature.ID, k.Nearest.Message(c.lang))
		}
		c.note("  %s, %s: %s%s", k.Source, c.counted(k.Count, "line"), incident.OneLine(k.Sample, toldBytes), near)
	}
	c.note("  `bkincidents explain --source SOURCE 'LINE'` tells how a line is judged, `bkincidents new` starts a signature for it")
	return nil
}

func (c console) counted(n int, what string) string {
	if n == 1 && c.lang == signature.EN {
		return "1 " + what
	}
	return c.say("%d "+what+"s", n)
}
