package scan

import (
	"context"
	"iter"
	"sync"

	"github.com/blueking/incidents/pkg/logs"
)

// serial makes a test's Source safe for the scanner's goroutines.
type serial struct {
	Source
	mu sync.Mutex
}

func (s *serial) Read(ctx context.Context, req logs.Request) (iter.Seq2[logs.Record, error], *logs.Coverage) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.Source.Read(ctx, req)
}
