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
			h = max(h, p.GridPos.Y+p.GridPos.H)
			p.GridPos.Y += y
			if p.GridPos.X == 0 {
				p.GridPos.X = x
			}
			x += p.GridPos.W
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

// beside is a row of one panel with others stacked at its right.
func beside(left panel, right ...panel) []panel {
	y := 0
	for i := range right {
		right[i].GridPos.X, right[i].GridPos.Y = left.GridPos.W, y
		y += right[i].GridPos.H
	}
	return append([]panel{left}, right...)
}

// at sets the size of a panel.
func (p panel) at(w, h int) panel {
	p.GridPos.W, p.GridPos.H = w, h
	return p
}

// asks makes a panel with one query, answered in the language of the page.
func (l language) asks(id int, kind, title, description string, q query.Query) panel {
	q.Language = string(l)
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

// unknown is what a panel shows that got no answer at all. Grafana shows the text where a query failed, too, so it
// must never read like "nothing wrong".
func (l language) unknown() string { return l.say("未知：没有得到结果", "Unknown: no answer") }

// none is what a list shows that has no rows. It is the same text for an answer without rows and for no answer: the
// answer to a failed query has a row that says so, but a backend that does not run sends none.
func (l language) none(zh, en string) string {
	return l.say(zh+"。面板带有错误标记时，结果未知。", en+". If the panel carries an error mark, the result is unknown.")
}

// Colours of a stat. What is not known has the base colour, so it must not be green.
func steps(base string, colors ...object) object {
	return object{"mode": "absolute", "steps": append([]object{{"color": base, "value": nil}}, colors...)}
}

func from(value float64, color string) object { return object{"color": color, "value": value} }

// stat reduces a numeric column of all rows.
func (l language) stat(id int, title, description, calc string, thresholds object, q query.Query) panel {
	p := l.asks(id, "stat", title, description, q)
	p.FieldConfig.Defaults = object{
		"unit": "short", "decimals": 0, "noValue": l.unknown(), "color": object{"mode": "thresholds"}, "thresholds": thresholds,
	}
	p.Options = statOptions(calc, "", "value")
	return p
}

// words shows the columns of one row as they are, in the colours of their mappings.
func (l language) words(id int, title, description string, q query.Query, columns ...string) panel {
	p := l.asks(id, "stat", title, description, q)
	p.FieldConfig.Defaults = object{"unit": "none", "noValue": l.unknown(), "color": object{"mode": "thresholds"}, "thresholds": steps("text")}
	p.Options = statOptions("lastNotNull", "/.*/", "value")
	p.Transformations = l.keep(q.QueryType, columns...)
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
func (l language) table(id int, title, description string, q query.Query, columns []string, overrides ...override) panel {
	p := l.asks(id, "table", title, description, q)
	// A value without a colour of its own has that of text. By default it would be green, "unknown" too.
	p.FieldConfig.Defaults = object{"unit": "none", "noValue": l.none("没有数据", "No rows"), "custom": object{
		"align": "auto", "cellOptions": object{"type": "auto"}, "filterable": true, "inspect": true, "minWidth": 60,
	}, "color": object{"mode": "thresholds"}, "thresholds": steps("text")}
	// The text above is for the panel. A cell that is empty is empty.
	p.FieldConfig.Overrides = append(p.FieldConfig.Overrides, override{
		Matcher: object{"id": "byRegexp", "options": "/.*/"}, Properties: []property{{"noValue", "—"}},
	})
	for _, o := range overrides {
		if column, _ := o.Matcher["options"].(string); slices.Contains(columns, column) {
			p.FieldConfig.Overrides = append(p.FieldConfig.Overrides, o)
		}
	}
	p.Options = object{"cellHeight": "sm", "showHeader": true}
	p.Transformations = l.keep(q.QueryType, columns...)
	return p
}

// plain takes the controls of a table away that get in the way of reading: filters in the header, buttons over cells.
func (p panel) plain() panel {
	custom := p.FieldConfig.Defaults["custom"].(object)
	custom["filterable"], custom["inspect"] = false, false
	return p
}

// logs shows evidence lines, newest first.
func (l language) logs(id int, title, description string, q query.Query) panel {
	q.QueryType = query.Evidence
	p := l.asks(id, "logs", title, description, q)
	p.FieldConfig.Defaults["noValue"] = l.none("没有日志行", "No lines")
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

// empty is the text of a cell that has none.
func empty(text string) property {
	return property{"mappings", []object{{"type": "special", "options": object{"match": "empty", "result": object{"index": 0, "text": text}}}}}
}

// anyText shows the same word for whatever a cell has: what matters is its link.
func anyText(word string) []object {
	return []object{{"type": "regex", "options": object{"pattern": "/.+/", "result": object{"index": 0, "text": word}}}}
}

// yesOrNo gives words to a column of booleans.
func (l language) yesOrNo() property {
	return property{"mappings", mapping(object{"true": result(0, l.say("是", "Yes"), "text"), "false": result(1, l.say("否", "No"), "text")})}
}

// mapping gives values a text and a colour.
func mapping(results object) []object {
	return []object{{"type": "value", "options": results}}
}

func result(index int, text, color string) object {
	return object{"index": index, "text": text, "color": color}
}
