package match

import (
	"cmp"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/blueking/incidents/pkg/event"
	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/signature"
)

// Kind is what the lines of a failure that goes on have in common: what was found, and in which stream. Matches share
// kinds, so a Kind must not be changed.
type Kind struct {
	Hit
	Stream *logs.Stream
	// OnHost tells that the stream was collected on the host it speaks of, so that its host label names that host.
	OnHost bool
}

// Entry is a line as it was logged. All that was found in the line shares it.
type Entry struct {
	Time time.Time
	// Seq is the position of the line in its stream as it was read.
	Seq int
	// Line is the raw line, shortened.
	Line Text
}

// Match is a hit at a place in a stream. It is shared between scans and must not be changed.
type Match struct {
	*Kind
	*Entry
}

// Said is what the program said in the line, without what carried it: scans keep lines only. A line that was shortened
// or had secrets in it may not be the term any more; then it is shown whole.
func (m *Match) Said() string {
	line := m.Line.String()
	said := ""
	for _, e := range event.Read(line) {
		reader := m.Signature.Forms().NewReader(e.Text)
		is := slices.ContainsFunc(m.Term.AnyOf, func(a signature.Alternative) bool { return a.Reads(reader) })
		if is && (said == "" || len(e.Text) < len(said)) {
			said = e.Text
		}
	}
	return cmp.Or(said, line)
}

// Finding is all that was found in a line: a line that tells of success recovers dozens of signatures. Lines share
// findings, so a Finding must not be changed.
type Finding struct {
	// Kinds are at least one, all of one stream.
	Kinds []*Kind
}

// Line is a line in which something was found.
type Line struct {
	*Entry
	*Finding
}

// Stream is where the line was logged.
func (l Line) Stream() *logs.Stream { return l.Kinds[0].Stream }

// Matches yields the hits of a line.
func (l Line) Matches() iter.Seq[Match] {
	return func(yield func(Match) bool) {
		for _, kind := range l.Kinds {
			if !yield(Match{kind, l.Entry}) {
				return
			}
		}
	}
}

// Sort orders matches by time, then stream, then content: the same set always in the same order. Positions do not
// count: a store gives the lines of one instant in any order.
func Sort(matches []*Match) { slices.SortStableFunc(matches, Compare) }

// Compare is the order of Sort.
func Compare(a, b *Match) int {
	if c := a.Time.Compare(b.Time); c != 0 {
		return c
	}
	if c := strings.Compare(a.Stream.Key, b.Stream.Key); c != 0 {
		return c
	}
	return cmp.Or(a.Line.Compare(b.Line), strings.Compare(a.Signature.ID, b.Signature.ID), strings.Compare(a.Term.Name, b.Term.Name))
}

// byPosition orders the matches of files, whose positions are real.
func byPosition(a, b *Match) int {
	return cmp.Or(a.Time.Compare(b.Time), strings.Compare(a.Stream.Key, b.Stream.Key), a.Seq-b.Seq)
}
