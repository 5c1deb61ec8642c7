package main

import "github.com/blueking/incidents/pkg/query"

// incidentTable is a list of incidents whose titles open the incident and whose signatures open the runbook.
func (l language) incidentTable(id int, title, description, clusters string, q query.Query, columns ...string) panel {
	q.QueryType = query.Incidents
	overrides := append([]override{
		width("severity", 80, colored()),
		width("state", 82, colored()),
		width("verdict", 90, colored()),
		moment("since"),
		moment("end"),
		width("duration", 120),
		width("count", 80),
		width("hosts_count", 80),
		wrapping("title", property{"custom.minWidth", 260}, links(l.toIncident(incidentID))),
		wrapping("subject", property{"custom.width", 190}),
		width("reason", 110),
		width("signature", 150, links(l.toRunbook(clusters, signatureID))),
		wrapping("first_step", property{"custom.width", 425}),
	}, hide("id")...)
	return l.table(id, title, description, q, append(columns, "id"), overrides...)
}

// headline is one incident on one line: how bad, open or over, what, where, since when, how sure. On a phone the first
// columns fill the screen.
func (l language) headline(id int, title, description string, q query.Query) panel {
	q.QueryType = query.Incidents
	p := l.table(id, title, description, q, []string{"severity", "state", "title", "subject", "since", "duration", "verdict", "count"},
		width("severity", 84, property{"custom.cellOptions", object{"type": "color-background"}}),
		width("state", 82, colored()),
		// What a phone has left. It leads nowhere from here, and up to Grafana 12.1 the text of a link is cut instead of wrapped.
		wrapping("title", property{"custom.minWidth", 170}, links()),
		named("subject", property{"custom.width", 240}, property{"custom.wrapText", true}), // the title decides how high the row is
		moment("since"), width("duration", 130), width("verdict", 90, colored()), width("count", 90),
	).plain()
	p.FieldConfig.Defaults["noValue"] = l.none("所选范围内没有这个事件，请扩大时间范围", "The time range does not have this incident, widen it")
	return p
}

// stepRows are the steps in the order to take them. A command is a cell of its own and wraps: a triple click selects all
// of it. The instruction is the last to wrap, because it is the longest.
func (l language) stepRows(id int, title, description string, q query.Query) panel {
	q.QueryType = query.Steps
	p := l.table(id, title, description, q, []string{"risk", "command", "instruction", "link"},
		width("risk", 92, property{"custom.cellOptions", object{"type": "color-background"}}),
		wrapping("command", property{"custom.minWidth", 230}, property{"custom.inspect", true}),
		wrapping("instruction", property{"custom.minWidth", 230}),
		width("link", 70, property{"mappings", anyText(l.say("文档", "Guide"))}),
	).plain()
	p.FieldConfig.Defaults["noValue"] = l.none("没有处置步骤", "No steps")
	return p
}

// causes are what may have caused an incident, most likely first, with the query that decides.
func (l language) causes(id int, title, description string, q query.Query) panel {
	q.QueryType = query.Incidents
	p := l.table(id, title, description, q, []string{"hypotheses", "cause", "next_logql"},
		wrapping("hypotheses", property{"custom.minWidth", 200}, empty(l.say(
			"只有一种可能的原因，见“情况与依据”。", "Only one cause is possible, see Facts and reasons."))),
		width("cause", 90, property{"mappings", anyText(l.say("打开", "Open"))}),
		width("next_logql", 70, property{"mappings", anyText(l.say("运行", "Run"))}, property{"displayName", l.say("查询", "Query")},
			property{"custom.hidden", false}, property{"custom.hideFrom.viz", false}),
	).plain()
	p.FieldConfig.Defaults["noValue"] = l.none("没有其他可能的原因", "No competing causes")
	return p
}

// details are the columns of one incident as rows.
func (l language) details(id int, title, description string, q query.Query, columns ...string) panel {
	q.QueryType = query.Incidents
	item, value := l.say("项目", "Item"), l.say("内容", "Value")
	p := l.table(id, title, description, q, append([]string{"title"}, columns...)).plain()
	p.Transformations = append(p.Transformations, transformation{"transpose", object{"firstFieldName": item, "restFieldsName": value}})
	// Grafana 11 names the rows after the columns, later versions after their displayed names.
	rows := object{}
	for i, c := range columns {
		rows[c] = result(i, l.displayed(query.Incidents, c), "text")
	}
	p.Options["showHeader"] = false // it would repeat the title
	custom := p.FieldConfig.Defaults["custom"].(object)
	custom["cellOptions"], custom["wrapText"] = object{"type": "auto", "wrapText": true}, true
	p.FieldConfig.Overrides = append(p.FieldConfig.Overrides, width(item, 150, property{"mappings", mapping(rows)}))
	return p
}

// mostHosts bounds a list of hosts; beyond it a notice says that there are more.
const mostHosts = 500

// hostTable is a list of hosts, each leading to its worst incident.
func (l language) hostTable(id int, title, description, clusters string, q query.Query, columns ...string) panel {
	q.QueryType = query.Hosts
	p := l.table(id, title, description, q, append(columns, "incident"), append([]override{
		width("state", 82, colored()),
		width("severity", 80, colored()),
		width("active", 80), width("incidents", 80), width("count", 80),
		moment("last_failure"), moment("last_recovery", property{"displayName", l.say("恢复于", "Recovered at")}),
		named("host", property{"custom.minWidth", 130}, links(l.toHost(clusters))),
		width("cluster", 110),
		wrapping("title", property{"custom.minWidth", 260}, links(l.toIncident(worstIncidentID))),
	}, hide("incident")...)...)
	p.FieldConfig.Defaults["noValue"] = l.none("没有出故障的主机", "No host fails")
	return p
}

// unexplained lists the kinds of errors that no signature explains, the most frequent first.
func (l language) unexplained(id int, title, description string, limit int, columns ...string) panel {
	q := query.Query{QueryType: query.Unmatched, Stat: query.StatClusters, Sources: []string{"$source"}, Limit: limit}
	p := l.table(id, title, description, q, columns,
		width("source", 120), width("count", 90), width("hosts_count", 80), moment("first"), moment("last"),
		width("hosts", 110),
		wrapping("template", property{"custom.minWidth", 300}),
		// YAML and records keep their lines in the window that "inspect" opens, not in a cell. Up to Grafana 12.1 a cell of
		// another type would break them into lines and cut all but the middle.
		width("sample", 215, raw()),
		width("draft", 210, raw(), property{"custom.inspect", true}),
	)
	p.FieldConfig.Defaults["noValue"] = l.none("没有未被解释的报错", "Nothing unexplained")
	return p
}
