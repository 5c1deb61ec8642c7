package scan

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/signature"
	"github.com/blueking/incidents/pkg/source"
)

// Shortfall is a source that was not read completely, or of which silence cannot be told from an end.
type Shortfall struct {
	Source signature.Source
	// Err is set when it failed, or with Blind when the store failed to tell when it shipped lines; Reason when it was capped.
	Err    error
	Blind  bool
	Reason string
}

// Sources lists the sources that were asked for, in display order.
func (r *Result) Sources() []signature.Source {
	asked := slices.Collect(maps.Keys(r.Coverage))
	for _, failed := range []map[signature.Source]error{r.Errors, r.Blind} {
		asked = slices.AppendSeq(asked, maps.Keys(failed))
	}
	return source.Sort(asked)
}

// Shortfalls lists what an answer lacks of some sources, of all when none is named.
func (r *Result) Shortfalls(sources ...signature.Source) []Shortfall {
	if sources == nil {
		sources = r.Sources()
	}
	var out []Shortfall
	for _, source := range sources {
		if err := r.Errors[source]; err != nil {
			out = append(out, Shortfall{Source: source, Err: err})
			continue
		}
		if err := r.Blind[source]; err != nil {
			out = append(out, Shortfall{Source: source, Err: err, Blind: true})
		}
		if c := r.Coverage[source]; c != nil {
			if state, reason := c.Worst(); state != logs.Complete {
				out = append(out, Shortfall{Source: source, Reason: reason})
			}
		}
	}
	return out
}

// Partial returns why the answer is not complete, "" when it is.
func (r *Result) Partial() string {
	var reasons []string
	for _, s := range r.Shortfalls() {
		if s.Err != nil {
			s.Reason = s.Err.Error()
		}
		reasons = append(reasons, fmt.Sprintf("%s: %s", s.Source, s.Reason))
	}
	for _, l := range r.Lost {
		reasons = append(reasons, fmt.Sprintf("%s: %s %s has shipped nothing since %s", l.Source, l.Cluster, l.Host, l.Live.Last().UTC().Format(time.RFC3339)))
	}
	return strings.Join(reasons, "; ")
}
