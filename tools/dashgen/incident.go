package main

import "github.com/blueking/incidents/pkg/query"

// incidentPage is the target of a notification: one incident, and what to do about it. Its first screen asks only for
// the incident in the address and waits for no list.
func (l language) incidentPage() dashboard {
	one := query.Query{Incident: "$incident", Limit: 1}

	head := l.headline(1, l.say("故障事件", "Incident"), l.say(
		"级别、是否恢复、故障现象、位置、开始时间与判定。判定：确认 = 日志里有原因的证据；疑似 = 有现象，还没有原因的证据；排除 = 有反证。",
		"How bad, open or over, what, where, since when and how sure. Confirmed means that the logs show the cause, suspected that they show the symptom only, refuted that they disprove it."), one)
	remedy := l.stepRows(5, l.say("处置步骤", "What to do now"), l.say(
		"按顺序执行；命令中的值取自日志，缺少的值以 <…> 标出。在命令上连点三次即可全选。有破坏性的步骤排在最后。",
		"In this order. The commands carry the values from the log; what is missing is marked <…>. A triple click selects a command. Destructive steps come last."),
		query.Query{Incident: "$incident"})
	decisive := l.logs(2, l.say("决定性日志", "Deciding lines"), l.say(
		"判定所依据的日志行，已解码，决定性的词以高亮标出。点击一行，可查看原始日志。",
		"The log lines that decided the verdict, decoded, with the deciding words marked. Click a line for the raw one."),
		query.Query{Incident: "$incident", View: query.ViewDeciding})
	decisive.Options["showTime"] = false // the room is for the line
	causes := l.causes(7, l.say("可能的原因", "Competing causes"), l.say(
		"按可能性排序，附支持与反对的证据。点击“运行”，在 Explore 中执行能区分原因的查询。",
		"Most likely first, with the evidence for and against. Run opens the query in Explore that tells them apart."), one)
	hosts := l.hostTable(11, l.say("受影响的主机", "Hosts affected"), l.say(
		"这个故障事件涉及的主机，未恢复的在最前。", "The hosts of this incident, those that still fail first."),
		"", query.Query{Incident: "$incident", Limit: mostHosts}, "host", "state", "last_failure", "last_recovery").plain()
	hosts.FieldConfig.Overrides = append(hosts.FieldConfig.Overrides, width("last_failure", 115, shortTime()), width("last_recovery", 115, shortTime()))

	facts := l.details(4, l.say("情况与依据", "Facts and reasons"), l.say(
		"这是什么故障、判定的依据，以及相关的事件。", "What this failure is, why we think so, and the incidents it belongs with."),
		one, "summary", "hosts", "why", "symptoms", "signature", "class", "document")
	volume := l.overTime(10, l.say("同一故障的日志行", "Matching lines over time"), l.say(
		"同一特征、同一对象的日志行数，含所选范围内的历次事件。扩大时间范围可以看到前后的变化。",
		"Log lines of this signature and subject, other incidents of the time range included. Widen the range for what came before and after."),
		"", query.Query{Stat: query.StatLines, Incident: "$fingerprint"})
	lines := l.logs(6, l.say("证据日志", "Evidence"), l.say(
		"这个故障事件命中的日志行，最新的在最前。", "The log lines of this incident, newest first."), query.Query{Incident: "$incident", Limit: 500})
	all := l.incidentTable(3, l.say("全部未恢复的故障事件", "All open incidents"), l.say(
		"点击一个，在本页打开它。", "Click one to open it on this page."), "", query.Query{States: active, Limit: 50},
		"severity", "title", "subject", "since", "duration", "verdict").plain()
	all.FieldConfig.Defaults["noValue"] = l.none("没有未恢复的故障事件", "No open incidents")
	past := l.incidentTable(8, l.say("同一对象的历次故障", "Earlier incidents of the same kind"), l.say(
		"最近 7 天内，同一特征、同一对象的事件。", "Incidents of the same signature and subject in the last 7 days."),
		"", query.Query{Incident: "$fingerprint", Limit: 100},
		"since", "end", "duration", "state", "reason", "verdict", "title", "hosts_count", "count", "signature").at(24, 8)
	past.TimeFrom = "7d"

	fingerprint := l.queryVariable("fingerprint", "", "", onRange, query.Query{QueryType: query.Incidents, Incident: "$incident"})
	fingerprint.Hide, fingerprint.SkipURLSync = hidden, true
	// An id is the fingerprint and the start, or ~ where the start is not known.
	fingerprint.Regex = "/^([0-9a-f]+)[-~].*$/"

	// A link chooses it, if anything does: on a phone it would take a row of the first screen.
	loki := l.lokiVariable()
	loki.Hide = hidden

	page := l.dashboard(incidentUID, l.say("蓝鲸故障事件", "BlueKing Incidents / Incident"), l.say(
		"一个故障事件：是什么、从何时起、怎么处置、依据是什么。", "One incident: what, since when, what to do, and why we think so."),
		[]variable{l.datasourceVariable(), incidentVariable(), fingerprint, loki, l.streamsVariable()},
		place(
			[]panel{head.at(24, 5)},
			beside(remedy.at(16, 18), decisive.at(8, 5), causes.at(8, 8), hosts.at(8, 5)),
			[]panel{facts.at(12, 10), volume.at(12, 10)},
			[]panel{lines.at(24, 12)},
			[]panel{all.at(24, 8)},
			[]panel{collapsed(13, l.say("原始日志量（需要 Loki 数据源）", "Raw log volume (needs a Loki data source)"), l.rawVolume(12))},
			[]panel{collapsed(15, l.say("事件开始前的变化", "What changed before"), l.changes(14))},
			[]panel{collapsed(9, l.say("历次故障", "Earlier incidents"), past)},
		))
	page.Links = append(page.Links, l.handOver())
	return page
}

// changes is what was different before the incident. It looks at a week of logs, so it asks when somebody opens it.
func (l language) changes(id int) panel {
	p := l.table(id, l.say("事件开始前的变化", "What changed before"), l.say(
		"取自同样的日志和标签：事件开始前一小时内新出现的 Pod、版本标签的变化，以及此前七天内是否出现过同样的故障。只列事实，不作推断。",
		"From the same logs and labels: pods that are new in the hour before, labels of another version, and whether the seven days before had the same failure. Facts, no guesses."),
		query.Query{QueryType: query.Changes, Incident: "$incident"}, []string{"time", "change", "fact", "value", "was", "line", "workload"},
		moment("time"), width("change", 100, colored()), wrapping("fact", property{"custom.minWidth", 220}),
		width("value", 230), width("was", 200), wrapping("line", property{"custom.minWidth", 240}), width("workload", 200)).plain().at(24, 8)
	p.FieldConfig.Defaults["custom"].(object)["inspect"] = true
	return p
}

// handOver opens the incident as Markdown, to copy it into a ticket or a chat.
func (l language) handOver() dashboardLink {
	return dashboardLink{
		Icon: "doc", Type: "link", Tags: []string{}, TargetBlank: true,
		Title:   l.say("复制为 Markdown", "Copy as Markdown"),
		Tooltip: l.say("在新页面打开这个故障事件的 Markdown 文本，便于粘贴到工单或群聊", "Opens the incident as Markdown text, for a ticket or a chat"),
		URL: "/api/datasources/uid/${datasource}/resources/incidents/${incident:percentencode}?format=markdown&language=" + l.say("zh", "en") +
			"&from=${__from}&to=${__to}&timezone=${__timezone:percentencode}",
	}
}

// incidentVariable holds what the address names. It lists nothing, so no panel waits for a list.
func incidentVariable() variable {
	return variable{Name: "incident", Type: "textbox", Query: "", Hide: hidden, Current: object{"text": "", "value": ""}, Options: []object{}}
}

// rawVolume counts all lines of the streams that the incident was seen in, those of no signature too: a burst, or the
// silence after a crash, says as much as the lines that matched.
func (l language) rawVolume(id int) panel {
	loki := &datasource{Type: lokiID, UID: "${loki_datasource}"}
	return panel{
		ID: id, Type: "timeseries", Title: l.say("原始日志量", "Raw log volume"),
		Description: l.say("证据所在日志流的全部日志行，含未命中特征的，直接取自 Loki。突增、中断都是线索。需要一个 Loki 数据源；使用内置样例时没有数据。",
			"All lines of the streams that hold the evidence, matched or not, straight from Loki. A burst or a gap is a clue. It needs a Loki data source; the built-in samples have none."),
		GridPos: grid{W: 24, H: 8}, Datasource: loki, MaxDataPoints: bars,
		Targets: []target{lokiTarget{
			RefID: "A", Datasource: loki, QueryType: "range", EditorMode: "code",
			Expr: "sum(count_over_time(${streams:raw} [$__auto]))", LegendFormat: l.say("日志行", "Lines"),
		}},
		FieldConfig: &fieldConfig{Defaults: object{
			"unit": "short", "decimals": 0, "min": 0, "noValue": l.none("没有日志", "No lines"), "color": object{"mode": "fixed", "fixedColor": "text"},
			"custom": object{"drawStyle": "bars", "barAlignment": 1, "barWidthFactor": 0.9, "fillOpacity": 60, "lineWidth": 0, "showPoints": "never"},
		}, Overrides: []override{}},
		Options: object{
			"legend":  object{"displayMode": "list", "placement": "bottom", "showLegend": false, "calcs": []string{}},
			"tooltip": object{"mode": "single", "sort": "none"},
		},
	}
}
