package main

import "github.com/blueking/incidents/pkg/query"

// bars are how many steps a graph has: few enough to tell them apart, and quarters of an hour over a day.
const bars = 96

// overTime is a series per signature, stacked. A click on one leads to its runbook.
func (l language) overTime(id int, title, description, clusters string, q query.Query) panel {
	q.QueryType = query.Timeline
	p := l.asks(id, "timeseries", title, description, q)
	p.MaxDataPoints = bars
	style := object{"drawStyle": "bars", "barAlignment": 1, "barWidthFactor": 0.9, "fillOpacity": 80, "lineWidth": 0}
	if q.Stat == query.StatActive {
		style = object{"drawStyle": "line", "lineInterpolation": "stepAfter", "fillOpacity": 50, "lineWidth": 1}
	}
	style["stacking"], style["showPoints"] = object{"mode": "normal", "group": "A"}, "never"
	p.FieldConfig.Defaults = object{
		"unit": "short", "decimals": 0, "min": 0, "noValue": l.none("没有命中的日志", "No line matched"), "color": object{"mode": "palette-classic-by-name"},
		"custom": style, "links": []link{l.toRunbook(clusters, thisSeries)},
	}
	p.Options = object{
		"legend":  object{"calcs": []string{}, "displayMode": "list", "placement": "bottom", "showLegend": true},
		"tooltip": object{"mode": "multi", "sort": "desc", "hideZeros": true},
	}
	return p
}

// labelPad stands before the labels of a state timeline. Grafana may measure them before its font is there, and then cuts
// their beginning: it is spaces that get lost.
const labelPad = "\u2003\u2003"

// history is a line per incident, from its start to its end; episodes of one failure share a line. Lines come in the order
// of the answer: what is open first, for only a page of them is in sight.
func (l language) history(id int, title, description string, q query.Query) panel {
	q.QueryType = query.Annotations
	p := l.asks(id, "state-timeline", title, description, q)
	p.Transformations = []transformation{
		{"filterFieldsByName", object{"include": object{"names": []string{"time", "timeEnd", "lane", "newState"}}}},
		{"partitionByValues", object{"fields": []string{"lane"}, "keepFields": false, "naming": object{"asLabels": true}}},
	}
	p.FieldConfig.Defaults = object{
		"unit": "none", "noValue": l.none("没有事件", "No incidents"), "displayName": labelPad + "${__field.labels.lane}", "color": object{"mode": "thresholds"},
		"thresholds": steps("text"),
		"custom":     object{"fillOpacity": 75, "lineWidth": 0},
		"mappings": mapping(object{
			"alerting": result(0, l.say("未恢复", "Active"), "red"),
			"pending":  result(1, l.say("未恢复，较轻或未确认", "Active, minor or not sure"), "yellow"),
			"ok":       result(2, l.say("已恢复", "Recovered"), "green"),
		}),
	}
	p.Options = object{
		"alignValue": "left", "mergeValues": true, "perPage": 8, "rowHeight": 0.8, "showValue": "never",
		"legend":  object{"displayMode": "list", "placement": "bottom", "showLegend": false},
		"tooltip": object{"mode": "single", "sort": "none"},
	}
	return p
}

// bySignature are bars, one per signature that counts more than 0. A bar gauge would show one grey bar where there is none.
func (l language) bySignature(id int, title, description string, q query.Query) panel {
	p := l.asks(id, "barchart", title, description, q)
	p.FieldConfig.Defaults = object{
		"unit": "short", "decimals": 0, "min": 0, "noValue": l.none("没有", "None"), "color": object{"mode": "fixed", "fixedColor": "blue"}, "thresholds": steps("text"),
		"custom": object{"fillOpacity": 70, "lineWidth": 0, "gradientMode": "none", "axisPlacement": "auto", "axisGridShow": false},
	}
	p.FieldConfig.Overrides = []override{named("value", links(l.toRunbook("", signatureID)), property{"displayName", title})}
	p.Options = object{
		"orientation": "horizontal", "xField": "signature", "showValue": "always", "stacking": "none", "barWidth": 0.8, "groupWidth": 0.7,
		"barRadius": 0, "fullHighlight": true, "xTickLabelRotation": 0, "xTickLabelSpacing": 0,
		"legend":  object{"showLegend": false, "displayMode": "list", "placement": "bottom", "calcs": []string{}},
		"tooltip": object{"mode": "single", "sort": "none"},
	}
	p.Transformations = []transformation{
		{"filterByValue", object{"type": "include", "match": "all", "filters": []object{
			{"fieldName": "value", "config": object{"id": "greater", "options": object{"value": 0}}},
		}}},
		{"filterFieldsByName", object{"include": object{"names": []string{"signature", "value"}}}},
		{"sortBy", object{"sort": []object{{"field": "value", "desc": true}}}},
		{"limit", object{"limitField": 10}},
	}
	return p
}

// bySource shows a number per source.
func (l language) bySource(id int, title, description string, thresholds object, q query.Query) panel {
	q.QueryType, q.Sources = query.Unmatched, []string{"$source"}
	p := l.asks(id, "stat", title, description, q)
	p.FieldConfig.Defaults = object{
		"unit": "short", "decimals": 0, "min": 0, "noValue": l.unknown(), "color": object{"mode": "thresholds"}, "thresholds": thresholds,
	}
	p.Options = statOptions("lastNotNull", "/^value$/", "value")
	p.Options["reduceOptions"].(object)["values"] = true
	return p
}
