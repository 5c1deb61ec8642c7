package memory

import (
	"testing"
	"time"

	"go.uber.org/goleak"
)

var t0 = time.Date(2026, 11, 1, 10, 0, 0, 0, time.UTC)

// unobserved is the Observer of tests that do not ask.
type unobserved struct{}

func (unobserved) Remembered(string, int, int) {}

// TestMain fails when a test leaves a goroutine behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
