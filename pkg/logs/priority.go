package logs

import (
	"context"
	"sync/atomic"
)

// Priority tells a Source whether an alert rule waits for what is read. A read that is shared starts with the
// priority of whoever asked first and is raised when an alert joins it; it is never lowered. A nil Priority is an
// ordinary one. It is safe for concurrent use.
type Priority struct{ urgent atomic.Bool }

// Raise makes the priority that of an alert.
func (p *Priority) Raise() {
	if p != nil {
		p.urgent.Store(true)
	}
}

// Urgent reports whether an alert waits.
func (p *Priority) Urgent() bool { return p != nil && p.urgent.Load() }

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
