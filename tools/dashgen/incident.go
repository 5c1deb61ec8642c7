package main

import "github.com/blueking/incidents/pkg/query"

// incidentPage is the target of a notification: one incident, and what to do about it.
func incidentPage() dashboard {
	one := query.Query{QueryType: query.Incidents, Incident: "$incident", Limit: 1}

	what := words(1, "故障 What", "这个事件是什么故障。\n\nWhat this incident is.", one, "title")
	what.Options["textMode"] = "value"
	state := words(2, "级别、状态与判断 Severity, state and verdict", "判断：确认 = 日志里有原因的证据；疑似 = 有现象，还没有原因的证据；排除 = 有反证。\n\nVerdict: confirmed means that the logs show the cause, suspected that they show the symptom only, refuted that they disprove it.",
		one, "severity", "state", "verdict")
	size := words(3, "开始时间与范围 Since when and how much", "第一行证据的时间、持续时间、主机数与日志行数。\n\nTime of the first line, duration, number of hosts and of log lines.",
		one, "since", "duration", "hosts_count", "count")

	details := table(4, "情况与依据 Facts and reasons", "影响的对象和主机、判断的依据，以及可能的原因。\n\nWhat and whom it hits, why we think so, and what may have caused it.",
		one, []string{"title", "summary", "subject", "cluster", "hosts", "why", "hypotheses", "first_step", "symptoms"})
	details.Transformations = append(details.Transformations, transformation{"transpose", object{"firstFieldName": "项目 Item", "restFieldsName": "内容 Value"}})
	// Grafana 11 names the rows after the columns, later versions after their displayed names.
	rows := object{}
	for i, c := range []string{"summary", "subject", "cluster", "hosts", "why", "hypotheses", "first_step", "symptoms"} {
		rows[c] = result(i, bilingual(query.Incidents, c), "text")
	}
	custom := details.FieldConfig.Defaults["custom"].(object)
	custom["cellOptions"], custom["wrapText"] = object{"type": "auto", "wrapText": true}, true
	details.FieldConfig.Overrides = []override{width("项目 Item", 170, property{"mappings", mapping(rows)})}

	remedy := text(5, "处置步骤 What to do", "按顺序执行；命令中的值取自日志，缺少的值以 <…> 标出。有破坏性的步骤排在最后。\n\nIn this order. The commands carry the values from the log; what is missing is marked <…>. Destructive steps come last.", "${steps:raw}")
	lines := logs(6, "证据日志 Evidence", "这个事件命中的日志行，最新的在最前。\n\nThe log lines of this incident, newest first.", query.Query{Incident: "$incident", Limit: 500})

	volume := overTime(10, "同一故障的日志量 Matching lines over time", "同一特征、同一对象的日志行数，含所选范围内的历次事件。扩大时间范围可以看到前后的变化。\n\nLog lines of this signature and subject, other incidents of the time range included. Widen the range for what came before and after.",
		"", query.Query{Stat: query.StatLines, Incident: "$fingerprint"})
	raw := rawVolume(12)
	hosts := hostTable(11, "受影响的主机 Hosts of the incident", "这个事件涉及的主机：最近一次故障与恢复的时间、日志行数，未恢复的在最前。\n\nThe hosts of this incident with their latest failure and recovery and their lines, those that still fail first.",
		"", query.Query{Incident: "$incident", Limit: 500}, "host", "state", "count", "last_failure", "last_recovery")

	cause := incidentTable(7, "根因、手册与原始日志 Cause, runbook and raw lines", "点击根因事件查看它；点击特征查看处置手册；点击证据在 Explore 中查看原始日志。\n\nClick the causing incident to open it, the signature for its runbook, the evidence for the raw lines in Explore.",
		"", one, "cause", "signature", "family", "class", "evidence", "document")
	cause.FieldConfig.Overrides = append(cause.FieldConfig.Overrides, named("cause", links(toIncident("${__value.raw}"))))

	past := incidentTable(8, "同一对象的历次故障 Earlier incidents of the same kind", "最近 7 天内，同一特征、同一对象的事件。\n\nIncidents of the same signature and subject in the last 7 days.",
		"", query.Query{Incident: "$fingerprint", Limit: 100},
		"since", "end", "duration", "state", "reason", "verdict", "title", "hosts_count", "count", "signature").at(24, 8)
	past.TimeFrom = "7d"

	fingerprint := queryVariable("fingerprint", "", "", onRange, query.Query{QueryType: query.Incidents, Incident: "$incident"})
	fingerprint.Hide, fingerprint.SkipURLSync = hidden, true
	// An id is the fingerprint and the start, or ~ where the start is not known.
	fingerprint.Regex = "/^([0-9a-f]+)[-~].*$/"

	// The list is read once: an incident that a notification names stays chosen when it drops out of the time range.
	chooser := queryVariable("incident", "事件 Incident", "要查看的事件 The incident to look at", onLoad, query.Query{QueryType: query.Incidents})

	return newDashboard(incidentUID, "蓝鲸故障事件 BlueKing Incidents / Incident",
		"一个事件：是什么、从何时起、依据是什么、怎么处置。 One incident: what, since when, why we think so, and what to do.",
		[]variable{datasourceVariable(), chooser, lokiVariable(), fingerprint, streamsVariable(), stepsVariable(query.Query{Incident: "$incident"})},
		place(
			[]panel{what.at(24, 3)},
			[]panel{state.at(12, 4), size.at(12, 4)},
			[]panel{remedy.at(12, 20), details.at(12, 20)},
			[]panel{volume.at(12, 9), hosts.at(12, 9)},
			[]panel{lines.at(24, 12)},
			[]panel{cause.at(24, 5)},
			[]panel{collapsed(13, "原始日志量（需要 Loki 数据源）Raw log volume (needs a Loki data source)", raw)},
			[]panel{collapsed(9, "同一对象的历次故障 Earlier incidents of the same kind", past)},
		))
}

// rawVolume counts all lines of the streams that the incident was seen in, those of no signature too: a burst, or the
// silence after a crash, tells as much as the lines that matched.
func rawVolume(id int) panel {
	loki := &datasource{Type: lokiID, UID: "${loki_datasource}"}
	return panel{
		ID: id, Type: "timeseries", Title: "原始日志量 Raw log volume",
		Description: "证据所在日志流的全部日志行，含未命中特征的，直接取自 Loki。突增、中断都是线索。需要一个 Loki 数据源；使用内置样例时没有数据。\n\nAll lines of the streams that hold the evidence, matched or not, straight from Loki. A burst or a gap is a clue. It needs a Loki data source; the built-in samples have none.",
		GridPos:     grid{W: 24, H: 8}, Datasource: loki, MaxDataPoints: bars,
		Targets: []target{lokiTarget{
			RefID: "A", Datasource: loki, QueryType: "range", EditorMode: "code",
			Expr: "sum(count_over_time(${streams:raw} [$__auto]))", LegendFormat: "日志行 Lines",
		}},
		FieldConfig: &fieldConfig{Defaults: object{
			"unit": "short", "decimals": 0, "min": 0, "noValue": "没有日志 No lines", "color": object{"mode": "fixed", "fixedColor": "text"},
			"custom": object{"drawStyle": "bars", "barAlignment": 1, "barWidthFactor": 0.9, "fillOpacity": 60, "lineWidth": 0, "showPoints": "never"},
		}, Overrides: []override{}},
		Options: object{
			"legend":  object{"displayMode": "list", "placement": "bottom", "showLegend": false, "calcs": []string{}},
			"tooltip": object{"mode": "single", "sort": "none"},
		},
	}
}
