package main

import (
	"slices"

	"github.com/blueking/incidents/pkg/query"
)

// place lays panels out in rows of 24 columns; a panel without a height has that of its row.
func place(rows ...[]panel) []panel {
	var out []panel
	y := 0
	for _, row := range rows {
		x, h := 0, 0
		for _, p := range row {
			p.GridPos.X, p.GridPos.Y = x, y
			x += p.GridPos.W
			h = max(h, p.GridPos.H)
			inner := y + 1
			for i := range p.Panels {
				p.Panels[i].GridPos.Y = inner
				inner += p.Panels[i].GridPos.H
			}
			out = append(out, p)
		}
		y += h
	}
	return out
}

// at sets the size of a panel.
func (p panel) at(w, h int) panel {
	p.GridPos.W, p.GridPos.H = w, h
	return p
}

// asks makes a panel with one query.
func asks(id int, kind, title, description string, q query.Query) panel {
	return panel{
		ID: id, Type: kind, Title: title, Description: description, Datasource: chosen(),
		Targets:     []target{ask{RefID: "A", Datasource: chosen(), Query: q}},
		FieldConfig: &fieldConfig{Defaults: object{"unit": "none"}, Overrides: []override{}},
	}
}

// collapsed is a row that is read only when the reader opens it.
func collapsed(id int, title string, panels ...panel) panel {
	yes := true
	return panel{ID: id, Type: "row", Title: title, Collapsed: &yes, GridPos: grid{H: 1, W: 24}, Panels: panels}
}

// Colours of a stat.
func steps(base string, colors ...object) object {
	return object{"mode": "absolute", "steps": append([]object{{"color": base, "value": nil}}, colors...)}
}

func from(value float64, color string) object { return object{"color": color, "value": value} }

// stat reduces a numeric column of all rows.
func stat(id int, title, description, calc string, thresholds object, q query.Query) panel {
	p := asks(id, "stat", title, description, q)
	p.FieldConfig.Defaults = object{
		"unit": "short", "decimals": 0, "noValue": "0", "color": object{"mode": "thresholds"}, "thresholds": thresholds,
	}
	p.Options = statOptions(calc, "", "background")
	return p
}

// words shows the columns of one row as they are, in the colours of their mappings.
func words(id int, title, description string, q query.Query, columns ...string) panel {
	p := asks(id, "stat", title, description, q)
	p.FieldConfig.Defaults = object{"unit": "none", "noValue": "—", "color": object{"mode": "thresholds"}, "thresholds": steps("text")}
	p.Options = statOptions("lastNotNull", "/.*/", "value")
	p.Transformations = keep(q.QueryType, columns...)
	return p
}

func statOptions(calc, fields, color string) object {
	return object{
		"colorMode": color, "graphMode": "none", "justifyMode": "auto", "orientation": "auto", "percentChangeColorMode": "standard",
		"reduceOptions":     object{"calcs": []string{calc}, "fields": fields, "values": false},
		"showPercentChange": false, "textMode": "auto", "wideLayout": true,
	}
}

// table shows columns in this order. Of the overrides, which several tables share, it keeps those of its columns.
func table(id int, title, description string, q query.Query, columns []string, overrides ...override) panel {
	p := asks(id, "table", title, description, q)
	p.FieldConfig.Defaults = object{"unit": "none", "noValue": "", "custom": object{
		"align": "auto", "cellOptions": object{"type": "auto"}, "filterable": true, "inspect": true, "minWidth": 60,
	}}
	for _, o := range overrides {
		if column, _ := o.Matcher["options"].(string); slices.Contains(columns, column) {
			p.FieldConfig.Overrides = append(p.FieldConfig.Overrides, o)
		}
	}
	p.Options = object{"cellHeight": "sm", "showHeader": true}
	p.Transformations = keep(q.QueryType, columns...)
	return p
}

// logs shows evidence lines, newest first.
func logs(id int, title, description string, q query.Query) panel {
	q.QueryType = query.Evidence
	p := asks(id, "logs", title, description, q)
	p.Options = object{
		"showTime": true, "showLabels": false, "showCommonLabels": false, "wrapLogMessage": true, "prettifyLogMessage": false,
		"enableLogDetails": true, "dedupStrategy": "none", "sortOrder": "Descending",
	}
	return p
}

// text shows Markdown.
func text(id int, title, description, markdown string) panel {
	return panel{
		ID: id, Type: "text", Title: title, Description: description,
		FieldConfig: &fieldConfig{Defaults: object{"unit": "none"}, Overrides: []override{}},
		Options: object{"mode": "markdown", "content": markdown, "code": object{
			"language": "plaintext", "showLineNumbers": false, "showMiniMap": false,
		}},
	}
}

// mapping gives values a text and a colour.
func mapping(results object) []object {
	return []object{{"type": "value", "options": results}}
}

func result(index int, text, color string) object {
	return object{"index": index, "text": text, "color": color}
}

// bars are how many steps a graph has: few enough to tell them apart, and quarters of an hour over a day.
const bars = 96

// overTime is a series per signature, stacked. A click on one leads to its runbook.
func overTime(id int, title, description, clusters string, q query.Query) panel {
	q.QueryType = query.Timeline
	p := asks(id, "timeseries", title, description, q)
	p.MaxDataPoints = bars
	style := object{"drawStyle": "bars", "barAlignment": 1, "barWidthFactor": 0.9, "fillOpacity": 80, "lineWidth": 0}
	legend := object{"calcs": []string{"sum"}, "sortBy": "Total", "sortDesc": true}
	if q.Stat == query.StatActive {
		style = object{"drawStyle": "line", "lineInterpolation": "stepAfter", "fillOpacity": 50, "lineWidth": 1}
		legend = object{"calcs": []string{"lastNotNull", "max"}, "sortBy": "Last *", "sortDesc": true}
	}
	style["stacking"], style["showPoints"] = object{"mode": "normal", "group": "A"}, "never"
	legend["displayMode"], legend["placement"], legend["showLegend"] = "table", "bottom", true
	p.FieldConfig.Defaults = object{
		"unit": "short", "decimals": 0, "min": 0, "noValue": "没有 None", "color": object{"mode": "palette-classic-by-name"},
		"custom": style, "links": []link{toRunbook(clusters, thisSeries)},
	}
	p.Options = object{"legend": legend, "tooltip": object{"mode": "multi", "sort": "desc", "hideZeros": true}}
	return p
}

// bySource shows a number per source.
func bySource(id int, kind, title, description string, thresholds object, q query.Query) panel {
	q.QueryType, q.Sources = query.Unmatched, []string{"$source"}
	p := asks(id, kind, title, description, q)
	p.FieldConfig.Defaults = object{
		"unit": "short", "decimals": 0, "min": 0, "noValue": "—", "color": object{"mode": "thresholds"}, "thresholds": thresholds,
	}
	p.Options = statOptions("lastNotNull", "/^value$/", "value")
	if kind == "gauge" {
		p.Options = object{
			"orientation": "auto", "showThresholdLabels": false, "showThresholdMarkers": true, "sizing": "auto", "minVizHeight": 75, "minVizWidth": 75,
			"reduceOptions": object{"calcs": []string{"lastNotNull"}, "fields": "/^value$/"},
		}
	}
	p.Options["reduceOptions"].(object)["values"] = true
	return p
}

// unexplained lists the kinds of errors that no signature explains, the most frequent first.
func unexplained(id int, title, description string, limit int, columns ...string) panel {
	q := query.Query{QueryType: query.Unmatched, Stat: query.StatClusters, Sources: []string{"$source"}, Limit: limit}
	p := table(id, title, description, q, columns,
		width("source", 120), width("count", 90), width("hosts_count", 80), width("first", 165), width("last", 165),
		named("hosts", property{"custom.minWidth", 140}),
		wrapping("template", property{"custom.minWidth", 360}),
		named("sample", property{"custom.minWidth", 300}),
		// YAML keeps its lines in the window that "inspect" opens, not in a cell.
		named("draft", property{"custom.minWidth", 260}, property{"custom.inspect", true}),
	)
	p.FieldConfig.Defaults["noValue"] = "没有未被解释的报错 Nothing unexplained"
	return p
}
