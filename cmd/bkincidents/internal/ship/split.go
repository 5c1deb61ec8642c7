package ship

import (
	"iter"
	"strings"
	"time"
)

// piece is one entry of a row's log: a head and the lines that belong to it.
type piece struct {
	// start and end are its bytes in the log; the line break after it is part of neither.
	start, end int
	// at is the head's time, index counts the pieces of one second within the row.
	at    time.Time
	index int
	// last tells that nothing follows: more lines may still come.
	last bool
}

// The folded text that nodeman's page hides is one record, whatever its lines look like.
const (
	foldBegin = "Begin of collected logs:"
	foldEnd   = "End of collected logs"
)

// maxPiece bounds an entry, twice at most with a fold at its end: Loki refuses lines above 256 KB by default.
const maxPiece = 120 << 10

// split yields the entries of a log in order. Text before the first head has the time before. The same log gives the same pieces,
// and what is appended to it changes the last piece at most.
func split(log string, zone *time.Location, before time.Time) iter.Seq[piece] {
	return func(yield func(piece) bool) {
		clock := clock{zone: zone}
		open := piece{at: before}
		begun := false
		second, index := int64(0), 0
		// begin opens a piece at a byte of the log.
		begin := func(start int, at time.Time) {
			if at.Unix() != second || !begun {
				second, index = at.Unix(), 0
			} else {
				index++
			}
			begun = true
			open = piece{start: start, at: at, index: index}
		}
		for start := 0; start < len(log); {
			end := lineEnd(log, start)
			at, head := clock.head(log[start:end])
			size := end - open.start
			switch {
			case head || !begun:
				if begun {
					if !yield(open) {
						return
					}
				}
				if !head {
					at = before
				}
				begin(start, at)
			case size > maxPiece:
				if !yield(open) {
					return
				}
				begin(start, open.at)
			}
			if strings.Contains(log[start:end], foldBegin) {
				if n := strings.Index(log[end:], foldEnd); n >= 0 && n < maxPiece {
					end = lineEnd(log, end+n)
				}
			}
			open.end = end
			start = end + 1
		}
		if begun {
			open.last = true
			yield(open)
		}
	}
}

// lineEnd returns where the line that holds a byte ends.
func lineEnd(log string, from int) int {
	if n := strings.IndexByte(log[from:], '\n'); n >= 0 {
		return from + n
	}
	return len(log)
}

// lastTime is the time of the last head in a log.
func lastTime(log string, zone *time.Location) (time.Time, bool) {
	clock := clock{zone: zone}
	for end := len(log); end > 0; {
		start := strings.LastIndexByte(log[:end], '\n') + 1
		if at, ok := clock.head(log[start:end]); ok {
			return at, true
		}
		end = start - 1
	}
	return time.Time{}, false
}

// stepName is what nodeman's page calls the step. The database has only the node's id, but the first line begins with the name.
func stepName(row Row) string {
	first := row.Log[:lineEnd(row.Log, 0)]
	if _, text, ok := strings.Cut(first, "] "); ok {
		for _, word := range []string{"开始 ", "Start ", "start "} {
			if name, ok := strings.CutPrefix(text, word); ok && strings.HasSuffix(name, ".") {
				return strings.TrimSuffix(name, ".")
			}
		}
	}
	return row.Step
}
