package main

import "github.com/blueking/incidents/pkg/query"

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
		Targets:     []target{{RefID: "A", Datasource: chosen(), Query: q}},
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

// table shows columns in this order.
func table(id int, title, description string, q query.Query, columns []string, overrides ...override) panel {
	p := asks(id, "table", title, description, q)
	p.FieldConfig.Defaults = object{"unit": "none", "noValue": "", "custom": object{
		"align": "auto", "cellOptions": object{"type": "auto"}, "filterable": true, "inspect": true, "minWidth": 60,
	}}
	p.FieldConfig.Overrides = overrides
	p.Options = object{"cellHeight": "sm", "showHeader": true, "footer": object{"show": false, "countRows": false, "fields": "", "reducer": []string{"sum"}}}
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
