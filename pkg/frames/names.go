package frames

import "github.com/grafana/grafana-plugin-sdk-go/data"

// displayNames are what tables for people call their columns. Frames that rules, annotations or variables read have
// none: Grafana matches those columns by display name.
var displayNames = map[string]struct{ zh, en string }{
	"since":       {"开始时间", "Since"},
	"last":        {"最近一次", "Last seen"},
	"end":         {"结束时间", "End"},
	"duration":    {"持续时间", "Duration"},
	"severity":    {"级别", "Severity"},
	"state":       {"状态", "State"},
	"verdict":     {"判定", "Verdict"},
	"reason":      {"结束原因", "Ended by"},
	"title":       {"故障现象", "What"},
	"summary":     {"原因", "Cause"},
	"signature":   {"特征", "Signature"},
	"family":      {"族", "Family"},
	"class":       {"问题归属", "Class"},
	"cluster":     {"集群", "Cluster"},
	"subject":     {"位置", "Where"},
	"hosts":       {"主机", "Hosts"},
	"hosts_count": {"主机数", "Host count"},
	"count":       {"日志行数", "Lines"},
	"evidence":    {"证据", "Evidence"},
	"first_step":  {"第一步", "First step"},
	"document":    {"文档", "Document"},
	"id":          {"事件 ID", "Incident ID"},
	"fingerprint": {"指纹", "Fingerprint"},
	"start_known": {"开始时间确定", "Start known"},
	"cause":       {"根因事件", "Caused by"},
	"symptoms":    {"引发的事件", "Causes"},
	"why":         {"判定依据", "Why"},
	"hypotheses":  {"可能原因", "Possible causes"},
	"logql":       {"LogQL", "LogQL"},

	"host":          {"主机", "Host"},
	"last_failure":  {"最近一次故障", "Last failure"},
	"last_recovery": {"最近一次恢复", "Last recovery"},
	"incident":      {"事件 ID", "Incident ID"},

	"order":       {"步骤", "Step"},
	"step":        {"步骤 ID", "Step ID"},
	"risk":        {"风险", "Risk"},
	"run_on":      {"执行位置", "Run on"},
	"text":        {"操作", "Do"},
	"instruction": {"操作", "Do"},
	"command":     {"命令", "Command"},
	"missing":     {"待填写", "To fill in"},
	"verify":      {"如何验证", "Verify"},
	"link":        {"链接", "Link"},
	"link_title":  {"文档", "Document"},
	"markdown":    {"Markdown", "Markdown"},

	"source":    {"来源", "Source"},
	"template":  {"报错模板", "Template"},
	"first":     {"首次出现", "First seen"},
	"sample":    {"样例", "Sample"},
	"near_miss": {"接近已知特征", "Near miss"},
	"nearest":   {"最接近的特征", "Nearest"},
	"draft":     {"特征草稿", "Draft signature"},

	"time":     {"时间", "Time"},
	"change":   {"变化", "Change"},
	"fact":     {"说明", "What happened"},
	"label":    {"标签", "Label"},
	"value":    {"值", "Value"},
	"was":      {"此前", "Before"},
	"line":     {"日志", "Log line"},
	"workload": {"工作负载", "Workload"},

	"answer":   {"判断", "Answer"},
	"captures": {"提取的值", "Values"},
	"term":     {"日志项", "Term"},
	"message":  {"程序的原话", "What the program said"},

	"confirmed": {"确认", "Confirmed"},
	"measured":  {"参与统计", "Measured"},
	"mean":      {"平均恢复时间", "Mean time"},
	"longest":   {"最长恢复时间", "Longest"},
	"from":      {"从", "From"},
	"to":        {"到", "To"},
	"errors":    {"报错行数", "Error lines"},
	"explained": {"有特征解释", "Explained"},
	"share":     {"占比", "Share"},
	"partial":   {"未全部读取", "Not all read"},
	"proposal":  {"建议", "Proposal"},

	"status":    {"成熟度", "Status"},
	"sources":   {"来源", "Sources"},
	"reaches":   {"出现位置", "Reaches"},
	"seen":      {"可见", "Seen"},
	"key":       {"聚合键", "Key"},
	"incidents": {"事件数", "Incidents"},
	"active":    {"未恢复", "Active"},
	"lines":     {"日志行数", "Lines"},
	"custom":    {"自定义", "Custom"},
	"revision":  {"修订", "Revision"},
}

// label names the columns of a table, and translates the words in them. The values stay what they are, because
// filters and links use them.
func (v View) label(f *data.Frame) {
	for _, field := range f.Fields {
		config := fieldConfig(field)
		if name, ok := displayNames[field.Name]; ok {
			config.DisplayNameFromDS = v.text(name.zh, name.en)
		}
		words, ok := vocabulary[f.Name+"."+field.Name]
		if !ok {
			words, ok = vocabulary[field.Name]
		}
		if ok {
			mapper := data.ValueMapper{}
			for value, w := range words {
				mapper[value] = data.ValueMappingResult{Text: v.text(w.zh, w.en), Color: w.color}
			}
			config.Mappings = append(config.Mappings, mapper)
		}
	}
}

func fieldConfig(f *data.Field) *data.FieldConfig {
	if f.Config == nil {
		f.Config = &data.FieldConfig{}
	}
	return f.Config
}

// hide keeps a column out of tables; links and variables still see it. `hidden` is read up to Grafana 12.1,
// `hideFrom` after.
func hide(f *data.Field) {
	fieldConfig(f).Custom = map[string]any{"hidden": true, "hideFrom": map[string]any{"viz": true}}
}

type word struct{ zh, en, color string }

// vocabulary are the words of the columns that have few values, by column or by frame and column.
var vocabulary = map[string]map[string]word{
	"severity": {
		"critical": {"致命", "critical", "dark-red"},
		"high":     {"严重", "high", "red"},
		"medium":   {"一般", "medium", "orange"},
		"low":      {"轻微", "low", "yellow"},
	},
	"state": {
		"active":   {"未恢复", "active", "red"},
		"resolved": {"已恢复", "resolved", "green"},
	},
	"hosts.state": {
		"active":   {"未恢复", "failing", "red"},
		"resolved": {"已恢复", "recovered", "green"},
	},
	"answer": {
		"failure": {"已知故障", "known failure", "red"},
		"judges":  {"判定依据", "weighs for or against a cause", "blue"},
		"near":    {"接近", "nearly known", "orange"},
		"nothing": {"未知", "not known", "text"},
	},
	"change": {
		"pod":     {"新 Pod", "new pod", "blue"},
		"version": {"版本", "version", "purple"},
		"first":   {"首次出现", "first time", "orange"},
		"again":   {"再次出现", "seen before", "text"},
		"unknown": {"未知", "unknown", "yellow"},
	},
	"verdict": {
		"suspected": {"疑似", "suspected", "orange"},
		"confirmed": {"确认", "confirmed", "red"},
		"refuted":   {"排除", "refuted", "green"},
	},
	"reason": {
		"recovered": {"恢复日志", "recovered", ""},
		"quiet":     {"不再出现", "quiet", ""},
	},
	"class": {
		"environment": {"环境问题", "environment", ""},
		"operation":   {"操作不当", "operation", ""},
		"upstream":    {"待开发排查", "upstream", ""},
		"unknown":     {"未知", "unknown", ""},
	},
	"risk": {
		"read-only":   {"只读", "read-only", "green"},
		"change":      {"变更", "change", "orange"},
		"destructive": {"有破坏性", "destructive", "red"},
	},
	"status": {
		"draft":      {"草稿", "draft", "text"},
		"shadow":     {"试运行", "shadow", "blue"},
		"active":     {"启用", "active", "green"},
		"deprecated": {"弃用", "deprecated", "text"},
	},
}

// say returns the word for a value of a column.
func (v View) say(column, value string) string {
	if w, ok := vocabulary[column][value]; ok {
		return v.text(w.zh, w.en)
	}
	return value
}
