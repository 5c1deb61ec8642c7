package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/prometheus/alertmanager/types"
	"github.com/prometheus/common/model"
	"gopkg.in/yaml.v3"
)

// texts chooses the language of the rules, which is that of the templates.
type texts func(zh, en string) string

var began = time.Date(2025, 3, 1, 18, 20, 30, 0, time.UTC)

// alert is an alert of the rules, with changes: a value of "" takes a label or an annotation away.
func (say texts) alert(ended time.Time, labels, annotations map[model.LabelName]string) *types.Alert {
	l := model.LabelSet{
		"alertname": model.LabelValue(say("蓝鲸故障（严重）", "BlueKing incident, high")), "grafana_folder": "BlueKing Incidents", "app": "blueking-incidents",
		"__alert_rule_uid__": "bkincidents-active-high",
		"fingerprint":        "1dd15a950ae22800", "signature": "curl-dns", "severity": "high", "class": "environment",
		"family": "nodeman-download", "cluster": "prod", "subject": "prod / bkrepo.example.com",
	}
	a := model.LabelSet{
		"summary":      model.LabelValue(say("未恢复的蓝鲸故障事件，每个事件一条告警", "Open BlueKing incidents, one alert each")),
		"title":        model.LabelValue(say("下载安装包失败：域名 bkrepo.example.com 无法解析", "Download of the package failed: bkrepo.example.com does not resolve")),
		"description":  model.LabelValue(say("目的主机的 DNS 解析不了 bkrepo.example.com。位置：prod / bkrepo.example.com", "The DNS of the target host does not resolve bkrepo.example.com. Where: prod / bkrepo.example.com")),
		"evidence":     "[3803009] 命令返回非零值：exit_status -> 6, stdout -> , stderr -> curl: (6) Could not resolve host: bkrepo.example.com",
		"first_step":   model.LabelValue(say("先在目的主机上确认现象：没有输出即无法解析。命令：getent hosts bkrepo.example.com; cat /etc/resolv.conf", "Check on the target host: no output means that it does not resolve. Command: getent hosts bkrepo.example.com; cat /etc/resolv.conf")),
		"first_risk":   "read-only",
		"hosts":        "10.0.1.7, 10.0.1.8",
		"verdict":      "confirmed",
		"count":        "14",
		"since":        model.LabelValue(say("2025-03-02T02:18:02+08:00", "2025-03-01T18:18:02Z")),
		"document_url": "https://bk.tencent.com/docs/markdown/ZH/DeploymentGuides/7.2/troubles/gse-agent.md",
		"runbook_url":  externalURL + "d/blueking-incidents-runbook?var-datasource=blueking-incidents&var-signature=curl-dns",
		"incident_url": externalURL + "d/blueking-incidents-incident?var-datasource=blueking-incidents&var-incident=1dd15a950ae22800-1740853082000&from=1740851282000&to=now",

		"__dashboardUid__": "blueking-incidents-overview", "__panelId__": "6", "__orgId__": "1",
		"__values__": `{"A":1,"B":1,"C":1}`,
	}
	change := func(set model.LabelSet, by map[model.LabelName]string) {
		for k, v := range by {
			set[k] = model.LabelValue(v)
			if v == "" {
				delete(set, k)
			}
		}
	}
	change(l, labels)
	change(a, annotations)
	return &types.Alert{Alert: model.Alert{Labels: l, Annotations: a, StartsAt: began, EndsAt: ended, GeneratorURL: externalURL + "alerting/grafana/bkincidents-active-high/view"}}
}

var (
	firing time.Time
	ended  = began.Add(47 * time.Minute)
)

type changes = map[model.LabelName]string

// hostile is what an attacker might get a program to log.
const hostile = "\"}],\"x\":{{ .Labels }} `code` **b** [click](http://evil.example) <!channel> <at id=all></at> <@all> " +
	"<script>alert(1)</script> & \\ \u202e\u0000\r\n# head\n> quote @13800000000 </font> 'q' %s %d $1 ${x} 证据"

// cases are the messages that must read well, whatever happens.
func cases(lang string) map[string][]*types.Alert {
	say := texts(func(zh, en string) string {
		if lang == "zh" {
			return zh
		}
		return en
	})
	engine := changes{
		"alertname": say("蓝鲸故障检测异常", "BlueKing incident detection unhealthy"), "component": "engine", "__alert_rule_uid__": "bkincidents-engine-unhealthy",
		"fingerprint": "", "signature": "", "class": "", "family": "", "cluster": "", "subject": "",
	}
	engineTexts := changes{
		"summary": say("故障检测异常", "Incident detection is unhealthy"), "title": "",
		"evidence": "", "first_step": "", "hosts": "", "verdict": "", "count": "", "since": "", "document_url": "", "incident_url": "",
		"description": say("nodeman: 没有收到任何日志，请检查采集器。恢复之前，事件告警停留在最后一次的结果。", "nodeman: No line arrived, check the collector. Until it recovers, incident alerts stay as they were last seen."),
		"runbook_url": externalURL + "d/blueking-incidents-runbook?var-datasource=blueking-incidents&viewPanel=5",
	}
	failed := maps.Clone(engineTexts)
	failed["description"] = say("数据源无法回答，详见错误。恢复之前，事件告警停留在最后一次的结果。", "The data source cannot answer, see the error. Until it recovers, incident alerts stay as they were last seen.")
	failed["Error"] = `[sse.dataQueryError] failed to execute query [A]: Loki does not answer. Check its address "http://loki:3100".`
	failed["__values__"] = `{"A":-1,"C":-1}`

	surge := changes{
		"alertname": say("未知报错突增", "Unexplained error surge"), "component": "unexplained", "__alert_rule_uid__": "bkincidents-unexplained-surge",
		"severity": "low", "source": "nodeman", "fingerprint": "", "signature": "", "class": "", "family": "", "cluster": "", "subject": "",
	}
	surgeTexts := maps.Clone(engineTexts)
	surgeTexts["summary"] = say("没有特征能解释的报错突增", "Surge of errors that no signature explains")
	surgeTexts["title"] = say("未知报错突增：nodeman", "Surge of unexplained errors: nodeman")
	surgeTexts["description"] = say("没有特征能解释的报错：312。请在特征目录中查看样例和特征草稿。", "Errors that no signature explains: 312. The catalogue has samples and draft signatures.")
	surgeTexts["runbook_url"] = externalURL + "d/blueking-incidents-catalogue?var-datasource=blueking-incidents&var-source=nodeman&from=now-1h&to=now"
	surgeTexts["__dashboardUid__"], surgeTexts["__panelId__"], surgeTexts["__values__"] = "blueking-incidents-catalogue", "9", `{"A":312,"C":1}`

	nothing := changes{
		"summary": "", "title": "", "description": "", "evidence": "", "first_step": "", "hosts": "", "verdict": "", "count": "", "since": "",
		"document_url": "", "runbook_url": "", "incident_url": "", "__dashboardUid__": "", "__panelId__": "", "__values__": `{"A":-1,"B":-1,"C":-1}`,
	}
	bare := changes{
		"alertname": "DatasourceError", "fingerprint": "", "signature": "", "severity": "", "class": "", "family": "", "cluster": "", "subject": "",
		"__alert_rule_uid__": "",
	}
	cause := say.alert(firing, changes{"severity": "critical", "signature": "gse-zk-unresolved", "fingerprint": "5d371216216d74c2", "subject": "prod"},
		changes{"title": say("GSE Agent 解析不了 ZooKeeper 域名", "The GSE agent does not resolve ZooKeeper"), "verdict": "suspected", "hosts": "", "evidence": "getaddrinfo: Name or service not known",
			"first_step":   say("先看 ZooKeeper 的域名是否能解析。命令：getent hosts bk-zookeeper", "See whether the name of ZooKeeper resolves. Command: getent hosts bk-zookeeper"),
			"runbook_url":  externalURL + "d/blueking-incidents-runbook?var-datasource=blueking-incidents&var-signature=gse-zk-unresolved",
			"incident_url": externalURL + "d/blueking-incidents-incident?var-datasource=blueking-incidents&var-incident=5d371216216d74c2-1740853082000&from=1740851282000&to=now"})

	raw := ruleAnnotations(lang)
	long := strings.Repeat("界", 2000)
	return map[string][]*types.Alert{
		"firing":   {say.alert(firing, nil, nil)},
		"resolved": {say.alert(ended, nil, changes{"__values__": `{"A":0,"B":0,"C":0}`, "ended": say("2025-03-02T03:04:11+08:00", "2025-03-01T19:04:11Z"), "reason": say("出现恢复日志", "the logs show that it recovered")})},
		"vanished": {say.alert(ended, nil, changes{"grafana_state_reason": "MissingSeries", "__values__": `{"A":-1}`})},
		"restored": {say.alert(firing, nil, raw), say.alert(ended, changes{"severity": "low", "fingerprint": "52a551ab8d9ac641"}, raw)},
		"cause-and-symptom": {say.alert(firing, nil, nil), cause, say.alert(ended, changes{"fingerprint": "52a551ab8d9ac641", "subject": "prod / bkrepo.sz.example.com"}, changes{
			"title": say("下载安装包失败：域名 bkrepo.sz.example.com 无法解析", "Download of the package failed: bkrepo.sz.example.com does not resolve"),
			"ended": say("2025-03-02T03:04:11+08:00", "2025-03-01T19:04:11Z"), "reason": say("故障现象 30 分钟没有再出现", "the failure has not been seen for 30 minutes"),
			"incident_url": externalURL + "d/blueking-incidents-incident?var-datasource=blueking-incidents&var-incident=52a551ab8d9ac641-1740853082000&from=1740851282000&to=now",
		})},
		"engine":       {say.alert(firing, engine, engineTexts)},
		"engine-error": {say.alert(firing, engine, failed)},
		"surge":        {say.alert(firing, surge, surgeTexts)},
		"surge-over":   {say.alert(ended, surge, surgeTexts)},
		"missing":      {say.alert(firing, bare, nothing)},
		"hostile": {say.alert(firing, changes{"subject": hostile, "cluster": hostile},
			changes{"title": hostile, "since": hostile, "evidence": hostile, "first_step": hostile, "hosts": hostile, "description": hostile, "Error": hostile})},
		"unranked":   {say.alert(firing, changes{"severity": "page"}, nil), say.alert(firing, changes{"severity": "", "fingerprint": "52a551ab8d9ac641"}, nil)},
		"fifty":      say.many(50, nil, nil),
		"fifty-over": resolve(say.many(50, nil, nil)),
		"fifty-worst": say.many(50, changes{"subject": strings.Repeat("&", 500)}, changes{
			"title": long, "evidence": strings.Repeat("<", 2000), "first_step": strings.Repeat("&", 2000), "hosts": long, "description": long, "Error": long,
			"incident_url": externalURL + strings.Repeat("i", 490-len(externalURL)), "runbook_url": externalURL + strings.Repeat("r", 490-len(externalURL)),
		}),
		"one-worst": say.many(1, changes{"subject": long}, changes{
			"title": long, "evidence": long, "first_step": long, "hosts": long, "description": long, "Error": long,
			"incident_url": externalURL + strings.Repeat("i", 3000), "runbook_url": externalURL + strings.Repeat("r", 3000),
		}),
	}
}

// ruleAnnotations are those of the rules for incidents as the file has them: Grafana sends them so of alerts that it
// restored after a restart.
func ruleAnnotations(lang string) changes {
	text, err := os.ReadFile(filepath.Join(root, "provisioning", "alerting", lang, "rules.yaml"))
	if err != nil {
		panic(err)
	}
	var file struct {
		Groups []struct {
			Rules []struct{ Annotations changes }
		}
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		panic(err)
	}
	out := file.Groups[0].Rules[0].Annotations
	out["__values__"] = ""
	return out
}

// many are alerts of different subjects.
func (say texts) many(n int, labels, annotations changes) []*types.Alert {
	out := make([]*types.Alert, n)
	for i := range out {
		l := changes{"fingerprint": fmt.Sprintf("%016x", i+1), "subject": fmt.Sprintf("prod / 10.0.%d.%d", i/256, i%256)}
		for k, v := range labels {
			l[k] = v
		}
		out[i] = say.alert(firing, l, annotations)
	}
	return out
}

func resolve(alerts []*types.Alert) []*types.Alert {
	for _, a := range alerts {
		a.EndsAt = ended
	}
	return alerts
}
