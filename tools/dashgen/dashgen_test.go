package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/blueking/incidents/pkg/query"
	"github.com/blueking/incidents/pkg/signature"
)

func TestDashboardsAreGenerated(t *testing.T) {
	all, err := files()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range all {
		got, err := os.ReadFile(filepath.Join("..", "..", "dashboards", name))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not what the generator makes (%v): run `go run ./tools/dashgen`", name, err)
		}
	}
}

// A time without a unit of its own grows by milliseconds where all rows lie in one minute, and no width fits both.
func TestTimesInTablesHaveAUnit(t *testing.T) {
	all, err := files()
	if err != nil {
		t.Fatal(err)
	}
	l := language(signature.EN)
	for name, text := range all {
		var d struct {
			Panels []struct {
				Title       string
				Type        string
				Targets     []struct{ QueryType query.Type }
				FieldConfig struct{ Overrides []override }
			}
		}
		if err := json.Unmarshal(text, &d); err != nil {
			t.Fatal(err)
		}
		for _, p := range d.Panels {
			if p.Type != "table" || len(p.Targets) == 0 {
				continue
			}
			kind, unit := p.Targets[0].QueryType, map[string]bool{}
			for _, o := range p.FieldConfig.Overrides {
				column, _ := o.Matcher["options"].(string)
				field, _ := l.frameOf(kind).FieldByName(column)
				if field == nil || field.Type() != data.FieldTypeTime && field.Type() != data.FieldTypeNullableTime {
					continue
				}
				for _, has := range o.Properties {
					text, _ := has.Value.(string)
					unit[column] = unit[column] || has.ID == "unit" && strings.HasPrefix(text, "time:")
				}
			}
			for column, given := range unit {
				if !given {
					t.Errorf("%s, %q: column %q has a width and no unit", name, p.Title, column)
				}
			}
		}
	}
}

// A boolean without words reads "true" in a Chinese page, and a cell that holds lines is cut in the middle.
func TestCellsOfTablesCanBeRead(t *testing.T) {
	for _, l := range []language{language(signature.ZH), language(signature.EN)} {
		for _, d := range l.pages() {
			for _, p := range d.Panels {
				if p.Type != "table" || p.Targets == nil {
					continue
				}
				kind := p.Targets[0].(ask).QueryType
				for _, column := range p.columns() {
					field, _ := l.frameOf(kind).FieldByName(column)
					switch properties := p.propertiesOf(column); {
					case field == nil:
					case field.Type() == data.FieldTypeBool && properties["mappings"] == nil:
						t.Errorf("%s, %q: column %q is a boolean without words for its values", d.UID, p.Title, column)
					case (column == "draft" || column == "sample") && !reflect.DeepEqual(properties["custom.cellOptions"], object{"type": "json-view"}):
						t.Errorf("%s, %q: column %q has cells of %v, want one line of it", d.UID, p.Title, column, properties["custom.cellOptions"])
					}
				}
			}
		}
	}
}

// Where nothing was counted a bar gauge is one grey bar, and the gauge of some Grafana builds draws nothing at all.
func TestNoPanelIsAGauge(t *testing.T) {
	for _, l := range []language{language(signature.ZH), language(signature.EN)} {
		for _, d := range l.pages() {
			for _, p := range d.Panels {
				if p.Type == "gauge" || p.Type == "bargauge" {
					t.Errorf("%s, %q is a %s, which shows no words where it has no values", d.UID, p.Title, p.Type)
				}
			}
		}
	}
}

// columns are those that a table keeps.
func (p panel) columns() []string {
	for _, step := range p.Transformations {
		if step.ID == "filterFieldsByName" {
			return step.Options["include"].(object)["names"].([]string)
		}
	}
	return nil
}

// propertiesOf are the overrides of a column; later ones win.
func (p panel) propertiesOf(column string) map[string]any {
	out := map[string]any{}
	for _, o := range p.FieldConfig.Overrides {
		if o.Matcher["options"] == column {
			for _, has := range o.Properties {
				out[has.ID] = has.Value
			}
		}
	}
	return out
}
