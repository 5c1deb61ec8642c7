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

func (l language) datasourceVariable() variable {
	return variable{
		Name: "datasource", Label: l.say("数据源", "Data source"), Type: "datasource", Query: pluginID, Refresh: onLoad,
		Description: l.say("要查看的日志库", "The log store to look into"),
		Current:     object{}, Options: []object{},
	}
}

// lokiVariable is where the raw lines come from. Nothing but the raw volume needs it.
func (l language) lokiVariable() variable {
	return variable{
		Name: "loki_datasource", Label: l.say("Loki 数据源", "Loki data source"), Type: "datasource", Query: lokiID, Refresh: onLoad,
		Description: l.say("原始日志量取自这个 Loki", "The Loki that the raw log volume is read from"),
		Current:     object{}, Options: []object{},
	}
}

// streamsVariable is the stream selector of an incident's raw lines: what stands in front of the line filters of its
// query. Braces inside quotes do not end it.
func (l language) streamsVariable() variable {
	v := l.queryVariable("streams", "", "", onRange, query.Query{QueryType: logQL, Incident: "$incident"})
	v.Hide, v.SkipURLSync = hidden, true
	v.Regex = `/^(\{(?:"(?:\\.|[^"\\])*"|[^"}])*\})/`
	return v
}

func (l language) queryVariable(name, label, description string, refresh int, q query.Query) variable {
	q.Language = string(l)
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

// clusterVariable, like hostVariable, asks Loki, so it is read once and not at every refresh.
func (l language) clusterVariable() variable {
	return filter(l.queryVariable("cluster", l.say("集群", "Cluster"), l.say("集群标签的值", "Values of the cluster label"), onLoad, query.Query{QueryType: clusters}))
}

func (l language) hostVariable() variable {
	return filter(l.queryVariable("host", l.say("主机", "Host"), l.say("出故障的主机", "The hosts that fail"), onLoad, query.Query{QueryType: query.Hosts}))
}

func (l language) signatureFilter() variable {
	return filter(l.queryVariable("signature", l.say("特征", "Signature"), l.say("已知故障的种类", "Kinds of known failures"), onRange, query.Query{
		QueryType: query.Signatures, Sources: []string{"$source"}, Severities: []string{"$severity"},
	}))
}

func (l language) sourceVariable() variable {
	sources := make([]string, 0, len(signature.Sources()))
	for _, s := range signature.Sources() {
		sources = append(sources, string(s))
	}
	return filter(variable{
		Name: "source", Label: l.say("来源", "Source"), Description: l.say("产生日志的组件", "The component that wrote the log"), Type: "custom",
		Query: strings.Join(sources, ","), Options: []object{},
	})
}

func (l language) severityVariable() variable {
	names := map[signature.Severity]string{
		signature.Critical: l.say("致命", "Critical"), signature.High: l.say("严重", "High"), signature.Medium: l.say("一般", "Medium"), signature.Low: l.say("轻微", "Low"),
	}
	var choices []string
	for _, s := range signature.Severities() {
		choices = append(choices, names[s]+" : "+string(s))
	}
	return filter(variable{
		Name: "severity", Label: l.say("级别", "Severity"), Description: l.say("故障的级别", "How bad the failure is"), Type: "custom",
		Query: strings.Join(choices, ","), Options: []object{},
	})
}

// stepsVariable carries the remediation to a text panel: no query data but variables reaches one. It is long, so it
// stays out of the address.
func (l language) stepsVariable(q query.Query) variable {
	q.QueryType = query.Steps
	v := l.queryVariable("steps", "", "", onRange, q)
	v.Hide, v.SkipURLSync = hidden, true
	return v
}
