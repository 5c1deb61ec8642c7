package main

import "github.com/blueking/incidents/pkg/query"

// surgePanel counts the error lines that the alert rule on a surge looks at.
const surgePanel = 9

const surgeText = `### 未知报错突增时怎么办

1. 看 **未被解释的报错**：排在最前的是哪个模板，从何时开始，在哪些主机上。
2. 把时间范围扩大到故障之前：一直都有的是噪声，刚出现的才是线索。
3. 点击单元格里的 👁 查看 **样例** 与 **特征草稿** 全文，按样例排查。
4. 原因清楚后，补全草稿中的标题、原因和步骤，粘贴到数据源设置的“自定义特征”；先用 ` + "`status: shadow`" + ` 试运行。
5. 确认是噪声，就调高告警规则中的阈值。

### When unexplained errors surge

1. **Unexplained errors** says which template leads, since when, and on which hosts.
2. Widen the time range to before it began: what was always there is noise, what is new is a clue.
3. Press 👁 in a cell for the whole **sample** and **draft signature**, and follow the sample.
4. Once the cause is known, complete title, cause and steps of the draft and paste it into the custom signatures of the
   data source settings, with ` + "`status: shadow`" + ` at first.
5. If it is noise, raise the threshold in the alert rule.
`

// catalogue is every known failure with what it found in the time range, and what is not known yet.
func catalogue() dashboard {
	all := query.Query{QueryType: query.Signatures, Sources: []string{"$source"}, Severities: []string{"$severity"}}
	count := func(stat query.Stat) query.Query {
		return query.Query{QueryType: query.Count, Stat: stat, Sources: []string{"$source"}, Severities: []string{"$severity"}}
	}
	number := func(id int, title, description, column string) panel {
		p := stat(id, title, description, "sum", steps("text"), all)
		p.Transformations = keep(query.Signatures, column)[:1]
		return p
	}

	known := stat(1, "特征数 Signatures", "目录中的特征数，含试运行和草稿。\n\nSignatures in the catalogue, shadows and drafts included.", "count", steps("text"), all)
	known.Transformations = keep(query.Signatures, "revision")[:1]
	incidents := number(2, "事件 Incidents", "所选范围内的事件数。\n\nIncidents of the time range.", "incidents")
	open := number(3, "未恢复 Active", "其中未恢复的事件数。\n\nThose that are still active.", "active")
	lines := number(4, "命中的日志行 Matching lines", "所选范围内命中特征的日志行数。\n\nLog lines of the time range that matched a signature.", "lines")

	list := table(5, "特征目录 Catalogue", "所有已知故障及其在所选范围内的命中情况。点击特征查看处置手册。\n\nAll known failures and what they found in the time range. Click a signature for its runbook.",
		all, []string{"severity", "title", "signature", "active", "incidents", "lines", "last", "summary", "class", "sources", "status", "key", "family", "revision", "custom", "document"},
		width("severity", 80, colored()),
		width("status", 80, colored()),
		width("active", 80), width("incidents", 80), width("lines", 90), width("revision", 70), width("custom", 80), width("last", 165),
		named("title", property{"custom.minWidth", 240}, links(toRunbook("", signatureID))),
		named("signature", property{"custom.minWidth", 180}, links(toRunbook("", signatureID))),
		wrapping("summary", property{"custom.minWidth", 320}),
	)
	explained := bySource(8, "gauge", "已解释的报错占比 Share of errors explained", "各来源的报错行中，能被特征解释的比例；没有报错时为 100%。\n\nShare of each source's error lines that a signature explains; 100% when there are none.",
		steps("red", from(0.5, "orange"), from(0.8, "green")), query.Query{Stat: query.StatCoverage})
	explained.FieldConfig.Defaults["unit"], explained.FieldConfig.Defaults["max"] = "percentunit", 1
	explained.FieldConfig.Defaults["decimals"] = 1 // 99.6% must not read 100%
	rest := bySource(surgePanel, "stat", "未被解释的报错行 Unexplained error lines", "各来源中没有特征能解释的报错行数。告警“未知报错突增”看的就是它。\n\nError lines of each source that no signature explains: what the alert on a surge looks at.",
		steps("text", from(1, "orange")), query.Query{Stat: query.StatLines})
	clusters := unexplained(10, "未被解释的报错 Unexplained errors", "没有任何特征能解释的报错，按模板归类，最多的在最前。点击单元格里的 👁，可查看、复制完整的样例和特征草稿。\n\nErrors that no signature explains, clustered by template, the most frequent first. Press 👁 in a cell to read and copy the whole sample or draft signature.",
		100, "count", "source", "template", "draft", "sample", "hosts_count", "hosts", "first", "last")
	surge := text(12, "未知报错突增时怎么办 When unexplained errors surge", "告警“未知报错突增”的处置步骤，以及如何把未知报错变成特征。\n\nWhat to do about the alert on a surge, and how an unknown error becomes a signature.", surgeText)

	trial := table(11, "试运行特征的命中 Hits of shadow signatures", "试运行（shadow）的特征不告警，也不出现在其他页面。命中准确后，把它的成熟度改为 active。\n\nSignatures on trial raise no alerts and stay off the other dashboards. When their hits are right, set their status to active.",
		all, []string{"title", "signature", "lines", "incidents", "active", "last", "severity", "sources", "status"},
		width("severity", 80, colored()), width("status", 80, colored()),
		width("active", 80), width("incidents", 80), width("lines", 90), width("last", 165),
		named("title", property{"custom.minWidth", 240}, links(toRunbook("", signatureID))),
		named("signature", property{"custom.minWidth", 180}, links(toRunbook("", signatureID))),
	)
	trial.Transformations = append([]transformation{only(query.Signatures, "status", "shadow")}, trial.Transformations...)
	trial.FieldConfig.Defaults["noValue"] = "没有试运行的特征 No signature is on trial"

	top := bySignature(6, "各特征的日志行数 Lines by signature", "所选范围内命中的日志行，最多 10 类。\n\nMatching lines of the time range, the ten most frequent kinds.", count(query.StatLines))
	started := bySignature(7, "各特征的事件数 Incidents by signature", "所选范围内开始的事件，最多 10 类。\n\nIncidents that began in the time range, the ten most frequent kinds.", count(query.StatStarted))

	return newDashboard(catalogueUID, "蓝鲸故障特征目录 BlueKing Incidents / Catalogue",
		"所有已知故障的特征，它们在所选范围内的命中情况，以及还没有特征能解释的报错。 All signatures of known failures, what they found in the time range, and the errors that none explains.",
		[]variable{datasourceVariable(), sourceVariable(), severityVariable()},
		place(
			[]panel{known.at(6, 4), incidents.at(6, 4), open.at(6, 4), lines.at(6, 4)},
			[]panel{explained.at(14, 6), rest.at(10, 6)},
			[]panel{list.at(24, 16)},
			[]panel{clusters.at(24, 14)},
			[]panel{surge.at(12, 14), trial.at(12, 14)},
			[]panel{top.at(12, 9), started.at(12, 9)},
		))
}
