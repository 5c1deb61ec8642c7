package main

import "github.com/blueking/incidents/pkg/query"

// Panels that alert rules name in `__panelId__`.
const (
	openIncidentsPanel = 6
	enginePanel        = 5
)

// filtered adds the choices at the top of the overview to a query.
func filtered(q query.Query) query.Query {
	q.Signatures, q.Sources, q.Severities = []string{"$signature"}, []string{"$source"}, []string{"$severity"}
	q.Hosts, q.Clusters = []string{"$host"}, []string{"$cluster"}
	return q
}

var (
	active   = []string{"active"}
	resolved = []string{"resolved"}
)

// incidentTable is a list of incidents whose titles open the incident and whose signatures open the runbook.
func incidentTable(id int, title, description, clusters string, q query.Query, columns ...string) panel {
	q.QueryType = query.Incidents
	links := append([]override{
		width("severity", 80, colored()),
		width("state", 80, colored()),
		width("verdict", 80, colored()),
		width("since", 165),
		width("end", 165),
		width("duration", 110),
		width("count", 90),
		width("hosts_count", 80),
		named("title", property{"custom.minWidth", 260}, links(toIncident(incidentID))),
		named("signature", links(toRunbook(clusters, signatureID))),
		wrapping("first_step", property{"custom.minWidth", 300}),
		named("evidence", property{"custom.minWidth", 300}),
	}, hide("id", "logql")...)
	return table(id, title, description, q, append(columns, "id", "logql"), links...)
}

func overview() dashboard {
	count := func(stat query.Stat) query.Query { return filtered(query.Query{QueryType: query.Count, Stat: stat}) }
	bad := steps("green", from(1, "red"))

	open := stat(1, "未恢复的事件 Open incidents", "所选范围末尾仍未恢复的事件数。\n\nIncidents that are active at the end of the time range.", "sum", bad, count(query.StatActive))
	affected := filtered(query.Query{QueryType: query.Hosts, States: active, Limit: mostHosts})
	hosts := stat(2, "受影响的主机 Hosts affected", "正在出故障的主机数；一台主机有几种故障也只计一次。\n\nHosts on which something fails now. A host counts once, however many failures it has.", "count", bad, affected)
	hosts.Transformations = keep(query.Hosts, "host")[:1]
	hosts.Options["reduceOptions"].(object)["fields"] = "/.*/"
	confirmed := stat(3, "原因已确认 Confirmed causes", "未恢复的事件中，日志里已有证据确认原因的个数。其余为疑似，或已被反证排除。\n\nActive incidents whose cause the logs confirm. The others are suspected or disproved.",
		"count", steps("text", from(1, "orange")), filtered(query.Query{QueryType: query.Incidents, States: active}))
	confirmed.Transformations = where(query.Incidents, "verdict", "confirmed")
	confirmed.Options["reduceOptions"].(object)["fields"] = "/.*/"
	recovery := stat(4, "平均恢复时间 Mean time to recover", "所选范围内已恢复事件的平均持续时间。\n\nMean duration of the incidents that ended in the time range.",
		"mean", steps("text"), filtered(query.Query{QueryType: query.Incidents, States: resolved}))
	recovery.Transformations = keep(query.Incidents, "duration")[:1]
	recovery.FieldConfig.Defaults["unit"], recovery.FieldConfig.Defaults["noValue"] = "s", "—"

	engine := words(enginePanel, "检测状态 Detection health", "各日志来源是否可读、是否仍在产生日志。异常时，事件和告警停留在最后一次的结果，不代表没有故障。\n\nWhether every log source can be read and still ships lines. While it is not so, incidents and alerts stay as they were last seen, which does not mean that all is well.",
		query.Query{QueryType: query.Health, Sources: []string{"$source"}}, "value", "reason")
	engine.FieldConfig.Overrides = []override{
		named("value", property{"displayName", "状态 State"}, property{"mappings", mapping(object{"1": result(0, "正常 OK", "green"), "0": result(1, "异常 Unhealthy", "red")})}),
		named("reason", property{"displayName", "原因 Reason"}, property{"mappings", []object{{"type": "special", "options": object{"match": "empty", "result": result(0, "—", "text")}}}}),
	}

	list := incidentTable(openIncidentsPanel, "未恢复的事件 Open incidents", "按级别排序，最严重的在最前。点击事件查看证据与处置步骤，点击特征查看处置手册。\n\nWorst first. Click an incident for its evidence and steps, a signature for its runbook.",
		sameCluster, filtered(query.Query{States: active, Limit: 200}),
		"severity", "title", "verdict", "since", "duration", "hosts_count", "hosts", "first_step", "evidence", "count", "signature", "cluster", "document")
	over := incidentTable(9, "已恢复的事件 Recovered incidents", "所选范围内已恢复的事件，以及恢复的依据。\n\nIncidents of the time range that are over, and how we know.",
		sameCluster, filtered(query.Query{States: resolved, Limit: 200}),
		"severity", "title", "reason", "since", "end", "duration", "hosts_count", "hosts", "count", "signature", "cluster")

	machines := hostTable(15, "主机 Hosts", "所选范围内出过故障的主机，正在出故障的在最前，最严重的在先。点击主机只看它，点击故障查看它最严重的事件。\n\nHosts that failed in the time range, those that still fail first, worst first. Click a host to see it alone, a failure for its worst incident.",
		sameCluster, filtered(query.Query{Limit: 200}), "state", "severity", "host", "title", "active", "incidents", "count", "last_failure", "last_recovery", "cluster")

	line := asks(7, "state-timeline", "事件时间线 Timeline", "每行是一个事件，从开始到恢复。红、黄为未恢复，绿为已恢复。\n\nOne line per incident, from its start to its end. Red and yellow are still active, green is over.", filtered(query.Query{QueryType: query.Annotations}))
	line.Transformations = []transformation{
		{"filterFieldsByName", object{"include": object{"names": []string{"time", "timeEnd", "title", "id", "newState"}}}},
		{"partitionByValues", object{"fields": []string{"title", "id"}, "keepFields": false, "naming": object{"asLabels": true}}},
	}
	line.FieldConfig.Defaults = object{
		"unit": "none", "noValue": "没有事件 No incidents", "displayName": "${__field.labels.title}", "color": object{"mode": "thresholds"},
		"thresholds": steps("text"),
		"custom":     object{"fillOpacity": 75, "lineWidth": 0},
		"mappings": mapping(object{
			"alerting": result(0, "未恢复 Active", "red"),
			"pending":  result(1, "未恢复，较轻或未确认 Active, minor or not sure", "yellow"),
			"ok":       result(2, "已恢复 Recovered", "green"),
		}),
	}
	line.Options = object{
		"alignValue": "left", "mergeValues": true, "perPage": 20, "rowHeight": 0.85, "showValue": "never",
		"legend":  object{"displayMode": "list", "placement": "bottom", "showLegend": true},
		"tooltip": object{"mode": "single", "sort": "none"},
	}

	kinds := bySignature(8, "各类故障的事件数 Incidents by signature", "所选范围内开始的事件，按特征统计，最多 10 类。\n\nIncidents that began in the time range, the ten most frequent kinds.", count(query.StatStarted))

	volume := overTime(12, "故障日志 Matching lines over time", "命中特征的日志行数，按特征堆叠。点击一段查看处置手册。\n\nLog lines that matched, stacked by signature. Click a bar for the runbook.",
		sameCluster, filtered(query.Query{Stat: query.StatLines}))
	load := overTime(13, "未恢复事件数 Active incidents over time", "每个时刻未恢复的事件数，按特征堆叠。只升不降，说明故障在累积。\n\nIncidents that were active at the time, stacked by signature. A line that only climbs means that they pile up.",
		sameCluster, filtered(query.Query{Stat: query.StatActive}))

	unknown := unexplained(14, "未被解释的报错 Top unexplained errors", "没有任何特征能解释的报错，最多的 10 类；只受“来源”筛选。点击模板，在特征目录中查看样例和特征草稿。\n\nThe ten most frequent kinds of errors that no signature explains; of the filters only Source applies. Click a template for its sample and a draft signature in the catalogue.",
		10, "count", "source", "template", "hosts_count", "hosts", "first", "last", "sample")
	unknown.FieldConfig.Overrides = append(unknown.FieldConfig.Overrides, named("template", links(toCatalogue(thisSource))))

	evidence := logs(10, "证据日志 Evidence", "命中特征的日志行，最新的在最前。\n\nThe log lines that matched, newest first.", filtered(query.Query{Limit: 200})).at(24, 12)

	d := newDashboard(overviewUID, "蓝鲸故障总览 BlueKing Incidents / Overview",
		"节点管理、GSE Agent 与作业平台网关的已知故障：现在有什么问题、影响哪些主机、从哪里入手。 Known failures of nodeman, GSE agents and the job gateway: what is wrong now, which hosts it hits, where to begin.",
		[]variable{datasourceVariable(), clusterVariable(), sourceVariable(), severityVariable(), signatureFilter(), hostVariable()},
		place(
			[]panel{open.at(4, 4), hosts.at(4, 4), confirmed.at(4, 4), recovery.at(4, 4), engine.at(8, 4)},
			[]panel{list.at(24, 10)},
			[]panel{machines.at(24, 9)},
			[]panel{line.at(16, 9), kinds.at(8, 9)},
			[]panel{volume.at(14, 11), load.at(10, 11)},
			[]panel{over.at(24, 8)},
			[]panel{unknown.at(24, 9)},
			[]panel{collapsed(11, "证据日志 Evidence", evidence)},
		))
	d.annotate()
	return d
}

// mostHosts bounds what the browser counts; beyond it a notice says that there are more.
const mostHosts = 10_000

// hostTable is a list of hosts, each leading to its worst incident.
func hostTable(id int, title, description, clusters string, q query.Query, columns ...string) panel {
	q.QueryType = query.Hosts
	p := table(id, title, description, q, append(columns, "incident"), append([]override{
		width("state", 80, colored()),
		width("severity", 80, colored()),
		width("active", 80), width("incidents", 80), width("count", 90),
		width("last_failure", 165), width("last_recovery", 165),
		named("host", property{"custom.minWidth", 150}, links(toHost(clusters))),
		named("title", property{"custom.minWidth", 260}, links(toIncident(worstIncidentID))),
	}, hide("incident")...)...)
	p.FieldConfig.Defaults["noValue"] = "没有出故障的主机 No host fails"
	return p
}

// bySignature are bars, one per signature that counts more than 0.
func bySignature(id int, title, description string, q query.Query) panel {
	p := asks(id, "bargauge", title, description, q)
	p.FieldConfig.Defaults = object{
		"unit": "short", "decimals": 0, "min": 0, "noValue": "0", "color": object{"mode": "continuous-YlRd"}, "thresholds": steps("text"),
	}
	p.FieldConfig.Overrides = []override{named("value", links(toRunbook("", signatureID)))}
	p.Options = object{
		"displayMode": "basic", "orientation": "horizontal", "showUnfilled": true, "valueMode": "color", "namePlacement": "auto", "sizing": "auto",
		"minVizHeight": 16, "maxVizHeight": 40, "minVizWidth": 8,
		"legend":        object{"showLegend": false, "displayMode": "list", "placement": "bottom", "calcs": []string{}},
		"reduceOptions": object{"calcs": []string{"lastNotNull"}, "fields": "/^value$/", "values": true, "limit": 10},
	}
	p.Transformations = []transformation{
		{"filterByValue", object{"type": "include", "match": "all", "filters": []object{
			{"fieldName": "value", "config": object{"id": "greater", "options": object{"value": 0}}},
		}}},
		{"filterFieldsByName", object{"include": object{"names": []string{"signature", "value"}}}},
		{"sortBy", object{"sort": []object{{"field": "value", "desc": true}}}},
	}
	return p
}

// annotate marks incidents on the panels with a time axis.
func (d *dashboard) annotate() {
	list := d.Annotations["list"].([]object)
	d.Annotations["list"] = append(list, object{
		"name": "事件 Incidents", "datasource": chosen(), "enable": true, "hide": false, "iconColor": "red",
		"target": ask{RefID: "Anno", Datasource: chosen(), Query: filtered(query.Query{QueryType: query.Annotations})},
	})
}
