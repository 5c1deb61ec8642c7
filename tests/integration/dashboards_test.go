//go:build integration

package integration

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"
	"go.yaml.in/yaml/v3"
)

// shown is a query that something we ship sends, with where it stands.
type shown struct {
	where string
	model map[string]any
}

// collect finds every query in a decoded dashboard or rule file: a mapping with a queryType.
func collect(where string, v any, out *[]shown) {
	switch v := v.(type) {
	case map[string]any:
		if title, ok := v["title"].(string); ok {
			where += " / " + title
		}
		if _, ok := v["queryType"].(string); ok {
			*out = append(*out, shown{where, v})
			return
		}
		for key, child := range v {
			collect(where+" "+key, child, out)
		}
	case []any:
		for _, child := range v {
			collect(where, child, out)
		}
	}
}

// filled replaces dashboard variables as the frontend does: one that means "All" lifts its filter.
func filled(model map[string]any, values map[string]string) ask {
	out := ask{}
	for key, v := range model {
		switch v := v.(type) {
		case string:
			if strings.HasPrefix(v, "$") {
				out[key] = values[strings.Trim(v, "${}")]
				continue
			}
			out[key] = v
		case []any:
			var list []string
			for _, item := range v {
				text := fmt.Sprint(item)
				if strings.HasPrefix(text, "$") {
					text = values[strings.Trim(text, "${}")]
				}
				if text != "" {
					list = append(list, text)
				}
			}
			out[key] = list
		default:
			out[key] = v
		}
	}
	return out
}

func TestEveryQueryWeShipIsAnswered(t *testing.T) {
	address, now, _ := sampleLoki(t)
	from := now.Add(-24 * time.Hour)
	s := settings{"store": "loki", "language": "en"}
	incidents := frame(t, address, s, from, now, ask{"queryType": "incidents"})
	// A signature that a host fails with now: an incident may be active by lines that name no host, and then the panel
	// of the hosts that fail is empty with reason.
	failing := frame(t, address, s, from, now, ask{"queryType": "hosts", "states": []string{"active"}})
	id := column[string](t, failing, "incident")[0]
	row := slices.Index(column[string](t, incidents, "id"), id)
	if row < 0 {
		t.Fatalf("the hosts name the incident %s, which is not in the table of incidents", id)
	}
	values := map[string]string{
		"incident":    id,
		"fingerprint": column[string](t, incidents, "fingerprint")[row],
		"signature":   column[string](t, incidents, "signature")[row],
	}

	var all []shown
	dashboards, err := filepath.Glob("../../dashboards/*/*.json")
	if err != nil || len(dashboards) < 4 {
		t.Fatalf("%d dashboards, %v", len(dashboards), err)
	}
	for _, path := range dashboards {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var decoded any
		if err := json.Unmarshal(text, &decoded); err != nil {
			t.Fatal(err)
		}
		collect(filepath.Base(path), decoded, &all)
	}
	rules, err := os.ReadFile("../../provisioning/alerting/zh/rules.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var decoded any
	if err := yaml.Unmarshal(rules, &decoded); err != nil {
		t.Fatal(err)
	}
	collect("rules.yaml", decoded, &all)

	asked, straight := 0, 0
	for _, q := range all {
		a := filled(q.model, values)
		isVariable := strings.HasSuffix(q.where, " query")
		switch kind := a["queryType"]; {
		case isVariable && (kind == "hosts" || kind == "clusters"): // these ask the resources
			continue
		case isVariable && kind == "logql": // its values are a column of this one
			a["queryType"] = "incidents"
		case q.model["expr"] != nil:
			straight++
			selectsStreams(t, address, from, now, q, incidents)
			continue
		}
		asked++
		res := query(t, address, s, from, now, map[string]ask{"A": a})["A"]
		if res.Error != nil || len(res.Frames) != 1 {
			t.Errorf("%s: %v: error %v, %d frames", q.where, a, res.Error, len(res.Frames))
			continue
		}
		f := res.Frames[0]
		if f.Rows() == 0 && a["queryType"] != "alert" && a["stat"] != "noise" {
			t.Errorf("%s: %v: no rows", q.where, a)
		}
		numeric := a["queryType"] == "alert" || a["queryType"] == "count" || a["queryType"] == "health"
		if numeric && (f.Meta.Type != data.FrameTypeNumericLong || f.Meta.TypeVersion != data.FrameTypeVersion{0, 1}) {
			t.Errorf("%s: frame type %s %v", q.where, f.Meta.Type, f.Meta.TypeVersion)
		}
	}
	if straight == 0 {
		t.Error("no panel asks Loki itself for the raw volume")
	}
	t.Logf("%d queries asked, %d of Loki itself", asked, straight)
}

// selectsStreams runs a query of Grafana's own Loki data source, with the variable that holds an incident's streams: what
// the expression of the variable takes out of the column logql.
func selectsStreams(t *testing.T, address string, from, to time.Time, q shown, incidents *data.Frame) {
	t.Helper()
	text, err := os.ReadFile("../../dashboards/zh/blueking-incidents-incident.json")
	if err != nil {
		t.Fatal(err)
	}
	var dashboard struct {
		Templating struct {
			List []struct{ Name, Regex string }
		}
	}
	if err := json.Unmarshal(text, &dashboard); err != nil {
		t.Fatal(err)
	}
	var streams *regexp.Regexp
	for _, v := range dashboard.Templating.List {
		if v.Name == "streams" {
			streams = regexp.MustCompile(strings.Trim(v.Regex, "/"))
		}
	}
	for _, logql := range column[string](t, incidents, "logql") {
		m := streams.FindStringSubmatch(logql)
		if m == nil {
			t.Errorf("no streams in %s", logql)
			continue
		}
		expr := strings.NewReplacer("${streams:raw}", m[1], "$__auto", "15m").Replace(q.model["expr"].(string))
		if series := askLoki(t, address, expr, from, to, 15*time.Minute); len(series) != 1 {
			t.Errorf("%s: %s: %d series", q.where, expr, len(series))
		}
	}
}

func TestBothAlertViewsHaveTheSameRows(t *testing.T) {
	address, now, _ := sampleLoki(t)
	s := settings{"store": "loki", "language": "en"}
	for i := range 8 {
		to := now.Add(-time.Duration(3*i) * time.Hour)
		identity := frame(t, address, s, to.Add(-15*time.Minute), to, ask{"queryType": "alert", "view": "identity"})
		evidence := frame(t, address, s, to.Add(-15*time.Minute), to, ask{"queryType": "alert", "view": "evidence"})
		if identity.Rows() != evidence.Rows() {
			t.Fatalf("%s: %d and %d rows", to, identity.Rows(), evidence.Rows())
		}
		if identity.Rows() == 0 {
			continue
		}
		a, b := column[string](t, identity, "fingerprint"), column[string](t, evidence, "fingerprint")
		seen := map[string]bool{}
		for i := range a {
			if a[i] != b[i] || seen[a[i]] {
				t.Errorf("%s: row %d: %s and %s", to, i, a[i], b[i])
			}
			seen[a[i]] = true
		}
	}
}
