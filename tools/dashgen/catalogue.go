package main

import "github.com/blueking/incidents/pkg/query"

// surgePanel counts the error lines that the alert rule on a surge looks at.
const surgePanel = 9

const surgeZH = `1. 看 **未被解释的报错**：排在最前的是哪个模板，从何时开始，在哪些主机上。
2. 把时间范围扩大到故障之前：一直都有的是噪声，刚出现的才是线索。
3. 把鼠标移到 **样例** 或 **特征草稿** 的单元格上，点击眼睛图标查看全文，按样例排查。
4. 原因清楚后，补全草稿中的标题、原因和步骤，粘贴到数据源设置的“自定义特征”；先用 ` + "`status: shadow`" + ` 试运行。
5. 确认是噪声，就调高告警规则中的阈值。
`

const surgeEN = `1. **Unexplained errors** shows which template leads, since when, and on which hosts.
2. Widen the time range to before it began: what was always there is noise, what is new is a clue.
3. Point at a cell and press its eye for the whole **sample** and **draft signature**, and follow the sample.
4. Once the cause is known, complete title, cause and steps of the draft and paste it into the custom signatures of the
   data source settings, with ` + "`status: shadow`" + ` at first.
5. If it is noise, raise the threshold in the alert rule.
`

// catalogue is every known failure with what it found in the time range, and what is not known yet.
func (l language) catalogue() dashboard {
	all := query.Query{QueryType: query.Signatures, Sources: []string{"$source"}, Severities: []string{"$severity"}}
	count := func(stat query.Stat) query.Query {
		return query.Query{QueryType: query.Count, Stat: stat, Sources: []string{"$source"}, Severities: []string{"$severity"}}
	}
	// Counts, because the row of a failed catalogue query would count as a signature.
	number := func(id int, title, description, calc string, of query.Stat) panel {
		return l.stat(id, title, description, calc, steps("text"), count(of))
	}
	known := number(1, l.say("启用的特征", "Active signatures"), l.say("目录中已启用的特征数；试运行和草稿不计。", "Active signatures in the catalogue, without shadows and drafts."), "count", query.StatActive)
	incidents := number(2, l.say("开始的故障事件", "Incidents started"), l.say("所选范围内开始的故障事件数。", "Incidents that began in the time range."), "sum", query.StatStarted)
	open := number(3, l.say("未恢复", "Active"), l.say("范围末尾未恢复的故障事件数。", "Incidents that are active at the end of the range."), "sum", query.StatActive)
	lines := number(4, l.say("命中的日志行", "Matching lines"), l.say("所选范围内命中特征的日志行数。", "Log lines of the time range that matched a signature."), "sum", query.StatLines)

	list := l.table(5, l.say("特征目录", "Catalogue"), l.say(
		"所有已知故障及其在所选范围内的命中情况。点击“特征”一列查看处置手册。试运行（shadow）的特征不告警，也不出现在其他页面；命中准确后，把它的成熟度改为 active。",
		"All known failures and what they found in the time range. Click an id for its runbook. Signatures on trial (shadow) raise no alerts and stay off the other dashboards; when their hits are right, set their status to active."),
		all, []string{"severity", "title", "summary", "active", "incidents", "lines", "last", "status", "sources", "signature"},
		width("severity", 80, colored()),
		width("status", 90, colored()),
		width("active", 70), width("incidents", 80), width("lines", 80), width("sources", 114), width("last", 125, shortTime()),
		// Without a link: up to Grafana 12.1 the text of one is cut instead of wrapped.
		wrapping("title", property{"custom.minWidth", 240}),
		width("signature", 232, links(l.toRunbook("", signatureID))),
		wrapping("summary", property{"custom.minWidth", 240}),
	).plain() // symbols of filters would cover the names of narrow columns
	explained := l.bySource(8, l.say("已解释的报错占比", "Share of errors explained"), l.say(
		"各来源的报错行中，能被特征解释的比例；没有报错时为 100%。", "Share of each source's error lines that a signature explains; 100% when there are none."),
		steps("text", from(0, "red"), from(0.5, "orange"), from(0.8, "green")), query.Query{Stat: query.StatCoverage})
	explained.FieldConfig.Defaults["unit"], explained.FieldConfig.Defaults["max"] = "percentunit", 1
	explained.FieldConfig.Defaults["decimals"] = 1 // 99.6% must not read 100%
	rest := l.bySource(surgePanel, l.say("未被解释的报错行", "Unexplained error lines"), l.say(
		"各来源中没有特征能解释的报错行数。告警“未知报错突增”看的就是它。", "Error lines of each source that no signature explains: what the alert on a surge looks at."),
		steps("text", from(1, "orange")), query.Query{Stat: query.StatLines})
	clusters := l.unexplained(10, l.say("未被解释的报错", "Unexplained errors"), l.say(
		"没有任何特征能解释的报错，按模板归类，最多的在最前。把鼠标移到单元格上，点击眼睛图标，可查看、复制完整的样例和特征草稿。",
		"Errors that no signature explains, clustered by template, the most frequent first. Point at a cell and press its eye to read and copy the whole sample or draft signature."),
		100, "count", "source", "template", "draft", "sample", "hosts", "first", "last")
	surge := text(12, l.say("未知报错突增时怎么办", "When unexplained errors surge"), l.say(
		"告警“未知报错突增”的处置步骤，以及如何把未知报错变成特征。", "What to do about the alert on a surge, and how an unknown error becomes a signature."), l.say(surgeZH, surgeEN))

	top := l.bySignature(6, l.say("各特征的日志行数", "Lines by signature"), l.say(
		"所选范围内命中的日志行，最多 10 类。", "Matching lines of the time range, the ten most frequent kinds."), count(query.StatLines))
	started := l.bySignature(7, l.say("各特征的故障事件数", "Incidents by signature"), l.say(
		"所选范围内开始的故障事件，最多 10 类。", "Incidents that began in the time range, the ten most frequent kinds."), count(query.StatStarted))

	return l.dashboard(catalogueUID, l.say("蓝鲸故障特征目录", "BlueKing Incidents / Catalogue"), l.say(
		"所有已知故障的特征，它们在所选范围内的命中情况，以及还没有特征能解释的报错。",
		"All signatures of known failures, what they found in the time range, and the errors that none explains."),
		[]variable{l.datasourceVariable(), l.sourceVariable(), l.severityVariable()},
		place(
			[]panel{known.at(6, 3), incidents.at(6, 3), open.at(6, 3), lines.at(6, 3)},
			[]panel{list.at(24, 16)},
			[]panel{explained.at(14, 6), rest.at(10, 6)},
			[]panel{clusters.at(24, 12)},
			[]panel{surge.at(24, 8)},
			[]panel{top.at(12, 9), started.at(12, 9)},
		))
}
