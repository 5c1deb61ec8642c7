package loki

import (
	"net/http"
	"sync"
	"time"
)

// clockCheck compares the plugin's clock with the server's. It is safe for concurrent use.
type clockCheck struct {
	mu sync.Mutex
	// ahead are the last two differences: one answer alone may come from a cache.
	ahead [2]time.Duration
	seen  int
}

// note reads the Date header of an answer that has just come.
func (c *clockCheck) note(header http.Header, now time.Time) {
	date, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead[c.seen%len(c.ahead)] = now.Sub(date)
	c.seen++
}

// ClockAhead returns by how much the plugin's clock is ahead of the server's, negative when it is behind, as the last two
// answers agree; 0 when nothing is known.
func (c *Client) ClockAhead() time.Duration {
	k := &c.clock
	k.mu.Lock()
	defer k.mu.Unlock()
	a, b := k.ahead[0], k.ahead[1]
	switch {
	case k.seen < len(k.ahead), (a < 0) != (b < 0):
		return 0
	case a.Abs() < b.Abs():
		return a
	}
	return b
}
