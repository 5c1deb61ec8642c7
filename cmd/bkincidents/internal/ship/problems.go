package ship

import (
	"log/slog"
	"time"
)

// repeat is how often a problem that lasts is logged again.
const repeat = 10 * time.Minute

// problems logs each problem once while it lasts, with what to do.
type problems struct {
	log  *slog.Logger
	now  func() time.Time
	said map[string]time.Time
}

func newProblems(log *slog.Logger, now func() time.Time) *problems {
	return &problems{log: log, now: now, said: map[string]time.Time{}}
}

func (p *problems) say(kind, text string, args ...any) {
	if last, ok := p.said[kind]; ok && p.now().Sub(last) < repeat {
		return
	}
	p.said[kind] = p.now()
	p.log.Warn(text, args...)
}

func (p *problems) over(kind, text string) {
	if _, ok := p.said[kind]; ok {
		delete(p.said, kind)
		p.log.Info(text)
	}
}
