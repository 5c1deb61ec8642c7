package frames

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/prometheus/common/model"

	"github.com/blueking/incidents/pkg/incident"
	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/match"
	"github.com/blueking/incidents/pkg/selector"
	"github.com/blueking/incidents/pkg/signature"
)

// The shipped dashboards that links lead to. Their uids are stable: notifications carry them.
const (
	incidentDashboard = "blueking-incidents-incident"
	runbookDashboard  = "blueking-incidents-runbook"
)

// around is how much of the time before and after an incident its dashboard shows.
const around = 30 * time.Minute

// incidentPath is the path of an incident's dashboard, to be put behind Grafana's root URL: it has no slash in front,
// because `{{ externalURL }}` of alert rules ends in one and a relative link of an annotation resolves against it.
func (v View) incidentPath(i *incident.Incident) string {
	to := "now"
	if i.State == incident.Resolved {
		to = strconv.FormatInt(i.End.Add(around).UnixMilli(), 10)
	}
	return dashboardPath(incidentDashboard, v.UID, "incident", i.ID) +
		"&from=" + strconv.FormatInt(i.Start.Add(-around).UnixMilli(), 10) + "&to=" + to
}

// runbookPath is the path of a signature's steps.
func (v View) runbookPath(id string) string {
	return dashboardPath(runbookDashboard, v.UID, "signature", id)
}

func dashboardPath(dashboard, uid, variable, value string) string {
	return "d/" + dashboard + "?var-datasource=" + queryEscape(uid) + "&var-" + variable + "=" + queryEscape(value)
}

// queryEscape escapes a value in a link. A space becomes %20: not every reader of a link knows that + is one.
func queryEscape(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

// fieldLink is a data link of a column to a dashboard; ref is Grafana's macro for the value.
func (v View) fieldLink(title, dashboard, variable, ref string) data.DataLink {
	return data.DataLink{
		Title: title,
		URL:   "/d/" + dashboard + "?var-datasource=" + queryEscape(v.UID) + "&var-" + variable + "=" + ref + "&${__url_time_range}",
	}
}

// exploreLink opens the query of a column in Explore.
func (v View) exploreLink(title, ref string) data.DataLink {
	return data.DataLink{
		Title: title,
		Internal: &data.InternalDataLink{
			DatasourceUID: v.LokiUID,
			Query:         map[string]any{"refId": "A", "expr": ref, "queryType": "range"},
		},
	}
}

// nextLogQL is the query that would tell the likeliest cause of an incident from the others, "" when none is known. The
// filter may hold values of a log line: it stands Go-quoted, as every value does.
func (v View) nextLogQL(i *incident.Incident) string {
	for _, h := range i.Hypotheses {
		next := h.Definition.Next
		if next == nil || next.Filter.IsZero() {
			continue
		}
		for _, s := range v.Selectors {
			sel, err := selector.Parse(s.Selector)
			if s.Source != next.Source || err != nil {
				continue
			}
			if i.Cluster != "" && v.ClusterLabel != "" {
				if narrowed, err := sel.And(logs.Matcher{Name: v.ClusterLabel, Op: logs.Equal, Value: i.Cluster}); err == nil {
					sel = narrowed
				}
			}
			return sel.String() + " |= " + strconv.Quote(i.Render(signature.Text{ZH: next.Filter, EN: next.Filter}, v.rendering()))
		}
	}
	return ""
}

// document returns title and address of a signature's first reference for the BlueKing version.
func (v View) document(sig *signature.Signature) (title, address string) {
	if len(sig.References) == 0 {
		return "", ""
	}
	ref := sig.References[0]
	title = ref.Title.In(v.Lang).Placeholders()
	return oneLine(title), webAddress(incident.ReferenceURL(ref, v.Version))
}

// opensGuide makes the addresses in a column links, if every row has one: Grafana's new table fails altogether where the
// only link of a cell has no address.
func (v View) opensGuide(addresses *data.Field) {
	if filled(addresses) {
		fieldConfig(addresses).Links = []data.DataLink{{Title: v.text("打开文档", "Open the guide"), URL: "${__value.raw}", TargetBlank: true}}
	}
}

// filled tells whether every row of a column has a text.
func filled(f *data.Field) bool {
	for r := range f.Len() {
		if f.At(r) == "" {
			return false
		}
	}
	return true
}

// maxFilters bounds the literals in an Explore query; more make it unreadable.
const maxFilters = 6

// logQL is the query that shows the lines of an incident: the labels that its streams share, alternatives where they
// differ, and literals that the lines contain. Values only ever stand Go-quoted, so none can leave its quotes.
func logQL(evidence []match.Match) string {
	evidence = alike(evidence)
	sel := streamSelector(evidence)
	if sel == "" {
		return ""
	}
	var literals []string
	for i := range evidence {
		l := literalOf(evidence[i])
		if l == "" {
			return sel // a filter would hide this line
		}
		if !slices.Contains(literals, l) {
			literals = append(literals, l)
		}
	}
	if len(literals) > maxFilters {
		return sel
	}
	slices.Sort(literals)
	quoted := make([]string, len(literals))
	for i, l := range literals {
		quoted[i] = strconv.Quote(l)
	}
	return sel + " |= " + strings.Join(quoted, " or ")
}

// alike returns the lines of those streams that have the same label names, of several such groups the one with most
// lines. What a pod and a host's file have in common is little more than the cluster, and a selector of that would read
// all logs there are.
func alike(evidence []match.Match) []match.Match {
	groups := map[string][]match.Match{}
	best := ""
	for i := range evidence {
		var names []string
		for name := range evidence[i].Stream.Labels {
			names = append(names, string(name))
		}
		slices.Sort(names)
		group := strings.Join(names, ",")
		groups[group] = append(groups[group], evidence[i])
		if len(groups[group]) > len(groups[best]) {
			best = group
		}
	}
	return groups[best]
}

// streamSelector selects the streams of the lines, and as few others as one selector can.
func streamSelector(evidence []match.Match) string {
	values := map[model.LabelName][]string{}
	streams := map[string]bool{}
	for i := range evidence {
		s := evidence[i].Stream
		if streams[s.Key] {
			continue
		}
		streams[s.Key] = true
		for name, v := range s.Labels {
			values[name] = append(values[name], string(v))
		}
	}
	var matchers []logs.Matcher
	for name, all := range values {
		if len(all) < len(streams) || !selector.ValidName(string(name)) {
			continue // some stream lacks the label, or a selector cannot name it
		}
		slices.Sort(all)
		all = slices.Compact(all)
		m := logs.Matcher{Name: string(name), Op: logs.Equal, Value: all[0]}
		if len(all) > 1 {
			for i := range all {
				all[i] = regexp.QuoteMeta(all[i])
			}
			m.Op, m.Value = logs.Regexp, strings.Join(all, "|")
		}
		matchers = append(matchers, m)
	}
	slices.SortFunc(matchers, func(a, b logs.Matcher) int { return strings.Compare(a.Name, b.Name) })
	sel, err := selector.Selector{}.And(matchers...)
	if err != nil || len(matchers) == 0 {
		return ""
	}
	return sel.String()
}

// literalOf returns a literal of the term that stands in the raw line, "" if none does (the line was shortened).
func literalOf(m match.Match) string {
	line := m.Line.String()
	for _, witness := range m.Term.AnyOf[m.Alternative].Literals {
		for _, form := range signature.RawForms(witness) {
			if strings.Contains(line, form) {
				return form
			}
		}
	}
	return ""
}
