package main

import (
	"strings"

	"github.com/blueking/incidents/pkg/query"
	"github.com/blueking/incidents/pkg/signature"
)

// When Grafana asks for the values of a variable.
const (
	onLoad  = 1
	onRange = 2
)

// hidden keeps a variable out of the bar at the top.
const hidden = 2

type variable struct {
	Name        string      `json:"name"`
	Label       string      `json:"label,omitempty"`
	Description string      `json:"description,omitempty"`
	Type        string      `json:"type"`
	Datasource  *datasource `json:"datasource,omitempty"`
	// Query is a plugin id, a list of values, or a query of the data source.
	Query       any      `json:"query"`
	Definition  string   `json:"definition,omitempty"`
	Regex       string   `json:"regex"`
	Refresh     int      `json:"refresh,omitempty"`
	Sort        int      `json:"sort"`
	Multi       bool     `json:"multi"`
	IncludeAll  bool     `json:"includeAll"`
	AllValue    string   `json:"allValue,omitempty"`
	Current     object   `json:"current"`
	Options     []object `json:"options"`
	Hide        int      `json:"hide"`
	SkipURLSync bool     `json:"skipUrlSync"`
}

// variableQuery is the model of src/variables: query types of its own for lists, and pkg/query's filters.
type variableQuery struct {
	RefID string `json:"refId"`
	query.Query
}

// The list types that only variables have.
const (
	clusters query.Type = "clusters"
	logQL    query.Type = "logql"
)

func datasourceVariable() variable {
	return variable{
		Name: "datasource", Label: "Data source", Type: "datasource", Query: pluginID, Refresh: onLoad,
		Description: "日志库 The log store to look into",
		Current:     object{}, Options: []object{},
	}
}

// lokiVariable is where the raw lines come from. Nothing but the raw volume needs it.
func lokiVariable() variable {
	return variable{
		Name: "loki_datasource", Label: "Loki data source", Type: "datasource", Query: lokiID, Refresh: onLoad,
		Description: "原始日志量取自这个 Loki The Loki that the raw log volume is read from",
		Current:     object{}, Options: []object{},
	}
}

// streamsVariable is the stream selector of an incident's raw lines: what stands in front of the line filters of its
// query. Braces inside quotes do not end it.
func streamsVariable() variable {
	v := queryVariable("streams", "", "", onRange, query.Query{QueryType: logQL, Incident: "$incident"})
	v.Hide, v.SkipURLSync = hidden, true
	v.Regex = `/^(\{(?:"(?:\\.|[^"\\])*"|[^"}])*\})/`
	return v
}

func queryVariable(name, label, description string, refresh int, q query.Query) variable {
	return variable{
		Name: name, Label: label, Description: description, Type: "query", Datasource: chosen(),
		Query: variableQuery{RefID: name, Query: q}, Definition: string(q.QueryType), Refresh: refresh,
		Current: object{}, Options: []object{},
	}
}

// filter makes a variable choose any number of values. "All" lifts the filter instead of listing the known values: a
// stream without the cluster label, say, belongs to no cluster of the list.
func filter(v variable) variable {
	v.Multi, v.IncludeAll, v.AllValue = true, true, ".*"
	v.Current = object{"text": []string{"All"}, "value": []string{"$__all"}}
	return v
}

func clusterVariable() variable {
	return filter(queryVariable("cluster", "集群 Cluster", "集群标签的值 Values of the cluster label", onRange, query.Query{QueryType: clusters}))
}

func hostVariable() variable {
	return filter(queryVariable("host", "主机 Host", "出故障的主机 The hosts that fail", onRange, query.Query{QueryType: query.Hosts}))
}

func signatureFilter() variable {
	return filter(queryVariable("signature", "特征 Signature", "已知故障的种类 Kinds of known failures", onRange, query.Query{
		QueryType: query.Signatures, Sources: []string{"$source"}, Severities: []string{"$severity"},
	}))
}

func sourceVariable() variable {
	sources := make([]string, 0, len(signature.Sources()))
	for _, s := range signature.Sources() {
		sources = append(sources, string(s))
	}
	return filter(variable{
		Name: "source", Label: "来源 Source", Description: "产生日志的组件 The component that wrote the log", Type: "custom",
		Query: strings.Join(sources, ","), Options: []object{},
	})
}

func severityVariable() variable {
	names := map[signature.Severity]string{
		signature.Critical: "致命 Critical", signature.High: "严重 High", signature.Medium: "一般 Medium", signature.Low: "轻微 Low",
	}
	var choices []string
	for _, s := range signature.Severities() {
		choices = append(choices, names[s]+" : "+string(s))
	}
	return filter(variable{
		Name: "severity", Label: "级别 Severity", Description: "故障的级别 How bad the failure is", Type: "custom",
		Query: strings.Join(choices, ","), Options: []object{},
	})
}

// stepsVariable carries the remediation to a text panel: no query data but variables reaches one. It is long, so it
// stays out of the address.
func stepsVariable(q query.Query) variable {
	q.QueryType = query.Steps
	v := queryVariable("steps", "", "", onRange, q)
	v.Hide, v.SkipURLSync = hidden, true
	return v
}
