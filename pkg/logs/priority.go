package logs

import (
	"context"
	"sync/atomic"
)

// Priority tells a Source whether an alert rule waits for what is read. A read that is shared starts with the
// priority of whoever asked first and is raised when an alert joins it; it is never lowered. A nil Priority is an
// ordinary one. It is safe for concurrent use.
type Priority struct {
	of            *Priority // the answer that it is a part of, nil for a whole one
	urgent, ended atomic.Bool
}

// Raise makes the priority that of an alert.
func (p *Priority) Raise() {
	if p != nil {
		p.urgent.Store(true)
	}
}

// End tells that what was read is there: nobody waits for it any more.
func (p *Priority) End() {
	if p != nil {
		p.ended.Store(true)
	}
}

// Urgent reports whether an alert waits.
func (p *Priority) Urgent() bool { return p.Alert() != nil }

// Alert is what an alert waits for: p, or the whole that p is a part of. It is nil where none does.
func (p *Priority) Alert() *Priority {
	var found *Priority
	for ; p != nil; p = p.of {
		if p.urgent.Load() && !p.ended.Load() {
			found = p
		}
	}
	return found
}

type priorityKey struct{}

// WithPriority returns a context whose reads have the priority p.
func WithPriority(ctx context.Context, p *Priority) context.Context {
	return context.WithValue(ctx, priorityKey{}, p)
}

// PriorityOf returns the priority of a context's reads, nil when none was set.
func PriorityOf(ctx context.Context) *Priority {
	p, _ := ctx.Value(priorityKey{}).(*Priority)
	return p
}

// WithPart returns a context for a part of what another reads, which others may wait for: an alert that needs the part
// raises it alone, and not all that its reader reads besides. The caller has to end it.
func WithPart(ctx context.Context) (context.Context, *Priority) {
	p := &Priority{of: PriorityOf(ctx)}
	return WithPriority(ctx, p), p
}
