package assistant

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/prometheus/common/model"

	"github.com/blueking/incidents/pkg/report"
	"github.com/blueking/incidents/pkg/signature"
)

const (
	// usualRange is looked at where a question names none, longestRange is the most.
	usualRange   = 6 * time.Hour
	longestRange = 31 * 24 * time.Hour
)

// answers are what the tools answer.
type answers struct{ Options }

// timeRange is how a question says when.
type timeRange struct {
	Since string `json:"since,omitempty" jsonschema:"how far back to look: 30m, 6h, 1d; default 6h"`
	From  string `json:"from,omitempty" jsonschema:"start of the range, RFC 3339; instead of since"`
	To    string `json:"to,omitempty" jsonschema:"end of the range and time of judgement, RFC 3339; default now"`
	Lang  string `json:"language,omitempty" jsonschema:"language of the texts: zh or en"`
}

// span reads the range.
func (r timeRange) span(now time.Time) (start, end time.Time, err error) {
	end = now
	if r.To != "" {
		if end, err = time.Parse(time.RFC3339, r.To); err != nil {
			return start, end, fmt.Errorf("to %q: write it like 2026-11-01T10:00:00+08:00", r.To)
		}
	}
	back := usualRange
	if r.Since != "" {
		d, err := model.ParseDuration(r.Since)
		if err != nil || d <= 0 {
			return start, end, fmt.Errorf("since %q: write it like 30m, 6h or 1d", r.Since)
		}
		back = time.Duration(d)
	}
	start = end.Add(-back)
	if r.From != "" {
		if start, err = time.Parse(time.RFC3339, r.From); err != nil {
			return start, end, fmt.Errorf("from %q: write it like 2026-11-01T10:00:00+08:00", r.From)
		}
	}
	if length := end.Sub(start); length <= 0 || length > longestRange {
		return start, end, fmt.Errorf("the range from %s to %s: it must be longer than nothing and at most %s", start.Format(time.RFC3339), end.Format(time.RFC3339), model.Duration(longestRange))
	}
	return start, end, nil
}

func (a *answers) lang(named string) (signature.Lang, error) {
	switch lang := signature.Lang(cmp.Or(named, string(a.Lang))); lang {
	case signature.ZH, signature.EN:
		return lang, nil
	}
	return "", fmt.Errorf("language %q: zh or en", named)
}

// report reads the incidents of a range.
func (a *answers) report(ctx context.Context, r timeRange) (report.Report, error) {
	start, end, err := r.span(a.Now())
	if err != nil {
		return report.Report{}, err
	}
	lang, err := a.lang(r.Lang)
	if err != nil {
		return report.Report{}, err
	}
	out, err := a.Logs.Incidents(ctx, start, end, lang)
	if err != nil {
		return out, errors.New(a.Error(err))
	}
	return out, nil
}

type incidentsQuestion struct {
	timeRange
	State     string `json:"state,omitempty" jsonschema:"only active or only resolved ones"`
	Severity  string `json:"severity,omitempty" jsonschema:"only critical, high, medium or low ones"`
	Signature string `json:"signature,omitempty" jsonschema:"only those of a signature, by its id"`
	Host      string `json:"host,omitempty" jsonschema:"only those of a host, by its address"`
	Cluster   string `json:"cluster,omitempty" jsonschema:"only those of a cluster"`
}

func (q incidentsQuestion) wants(inc *report.Incident) bool {
	return (q.State == "" || q.State == inc.State) && (q.Severity == "" || q.Severity == inc.Severity) &&
		(q.Signature == "" || q.Signature == inc.Signature) && (q.Cluster == "" || q.Cluster == inc.Cluster) &&
		(q.Host == "" || slices.ContainsFunc(inc.Hosts, func(h report.Host) bool { return h.Name == q.Host }))
}

type incidentsAnswer struct {
	AsOf      string  `json:"as_of"`
	Partial   string  `json:"partial,omitempty"`
	Incidents []brief `json:"incidents"`
	LeftOut   int     `json:"left_out,omitempty"`
}

func (a *incidentsAnswer) shorten() bool { return cut(&a.Incidents, &a.LeftOut) }

// cut leaves the last item of a list out.
func cut[T any](list *[]T, leftOut *int) bool {
	if len(*list) == 0 {
		return false
	}
	*list, *leftOut = (*list)[:len(*list)-1], *leftOut+1
	return true
}

func (a *answers) incidents(ctx context.Context, q incidentsQuestion) (any, error) {
	r, err := a.report(ctx, q.timeRange)
	if err != nil {
		return nil, err
	}
	out := &incidentsAnswer{AsOf: r.AsOf.Format(time.RFC3339), Partial: r.Partial, Incidents: []brief{}}
	for i := range r.Incidents {
		if q.wants(&r.Incidents[i]) {
			out.Incidents = append(out.Incidents, briefly(&r.Incidents[i]))
		}
	}
	for len(out.Incidents) > maxList {
		out.shorten()
	}
	return out, nil
}

type incidentQuestion struct {
	timeRange
	ID string `json:"id" jsonschema:"id of the incident, as incidents gives it"`
}

type host struct {
	Name         string `json:"name"`
	Lines        int    `json:"lines"`
	LastFailure  string `json:"last_failure"`
	LastRecovery string `json:"last_recovery,omitempty"`
}

type hypothesis struct {
	Text      logText  `json:"text"`
	Weight    int      `json:"weight"`
	For       []string `json:"for,omitempty"`
	Against   []string `json:"against,omitempty"`
	Unchecked []string `json:"no_logs_to_tell,omitempty"`
	Next      logText  `json:"next,omitempty"`
}

type incidentAnswer struct {
	brief
	Partial  string       `json:"partial,omitempty"`
	Summary  logText      `json:"summary"`
	Impact   logText      `json:"impact,omitempty"`
	Reasons  []reason     `json:"reasons"`
	Causes   []hypothesis `json:"competing_causes,omitempty"`
	Steps    []step       `json:"steps"`
	Evidence []line       `json:"evidence_lines"`
	Hosts    []host       `json:"failing_and_recovered_hosts"`
	LeftOut  int          `json:"left_out,omitempty"`
}

func (a *incidentAnswer) shorten() bool {
	return cut(&a.Hosts, &a.LeftOut) || len(a.Evidence) > 1 && cut(&a.Evidence, &a.LeftOut)
}

// find returns one incident of a range.
func (a *answers) find(ctx context.Context, q incidentQuestion) (*report.Incident, string, error) {
	r, err := a.report(ctx, q.timeRange)
	if err != nil {
		return nil, "", err
	}
	for i := range r.Incidents {
		if r.Incidents[i].ID == q.ID {
			return &r.Incidents[i], r.Partial, nil
		}
	}
	return nil, "", fmt.Errorf("no incident %q touches this range: ask with the same since, from and to as for incidents%s", q.ID, partly(r.Partial))
}

func partly(partial string) string {
	if partial == "" {
		return ""
	}
	return "; and not all logs could be read: " + partial
}

func (a *answers) incident(ctx context.Context, q incidentQuestion) (any, error) {
	inc, partial, err := a.find(ctx, q)
	if err != nil {
		return nil, err
	}
	out := &incidentAnswer{
		brief: briefly(inc), Partial: partial, Summary: logText(inc.Summary), Impact: logText(inc.Impact), Reasons: []reason{},
		Steps: stepsOf(inc.Steps), Evidence: lines(inc), Hosts: []host{},
	}
	for _, w := range inc.Why {
		out.Reasons = append(out.Reasons, reason{w.Rule, logText(w.Detail), stamp(w.Time)})
	}
	for _, h := range inc.Hypotheses {
		out.Causes = append(out.Causes, hypothesis{logText(h.Text), h.Score, h.For, h.Against, h.Unchecked, logText(h.Next)})
	}
	for _, h := range inc.Hosts {
		out.Hosts = append(out.Hosts, host{h.Name, h.Count, h.LastFailure.Format(time.RFC3339), stamp(h.LastRecovery)})
	}
	return out, nil
}

func stamp(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.Format(time.RFC3339)
}

type evidenceAnswer struct {
	Partial string `json:"partial,omitempty"`
	Lines   []line `json:"lines"`
	LeftOut int    `json:"left_out,omitempty"`
}

func (a *evidenceAnswer) shorten() bool { return cut(&a.Lines, &a.LeftOut) }

func (a *answers) evidence(ctx context.Context, q incidentQuestion) (any, error) {
	inc, partial, err := a.find(ctx, q)
	if err != nil {
		return nil, err
	}
	return &evidenceAnswer{Partial: partial, Lines: lines(inc)}, nil
}

type cluster struct {
	Source  signature.Source `json:"source"`
	Count   int              `json:"lines"`
	Hosts   int              `json:"hosts"`
	First   string           `json:"first"`
	Last    string           `json:"last"`
	Nearest string           `json:"nearest_term,omitempty"`
	Sample  logText          `json:"log_text"`
}

type unmatchedAnswer struct {
	Partial  []string  `json:"partial,omitempty"`
	Clusters []cluster `json:"clusters"`
	LeftOut  int       `json:"left_out,omitempty"`
}

func (a *unmatchedAnswer) shorten() bool { return cut(&a.Clusters, &a.LeftOut) }

func (a *answers) unmatched(ctx context.Context, q timeRange) (any, error) {
	start, end, err := q.span(a.Now())
	if err != nil {
		return nil, err
	}
	res, err := a.Logs.Unmatched(ctx, start, end)
	if err != nil {
		return nil, errors.New(a.Error(err))
	}
	out := &unmatchedAnswer{Partial: res.Partial(), Clusters: []cluster{}}
	for _, c := range res.Clusters {
		nearest := ""
		if c.Nearest != nil {
			nearest = c.Nearest.Signature.ID + "/" + c.Nearest.Term.Name
		}
		out.Clusters = append(out.Clusters, cluster{c.Source, c.Count, len(c.Hosts), c.First.Format(time.RFC3339), c.Last.Format(time.RFC3339), nearest, logText(c.Sample)})
	}
	for len(out.Clusters) > maxList {
		out.shorten()
	}
	return out, nil
}
