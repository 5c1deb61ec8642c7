package ship

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"
)

// DryRun prints the entries that would be pushed: time, metadata, and the line without its secrets.
func DryRun(ctx context.Context, out io.Writer, source Source, zone *time.Location) error {
	position, err := OpenPosition("")
	if err != nil {
		return err
	}
	return source.Changed(ctx, position, func(row Row) error {
		name := stepName(row)
		for piece := range split(row.Log, zone, row.Created) {
			if piece.last && !row.Settled {
				break
			}
			entry, _ := newEntry(row, name, piece, 0)
			if entry.Line == "" {
				continue
			}
			var fields strings.Builder
			for _, m := range entry.StructuredMetadata {
				fmt.Fprintf(&fields, " %s=%q", m.Name, m.Value)
			}
			if _, err := fmt.Fprintf(out, "%s%s\n%s\n", entry.Timestamp.Format(time.RFC3339Nano), fields.String(), entry.Line); err != nil {
				return err
			}
		}
		return nil
	})
}
