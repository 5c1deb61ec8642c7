package trend

import (
	"strings"
	"time"

	"github.com/blueking/incidents/pkg/unmatched"
)

// Span is how long a Week is.
const Span = 7 * 24 * time.Hour

// WeekOf counts the error lines of a part of a range.
func WeekOf(found *unmatched.Result, start, end time.Time) Week {
	w := Week{Start: start, End: end, Partial: strings.Join(found.Partial(), "; ")}
	for _, c := range found.Coverage {
		w.Errors += c.Errors
		w.Explained += c.Explained
	}
	if w.Errors > 0 {
		share := float64(w.Explained) / float64(w.Errors)
		w.Share = &share
	}
	return w
}

// least is the shortest part: "the last seven days" may be a second longer than a week, and that is no second week.
const least = time.Hour

// Parts cuts a range into weeks; the last one may be shorter, or a little longer.
func Parts(start, end time.Time) [][2]time.Time {
	var out [][2]time.Time
	for from := start; from.Before(end); {
		to := from.Add(Span)
		if end.Sub(to) < least {
			to = end
		}
		out = append(out, [2]time.Time{from, to})
		from = to
	}
	return out
}
