package frames

import (
	"cmp"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/prometheus/common/model"

	"github.com/blueking/incidents/pkg/event"
	"github.com/blueking/incidents/pkg/incident"
	"github.com/blueking/incidents/pkg/match"
	"github.com/blueking/incidents/pkg/query"
	"github.com/blueking/incidents/pkg/signature"
)

const defaultEvidence = 1000

// Evidence is the matching lines as Grafana's log-lines frame, newest first. Names and types of its first five columns
// are those of the dataplane contract. The body is what the program said, without the JSON or log head that carries it;
// the raw line, signature and incident show as fields of a line. The words that decided are marked in the body. The
// deciding view has only the lines that the verdicts rest on.
func Evidence(a Answer, view query.View, v View) *data.Frame {
	lines := evidenceLines(a, v)
	if view == query.ViewDeciding {
		lines = decidingLines(a)
	}
	total := len(lines)
	n := min(total, v.limit(defaultEvidence))
	f := data.NewFrame("evidence")
	f.Meta = &data.FrameMeta{Type: data.FrameTypeLogLines, PreferredVisualization: data.VisTypeLogs}
	ids := map[string]int{}
	said := make([]string, n)
	for r := range said {
		said[r] = lines[r].Said()
	}
	column(f, "timestamp", n, func(r int) time.Time { return lines[r].Time })
	column(f, "body", n, func(r int) string { return strings.ToValidUTF8(said[r], "\uFFFD") })
	column(f, "severity", n, func(r int) string { return level(lines[r].Match) })
	column(f, "id", n, func(r int) string {
		return lineID(lines[r].Time, ids, lines[r].Stream.Key, lines[r].Line.String(), lines[r].Signature.ID)
	})
	column(f, "labels", n, func(r int) json.RawMessage { return labelsJSON(lines[r].Stream.Labels) })
	column(f, "signature", n, func(r int) string { return lines[r].Signature.ID })
	column(f, "incident", n, func(r int) string { return lines[r].Incident })
	column(f, "line", n, func(r int) string { return strings.ToValidUTF8(lines[r].Line.String(), "\uFFFD") })
	finish(f, a.Scan, v, n, total)
	marked := f.Meta.Custom.(custom)
	marked.SearchWords = decidingWords(lines[:n], said)
	f.Meta.Custom = marked
	return orUnknown(f, a.Scan, query.Evidence, v)
}

// evidenceLines are the lines of the range and the evidence that incidents kept from before it, newest first.
func evidenceLines(a Answer, v View) []*incident.Line {
	all := slices.Collect(a.EachLine())
	for i := range a.Incidents {
		inc := &a.Incidents[i]
		for e := range inc.Evidence {
			if inc.Evidence[e].Time.Before(v.Start) {
				all = append(all, &incident.Line{Match: inc.Evidence[e], Place: &incident.Place{Incident: inc.ID}})
			}
		}
	}
	slices.SortStableFunc(all, func(x, y *incident.Line) int {
		return cmp.Or(y.Time.Compare(x.Time), cmp.Compare(y.Stream.Key, x.Stream.Key), cmp.Compare(y.Seq, x.Seq),
			cmp.Compare(x.Signature.ID, y.Signature.ID))
	})
	return all
}

// levels are the values of level, most severe first.
var levels = []string{"critical", string(event.Error), string(event.Warning), string(event.Info), string(event.Debug)}

// level is the log level that colours the line: the line's own, or one by the severity of what it means.
func level(m match.Match) string {
	switch {
	case m.Level != event.UnknownLevel:
		return string(m.Level)
	case m.Signature.Severity == signature.Critical:
		return "critical"
	case m.Signature.Severity == signature.High:
		return "error"
	}
	return "warning"
}

// lineID makes an id of a line's time and of what tells it from others. It is stable over refreshes, so that a link to a
// line keeps working, and unique in the frame.
func lineID(at time.Time, seen map[string]int, parts ...string) string {
	h := fnv.New64a()
	// A separator that no part contains: "ab"+"c" must not be "a"+"bc".
	_, _ = h.Write([]byte(strings.Join(parts, "\x00")))
	id := fmt.Sprintf("%d_%016x", at.UnixNano(), h.Sum64())
	seen[id]++
	if n := seen[id]; n > 1 {
		return fmt.Sprintf("%s_%d", id, n)
	}
	return id
}

var emptyLabels = json.RawMessage("{}")

func labelsJSON(labels model.LabelSet) json.RawMessage {
	out, err := json.Marshal(labels)
	if err != nil {
		return emptyLabels
	}
	return out
}

// decidingLines are, per incident, the last line of the failure and, where its cause is confirmed, the last line of the
// cause: what the verdict rests on. Newest first.
func decidingLines(a Answer) []*incident.Line {
	byID := map[string]*incident.Incident{}
	for i := range a.Scan.Incidents {
		byID[a.Scan.Incidents[i].ID] = &a.Scan.Incidents[i]
	}
	var out []*incident.Line
	add := func(i *incident.Incident) {
		if i != nil && len(i.Evidence) > 0 {
			out = append(out, &incident.Line{Match: i.Evidence[len(i.Evidence)-1], Place: &incident.Place{Incident: i.ID}})
		}
	}
	for i := range a.Incidents {
		inc := &a.Incidents[i]
		add(inc)
		if inc.Cause != nil {
			add(byID[inc.Cause.ID])
		}
	}
	slices.SortStableFunc(out, func(x, y *incident.Line) int { return y.Time.Compare(x.Time) })
	return out
}

// decidingWords are what the terms look for in the lines, as expressions for Grafana's logs panel, which marks them.
func decidingWords(lines []*incident.Line, said []string) []string {
	var out []string
	for r, l := range lines {
		for _, witness := range l.Term.AnyOf[l.Alternative].Literals {
			word := regexp.QuoteMeta(witness)
			if len(out) < maxWords && strings.Contains(said[r], witness) && !slices.Contains(out, word) {
				out = append(out, word)
			}
		}
	}
	return out
}

// maxWords bounds the marks: Grafana makes one expression of them for every line.
const maxWords = 50
