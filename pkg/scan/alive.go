package scan

import (
	"time"

	"github.com/blueking/incidents/pkg/logs"
)

// aliveness is a remembered answer to when a track shipped lines.
type aliveness struct {
	live       logs.Liveness
	start, end time.Time
	readAt     time.Time
}

// live returns when a track shipped lines. The panels of one refresh, whose ranges differ by milliseconds, share an
// answer: liveness is counted in minutes.
func (m *segments) live(track string, start, end, now time.Time, ask func() (logs.Liveness, error)) (logs.Liveness, error) {
	m.mu.Lock()
	known, ok := m.alive[track]
	m.mu.Unlock()
	age := now.Sub(known.readAt)
	if ok && age >= 0 && age < tailShared && !start.Before(known.start.Add(-tailShared)) && !end.After(known.end.Add(tailShared)) && !end.Before(known.end.Add(-tailShared)) {
		m.observer.Remembered("liveness", 1, 0)
		return known.live, nil
	}
	m.observer.Remembered("liveness", 0, 1)
	live, err := ask()
	if err != nil {
		return live, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for t, a := range m.alive {
		if now.Sub(a.readAt) >= tailShared {
			delete(m.alive, t)
		}
	}
	m.alive[track] = aliveness{live, start, end, now}
	return live, nil
}
