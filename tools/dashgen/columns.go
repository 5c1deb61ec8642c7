package main

import (
	"fmt"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/blueking/incidents/pkg/changes"
	"github.com/blueking/incidents/pkg/frames"
	"github.com/blueking/incidents/pkg/query"
	"github.com/blueking/incidents/pkg/signature"
	"github.com/blueking/incidents/pkg/unmatched"
)

// frameOf is an empty frame of a query type, for its columns.
func (l language) frameOf(t query.Type) *data.Frame {
	v := frames.View{Lang: signature.Lang(l)}
	switch t {
	case query.Incidents:
		return frames.Incidents(frames.Answer{}, "", v)
	case query.Annotations:
		return frames.Annotations(frames.Answer{}, "", v)
	case query.Count:
		return frames.Count(frames.Answer{}, v, query.StatActive)
	case query.Health:
		return frames.Health(nil, nil, v)
	case query.Signatures:
		return frames.Signatures(frames.Answer{}, v, func(string) bool { return false }, func(*signature.Signature) bool { return true })
	case query.Hosts:
		return frames.Hosts(frames.Answer{}, query.Query{}, v)
	case query.Steps:
		return frames.Steps(nil, nil, v)
	case query.Changes:
		return frames.Changes(&changes.Result{}, v)
	case query.Review:
		return frames.ReviewColumns(v)
	case query.Unmatched:
		return frames.Unmatched(&unmatched.Result{}, v)
	}
	panic(fmt.Sprintf("no columns known for %s", t))
}

// names are what a column of a query type may be called: by itself, and as people see it. Transformations that order,
// rename or compare look at the displayed name.
func (l language) names(t query.Type, column string) []string {
	field, _ := l.frameOf(t).FieldByName(column)
	if field == nil {
		panic(fmt.Sprintf("%s frames have no column %q", t, column))
	}
	if field.Config != nil && field.Config.DisplayNameFromDS != "" {
		return []string{column, field.Config.DisplayNameFromDS}
	}
	return []string{column}
}

// displayed is the name of a column as people see it.
func (l language) displayed(t query.Type, column string) string {
	n := l.names(t, column)
	return n[len(n)-1]
}

// keep keeps columns, in this order.
func (l language) keep(t query.Type, columns ...string) []transformation {
	index := map[string]int{}
	for i, c := range columns {
		for _, name := range l.names(t, c) {
			index[name] = i
		}
	}
	return []transformation{
		{"filterFieldsByName", object{"include": object{"names": columns}}},
		{"organize", object{"excludeByName": object{}, "includeByName": object{}, "indexByName": index, "renameByName": object{}}},
	}
}

// named overrides properties of a column.
func named(column string, properties ...property) override {
	return override{Matcher: object{"id": "byName", "options": column}, Properties: properties}
}

// hide keeps a column for links and out of sight. `hidden` is read up to Grafana 12.1, `hideFrom` after.
func hide(columns ...string) []override {
	out := make([]override, len(columns))
	for i, c := range columns {
		out[i] = named(c, property{"custom.hidden", true}, property{"custom.hideFrom.viz", true})
	}
	return out
}

func width(column string, pixels int, more ...property) override {
	return named(column, append([]property{{"custom.width", pixels}}, more...)...)
}

// colored paints the text of a column by its value mappings, which come with the frame.
func colored() property {
	return property{"custom.cellOptions", object{"type": "color-text"}}
}

// wrapping breaks the text of a column into lines. The cell's option is read up to Grafana 12.1, the field's after. Up to
// 12.1 the last column of a table that wraps decides how high its rows are, and what is longer is cut.
func wrapping(column string, more ...property) override {
	return named(column, append([]property{
		{"custom.cellOptions", object{"type": "auto", "wrapText": true}}, {"custom.wrapText", true},
	}, more...)...)
}

// raw is text as it is, on one line.
func raw() property { return property{"custom.cellOptions", object{"type": "json-view"}} }

// moment is a column of points in time. Without a unit Grafana adds milliseconds where all rows lie in one minute, as the
// hosts of a failure do, and they do not fit.
func moment(column string, more ...property) override {
	return width(column, 165, append([]property{{"unit", "time:YYYY-MM-DD HH:mm:ss"}}, more...)...)
}

// shortTime leaves the year out, where columns are narrow.
func shortTime() property { return property{"unit", "time:MM-DD HH:mm:ss"} }

// links are those of a column, instead of those that the frame brings.
func links(l ...link) property { return property{"links", append([]link{}, l...)} }

// Links to other dashboards keep the time range, the data source and, where the other one has it, the cluster.
func (l language) toIncident(ref string) link {
	return link{Title: l.say("打开事件", "Open incident"), URL: "/d/" + incidentUID + "?${datasource:queryparam}&var-incident=" + ref + "&${__url_time_range}"}
}

func (l language) toRunbook(clusters string, ref string) link {
	return link{Title: l.say("打开处置手册", "Open runbook"), URL: "/d/" + runbookUID + "?${datasource:queryparam}" + clusters + "&var-signature=" + ref + "&${__url_time_range}"}
}

// toHost narrows the overview to one host.
func (l language) toHost(clusters string) link {
	return link{Title: l.say("只看这台主机", "This host only"), URL: "/d/" + overviewUID + "?${datasource:queryparam}" + clusters + "&var-host=${__data.fields.host:percentencode}&${__url_time_range}"}
}

// toCatalogue carries a source to the page that lists its unexplained errors with their drafts.
func (l language) toCatalogue(source string) link {
	return link{Title: l.say("打开特征目录", "Open catalogue"), URL: "/d/" + catalogueUID + "?${datasource:queryparam}&" + source + "&${__url_time_range}"}
}

const (
	// incidentID and signatureID are the values of the row that a link stands in.
	incidentID  = "${__data.fields.id:percentencode}"
	signatureID = "${__data.fields.signature:percentencode}"
	// worstIncidentID is that of a host's worst incident.
	worstIncidentID = "${__data.fields.incident:percentencode}"
	// thisSource is the source of the row, as the choice of sources.
	thisSource = "var-source=${__data.fields.source:percentencode}"
	// thisSeries is the signature that a series is of.
	thisSeries = "${__field.labels.signature}"
	// sameCluster hands the chosen clusters on.
	sameCluster = "&${cluster:queryparam}"
)
