package main

import "github.com/blueking/incidents/pkg/query"

// catalogue is every known failure with what it found in the time range.
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
		named("summary", property{"custom.minWidth", 320}, wrapped()),
	)
	top := bySignature(6, "各特征的日志行数 Lines by signature", "所选范围内命中的日志行，最多 10 类。\n\nMatching lines of the time range, the ten most frequent kinds.", count(query.StatLines))
	started := bySignature(7, "各特征的事件数 Incidents by signature", "所选范围内开始的事件，最多 10 类。\n\nIncidents that began in the time range, the ten most frequent kinds.", count(query.StatStarted))

	return newDashboard(catalogueUID, "蓝鲸故障特征目录 BlueKing Incidents / Catalogue",
		"所有已知故障的特征，以及它们在所选范围内的命中情况。 All signatures of known failures, and what they found in the time range.",
		[]variable{datasourceVariable(), sourceVariable(), severityVariable()},
		place(
			[]panel{known.at(6, 4), incidents.at(6, 4), open.at(6, 4), lines.at(6, 4)},
			[]panel{list.at(24, 16)},
			[]panel{top.at(12, 9), started.at(12, 9)},
		))
}
