package main

import "github.com/blueking/incidents/pkg/query"

// unhealthyPanel explains what to do when detection itself is broken; the engine's alert rule links to it.
const unhealthyPanel = 5

const unhealthyZH = `1. 在 **总览** 页的“检测状态”面板查看原因：哪个来源读不到，或不再产生日志。
2. **读不到**：在数据源设置中点“保存并测试”，按提示检查地址、认证、租户和超时。
3. **没有新日志**：到该组件所在的 Pod 或主机上检查采集器（Alloy、Promtail）是否在运行，日志文件是否还在写。
4. **选择器没有匹配的日志流**：核对数据源设置中的来源选择器与采集器打的标签。
5. 恢复后无需手工操作：事件和告警会在下一次计算时更新。在此之前，它们停留在最后一次的结果。
`

const unhealthyEN = `1. The panel "Detection health" of the **Overview** gives the reason: which source cannot be read, or ships nothing any more.
2. **Cannot be read**: press "Save & test" in the data source settings and check address, credentials, tenant and timeouts as it says.
3. **No new lines**: on the component's pod or host, check that the collector (Alloy, Promtail) runs and that the log file still grows.
4. **No stream matches the selector**: compare the source's selector in the data source settings with the labels that the collector sets.
5. Nothing to do afterwards: incidents and alerts follow with the next evaluation. Until then they stay as they were last seen.
`

// runbook is the target of runbook_url: one signature, with or without an incident.
func (l language) runbook() dashboard {
	signature := []string{"$signature"}

	facts := l.words(2, l.say("特征", "Signature"), l.say(
		"级别、问题归属与成熟度；只有“启用”的特征会告警。", "Severity, whose problem it is, and maturity: only active signatures raise alerts."),
		query.Query{QueryType: query.Signatures, Signatures: signature}, "severity", "class", "status")
	remedy := l.stepRows(6, l.say("处置步骤", "What to do now"), l.say(
		"命令中的 <…> 需要填写；打开一个故障事件，可以得到填好值的步骤。在命令上连点三次即可全选。",
		"Fill in the <…> of the commands, or open an incident for steps with its values. A triple click selects a command."),
		query.Query{Signatures: signature})
	guide := text(1, l.say("处置手册", "Runbook"), l.say(
		"这类故障的含义、影响、处置步骤与验证方法。没有内容时，请看其他面板的错误提示。",
		"What this failure means, what it affects, what to do, and how to see that it worked. Where it is empty, see the errors of the other panels."), "${steps:raw}")
	open := l.incidentTable(3, l.say("这类故障事件", "Incidents of this kind"), l.say(
		"所选范围内的故障事件；点击查看填好值的步骤和证据。没有事件也可以阅读手册。",
		"Incidents of the time range; click one for steps with its values and for its evidence. The runbook can be read without any."),
		sameCluster, query.Query{Signatures: signature, Clusters: []string{"$cluster"}, Limit: 50},
		"state", "title", "subject", "verdict", "since", "duration").plain()
	lines := l.logs(4, l.say("命中的日志", "Matching lines"), l.say(
		"这类故障最近的日志行。处置后这里不再出现新行，即为有效。", "The latest lines of this failure. When the cure works, no new ones appear."),
		query.Query{Signatures: signature, Clusters: []string{"$cluster"}, Limit: 100})
	unhealthy := text(unhealthyPanel, l.say("检测异常时怎么办", "When detection is unhealthy"), l.say(
		"告警“检测异常”的处置步骤。", "What to do about the alert that detection is unhealthy."), l.say(unhealthyZH, unhealthyEN))

	chooser := l.queryVariable("signature", l.say("特征", "Signature"), l.say("要查看的特征", "The signature to read about"), onRange, query.Query{QueryType: query.Signatures})
	return l.dashboard(runbookUID, l.say("蓝鲸故障处置手册", "BlueKing Incidents / Runbook"), l.say(
		"一类故障的处置手册，没有事件时也可以阅读。", "The runbook of one kind of failure, to be read with or without an incident."),
		[]variable{l.datasourceVariable(), l.clusterVariable(), chooser, l.stepsVariable(query.Query{Signatures: signature})},
		place(
			[]panel{facts.at(24, 3)},
			[]panel{remedy.at(24, 15)},
			[]panel{open.at(24, 7)},
			[]panel{guide.at(24, 20)},
			[]panel{lines.at(24, 12)},
			[]panel{unhealthy.at(24, 8)},
		))
}
