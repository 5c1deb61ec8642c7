package main

import "github.com/blueking/incidents/pkg/query"

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
func measured(id int, title, description, unit string, all ...series) panel {
	prometheus := &datasource{Type: prometheusID, UID: "${prometheus_datasource}"}
	p := panel{
		ID: id, Type: "timeseries", Title: title, Description: description, Datasource: prometheus,
		FieldConfig: &fieldConfig{Defaults: object{
			"unit": unit, "min": 0, "color": object{"mode": "palette-classic-by-name"},
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

func prometheusVariable() variable {
	return variable{
		Name: "prometheus_datasource", Label: "Prometheus data source", Type: "datasource", Query: prometheusID, Refresh: onLoad,
		Description: "抓取 Grafana 插件指标的 Prometheus The Prometheus that scrapes Grafana's plugin metrics",
		Current:     object{}, Options: []object{},
	}
}

const rate = "[$__rate_interval]"

// p95 is the 95th percentile of a histogram by a label.
func p95(metric, by string) string {
	return "histogram_quantile(0.95, sum by (le, " + by + ") (rate(bkincidents_" + metric + "_bucket" + rate + ")))"
}

// self shows how the detection itself fares: answers, requests to Loki, memory, waiting.
func self() dashboard {
	health := words(1, "检测状态 Detection health", "1 表示每个来源都读得到且有日志；否则给出原因。\n\n1 when every source answers and ships lines, else the reason.",
		query.Query{QueryType: query.Health}, "value", "reason")
	outcomes := measured(2, "查询结果 Queries by outcome", "每秒回答的查询。downstream 是 Loki 一侧的失败，plugin 是插件自身的缺陷。\n\nQueries answered per second. Downstream failures are Loki's, plugin failures are bugs.", "reqps",
		series{"sum by (outcome) (rate(bkincidents_queries_total" + rate + "))", "{{outcome}}"})
	latency := measured(3, "查询耗时 P95 Query time, 95th percentile", "按查询类型。告警查询（alert、count、health）应远小于规则间隔。\n\nBy query type. Those of alert rules (alert, count, health) belong well below the rules' interval.", "s",
		series{p95("query_duration_seconds", "type"), "{{type}}"})
	requests := measured(4, "Loki 请求 Requests to Loki", "每秒请求数，含重试，按状态码；0 表示没有应答。\n\nPer second, retries included, by status; 0 is no answer.", "reqps",
		series{"sum by (status) (rate(bkincidents_loki_requests_total" + rate + "))", "{{status}}"})
	requestTime := measured(5, "Loki 请求耗时 P95 Time of a request to Loki, 95th percentile", "按接口，直到应答读完。\n\nBy endpoint, until the answer is read.", "s",
		series{p95("loki_request_duration_seconds", "endpoint"), "{{endpoint}}"})
	waiting := measured(6, "排队与执行中的请求 Requests that wait and that run", "一直有请求排队，说明并发上限（parallel）偏低，或 Loki 偏慢。\n\nRequests that keep waiting tell of a low bound (parallel) or a slow Loki.", "short",
		series{"sum(bkincidents_loki_requests_waiting)", "等待 waiting"}, series{"sum(bkincidents_loki_requests_running)", "执行 running"})
	received := measured(7, "收到的数据 Data received", "每秒收到的解压后字节数，按接口。\n\nDecompressed bytes per second, by endpoint.", "Bps",
		series{"sum by (endpoint) (rate(bkincidents_loki_received_bytes_total" + rate + "))", "{{endpoint}}"})
	lines := measured(8, "收到的日志行 Lines received", "每秒候选日志行，按来源。\n\nCandidate lines per second, by source.", "cps",
		series{"sum by (source) (rate(bkincidents_lines_total" + rate + "))", "{{source}}"})
	memory := measured(9, "内存命中率 Found in memory", "不必再问 Loki 的比例：已关闭的分段、区间末尾、存活状态、整次扫描。\n\nThe share that Loki need not be asked for again: closed segments, the open end, liveness, whole scans.", "percentunit",
		series{`sum by (kind) (rate(bkincidents_memory_total{result="hit"}` + rate + `)) / sum by (kind) (rate(bkincidents_memory_total` + rate + `))`, "{{kind}}"},
		series{`sum(rate(bkincidents_scans_total{result="shared"}` + rate + `)) / sum(rate(bkincidents_scans_total` + rate + `))`, "scan"})
	work := measured(10, "匹配与构建 Matching and building", "每秒用于匹配日志行和构建事件的时间。\n\nSeconds per second spent on matching lines and on building incidents.", "percentunit",
		series{"sum by (source) (rate(bkincidents_match_seconds_total" + rate + "))", "match {{source}}"}, series{"sum(rate(bkincidents_build_duration_seconds_sum" + rate + "))", "build"})
	incomplete := measured(11, "未读全 Reads cut short or failed", "每小时次数，按来源。这期间依赖该来源的告警查询报错，告警保持不变。\n\nPer hour, by source. Alert queries that need the source fail meanwhile, and alerts stay as they were.", "short",
		series{"sum by (source, state) (increase(bkincidents_incomplete_reads_total[1h]))", "{{source}} {{state}}"})
	incidents := measured(12, "每次扫描的事件 Incidents per scan", "95 分位。\n\n95th percentile.", "short",
		series{"histogram_quantile(0.95, sum by (le) (rate(bkincidents_scan_incidents_bucket" + rate + ")))", "P95"}, series{"sum(increase(bkincidents_panics_total[1h]))", "panics / 1h"})

	d := newDashboard(selfUID, "蓝鲸故障检测自身 BlueKing Incidents / Self",
		"检测自身的运行状况，指标来自 Grafana 的 /metrics/plugins/blueking-incidents-datasource。 How the detection itself fares, from the metrics that Grafana serves at /metrics/plugins/blueking-incidents-datasource.",
		[]variable{datasourceVariable(), prometheusVariable()},
		place(
			[]panel{health.at(24, 4)},
			[]panel{outcomes.at(12, 8), latency.at(12, 8)},
			[]panel{requests.at(8, 8), requestTime.at(8, 8), waiting.at(8, 8)},
			[]panel{received.at(8, 8), lines.at(8, 8), memory.at(8, 8)},
			[]panel{work.at(8, 8), incomplete.at(8, 8), incidents.at(8, 8)},
		))
	d.Time = object{"from": "now-6h", "to": "now"}
	return d
}
