package main

import "github.com/blueking/incidents/pkg/query"

// review is how the last week went: what `bkincidents report` prints. It reads a week of logs, so it does not refresh.
func (l language) review() dashboard {
	of := func(stat query.Stat) query.Query { return query.Query{QueryType: query.Review, Stat: stat} }
	runbook := links(l.toRunbook("", signatureID))
	table := func(id int, title, description string, stat query.Stat, nothing string, columns []string, overrides ...override) panel {
		p := l.table(id, title, description, of(stat), columns, append([]override{
			width("severity", 80, colored()), width("class", 110), width("incidents", 90), width("active", 80), width("confirmed", 100),
			width("hosts_count", 95), width("lines", 90), width("last", 125, shortTime()), width("signature", 190, runbook),
			wrapping("title", property{"custom.minWidth", 220})}, overrides...)...).plain()
		p.FieldConfig.Defaults["noValue"] = nothing
		return p
	}
	bySignature := table(1, l.say("各特征", "By signature"), l.say(
		"触及所选范围的故障事件，按特征统计，最多的在最前。点击“特征”一列查看处置手册。",
		"Incidents that touch the time range, by signature, the most frequent first. Click an id for its runbook."),
		query.StatSignatures, l.none("没有故障事件", "No incidents"),
		[]string{"title", "severity", "class", "incidents", "active", "confirmed", "hosts_count", "lines", "last", "signature"})
	causes := table(2, l.say("恢复时间", "Time to recover"), l.say(
		"从第一行日志到恢复的平均时间，按原因统计；没有恢复日志的，算到最后一行。引发的现象计入其原因，代价最大的在最前。",
		"Mean time from the first line to the recovery by cause; to the last line where no recovery is logged. A symptom counts for its cause. The costliest first."),
		query.StatCauses, l.none("没有故障事件", "No incidents"),
		[]string{"title", "mean", "longest", "measured", "incidents", "signature"},
		width("mean", 130), width("longest", 110), width("measured", 90), width("signature", 150, runbook))
	weeks := table(3, l.say("按周", "By week"), l.say(
		"每周新发生的故障事件、报错行数，以及其中有特征解释的占比。扩大时间范围可以比较各周。",
		"New incidents and error lines of each week, and the share that signatures explain. Widen the time range to compare weeks."),
		query.StatWeeks, l.none("没有数据", "No data"),
		[]string{"from", "to", "incidents", "errors", "explained", "share", "partial"},
		width("from", 125, shortTime()), width("to", 125, shortTime()), width("errors", 90), width("explained", 100), width("share", 80))
	classes := table(4, l.say("问题归属", "By class"), l.say(
		"故障事件按问题归属统计。", "Incidents by where the fault lies."),
		query.StatClasses, l.none("没有故障事件", "No incidents"), []string{"class", "incidents"})
	noise := table(5, l.say("噪声", "Noise"), l.say(
		"十次以上、其中八成只是疑似、不到一分钟且自行消失的特征，以及处理建议。",
		"Signatures of ten incidents or more of which 80% were suspected only, lasted a minute at most and went by themselves, with what to do."),
		query.StatNoise, l.none("没有噪声特征", "No noisy signatures"),
		[]string{"title", "incidents", "share", "proposal", "signature"},
		width("share", 80), wrapping("proposal", property{"custom.minWidth", 200}))
	never := table(6, l.say("从未出现的特征", "Never seen"), l.say(
		"所选范围内没有发现过事件的启用特征。“可见”为否，表示已采集的日志里不可能出现它。",
		"Active signatures without an incident in the time range. Where Seen is no, none of the logs that are read can ever show it."),
		query.StatNever, l.none("所有特征都出现过", "Every signature was seen"),
		[]string{"title", "seen", "signature"}, width("seen", 80, l.yesOrNo()), width("signature", 240, runbook))

	page := l.dashboard(reviewUID, l.say("蓝鲸故障回顾", "BlueKing Incidents / Review"), l.say(
		"最近一周的情况：出了哪些故障、恢复用了多久、多少报错有特征解释、哪些是噪声。",
		"How the last week went: what failed, how long it took, how many errors are explained, and what is noise."),
		[]variable{l.datasourceVariable()},
		place(
			[]panel{bySignature.at(24, 11)},
			[]panel{causes.at(14, 9), classes.at(10, 9)},
			[]panel{weeks.at(24, 6)},
			[]panel{noise.at(24, 6)},
			[]panel{never.at(24, 9)},
		))
	page.Time, page.Refresh = object{"from": "now-7d", "to": "now"}, ""
	return page
}
