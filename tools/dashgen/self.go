package main

// prometheusTarget is the part of a query of Grafana's Prometheus data source that we use.
type prometheusTarget struct {
	RefID        string      `json:"refId"`
	Datasource   *datasource `json:"datasource"`
	Expr         string      `json:"expr"`
	LegendFormat string      `json:"legendFormat"`
}

func (prometheusTarget) isTarget() {}

// series is an expression and the name of what it gives.
type series struct{ expr, legend string }

// measured is a graph of the plugin's own numbers.
func (l language) measured(id int, title, description, unit string, all ...series) panel {
	prometheus := &datasource{Type: prometheusID, UID: "${prometheus_datasource}"}
	p := panel{
		ID: id, Type: "timeseries", Title: title, Description: description, Datasource: prometheus,
		FieldConfig: &fieldConfig{Defaults: object{
			"unit": unit, "min": 0, "noValue": l.unknown(), "color": object{"mode": "palette-classic-by-name"},
			"custom": object{"drawStyle": "line", "lineWidth": 1, "fillOpacity": 10, "showPoints": "never", "spanNulls": false},
		}, Overrides: []override{}},
		Options: object{
			"legend":  object{"calcs": []string{"lastNotNull", "max"}, "displayMode": "table", "placement": "bottom", "showLegend": true},
			"tooltip": object{"mode": "multi", "sort": "desc", "hideZeros": true},
		},
	}
	for i, s := range all {
		p.Targets = append(p.Targets, prometheusTarget{RefID: string(rune('A' + i)), Datasource: prometheus, Expr: s.expr, LegendFormat: s.legend})
	}
	return p
}

func (l language) prometheusVariable() variable {
	return variable{
		Name: "prometheus_datasource", Label: l.say("Prometheus 数据源", "Prometheus data source"), Type: "datasource", Query: prometheusID, Refresh: onLoad,
		Description: l.say("抓取 Grafana 插件指标的 Prometheus", "The Prometheus that scrapes Grafana's plugin metrics"),
		Current:     object{}, Options: []object{},
	}
}

const rate = "[$__rate_interval]"

// p95 is the 95th percentile of a histogram by a label.
func p95(metric, by string) string {
	return "histogram_quantile(0.95, sum by (le, " + by + ") (rate(bkincidents_" + metric + "_bucket" + rate + ")))"
}

// self shows how well the detection works: answers, requests to Loki, cache, waiting.
func (l language) self() dashboard {
	outcomes := l.measured(2, l.say("查询结果", "Queries by outcome"), l.say(
		"每秒回答的查询。downstream 是 Loki 一侧的失败，plugin 是插件自身的缺陷。", "Queries answered per second. Downstream failures are Loki's, plugin failures are bugs."), "reqps",
		series{"sum by (outcome) (rate(bkincidents_queries_total" + rate + "))", "{{outcome}}"})
	latency := l.measured(3, l.say("查询耗时 P95", "Query time, 95th percentile"), l.say(
		"按查询类型。告警查询（alert、count、health）应远小于规则间隔。", "By query type. Those of alert rules (alert, count, health) belong well below the rules' interval."), "s",
		series{p95("query_duration_seconds", "type"), "{{type}}"})
	requests := l.measured(4, l.say("Loki 请求", "Requests to Loki"), l.say(
		"每秒请求数，含重试，按状态码。", "Per second, retries included, by status."), "reqps",
		series{"sum by (status) (rate(bkincidents_loki_requests_total{status!=\"0\"}" + rate + "))", "{{status}}"},
		series{"sum(rate(bkincidents_loki_requests_total{status=\"0\"}" + rate + "))", l.say("没有应答", "no answer")})
	requestTime := l.measured(5, l.say("Loki 请求耗时 P95", "Time of a request to Loki, P95"), l.say(
		"按接口，直到应答读完。", "95th percentile by endpoint, until the answer is read."), "s",
		series{p95("loki_request_duration_seconds", "endpoint"), "{{endpoint}}"})
	waiting := l.measured(6, l.say("排队与执行中的请求", "Requests waiting and running"), l.say(
		"一直有请求排队，说明并发上限（parallel）偏低，或 Loki 偏慢。", "Requests that keep waiting mean that the limit (parallel) is low or Loki slow."), "short",
		series{"sum(bkincidents_loki_requests_waiting)", l.say("等待", "waiting")}, series{"sum(bkincidents_loki_requests_running)", l.say("执行", "running")})
	received := l.measured(7, l.say("收到的数据", "Data received"), l.say("每秒收到的解压后字节数，按接口。", "Decompressed bytes per second, by endpoint."), "Bps",
		series{"sum by (endpoint) (rate(bkincidents_loki_received_bytes_total" + rate + "))", "{{endpoint}}"})
	lines := l.measured(8, l.say("收到的日志行", "Lines received"), l.say("每秒候选日志行，按来源。", "Candidate lines per second, by source."), "cps",
		series{"sum by (source) (rate(bkincidents_lines_total" + rate + "))", "{{source}}"})
	memory := l.measured(9, l.say("缓存命中率", "Found in the cache"), l.say(
		"不必再问 Loki 的比例：已关闭的分段、区间末尾、存活状态、整次扫描。", "The share that Loki need not be asked for again: closed segments, the open end, liveness, whole scans."), "percentunit",
		series{`sum by (kind) (rate(bkincidents_memory_total{result="hit"}` + rate + `)) / sum by (kind) (rate(bkincidents_memory_total` + rate + `))`, "{{kind}}"},
		series{`sum(rate(bkincidents_scans_total{result="shared"}` + rate + `)) / sum(rate(bkincidents_scans_total` + rate + `))`, "scan"})
	work := l.measured(10, l.say("匹配与构建", "Matching and building"), l.say(
		"每秒用于匹配日志行和构建事件的时间。", "Seconds per second spent on matching lines and on building incidents."), "percentunit",
		series{"sum by (source) (rate(bkincidents_match_seconds_total" + rate + "))", "match {{source}}"}, series{"sum(rate(bkincidents_build_duration_seconds_sum" + rate + "))", "build"})
	incomplete := l.measured(11, l.say("不完整的结果", "Reads cut short or failed"), l.say(
		"每小时次数，按来源。这期间依赖该来源的告警查询报错，告警保持不变。", "Per hour, by source. Alert queries that need the source fail meanwhile, and alerts stay as they were."), "short",
		series{"sum by (source, state) (increase(bkincidents_incomplete_reads_total[1h]))", "{{source}} {{state}}"})
	incidents := l.measured(12, l.say("每次扫描的故障事件", "Incidents per scan"), l.say("95 分位。", "95th percentile."), "short",
		series{"histogram_quantile(0.95, sum by (le) (rate(bkincidents_scan_incidents_bucket" + rate + ")))", "P95"}, series{"sum(increase(bkincidents_panics_total[1h]))", "panics / 1h"})

	d := l.dashboard(selfUID, l.say("蓝鲸故障检测自监控", "BlueKing Incidents / Self"), l.say(
		"检测自身的运行状况，指标来自 Grafana 的 /metrics/plugins/blueking-incidents-datasource。",
		"How well the detection works, from the metrics that Grafana serves at /metrics/plugins/blueking-incidents-datasource."),
		[]variable{l.datasourceVariable(), l.prometheusVariable()},
		place(
			[]panel{l.health(1).at(24, 4)},
			[]panel{outcomes.at(12, 8), latency.at(12, 8)},
			[]panel{requests.at(8, 8), requestTime.at(8, 8), waiting.at(8, 8)},
			[]panel{received.at(8, 8), lines.at(8, 8), memory.at(8, 8)},
			[]panel{work.at(8, 8), incomplete.at(8, 8), incidents.at(8, 8)},
		))
	d.Time = object{"from": "now-6h", "to": "now"}
	return d
}
