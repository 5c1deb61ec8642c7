// Package unmatched finds what no signature explains: error lines, clustered by template, each with a draft signature.
// It also measures coverage: the share of error lines that signatures explain.
package unmatched

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"github.com/blueking/incidents/pkg/event"
	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/match"
	"github.com/blueking/incidents/pkg/redact"
	"github.com/blueking/incidents/pkg/scan"
	"github.com/blueking/incidents/pkg/signature"
)

// maxMessage bounds the text that is clustered, in bytes.
const maxMessage = 400

// Request asks for the unexplained errors of a range.
type Request struct {
	Start, End time.Time
	Matchers   []logs.Matcher
	// Sources to look at; empty is all.
	Sources []signature.Source
	// MaxLines caps the error lines read per selector; the answer says when it did.
	MaxLines int
}

// Cluster is a kind of error line that no signature explains.
type Cluster struct {
	Source signature.Source
	// Template is the message with its variable parts masked.
	Template string
	Count    int
	Hosts    []string
	// First and Last are when it was seen in the range; Sample is its first line, without secrets.
	First, Last time.Time
	Sample      string
	// Message is the sample's message proper, from which a draft is made.
	Message string
	// Nearest is the term that the sample comes nearest to, of those of which it has a literal; nil means none.
	Nearest *match.Near
}

// Coverage says how much of a source's error lines signatures explain.
type Coverage struct {
	Source            signature.Source
	Errors, Explained int
	// Partial says why not every error line was looked at, "" when every one was.
	Partial string
}

// Share returns explained/errors, 1 when there were no errors.
func (c Coverage) Share() float64 {
	if c.Errors == 0 {
		return 1
	}
	return float64(c.Explained) / float64(c.Errors)
}

// Result of a look for unexplained errors.
type Result struct {
	// Clusters, the most frequent first.
	Clusters []Cluster
	// Coverage per source that was read, in display order.
	Coverage []Coverage
	// Executed lists what was asked of the store.
	Executed string
}

// Partial says of each source of which not every error line was looked at why.
func (r *Result) Partial() []string {
	var out []string
	for _, c := range r.Coverage {
		if c.Partial != "" {
			out = append(out, fmt.Sprintf("%s: %s", c.Source, c.Partial))
		}
	}
	return out
}

// Failed tells that asking again may help. A look that fails is an error, so it never is.
func (r *Result) Failed() bool { return false }

// Held is how many clusters the result keeps in memory.
func (r *Result) Held() int { return len(r.Clusters) }

// Finder looks for unexplained errors in one log store.
type Finder struct {
	source     scan.Source
	selectors  []scan.Selector
	matcher    *match.Matcher
	hostLabels []string
}

// NewFinder returns a Finder.
func NewFinder(source scan.Source, set *signature.Set, selectors []scan.Selector, hostLabels []string) *Finder {
	return &Finder{source: source, selectors: selectors, matcher: match.New(set), hostLabels: hostLabels}
}

// Find reads the error lines of a range, sets aside what signatures explain and clusters the rest.
func (f *Finder) Find(ctx context.Context, req Request) (*Result, error) {
	res := &Result{}
	var executed []string
	trees := map[signature.Source]*tree{}
	for _, source := range scan.SourcesOf(f.selectors) {
		if len(req.Sources) > 0 && !slices.Contains(req.Sources, source) {
			continue
		}
		cov := Coverage{Source: source}
		read := false
		for _, sel := range f.selectors {
			if sel.Source != source {
				continue
			}
			read = true
			if trees[source] == nil {
				trees[source] = newTree()
			}
			r := request(req, sel)
			executed = append(executed, f.source.Describe(r))
			if err := f.read(ctx, r, sel, trees[source], &cov); err != nil {
				return nil, fmt.Errorf("read error lines of %s: %w", source, err)
			}
		}
		if read {
			res.Coverage = append(res.Coverage, cov)
			clusters := trees[source].clusters(source)
			for i := range clusters {
				if near := f.matcher.Nearest(source, clusters[i].Sample); len(near) > 0 {
					clusters[i].Nearest = &near[0]
				}
			}
			res.Clusters = append(res.Clusters, clusters...)
		}
	}
	slices.SortFunc(res.Clusters, func(a, b Cluster) int {
		return cmp.Or(b.Count-a.Count, strings.Compare(string(a.Source), string(b.Source)), strings.Compare(a.Template, b.Template))
	})
	res.Executed = strings.Join(executed, "\n")
	return res, nil
}

// request is what is asked of the store for one selector.
func request(req Request, sel scan.Selector) logs.Request {
	streams, metadata := sel.Narrow(req.Matchers)
	return logs.Request{
		Selector: sel.Selector, Matchers: streams, Metadata: metadata, Filters: []logs.Filter{sel.Source.ErrorLiterals()},
		Start: req.Start, End: req.End, MaxLines: req.MaxLines,
	}
}

// Explain returns what Find would read, without reading anything. It looks no farther back than the range.
func (f *Finder) Explain(req Request) []scan.Reading {
	var out []scan.Reading
	for _, sel := range f.selectors {
		if len(req.Sources) > 0 && !slices.Contains(req.Sources, sel.Source) {
			continue
		}
		out = append(out, scan.Reading{
			Selector: sel, Query: f.source.Describe(request(req, sel)), Start: req.Start, End: req.End, Farthest: req.Start,
			MaxLines: req.MaxLines,
		})
	}
	return out
}

// read folds the error lines of one selector into the tree.
func (f *Finder) read(ctx context.Context, req logs.Request, sel scan.Selector, t *tree, cov *Coverage) error {
	records, coverage := f.source.Read(ctx, req)
	for rec, err := range records {
		if err != nil {
			return err
		}
		msg, ok := errorMessage(sel.Source, rec.Entry.Line)
		if !ok {
			continue
		}
		cov.Errors++
		if len(f.matcher.Line(sel.Source, rec.Entry.Line)) > 0 {
			cov.Explained++
			continue
		}
		t.add(observed{
			message: redact.Text(strings.Clone(msg.Text)), line: redact.Text(strings.Clone(clip(rec.Entry.Line, 2000))),
			host: f.host(sel, rec.Stream, msg), at: rec.Entry.Timestamp,
		})
	}
	if state, reason := coverage.Worst(); state != logs.Complete && cov.Partial == "" {
		cov.Partial = reason
	}
	return nil
}

// errorMessage returns the first error that a line reports. A line of a source whose level is unknown is no error.
func errorMessage(source signature.Source, line string) (event.Event, bool) {
	for _, m := range event.Read(line) {
		level := m.Level
		if source == signature.Agent && strings.Contains(m.Text, "ZOO_ERROR@") {
			level = event.Error
		}
		if level == event.Error && strings.TrimSpace(m.Text) != "" {
			m.Text = clip(m.Text, maxMessage)
			return m, true
		}
	}
	return event.Event{}, false
}

func (f *Finder) host(sel scan.Selector, stream *logs.Stream, msg event.Event) string {
	if msg.Attrs.HostIP != "" {
		return strings.Clone(msg.Attrs.HostIP)
	}
	if sel.OnHost {
		for _, name := range f.hostLabels {
			if v := stream.Labels[model.LabelName(name)]; v != "" {
				return string(v)
			}
		}
	}
	return ""
}

func clip(s string, limit int) string {
	if i := strings.IndexAny(s, "\r\n"); i >= 0 && i < limit {
		s = s[:i]
	}
	if len(s) <= limit {
		return s
	}
	for limit > 0 && s[limit]&0xC0 == 0x80 {
		limit--
	}
	return s[:limit]
}
