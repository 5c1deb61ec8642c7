package main

import "github.com/blueking/incidents/pkg/query"

// The part of Grafana's classic dashboard schema that we use. Version 39 is read by Grafana 11 and newer, which
// migrates it in memory.
const schemaVersion = 39

const (
	pluginID     = "blueking-incidents-datasource"
	lokiID       = "loki"
	prometheusID = "prometheus"
	tag          = "blueking-incidents"
)

// The uids are stable: notifications, bookmarks and pkg/frames carry them.
const (
	overviewUID  = "blueking-incidents-overview"
	incidentUID  = "blueking-incidents-incident"
	runbookUID   = "blueking-incidents-runbook"
	catalogueUID = "blueking-incidents-catalogue"
	reviewUID    = "blueking-incidents-review"
	selfUID      = "blueking-incidents-self"
)

type object = map[string]any

type dashboard struct {
	Annotations          object          `json:"annotations"`
	Description          string          `json:"description"`
	Editable             bool            `json:"editable"`
	FiscalYearStartMonth int             `json:"fiscalYearStartMonth"`
	GraphTooltip         int             `json:"graphTooltip"`
	Links                []dashboardLink `json:"links"`
	Panels               []panel         `json:"panels"`
	Refresh              string          `json:"refresh"`
	SchemaVersion        int             `json:"schemaVersion"`
	Tags                 []string        `json:"tags"`
	Templating           templating      `json:"templating"`
	Time                 object          `json:"time"`
	Timepicker           object          `json:"timepicker"`
	Timezone             string          `json:"timezone"`
	Title                string          `json:"title"`
	UID                  string          `json:"uid"`
	Version              int             `json:"version"`
	WeekStart            string          `json:"weekStart"`
}

type templating struct {
	List []variable `json:"list"`
}

type dashboardLink struct {
	AsDropdown  bool     `json:"asDropdown"`
	Icon        string   `json:"icon"`
	IncludeVars bool     `json:"includeVars"`
	KeepTime    bool     `json:"keepTime"`
	Tags        []string `json:"tags"`
	TargetBlank bool     `json:"targetBlank"`
	Title       string   `json:"title"`
	Tooltip     string   `json:"tooltip"`
	Type        string   `json:"type"`
	URL         string   `json:"url"`
}

type datasource struct {
	Type string `json:"type"`
	UID  string `json:"uid"`
}

// chosen is the data source that the reader chose.
func chosen() *datasource { return &datasource{Type: pluginID, UID: "${datasource}"} }

// target is a query of ours, of Loki, or of Prometheus.
type target interface{ isTarget() }

type ask struct {
	RefID      string      `json:"refId"`
	Datasource *datasource `json:"datasource"`
	query.Query
}

// lokiTarget is the part of a query of Grafana's Loki data source that we use.
type lokiTarget struct {
	RefID        string      `json:"refId"`
	Datasource   *datasource `json:"datasource"`
	Expr         string      `json:"expr"`
	QueryType    string      `json:"queryType"`
	EditorMode   string      `json:"editorMode"`
	LegendFormat string      `json:"legendFormat"`
}

func (ask) isTarget()        {}
func (lokiTarget) isTarget() {}

type grid struct {
	H int `json:"h"`
	W int `json:"w"`
	X int `json:"x"`
	Y int `json:"y"`
}

type panel struct {
	ID              int              `json:"id"`
	Type            string           `json:"type"`
	Title           string           `json:"title"`
	Description     string           `json:"description,omitempty"`
	GridPos         grid             `json:"gridPos"`
	Collapsed       *bool            `json:"collapsed,omitempty"`
	Panels          []panel          `json:"panels,omitempty"`
	Datasource      *datasource      `json:"datasource,omitempty"`
	Targets         []target         `json:"targets,omitempty"`
	TimeFrom        string           `json:"timeFrom,omitempty"`
	MaxDataPoints   int              `json:"maxDataPoints,omitempty"`
	FieldConfig     *fieldConfig     `json:"fieldConfig,omitempty"`
	Options         object           `json:"options,omitempty"`
	Transformations []transformation `json:"transformations,omitempty"`
}

type fieldConfig struct {
	Defaults  object     `json:"defaults"`
	Overrides []override `json:"overrides"`
}

type override struct {
	Matcher    object     `json:"matcher"`
	Properties []property `json:"properties"`
}

type property struct {
	ID    string `json:"id"`
	Value any    `json:"value"`
}

type transformation struct {
	ID      string `json:"id"`
	Options object `json:"options"`
}

type link struct {
	Title       string `json:"title"`
	URL         string `json:"url"`
	TargetBlank bool   `json:"targetBlank,omitempty"`
}

// newDashboard fills in what all dashboards share.
func (l language) dashboard(uid, title, description string, vars []variable, panels []panel) dashboard {
	return dashboard{
		UID: uid, Title: title, Description: description,
		Annotations: object{"list": []object{{
			"builtIn": 1, "datasource": datasource{"grafana", "-- Grafana --"}, "enable": true, "hide": true,
			"iconColor": "rgba(0, 211, 255, 1)", "name": "Annotations & Alerts", "type": "dashboard",
		}}},
		GraphTooltip: 1,
		Links: []dashboardLink{{
			// One button instead of one per dashboard: on a phone they would fill the first screen.
			AsDropdown: true, Icon: "external link", IncludeVars: true, KeepTime: true, Tags: []string{tag}, Type: "dashboards",
			Title: l.say("蓝鲸故障", "BlueKing Incidents"),
		}},
		Panels: panels, Refresh: "30s", SchemaVersion: schemaVersion, Tags: []string{tag, "oncall"},
		Templating: templating{vars}, Time: object{"from": "now-24h", "to": "now"}, Timepicker: object{},
		Timezone: "", Version: 1, // the reader's own
	}
}
