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

// overview has what to act on in its first screen: health, open incidents, and how it came to be. Everything else is
// below.
func (l language) overview() dashboard {
	list := l.incidentTable(openIncidentsPanel, l.say("未恢复的故障事件", "Open incidents"), l.say(
		"按级别排序，最严重的在最前。点击事件，查看处置步骤与证据。", "Worst first. Click an incident for its steps and evidence."),
		sameCluster, filtered(query.Query{States: active, Limit: 200}),
		"severity", "title", "subject", "since", "duration", "verdict", "first_step").plain()
	list.FieldConfig.Defaults["noValue"] = l.none("没有未恢复的故障事件", "No open incidents")
	list.FieldConfig.Overrides = append(list.FieldConfig.Overrides, width("since", 115, shortTime()), width("duration", 112))

	line := l.history(7, l.say("故障事件时间线", "Timeline of incidents"), l.say(
		"每行是一个对象上的一类故障，从开始到恢复。红、黄为未恢复，绿为已恢复。",
		"One line per failure and subject, from start to end. Red and yellow are still active, green is over."), filtered(query.Query{}))
	load := l.overTime(13, l.say("未恢复的故障事件数", "Active incidents over time"), l.say(
		"每个时刻未恢复的故障事件数，按特征堆叠。只升不降，说明故障在累积。",
		"Incidents that were active at the time, stacked by signature. A line that only climbs means that they pile up."),
		sameCluster, filtered(query.Query{Stat: query.StatActive}))

	machines := l.hostTable(15, l.say("主机", "Hosts"), l.say(
		"所选范围内出过故障的主机，正在出故障的在最前，最严重的在先。点击主机只看它，点击故障查看它最严重的事件。",
		"Hosts that failed in the time range, those that still fail first, worst first. Click a host to see it alone, a failure for its worst incident."),
		sameCluster, filtered(query.Query{Limit: 200}), "state", "severity", "host", "title", "active", "count", "last_failure", "last_recovery", "cluster").plain()
	machines.FieldConfig.Overrides = append(machines.FieldConfig.Overrides, width("host", 140))
	volume := l.overTime(12, l.say("命中特征的日志行", "Matching lines over time"), l.say(
		"命中特征的日志行数，按特征堆叠。点击一段查看处置手册。", "Log lines that matched, stacked by signature. Click a bar for the runbook."),
		sameCluster, filtered(query.Query{Stat: query.StatLines}))
	kinds := l.bySignature(8, l.say("各特征的故障事件数", "Incidents by signature"), l.say(
		"所选范围内开始的故障事件，按特征统计，最多 10 类。", "Incidents that began in the time range, the ten most frequent kinds."),
		filtered(query.Query{QueryType: query.Count, Stat: query.StatStarted}))

	unknown := l.unexplained(14, l.say("未被解释的报错", "Unexplained errors"), l.say(
		"没有任何特征能解释的报错，最多的 10 类；只受来源筛选。点击模板，在特征目录中查看样例和特征草稿。",
		"The ten most frequent kinds of errors that no signature explains; of the filters only the source applies. Click a template for its sample and a draft signature in the catalogue."),
		10, "count", "source", "template", "hosts_count", "hosts", "first", "last").plain()
	unknown.FieldConfig.Overrides = append(unknown.FieldConfig.Overrides, named("template", links(l.toCatalogue(thisSource))))
	over := l.incidentTable(9, l.say("已恢复的故障事件", "Recovered incidents"), l.say(
		"所选范围内已恢复的故障事件，以及恢复的依据。", "Incidents of the time range that are over, and how we know."),
		sameCluster, filtered(query.Query{States: resolved, Limit: 200}),
		"severity", "title", "subject", "reason", "since", "end", "duration", "hosts_count", "count", "signature").plain()
	over.FieldConfig.Overrides = append(over.FieldConfig.Overrides, width("since", 115, shortTime()), width("end", 115, shortTime()))

	// What is seldom chosen comes with links and stays out of the bar.
	source, kind := l.sourceVariable(), l.signatureFilter()
	source.Hide, kind.Hide = hidden, hidden
	return l.dashboard(overviewUID, l.say("蓝鲸故障总览", "BlueKing Incidents / Overview"), l.say(
		"节点管理、GSE Agent 与作业平台网关的已知故障：现在有什么问题、影响哪些主机、从哪里入手。",
		"Known failures of nodeman, GSE agents and the job gateway: what is wrong now, which hosts it hits, where to begin."),
		[]variable{l.datasourceVariable(), l.clusterVariable(), l.severityVariable(), l.hostVariable(), source, kind},
		place(
			[]panel{l.health(enginePanel, "$source").at(24, 4)},
			[]panel{list.at(24, 12)},
			[]panel{line.at(24, 9)},
			[]panel{load.at(12, 9), volume.at(12, 9)},
			[]panel{machines.at(24, 9)},
			[]panel{kinds.at(24, 8)},
			[]panel{unknown.at(24, 9)},
			[]panel{over.at(24, 9)},
		))
}

// health is a quiet line while detection works, and a loud one with the reason when it does not.
func (l language) health(id int, sources ...string) panel {
	p := l.table(id, l.say("检测状态", "Detection health"), l.say(
		"各日志来源是否可读、是否仍在产生日志。异常时，事件和告警停留在最后一次的结果，不代表没有故障。",
		"Whether every log source can be read and still ships lines. While it is not so, incidents and alerts stay as they were last seen, which does not mean that all is well."),
		query.Query{QueryType: query.Health, Sources: sources}, []string{"value", "reason"},
		width("value", 76, property{"custom.align", "left"}, property{"displayName", l.say("状态", "State")},
			property{"custom.cellOptions", object{"type": "color-background", "mode": "basic", "applyToRow": true}},
			property{"mappings", mapping(object{"1": result(0, l.say("正常", "OK"), "transparent"), "0": result(1, l.say("异常", "Unhealthy"), "red")})}),
		wrapping("reason", property{"displayName", l.say("原因", "Reason")},
			empty(l.say("所有来源均可读，且有新日志", "Every source can be read and ships lines"))),
	).plain()
	p.Options["showHeader"] = false
	p.FieldConfig.Defaults["noValue"] = l.unknown()
	return p
}
