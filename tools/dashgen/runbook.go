package main

import "github.com/blueking/incidents/pkg/query"

// unhealthyPanel explains what to do when detection itself is broken; the engine's alert rule links to it.
const unhealthyPanel = 5

const unhealthyText = `### 检测异常时怎么办

1. 在 **总览** 页的“检测状态”面板查看原因：哪个来源读不到，或不再产生日志。
2. **读不到**：在数据源设置中点“保存并测试”，按提示检查地址、认证、租户和超时。
3. **没有新日志**：到该组件所在的 Pod 或主机上检查采集器（Alloy、Promtail）是否在运行，日志文件是否还在写。
4. **选择器没有匹配的日志流**：核对数据源设置中的来源选择器与采集器打的标签。
5. 恢复后无需手工操作：事件和告警会在下一次计算时更新。在此之前，它们停留在最后一次的结果。

### When detection is unhealthy

1. The panel "Detection health" of the **Overview** says why: which source cannot be read, or ships nothing any more.
2. **Cannot be read**: press "Save & test" in the data source settings and check address, credentials, tenant and timeouts as it says.
3. **No new lines**: on the component's pod or host, check that the collector (Alloy, Promtail) runs and that the log file still grows.
4. **No stream matches the selector**: compare the source's selector in the data source settings with the labels that the collector sets.
5. Nothing to do afterwards: incidents and alerts follow with the next evaluation. Until then they stay as they were last seen.
`

// runbook is the target of runbook_url: one signature, with or without an incident.
func runbook() dashboard {
	signature := []string{"$signature"}

	guide := text(1, "处置手册 Runbook", "这类故障的含义、影响、处置步骤与验证方法。命令中的 <…> 需要填写；打开一个事件，可以得到填好值的步骤。\n\nWhat this failure means, what it affects, what to do, and how to see that it worked. Fill in the <…> of the commands, or open an incident for steps with its values.", "${steps:raw}")
	facts := words(2, "特征 Signature", "级别、问题归属与成熟度；只有“启用”的特征会告警。\n\nSeverity, whose problem it is, and maturity: only active signatures raise alerts.",
		query.Query{QueryType: query.Signatures, Signatures: signature}, "severity", "class", "status")
	open := incidentTable(3, "这类故障的事件 Incidents of this kind", "所选范围内的事件；点击查看证据和填好值的步骤。没有事件也可以阅读手册。\n\nIncidents of the time range; click one for its evidence and for steps with its values. The runbook can be read without any.",
		sameCluster, query.Query{Signatures: signature, Clusters: []string{"$cluster"}, Limit: 50},
		"state", "title", "verdict", "since", "duration", "hosts_count", "hosts")
	lines := logs(4, "命中的日志 Matching lines", "这类故障最近的日志行。处置后这里不再出现新行，即为有效。\n\nThe latest lines of this failure. When the cure works, no new ones appear.",
		query.Query{Signatures: signature, Clusters: []string{"$cluster"}, Limit: 100})
	unhealthy := text(unhealthyPanel, "检测异常 Detection unhealthy", "告警“检测异常”的处置步骤。\n\nWhat to do about the alert that detection is unhealthy.", unhealthyText)

	chooser := queryVariable("signature", "特征 Signature", "要查看的特征 The signature to read about", onRange, query.Query{QueryType: query.Signatures})
	return newDashboard(runbookUID, "蓝鲸故障处置手册 BlueKing Incidents / Runbook",
		"一类故障的处置手册，没有事件时也可以阅读。 The runbook of one kind of failure, to be read with or without an incident.",
		[]variable{datasourceVariable(), clusterVariable(), chooser, stepsVariable(query.Query{Signatures: signature})},
		place(
			[]panel{facts.at(24, 4)},
			[]panel{guide.at(14, 24), open.at(10, 24)},
			[]panel{lines.at(24, 12)},
			[]panel{unhealthy.at(24, 14)},
		))
}
